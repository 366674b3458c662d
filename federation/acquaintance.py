"""Getting to know other servers: what software each runs, as its NodeInfo says.

Asked once when somebody there begins to follow, or is followed, and then once a month: some software
needs our gatherings told in another form (`event_readers`). Nothing depends on an answer, so a server
that gives none is asked rarely.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from federation.addresses import same_origin
from federation.client import Client
from federation.event_readers import DROPS_EVENTS, KEEPS_CALENDAR, LISTS_ANNOUNCED
from federation.gate import parse_json
from federation.parse import as_list
from federation.vocab import REL_NODEINFO
from node.clock import Clock
from node.domain.outbox import OutboxKind
from node.errors import RoughweatherError, TryLaterError
from node.store import hosts, outbox
from node.store.database import Database, Session
from node.store.hosts import Stranger

log = logging.getLogger(__name__)

_SECONDS: Final = 10.0
_FRESH: Final = timedelta(days=30)
_PAUSES: Final = (
    timedelta(minutes=10),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
    _FRESH,
)
_IDLE: Final = timedelta(hours=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9 ._-]{0,39}")
_LONGEST_VERSION: Final = 64
# Newest first; the older ones name the software in the same place.
_VERSIONS: Final = ("2.2", "2.1", "2.0", "1.1", "1.0")


@dataclass(frozen=True, slots=True)
class Software:
    """What a server says it runs: a lower-case name and a version, None where it does not say."""

    name: str | None
    version: str | None


class AcquaintanceWorker:
    """Asks one server after the other, each when its time has come."""

    name = hosts.ACQUAINTANCE_WORKER

    def __init__(self, database: Database, client: Client, clock: Clock) -> None:
        self._database = database
        self._client = client
        self._clock = clock

    async def step(self) -> bool:
        """Ask one server; False when none is due."""
        now = self._clock.now()
        stranger = await self._database.read(partial(hosts.next_stranger, now=now))
        if stranger is None:
            return False
        try:
            async with asyncio.timeout(_SECONDS):
                found = await read_software(self._client, stranger.origin)
        except (TryLaterError, TimeoutError) as error:
            log.info("%s does not say what it runs now: %s", stranger.host, error)
            work = partial(_put_off, stranger=stranger, now=now)
        except RoughweatherError as error:
            log.info("%s does not say what it runs: %s", stranger.host, error)
            work = partial(_keep, stranger=stranger, found=Software(None, None), now=now)
        else:
            work = partial(_keep, stranger=stranger, found=found, now=now)
        await self._database.write(work)
        return True

    async def idle_seconds(self) -> float:
        """Until the next server is due, at most an hour, in seconds."""
        again = self._database.peek(hosts.next_stranger_at)
        wait = again - self._clock.now() if again is not None else _IDLE
        return max(0.0, min(wait, _IDLE).total_seconds())


async def read_software(client: Client, origin: str) -> Software:
    """What the server at `origin` says it runs; raises as `Client.get`, and MalformedError.

    Only a NodeInfo document of the same origin speaks for a server.
    """
    links = await _json(client, f"{origin}/.well-known/nodeinfo")
    found = {
        link.get("rel"): link.get("href")
        for link in as_list(links.get("links"))[:16]
        if isinstance(link, Mapping) and isinstance(link.get("rel"), str)
    }
    for version in _VERSIONS:
        href = found.get(REL_NODEINFO + version)
        if isinstance(href, str) and same_origin(href, origin):
            return software_of(await _json(client, href))
    return Software(None, None)


def software_of(nodeinfo: Mapping[str, object]) -> Software:
    """The software in a NodeInfo document, as far as it is readable."""
    told = nodeinfo.get("software")
    told = told if isinstance(told, Mapping) else {}
    name, version = told.get("name"), told.get("version")
    name = name.strip().lower() if isinstance(name, str) else ""
    version = version.strip()[:_LONGEST_VERSION] if isinstance(version, str) else ""
    return Software(name if _NAME.fullmatch(name) else None, version or None)


async def _json(client: Client, url: str) -> Mapping[str, object]:
    fetched = await client.get(url, accept="application/json", signed=False)
    return parse_json(fetched.body)


def _keep(session: Session, stranger: Stranger, found: Software, now: datetime) -> None:
    new = hosts.learned(
        session, stranger.host, found.name, found.version, now=now, again=now + _FRESH
    )
    if new and found.name in {*DROPS_EVENTS, *LISTS_ANNOUNCED, *KEEPS_CALENDAR}:
        outbox.enqueue(session, OutboxKind.HOST_LEARNED, stranger.host, now)


def _put_off(session: Session, stranger: Stranger, now: datetime) -> None:
    pause = _PAUSES[min(stranger.attempts, len(_PAUSES) - 1)]
    hosts.unlearned(session, stranger.host, now + pause)
