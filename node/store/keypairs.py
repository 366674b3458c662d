"""The RSA key pairs of our two actors. Made once, at `init`; the private halves are never shown."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from node.clock import to_ms
from node.errors import NotFoundError
from node.store.database import Session

Signer = Literal["group", "instance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKeypair:
    """A key pair as PEM: PKCS#8 and SPKI. Its repr, and so every log, leaves the secret out."""

    private_pem: str = field(repr=False)
    public_pem: str


def add(session: Session, actor: Signer, pair: StoredKeypair, now: datetime) -> None:
    """Keep the key pair of an actor of ours; there must be none yet."""
    session.run(
        "INSERT INTO keypair (actor, private_pem, public_pem, created_at)"
        " VALUES (:actor, :private_pem, :public_pem, :now)",
        {
            "actor": actor,
            "private_pem": pair.private_pem,
            "public_pem": pair.public_pem,
            "now": to_ms(now),
        },
    )


def get(session: Session, actor: Signer) -> StoredKeypair:
    """The key pair of an actor of ours. Raises NotFoundError before `init` is done."""
    row = session.row(
        "SELECT private_pem, public_pem FROM keypair WHERE actor = :actor", {"actor": actor}
    )
    if row is None:
        raise NotFoundError("This node has no keys yet.")
    return StoredKeypair(private_pem=row["private_pem"], public_pem=row["public_pem"])
