"""Our own two key pairs as loaded objects: the group signs what it says, the instance what it asks.

The ids are `<actor>#main-key` (GoToSocial, Misskey and Lemmy each assume a part of that form), and
both are RSA-2048, the one kind that every server reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from federation.signatures import SigningKey, generate_rsa, load_private_pem
from node.store import keypairs
from node.store.database import Database, Session
from node.store.keypairs import Signer, StoredKeypair
from node.urls import Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypair:
    """One actor's keys: what to sign with, under which id, and what the actor document shows."""

    owner: str
    key_id: str
    key: SigningKey = field(repr=False)
    public_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypairs:
    """The keys of the group and of the instance actor, loaded once per process."""

    group: Keypair
    instance: Keypair

    @classmethod
    async def load(cls, database: Database, urls: Urls) -> Self:
        """Load both from the database; NotFoundError before `init`, UnusableKey if damaged."""
        return await database.read(lambda session: cls.read(session, urls))

    @classmethod
    def read(cls, session: Session, urls: Urls) -> Self:
        """Load both in a session at hand."""
        group, instance = keypairs.get(session, "group"), keypairs.get(session, "instance")
        return cls(group=_load(group, urls.group), instance=_load(instance, urls.instance))


def generate() -> Mapping[Signer, StoredKeypair]:
    """New key pairs for both actors. Takes some 150 ms: call it before the transaction."""
    return {"group": _new(), "instance": _new()}


def keep(session: Session, pairs: Mapping[Signer, StoredKeypair], *, now: datetime) -> None:
    """Store new key pairs, at `init`."""
    for actor, pair in pairs.items():
        keypairs.add(session, actor, pair, now)


def signing_key(session: Session, actor: Signer) -> SigningKey:
    """The loaded private key of one actor; NotFoundError before `init`, UnusableKey if damaged."""
    return load_private_pem(keypairs.get(session, actor).private_pem)


def key_id(actor_id: str) -> str:
    """The id of the key of an actor of ours."""
    return actor_id + "#main-key"


def _load(pair: StoredKeypair, owner: str) -> Keypair:
    key = load_private_pem(pair.private_pem)
    return Keypair(owner=owner, key_id=key_id(owner), key=key, public_pem=pair.public_pem)


def _new() -> StoredKeypair:
    key = generate_rsa()
    return StoredKeypair(private_pem=key.private_pem(), public_pem=key.public_pem())
