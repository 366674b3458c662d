"""Private links to one person's answer: kept as hashes of their token and of their short code."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from node.clock import to_ms
from node.ids import read_code, short_code
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose link it is: one person, as named on the list of one event, and how they came."""

    event_slug: str
    who: str
    via: str


def add(session: Session, token: str, holder: Holder, now: datetime) -> None:
    """Keep a new link; others of the same person go on working."""
    session.run(
        "INSERT INTO rsvp_link (token_hash, code_hash, event_slug, who, via, created_at)"
        " VALUES (:token, :code, :slug, :who, :via, :now)",
        {
            "token": _hash(token),
            "code": _hash(read_code(short_code(token))),
            "slug": holder.event_slug,
            "who": holder.who,
            "via": holder.via,
            "now": to_ms(now),
        },
    )


def by_token(session: Session, token: str) -> Holder | None:
    """Whose link this is; None where it leads nowhere (any more)."""
    row = session.row("SELECT * FROM rsvp_link WHERE token_hash = :hash", {"hash": _hash(token)})
    return _holder(row)


def by_code(session: Session, code: str) -> Holder | None:
    """Whose code was typed, in any spelling of it."""
    row = session.row(
        "SELECT * FROM rsvp_link WHERE code_hash = :hash", {"hash": _hash(read_code(code))}
    )
    return _holder(row)


def exists(session: Session, slug: str, who: str) -> bool:
    """Whether somebody was given a link to their answer to an event."""
    found = session.value(
        "SELECT 1 FROM rsvp_link WHERE event_slug = :slug AND who = :who LIMIT 1",
        {"slug": slug, "who": who},
    )
    return found is not None


def remove_all(session: Session, slug: str, who: str) -> int:
    """Make every link of somebody to an event worthless; how many there were."""
    return session.run(
        "DELETE FROM rsvp_link WHERE event_slug = :slug AND who = :who", {"slug": slug, "who": who}
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _holder(row: Row | None) -> Holder | None:
    return Holder(row["event_slug"], row["who"], row["via"]) if row is not None else None
