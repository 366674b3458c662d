"""The key pairs of our two actors: made at `init`, replaced on demand; the private halves are never shown."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session

Signer = Literal["group", "instance"]
KeyKind = Literal["rsa", "ed25519"]

FIRST_NAMES: dict[KeyKind, str] = {"rsa": "main-key", "ed25519": "ed25519-key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKeypair:
    """A key pair as PEM: PKCS#8 and SPKI. Its repr, and so every log, leaves the secret out.

    `name` is what its id ends in.
    """

    private_pem: str = field(repr=False)
    public_pem: str
    kind: KeyKind = "rsa"
    name: str = FIRST_NAMES["rsa"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNote:
    """What may be told of a key pair: whose, which, since when; `in_use` or being replaced."""

    actor: Signer
    name: str
    kind: KeyKind
    created: datetime
    in_use: bool


def every(session: Session) -> list[KeyNote]:
    """All key pairs there are, without the keys."""
    rows = session.rows(
        "SELECT actor, name, kind, created_at, replaced_at FROM keypair"
        " ORDER BY actor, kind DESC, created_at"
    )
    return [
        KeyNote(
            actor=row["actor"],
            name=row["name"],
            kind=row["kind"],
            created=from_ms(row["created_at"]),
            in_use=row["replaced_at"] is None,
        )
        for row in rows
    ]


def add(session: Session, actor: Signer, pair: StoredKeypair, now: datetime) -> None:
    """Keep a key pair of an actor of ours; there must be none of its kind in use."""
    session.run(
        "INSERT INTO keypair (actor, name, kind, private_pem, public_pem, created_at)"
        " VALUES (:actor, :name, :kind, :private_pem, :public_pem, :now)",
        {
            "actor": actor,
            "name": pair.name,
            "kind": pair.kind,
            "private_pem": pair.private_pem,
            "public_pem": pair.public_pem,
            "now": to_ms(now),
        },
    )


def find(session: Session, actor: Signer, kind: KeyKind) -> StoredKeypair | None:
    """The key pair of that kind that an actor of ours uses; None if it has none."""
    row = session.row(
        "SELECT * FROM keypair WHERE actor = :actor AND kind = :kind AND replaced_at IS NULL",
        {"actor": actor, "kind": kind},
    )
    return None if row is None else _stored(row)


def get(session: Session, actor: Signer) -> StoredKeypair:
    """The RSA key pair that an actor of ours uses. Raises NotFoundError before `init` is done."""
    found = find(session, actor, "rsa")
    if found is None:
        raise NotFoundError("This node has no keys yet.")
    return found


def replaced(session: Session, actor: Signer) -> list[StoredKeypair]:
    """The key pairs that an actor of ours used before and that may still have to sign something."""
    rows = session.rows(
        "SELECT * FROM keypair WHERE actor = :actor AND replaced_at IS NOT NULL", {"actor": actor}
    )
    return [_stored(row) for row in rows]


def replace(session: Session, actor: Signer, pair: StoredKeypair, now: datetime) -> StoredKeypair:
    """Let another key pair take the place of the one in use; the new one, under a name never used before."""
    number: int = session.value(
        "SELECT max(1, coalesce(max(CAST(substr(name, :start) AS INTEGER)), 1)) + 1 FROM keypair"
        " WHERE actor = :actor AND kind = :kind",
        {"actor": actor, "kind": pair.kind, "start": len(FIRST_NAMES[pair.kind]) + 2},
    )
    session.run(
        "UPDATE keypair SET replaced_at = :now WHERE actor = :actor AND kind = :kind"
        " AND replaced_at IS NULL",
        {"actor": actor, "kind": pair.kind, "now": to_ms(now)},
    )
    named = StoredKeypair(
        private_pem=pair.private_pem,
        public_pem=pair.public_pem,
        kind=pair.kind,
        name=f"{FIRST_NAMES[pair.kind]}-{number}",
    )
    add(session, actor, named, now)
    return named


def is_to_be_announced(session: Session) -> bool:
    """Whether a key was replaced, and what tells others of it is not made yet."""
    found = session.value(
        "SELECT 1 FROM outbox_entry WHERE kind = 'rotate_key' AND parked = 0 LIMIT 1"
    )
    return found is not None


def forget_replaced(session: Session) -> int:
    """Delete replaced key pairs that have nothing left to sign; how many.

    The number in a name only grows, so a name is free again only if everything after it is gone, and
    what is in use is never deleted.
    """
    if is_to_be_announced(session):
        return 0
    return session.run(
        "DELETE FROM keypair WHERE replaced_at IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM activity JOIN delivery ON delivery.activity = activity.seq"
        " WHERE activity.signer = keypair.actor AND activity.key_name = keypair.name"
        " AND delivery.state IN ('pending', 'leased'))"
    )


def _stored(row: Row) -> StoredKeypair:
    return StoredKeypair(
        private_pem=row["private_pem"],
        public_pem=row["public_pem"],
        kind=row["kind"],
        name=row["name"],
    )
