"""Series and their sessions, as rows of `event` that belong together."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.event import Event
from node.domain.series import written
from node.domain.walltime import parse_wall
from node.store import events
from node.store.database import Row, Session
from node.store.events import StoredEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSession:
    """A session as its row has it, not yet read: most need not be."""

    slug: str
    recurrence: datetime
    ends: datetime | None
    announced: bool
    text: str

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended; one without a date has not."""
        return self.ends is not None and self.ends <= now

    @property
    def document(self) -> dict[str, Any]:
        """Its document as it was made last."""
        read: dict[str, Any] = json.loads(self.text)
        return read


def slugs(session: Session) -> list[str]:
    """The short names of all series."""
    rows = session.rows("SELECT slug FROM event WHERE is_series = 1 AND document IS NOT NULL")
    return [row["slug"] for row in rows]


def kept(session: Session, series_slug: str) -> list[KeptSession]:
    """The sessions of a series that were not removed, in the order of their recurrence."""
    return [
        KeptSession(
            slug=row["slug"],
            recurrence=parse_wall(row["recurrence"]),
            ends=from_ms(row["end_at"]) if row["end_at"] is not None else None,
            announced=row["announced_at"] is not None,
            text=row["document"],
        )
        for row in _rows(session, series_slug)
    ]


def sessions(session: Session, series_slug: str) -> list[StoredEvent]:
    """The same as events."""
    return events.stored(session, _rows(session, series_slug))


def every_listed(session: Session, limit: int = 200) -> list[StoredEvent]:
    """The series that everyone may see, those that began last first."""
    rows = session.rows(
        "SELECT * FROM event WHERE is_series = 1 AND document IS NOT NULL AND visibility = 'public'"
        " ORDER BY start_at DESC, slug LIMIT :limit",
        {"limit": limit},
    )
    return events.stored(session, rows)


def listed(session: Session, series_slug: str) -> list[StoredEvent]:
    """The sessions that everyone may see, by their start."""
    found = sessions(session, series_slug)
    shown = [one for one in found if one.event.listed and one.event.start is not None]
    return sorted(shown, key=_start)


def next_session(session: Session, series_slug: str, now: datetime) -> StoredEvent | None:
    """The session whose turn it is: the soonest that is not over and not cancelled."""
    row = session.row(
        "SELECT * FROM event WHERE series_slug = :series AND document IS NOT NULL AND end_at > :now"
        " AND coalesce(document ->> '$.status', 'scheduled') <> 'cancelled'"
        " ORDER BY start_at, recurrence LIMIT 1",
        {"series": series_slug, "now": to_ms(now)},
    )
    return events.stored(session, [row])[0] if row is not None else None


def continuation(session: Session, series_slug: str) -> Event | None:
    """The series that goes on where this one was ended, or None."""
    row = session.row(
        "SELECT * FROM event WHERE is_series = 1 AND document ->> '$.series.continues' = :series",
        {"series": series_slug},
    )
    return events.stored(session, [row])[0].event if row is not None else None


def announce(session: Session, slug: str, now: datetime) -> None:
    """Note that a session was told of."""
    session.run(
        "UPDATE event SET announced_at = :now WHERE slug = :slug AND announced_at IS NULL",
        {"slug": slug, "now": to_ms(now)},
    )


def has_been_heard_of(session: Session, slug: str) -> bool:
    """Whether anybody was told of a session, or wrote of it. Whoever answered is known to `drop`."""
    return bool(
        session.value(
            "SELECT announced_at IS NOT NULL OR EXISTS (SELECT 1 FROM reflection WHERE event_slug = :slug)"
            " FROM event WHERE slug = :slug",
            {"slug": slug},
        )
    )


def drop(session: Session, slug: str) -> bool:
    """Take away a session that nobody has heard of, as if it had never been.

    False, and nothing changes, where something is kept about it: an answer, an invitation, a notice.
    """
    try:
        session.alone(lambda part: part.run("DELETE FROM event WHERE slug = :slug", {"slug": slug}))
    except sqlite3.IntegrityError:
        return False
    return True


def rename(session: Session, slug: str, series_slug: str, recurrence: datetime) -> None:
    """A session belongs to another series from now on, or has another recurrence; its own slug stays."""
    session.run(
        "UPDATE event SET series_slug = :series, recurrence = :recurrence WHERE slug = :slug",
        {"slug": slug, "series": series_slug, "recurrence": written(recurrence)},
    )


def hand_over_answers(session: Session, series_slug: str, slug: str) -> None:
    """Who had answered an event that has become a series, or was invited, comes to its session `slug`."""
    for statement in (
        "UPDATE OR IGNORE rsvp SET event_slug = :slug WHERE event_slug = :series",
        "UPDATE OR IGNORE rsvp_said SET event_slug = :slug WHERE event_slug = :series",
        "UPDATE OR IGNORE rsvp_link SET event_slug = :slug WHERE event_slug = :series",
        "UPDATE OR IGNORE invitation SET event_slug = :slug WHERE event_slug = :series",
    ):
        session.run(statement, {"slug": slug, "series": series_slug})


def _rows(session: Session, series_slug: str) -> list[Row]:
    return session.rows(
        "SELECT * FROM event WHERE series_slug = :series AND document IS NOT NULL ORDER BY recurrence",
        {"series": series_slug},
    )


def _start(stored: StoredEvent) -> datetime:
    assert stored.event.start is not None
    return stored.event.start.utc
