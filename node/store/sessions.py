"""Who is signed in at the desk. The cookie itself is never stored, only its SHA-256."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.domain.role import Role
from node.store.database import Row, Session

_SELECT = (
    "SELECT session.*, steward.name, steward.role FROM session"
    " JOIN steward ON steward.id = session.steward_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StewardSession:
    """One signed-in browser of one steward."""

    token_hash: str
    steward_id: int
    steward_name: str
    role: Role
    csrf_token: str
    created: datetime
    last_seen: datetime
    browser: str

    @property
    def is_full(self) -> bool:
        """Whether they may do everything at the desk."""
        return self.role is Role.STEWARD


def token_hash(token: str) -> str:
    """What the database keeps of a cookie or a one-time link: SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add(
    session: Session,
    token: str,
    steward_id: int,
    csrf_token: str,
    now: datetime,
    *,
    browser: str = "",
) -> None:
    """Keep a new session under the hash of its `token`."""
    session.run(
        "INSERT INTO session (token_hash, steward_id, csrf_token, created_at, last_seen_at, browser)"
        " VALUES (:hash, :steward, :csrf, :now, :now, :browser)",
        {
            "hash": token_hash(token),
            "steward": steward_id,
            "csrf": csrf_token,
            "browser": browser,
            "now": to_ms(now),
        },
    )


def find(session: Session, token: str) -> StewardSession | None:
    """The session of a cookie, however old it is; None where there is none (one indexed read)."""
    row = session.row(f"{_SELECT} WHERE token_hash = :hash", {"hash": token_hash(token)})
    return _session(row) if row else None


def of_steward(session: Session, steward_id: int) -> list[StewardSession]:
    """Where a steward is signed in, the last used first."""
    rows = session.rows(
        f"{_SELECT} WHERE steward_id = :steward ORDER BY last_seen_at DESC, created_at DESC",
        {"steward": steward_id},
    )
    return [_session(row) for row in rows]


def touch(session: Session, hashed: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.run(
        "UPDATE session SET last_seen_at = :now WHERE token_hash = :hash",
        {"hash": hashed, "now": to_ms(now)},
    )


def remove(session: Session, hashed: str) -> None:
    """Sign one browser out."""
    session.run("DELETE FROM session WHERE token_hash = :hash", {"hash": hashed})


def remove_of(session: Session, steward_id: int, *, but: str = "") -> int:
    """Sign a steward out everywhere, save under the hash `but`; of how many browsers.

    The one function behind every revocation of all.
    """
    return session.run(
        "DELETE FROM session WHERE steward_id = :steward AND token_hash <> :but",
        {"steward": steward_id, "but": but},
    )


def remove_one_of(session: Session, steward_id: int, hashed: str) -> bool:
    """Sign one of a steward's own browsers out; whether it was theirs and signed in."""
    return (
        session.run(
            "DELETE FROM session WHERE steward_id = :steward AND token_hash = :hash",
            {"steward": steward_id, "hash": hashed},
        )
        > 0
    )


def sweep(session: Session, *, created_before: datetime, seen_before: datetime) -> int:
    """Forget sessions that are too old or were idle too long; how many there were."""
    return session.run(
        "DELETE FROM session WHERE created_at < :created OR last_seen_at < :seen",
        {"created": to_ms(created_before), "seen": to_ms(seen_before)},
    )


def _session(row: Row) -> StewardSession:
    return StewardSession(
        token_hash=row["token_hash"],
        steward_id=row["steward_id"],
        steward_name=row["name"],
        role=Role(row["role"]),
        csrf_token=row["csrf_token"],
        created=from_ms(row["created_at"]),
        last_seen=from_ms(row["last_seen_at"]),
        browser=row["browser"],
    )
