"""The group's events. `StoredEvent` is an event with what only the database knows of it.

A series and its sessions are rows here, too: `node.store.series` keeps them together. Lists for everyone
hold the sessions whose turn has come, and never the series itself.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.cohost import Cohost
from node.domain.event import Event, Occurrence, Visibility
from node.domain.facts import facts_of, place_of
from node.domain.series import written
from node.domain.walltime import parse_wall
from node.errors import GoneError, NotFoundError
from node.store import cohosting
from node.store.database import Row, Session

# What everyone may find, and a session only once its turn has come; never the series itself.
_UPCOMING = """
SELECT * FROM event WHERE document IS NOT NULL AND visibility = 'public' AND is_series = 0
AND (series_slug IS NULL OR announced_at IS NOT NULL)
AND (end_at IS NULL OR end_at > :now) ORDER BY start_at IS NULL, start_at, slug LIMIT :limit
"""
_PAST = """
SELECT * FROM event WHERE document IS NOT NULL AND visibility = 'public' AND is_series = 0
AND (series_slug IS NULL OR announced_at IS NOT NULL)
AND end_at <= :now ORDER BY end_at DESC, slug LIMIT :limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event, its revision and its dates; of a session, when it was announced, and its neighbours.

    `previous` and `next` are slugs. `siblings` are the slugs of listed events, and addresses elsewhere,
    `cohosts` the groups that agreed to hold it together with ours.
    """

    event: Event
    sequence: int
    created: datetime
    updated: datetime
    announced: datetime | None = None
    previous: str | None = None
    next: str | None = None
    siblings: tuple[str, ...] = ()
    cohosts: tuple[Cohost, ...] = ()

    @property
    def told_outside(self) -> bool:
        """Whether other servers are told of it: a series never, a session once its turn has come."""
        waits = self.event.occurrence is not None and self.announced is None
        return self.event.federated and not self.event.recurs and not waits


def add(session: Session, event: Event, document: Mapping[str, Any], now: datetime) -> None:
    """Keep a new event. The slug must be free (`slug_taken`)."""
    session.run(
        "INSERT INTO event (slug, document, visibility, federated, start_at, end_at,"
        " created_at, updated_at, is_series, series_slug, recurrence, facts)"
        " VALUES (:slug, :document, :visibility, :federated, :start, :end, :now, :now, :is_series,"
        " :series, :recurrence, :facts)",
        _values(event, document, now),
    )


def update(session: Session, event: Event, document: Mapping[str, Any], now: datetime) -> None:
    """Replace an event with its next revision.

    Its `updated` moves on by a whole second at least: that is how finely other servers read it, and
    a revision that does not look newer is ignored by them.
    """
    session.run(
        "UPDATE event SET document = :document, visibility = :visibility, federated = :federated,"
        " start_at = :start, end_at = :end, is_series = :is_series, facts = :facts,"
        " sequence = sequence + 1,"
        " updated_at = max(:now, updated_at / 1000 * 1000 + 1000)"
        " WHERE slug = :slug",
        _values(event, document, now),
    )


def remove(session: Session, slug: str, now: datetime) -> None:
    """Take an event away for good: its words go, its address answers 410 from now on."""
    session.run(
        "UPDATE event SET document = NULL, facts = '{}', removed_at = :now, updated_at = :now"
        " WHERE slug = :slug",
        {"slug": slug, "now": to_ms(now)},
    )


def fill_facts(session: Session, limit: int = 200) -> int:
    """Work out the facts of events from before they were kept in full; how many, at most `limit`.

    Version 3 of the schema gave them an empty place, where every other has spaces around its words.
    """
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND facts ->> '$.place' = '' LIMIT :limit",
        {"limit": limit},
    )
    for one in stored(session, rows):
        session.run(
            "UPDATE event SET facts = :facts WHERE slug = :slug",
            {"facts": _facts(one.event), "slug": one.event.slug},
        )
    return len(rows)


def at(session: Session, moment: datetime) -> list[StoredEvent]:
    """The events that start at a moment, sessions and series among them."""
    rows = session.rows(
        "SELECT * FROM event WHERE start_at = :moment AND document IS NOT NULL",
        {"moment": to_ms(moment)},
    )
    return stored(session, rows)


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
    return stored(session, [row])[0]


def get_document(session: Session, slug: str) -> dict[str, Any]:
    """The event's document as it was written, private parts included. Raises as `get`."""
    get(session, slug)
    text = session.value("SELECT document FROM event WHERE slug = :slug", {"slug": slug})
    document: dict[str, Any] = json.loads(text)
    return document


def all_documents(session: Session) -> list[dict[str, Any]]:
    """Every event's document as it was written, in the order it came; of a series its own alone."""
    rows = session.rows(
        "SELECT document FROM event WHERE document IS NOT NULL AND series_slug IS NULL"
        " ORDER BY created_at, rowid"
    )
    return [json.loads(row["document"]) for row in rows]


def upcoming(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Listed events that have not ended, soonest first; postponed ones without a date last."""
    rows = session.rows(_UPCOMING, {"now": to_ms(now), "limit": limit})
    return stored(session, rows)


def told_and_coming(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Events sent to other servers, for followers only ones too, that have not ended, soonest first."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND federated = 1 AND is_series = 0"
        " AND (series_slug IS NULL OR announced_at IS NOT NULL)"
        " AND (end_at IS NULL OR end_at > :now) ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return stored(session, rows)


def past(session: Session, now: datetime, limit: int = 200) -> list[StoredEvent]:
    """Listed events that are over, latest first."""
    rows = session.rows(_PAST, {"now": to_ms(now), "limit": limit})
    return stored(session, rows)


def past_between(
    session: Session, start: datetime, end: datetime, now: datetime, limit: int = 1000
) -> list[StoredEvent]:
    """Listed events that are over and began from `start` until before `end`, in the order they came."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND visibility = 'public' AND is_series = 0"
        " AND (series_slug IS NULL OR announced_at IS NOT NULL) AND end_at <= :now"
        " AND start_at >= :start AND start_at < :end ORDER BY start_at, slug LIMIT :limit",
        {"now": to_ms(now), "start": to_ms(start), "end": to_ms(end), "limit": limit},
    )
    return stored(session, rows)


def past_starts(session: Session, now: datetime, limit: int = 20_000) -> list[datetime]:
    """When the listed events began that are over, latest first."""
    rows = session.rows(
        "SELECT start_at FROM event WHERE document IS NOT NULL AND visibility = 'public' AND is_series = 0"
        " AND (series_slug IS NULL OR announced_at IS NOT NULL) AND end_at <= :now"
        " ORDER BY start_at DESC LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return [from_ms(row["start_at"]) for row in rows]


def every(session: Session, limit: int = 1000) -> list[StoredEvent]:
    """All events whatever their visibility, soonest first, without the sessions of series."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND series_slug IS NULL"
        " ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"limit": limit},
    )
    return stored(session, rows)


def gatherings(session: Session, limit: int = 1000) -> list[StoredEvent]:
    """As `every`, but in place of a series the sessions whose turn has come."""
    rows = session.rows(
        "SELECT * FROM event WHERE document IS NOT NULL AND is_series = 0"
        " AND (series_slug IS NULL OR announced_at IS NOT NULL)"
        " ORDER BY start_at IS NULL, start_at, slug LIMIT :limit",
        {"limit": limit},
    )
    return stored(session, rows)


def stored(session: Session, rows: Iterable[Row]) -> list[StoredEvent]:
    """Rows of the table as events."""
    languages = session.value("SELECT document ->> '$.languages' FROM group_profile") or '["en"]'
    around = _Around(session)
    return [around.placed(_stored(row, languages)) for row in rows]


class _Around:
    """Finds what stands around events; what it found of a series it keeps for the next session of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._orders: dict[str, list[str]] = {}
        self._held_together: frozenset[str] | None = None

    def placed(self, stored: StoredEvent) -> StoredEvent:
        """The event with its neighbours in its series and its siblings."""
        event = stored.event
        if event.slug in self._shared():
            stored = replace(stored, cohosts=tuple(cohosting.of_event(self._session, event.slug)))
        if event.siblings:
            listed = tuple(one for one in event.siblings if self._is_sibling(one))
            stored = replace(stored, siblings=listed)
        if event.occurrence is None:
            return stored
        order = self._order(event.occurrence.series)
        here = order.index(event.slug) if event.slug in order else 0
        before, after = order[:here][-1:], order[here + 1 :][:1]
        return replace(stored, previous=next(iter(before), None), next=next(iter(after), None))

    def _shared(self) -> frozenset[str]:
        """The slugs of events that are held together with other groups; asked once."""
        if self._held_together is None:
            self._held_together = cohosting.shared(self._session)
        return self._held_together

    def _order(self, series_slug: str) -> list[str]:
        if series_slug not in self._orders:
            rows = self._session.rows(
                "SELECT slug FROM event WHERE series_slug = :series AND document IS NOT NULL"
                " ORDER BY recurrence",
                {"series": series_slug},
            )
            self._orders[series_slug] = [row["slug"] for row in rows]
        return self._orders[series_slug]

    def _is_sibling(self, name: str) -> bool:
        """Whether everyone may know of it: a listed event of ours, or an address on the web."""
        if name.startswith(("https://", "http://")):
            return True
        sql = "SELECT visibility FROM event WHERE slug = :slug AND document IS NOT NULL"
        return bool(self._session.value(sql, {"slug": name}) == Visibility.PUBLIC)


def _stored(row: Row, languages: str) -> StoredEvent:
    return StoredEvent(
        event=_event(row["document"], languages, row["series_slug"], row["recurrence"]),
        sequence=row["sequence"],
        created=from_ms(row["created_at"]),
        updated=from_ms(row["updated_at"]),
        announced=from_ms(row["announced_at"]) if row["announced_at"] is not None else None,
    )


@lru_cache(maxsize=512)
def _event(
    document: str, group_languages: str, series: str | None, recurrence: str | None
) -> Event:
    occurrence = (
        Occurrence(series=series, recurrence=parse_wall(recurrence))
        if series is not None and recurrence is not None
        else None
    )
    languages = tuple(json.loads(group_languages))
    return Event.from_document(json.loads(document), languages, occurrence)


def _values(event: Event, document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns; a series has no end of its own, its sessions have."""
    occurrence = event.occurrence
    return {
        "slug": event.slug,
        "document": json.dumps(document, ensure_ascii=True, separators=(",", ":")),
        "visibility": event.visibility,
        "federated": int(event.federated),
        "start": to_ms(event.start.utc) if event.start else None,
        "end": to_ms(event.ends.utc) if event.ends and not event.recurs else None,
        "is_series": int(event.recurs),
        "series": occurrence.series if occurrence else None,
        "recurrence": written(occurrence.recurrence) if occurrence else None,
        "facts": _facts(event),
        "now": to_ms(now),
    }


def _facts(event: Event) -> str:
    return json.dumps(facts_of(event).document(place_of(event)))
