"""Concerns raised with the stewards: by reports from other servers, or from our own pages. Never public."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session

_FIRST_OF_EACH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What somebody is concerned about, in plain text, and the ids it is about."""

    id: int
    reporter: str
    about: tuple[str, ...]
    content: str
    open: bool
    received: datetime
    contact: str
    closed: datetime | None


def add(
    session: Session,
    reporter: str,
    about: Sequence[str],
    content: str,
    now: datetime,
    *,
    contact: str = "",
) -> int:
    """Keep a concern; its number."""
    number: int = session.value(
        "INSERT INTO concern (reporter, about, content, received_at, contact)"
        " VALUES (:reporter, :about, :content, :now, :contact) RETURNING id",
        {
            "reporter": reporter,
            "about": json.dumps(list(about)),
            "content": content,
            "contact": contact,
            "now": to_ms(now),
        },
    )
    return number


def still_open(session: Session, limit: int = 200) -> list[Concern]:
    """Concerns nobody has dealt with yet, oldest first.

    Whoever reports without end waits behind all others after the first twenty.
    """
    rows = session.rows(
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY reporter ORDER BY received_at, id)"
        " AS turn FROM concern WHERE state = 'open')"
        " ORDER BY turn > :first, received_at, id LIMIT :limit",
        {"first": _FIRST_OF_EACH, "limit": limit},
    )
    return [_concern(row) for row in rows]


def closed_since(session: Session, since: datetime, limit: int = 50) -> list[Concern]:
    """What was closed after `since`, the last first."""
    rows = session.rows(
        "SELECT * FROM concern WHERE state = 'closed' AND closed_at >= :since"
        " ORDER BY closed_at DESC, id DESC LIMIT :limit",
        {"since": to_ms(since), "limit": limit},
    )
    return [_concern(row) for row in rows]


def number_open(session: Session, reporter: str) -> int:
    """How many concerns of one reporter are open."""
    number: int = session.value(
        "SELECT count(*) FROM concern WHERE state = 'open' AND reporter = :reporter",
        {"reporter": reporter},
    )
    return number


def set_open(session: Session, concern_id: int, *, is_open: bool, now: datetime) -> None:
    """Note that a concern was dealt with, or was not after all. Raises NotFoundError."""
    changed = session.run(
        "UPDATE concern SET state = :state, closed_at = :closed WHERE id = :id",
        {
            "state": "open" if is_open else "closed",
            "closed": None if is_open else to_ms(now),
            "id": concern_id,
        },
    )
    if not changed:
        raise NotFoundError("There is no such concern.")


def purge(session: Session, closed_before: datetime) -> int:
    """Forget what was dealt with long ago; how many there were."""
    return session.run(
        "DELETE FROM concern WHERE closed_at < :before", {"before": to_ms(closed_before)}
    )


def _concern(row: Row) -> Concern:
    return Concern(
        id=row["id"],
        reporter=row["reporter"],
        about=tuple(json.loads(row["about"])),
        content=row["content"],
        open=row["state"] == "open",
        received=from_ms(row["received_at"]),
        contact=row["contact"],
        closed=from_ms(row["closed_at"]) if row["closed_at"] is not None else None,
    )
