"""Our own outbound client for tests: as `https://norcal.example`, with a real key."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from socket import AF_INET, AF_INET6
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from federation.client import Client
from federation.keypairs import Keypair
from node.clock import Clock
from node.urls import Urls
from tests.federation.peer import rsa_key

URLS = Urls("https://norcal.example")
KEY_ID = URLS.instance + "#main-key"


def own_keypair() -> Keypair:
    """The instance actor's keys."""
    key = rsa_key(9)
    return Keypair(owner=URLS.instance, key_id=KEY_ID, key=key, public_pem=key.public_pem())


@asynccontextmanager
async def asking(clock: Clock, **options: Any) -> AsyncIterator[Client]:
    """An open client that may reach loopback unless `allow_private=False` says otherwise."""
    settings: dict[str, Any] = {
        "urls": URLS,
        "signer": own_keypair(),
        "allow_private": True,
    } | options
    async with Client(clock=clock, **settings) as client:
        yield client


class FakeResolver(AbstractResolver):
    """Answers from a table of name to addresses, or lists of answers in turn; remembers who asked."""

    def __init__(self, names: Mapping[str, list[list[str]]]) -> None:
        self.names = {name: list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = AF_INET) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.names.get(host)
        if not answers:
            raise OSError("no such name")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=AF_INET6 if ":" in address else AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
