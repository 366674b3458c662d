"""Concerns raised with the stewards: by reports from other servers, or from our own pages. Never public."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session

_OF_A_REPORTER = 100
_OF_A_SERVER = 1000


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


def has_room(session: Session, reporter: str, server: str) -> bool:
    """Whether one more of a reporter on `server` (`https://example.org`) may wait; as of replies."""
    row = session.row(
        "SELECT sum(reporter = :reporter) AS own, count(*) AS all_of_them FROM concern"
        " WHERE state = 'open' AND reporter >= :server || '/' AND reporter < :server || '0'",
        {"reporter": reporter, "server": server},
    )
    return row is None or ((row["own"] or 0) < _OF_A_REPORTER and row["all_of_them"] < _OF_A_SERVER)


def still_open(session: Session, limit: int = 200) -> list[Concern]:
    """Concerns nobody has dealt with yet, oldest first."""
    rows = session.rows(
        "SELECT * FROM concern WHERE state = 'open' ORDER BY received_at, id LIMIT :limit",
        {"limit": limit},
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
