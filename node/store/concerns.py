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


def add(session: Session, reporter: str, about: Sequence[str], content: str, now: datetime) -> int:
    """Keep a concern; its number."""
    number: int = session.value(
        "INSERT INTO concern (reporter, about, content, received_at)"
        " VALUES (:reporter, :about, :content, :now) RETURNING id",
        {
            "reporter": reporter,
            "about": json.dumps(list(about)),
            "content": content,
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


def close(session: Session, concern_id: int) -> Concern:
    """Note that a concern was dealt with. Raises NotFoundError."""
    session.run("UPDATE concern SET state = 'closed' WHERE id = :id", {"id": concern_id})
    row = session.row("SELECT * FROM concern WHERE id = :id", {"id": concern_id})
    if row is None:
        raise NotFoundError("There is no such concern.")
    return _concern(row)


def _concern(row: Row) -> Concern:
    return Concern(
        id=row["id"],
        reporter=row["reporter"],
        about=tuple(json.loads(row["about"])),
        content=row["content"],
        open=row["state"] == "open",
        received=from_ms(row["received_at"]),
    )
