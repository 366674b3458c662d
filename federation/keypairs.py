"""Our own key pairs as loaded objects: the group signs what it says, the instance what it asks.

Each actor has an RSA-2048 key, the one kind that every server reads, which signs requests; and an
Ed25519 key, which signs proofs inside documents (FEP-8b32). Their ids are `<actor>#main-key` and
`<actor>#ed25519-key` (GoToSocial, Misskey and Lemmy each assume a part of that form); whoever replaces
them counts on: `#main-key-2`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Self

from federation.render.actor import ShownKeys
from federation.signatures import (
    SigningKey,
    generate_ed25519,
    generate_rsa,
    load_private_pem,
    load_public_pem,
)
from node.clock import Clock
from node.store import keypairs
from node.store.database import Database, Session
from node.store.keypairs import FIRST_NAMES, KeyKind, Signer, StoredKeypair
from node.urls import Urls

_ACTORS: Sequence[Signer] = ("group", "instance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypair:
    """One key: what to sign with, under which id."""

    owner: str
    key_id: str
    key: SigningKey = field(repr=False)
    public_pem: str


@dataclass(slots=True, kw_only=True)
class Keypairs:
    """The keys that sign requests, loaded once per process and again when they are replaced.

    `replaced` are former ones that have yet to tell somebody of their successor, by their ids. `changes`
    counts how often the keys were replaced.
    """

    group: Keypair
    instance: Keypair
    replaced: Mapping[str, Keypair] = field(default_factory=dict)
    changes: int = 0

    @classmethod
    async def load(cls, database: Database, urls: Urls, clock: Clock) -> Self:
        """Load them from the database; NotFoundError before `init`, UnusableKey if damaged.

        A node of a time before proofs is given the keys for them.
        """
        missing = await database.read(_missing)
        if missing:
            await database.write(partial(_complete, now=clock.now()))
        return await database.read(lambda session: cls.read(session, urls))

    @classmethod
    def read(cls, session: Session, urls: Urls) -> Self:
        """Load them in a session at hand."""
        group, instance = keypairs.get(session, "group"), keypairs.get(session, "instance")
        former = [_load(one, urls.group) for one in keypairs.replaced(session, "group")]
        return cls(
            group=_load(group, urls.group),
            instance=_load(instance, urls.instance),
            replaced={one.key_id: one for one in former},
        )

    async def reload(self, database: Database, urls: Urls) -> None:
        """Use what is in the database now."""
        found = await database.read(lambda session: type(self).read(session, urls))
        self.group, self.instance, self.replaced = found.group, found.instance, found.replaced
        self.changes += 1


def generate() -> Mapping[Signer, Sequence[StoredKeypair]]:
    """New key pairs for both actors. Takes some 150 ms: call it before the transaction."""
    return {actor: (_new("rsa"), _new("ed25519")) for actor in _ACTORS}


def keep(
    session: Session, pairs: Mapping[Signer, Sequence[StoredKeypair]], *, now: datetime
) -> None:
    """Store new key pairs, at `init`."""
    for actor, made in pairs.items():
        for pair in made:
            keypairs.add(session, actor, pair, now)


def shown(session: Session, actor: Signer) -> ShownKeys:
    """The public halves, as an actor document of ours shows them. Raises NotFoundError before `init`."""
    rsa, ed25519 = keypairs.get(session, actor), keypairs.find(session, actor, "ed25519")
    return ShownKeys(
        name=rsa.name,
        pem=rsa.public_pem,
        proof_name=ed25519.name if ed25519 else "",
        proof_multibase=load_public_pem(ed25519.public_pem).multikey() if ed25519 else "",
    )


def proof_key(session: Session, actor: Signer, owner: str) -> Keypair | None:
    """The key that makes proofs for an actor of ours, whose id is `owner`; None before there is one."""
    found = keypairs.find(session, actor, "ed25519")
    return None if found is None else _load(found, owner)


def signing_key(session: Session, actor: Signer) -> SigningKey:
    """The loaded private key of one actor; NotFoundError before `init`, UnusableKey if damaged."""
    return load_private_pem(keypairs.get(session, actor).private_pem)


def key_id(actor_id: str, name: str = FIRST_NAMES["rsa"]) -> str:
    """The id of a key of an actor of ours."""
    return f"{actor_id}#{name}"


def _load(pair: StoredKeypair, owner: str) -> Keypair:
    key = load_private_pem(pair.private_pem)
    return Keypair(
        owner=owner, key_id=key_id(owner, pair.name), key=key, public_pem=pair.public_pem
    )


def _new(kind: KeyKind) -> StoredKeypair:
    key = generate_rsa() if kind == "rsa" else generate_ed25519()
    return StoredKeypair(
        private_pem=key.private_pem(),
        public_pem=key.public_pem(),
        kind=kind,
        name=FIRST_NAMES[kind],
    )


def _missing(session: Session) -> list[Signer]:
    """The actors that have a key to sign with but none to make proofs with."""
    return [
        actor
        for actor in _ACTORS
        if keypairs.find(session, actor, "rsa") and not keypairs.find(session, actor, "ed25519")
    ]


def _complete(session: Session, now: datetime) -> None:
    for actor in _missing(session):
        keypairs.add(session, actor, _new("ed25519"), now)
