"""Stewards: the few people who may sign in, and the one-time links that let them in."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.domain.role import Role
from node.errors import NotFoundError
from node.store.database import Row, Session
from node.store.sessions import token_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Steward:
    """One person who hosts; `has_password` is false until the one-time link was used."""

    id: int
    name: str
    role: Role
    has_password: bool
    created: datetime


def add(session: Session, name: str, role: Role, now: datetime) -> Steward:
    """Keep a new steward without a password; the name must be free (`by_name`)."""
    row = session.row(
        "INSERT INTO steward (name, role, created_at) VALUES (:name, :role, :now) RETURNING *",
        {"name": name, "role": role, "now": to_ms(now)},
    )
    assert row is not None
    return _steward(row)


def every(session: Session) -> list[Steward]:
    """All stewards, the first to come first."""
    return [_steward(row) for row in session.rows("SELECT * FROM steward ORDER BY id")]


def by_name(session: Session, name: str) -> Steward | None:
    """The steward of that name, whatever its capitals; None where there is none."""
    wanted = name.casefold()
    return next((one for one in every(session) if one.name.casefold() == wanted), None)


def by_id(session: Session, steward_id: int) -> Steward:
    """The steward with that number. Raises NotFoundError."""
    row = session.row("SELECT * FROM steward WHERE id = :id", {"id": steward_id})
    if row is None:
        raise NotFoundError("There is no such steward.")
    return _steward(row)


def password_hash(session: Session, steward_id: int) -> str | None:
    """The argon2id hash, or None while no password was set."""
    found: str | None = session.value(
        "SELECT password_hash FROM steward WHERE id = :id", {"id": steward_id}
    )
    return found


def set_password(session: Session, steward_id: int, hashed: str | None) -> None:
    """Keep the argon2id hash of a password; None closes the door until a link is used."""
    session.run(
        "UPDATE steward SET password_hash = :hash WHERE id = :id",
        {"hash": hashed, "id": steward_id},
    )


def set_role(session: Session, steward_id: int, role: Role) -> None:
    """Let a steward do what `role` may from now on."""
    session.run("UPDATE steward SET role = :role WHERE id = :id", {"role": role, "id": steward_id})


def remove(session: Session, steward_id: int) -> None:
    """Forget a steward with all sessions and links."""
    session.run("DELETE FROM steward WHERE id = :id", {"id": steward_id})


def add_link(session: Session, steward_id: int, token: str, expires: datetime) -> None:
    """Keep a one-time link under the hash of its `token`."""
    session.run(
        "INSERT INTO sign_in_link (token_hash, steward_id, expires_at) VALUES (:hash, :steward, :expires)",
        {"hash": token_hash(token), "steward": steward_id, "expires": to_ms(expires)},
    )


def by_link(session: Session, token: str, now: datetime) -> Steward | None:
    """Whose one-time link this is; None where it was used, replaced or has run out."""
    row = session.row(
        "SELECT steward.* FROM sign_in_link JOIN steward ON steward.id = sign_in_link.steward_id"
        " WHERE sign_in_link.token_hash = :hash AND sign_in_link.expires_at > :now",
        {"hash": token_hash(token), "now": to_ms(now)},
    )
    return _steward(row) if row else None


def remove_links(session: Session, steward_id: int) -> None:
    """Make every link of a steward worthless."""
    session.run("DELETE FROM sign_in_link WHERE steward_id = :steward", {"steward": steward_id})


def _steward(row: Row) -> Steward:
    return Steward(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        has_password=row["password_hash"] is not None,
        created=from_ms(row["created_at"]),
    )
