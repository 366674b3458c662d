"""The group's events. `StoredEvent` is an event with what only the database knows of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.event import Event
from node.errors import GoneError, NotFoundError
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event, its revision and its dates."""

    event: Event
    sequence: int
    created: datetime
    updated: datetime


def add(session: Session, event: Event, document: Mapping[str, Any], now: datetime) -> None:
    """Keep a new event. The slug must be free (`slug_taken`)."""
    session.run(
        "INSERT INTO event (slug, document, visibility, federated, start_at, end_at,"
        " created_at, updated_at)"
        " VALUES (:slug, :document, :visibility, :federated, :start, :end, :now, :now)",
        _values(event, document, now),
    )


def update(session: Session, event: Event, document: Mapping[str, Any], now: datetime) -> None:
    """Replace an event with its next revision.

    Its `updated` moves on by a whole second at least: that is how finely other servers read it, and
    a revision that does not look newer is ignored by them.
    """
    session.run(
        "UPDATE event SET document = :document, visibility = :visibility, federated = :federated,"
        " start_at = :start, end_at = :end, sequence = sequence + 1,"
        " updated_at = max(:now, updated_at / 1000 * 1000 + 1000)"
        " WHERE slug = :slug",
        _values(event, document, now),
    )


def remove(session: Session, slug: str, now: datetime) -> None:
    """Take an event away for good: its words go, its address answers 410 from now on."""
    session.run(
        "UPDATE event SET document = NULL, removed_at = :now, updated_at = :now WHERE slug = :slug",
        {"slug": slug, "now": to_ms(now)},
    )


def slug_taken(session: Session, slug: str) -> bool:
    """Whether an event has, or ever had, this slug."""
    return session.value("SELECT 1 FROM event WHERE slug = :slug", {"slug": slug}) is not None


def get(session: Session, slug: str) -> StoredEvent:
    """One event. Raises NotFoundError, or GoneError where it was removed."""
    row = session.row("SELECT * FROM event WHERE slug = :slug", {"slug": slug})
    if row is None:
        raise NotFoundError("There is no such event.")
    if row["document"] is None:
        raise GoneError("This event was removed.")
    return _all_stored(session, [row])[0]


def get_document(session: Session, slug: str) -> dict[str, Any]:
    """The event's document as it was written, private parts included. Raises as `get`."""
    get(session, slug)
    text = session.value("SELECT document FROM event WHERE slug = :slug", {"slug": slug})
    document: dict[str, Any] = json.loads(text)
    return document


def all_documents(session: Session) -> list[dict[str, Any]]:
    """Every event's document as it was written, in the order it came."""
    rows = session.rows(
        "SELECT document FROM event WHERE document IS NOT NULL ORDER BY created_at, rowid"
    )
    return [json.loads(row["document"]) for row in rows]


def upcoming(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Listed events that have not ended, soonest first; postponed ones without a date last."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND visibility = 'public'"
        " AND (end_at IS NULL OR end_at > :now) ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return _all_stored(session, rows)


def told_and_coming(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Events sent to other servers, for followers only ones too, that have not ended, soonest first."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND federated = 1"
        " AND (end_at IS NULL OR end_at > :now) ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return _all_stored(session, rows)


def past(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Listed events that are over, latest first."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND visibility = 'public'"
        " AND end_at <= :now ORDER BY end_at DESC, slug LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return _all_stored(session, rows)


def every(session: Session, limit: int = 1000) -> list[StoredEvent]:
    """All events whatever their visibility, soonest first: for stewards and the command line."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL"
        " ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"limit": limit},
    )
    return _all_stored(session, rows)


def _all_stored(session: Session, rows: Iterable[Row]) -> list[StoredEvent]:
    languages = session.value("SELECT document ->> '$.languages' FROM group_profile") or '["en"]'
    return [_stored(row, languages) for row in rows]


def _stored(row: Row, languages: str) -> StoredEvent:
    return StoredEvent(
        event=_event(row["document"], languages),
        sequence=row["sequence"],
        created=from_ms(row["created_at"]),
        updated=from_ms(row["updated_at"]),
    )


@lru_cache(maxsize=512)
def _event(document: str, group_languages: str) -> Event:
    return Event.from_document(json.loads(document), tuple(json.loads(group_languages)))


def _values(event: Event, document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "slug": event.slug,
        "document": json.dumps(document, ensure_ascii=True, separators=(",", ":")),
        "visibility": event.visibility,
        "federated": int(event.federated),
        "start": to_ms(event.start.utc) if event.start else None,
        "end": to_ms(event.ends.utc) if event.ends else None,
        "now": to_ms(now),
    }
