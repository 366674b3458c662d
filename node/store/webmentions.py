"""Webmentions: pages elsewhere that may answer an event, while they wait and while they do."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.store.database import Session

WORKER = "webmentions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webmention:
    """A page that says it has to do with an event; `who` is on the list because of it, None: nobody.

    `due` is when it was to be looked at, in milliseconds: another moment means that it was named anew.
    """

    source: str
    event_slug: str
    who: str | None
    due: int
    attempts: int


def note(session: Session, source: str, slug: str, *, now: datetime, again: datetime) -> None:
    """Have a page looked at: now, or at `again` at the earliest where it was looked at after `now`.

    `again` less `now` is the shortest time between two looks.
    """
    session.run(
        "INSERT INTO webmention (source, event_slug, due_at, not_before) VALUES (:source, :slug, :now, :again)"
        " ON CONFLICT (source, event_slug) DO UPDATE SET due_at = max(:now, not_before), attempts = 0",
        {"source": source, "slug": slug, "now": to_ms(now), "again": to_ms(again)},
    )
    session.wake(WORKER)


def waiting(session: Session) -> int:
    """How many pages are to be looked at."""
    number: int = session.value("SELECT count(*) FROM webmention WHERE due_at IS NOT NULL")
    return number


def next_due(session: Session, now: datetime) -> Webmention | None:
    """The page whose turn came first, or None."""
    row = session.row(
        "SELECT * FROM webmention WHERE due_at <= :now ORDER BY due_at, rowid LIMIT 1",
        {"now": to_ms(now)},
    )
    if row is None:
        return None
    return Webmention(
        source=row["source"],
        event_slug=row["event_slug"],
        who=row["who"],
        due=row["due_at"],
        attempts=row["attempts"],
    )


def next_at(session: Session) -> datetime | None:
    """When the next page is due; None where none waits."""
    moment = session.value("SELECT min(due_at) FROM webmention")
    return from_ms(moment) if moment is not None else None


def holder(session: Session, slug: str, who: str) -> str | None:
    """The page because of which somebody is on the list of an event, or None."""
    source: str | None = session.value(
        "SELECT source FROM webmention WHERE event_slug = :slug AND who = :who",
        {"slug": slug, "who": who},
    )
    return source


def looked_at(session: Session, mention: Webmention, who: str | None, *, again: datetime) -> None:
    """A page was looked at and stands for `who` now; it is not looked at anew before `again`."""
    session.run(
        "UPDATE webmention SET who = :who, attempts = 0, not_before = :again,"
        " due_at = CASE WHEN due_at <> :due THEN max(due_at, :again) END"
        " WHERE source = :source AND event_slug = :slug",
        {
            "who": who,
            "again": to_ms(again),
            "due": mention.due,
            "source": mention.source,
            "slug": mention.event_slug,
        },
    )


def put_off(session: Session, mention: Webmention, until: datetime) -> None:
    """Look at a page again `until` then."""
    session.run(
        "UPDATE webmention SET attempts = attempts + 1, due_at = :until, not_before = :until"
        " WHERE source = :source AND event_slug = :slug",
        {"until": to_ms(until), "source": mention.source, "slug": mention.event_slug},
    )


def forget(session: Session, slug: str, who: str) -> None:
    """Forget the pages because of which somebody was on the list of an event."""
    session.run(
        "DELETE FROM webmention WHERE event_slug = :slug AND who = :who", {"slug": slug, "who": who}
    )


def purge(session: Session, before: datetime) -> None:
    """Forget pages that answer nothing, and those of events that were over or removed before then."""
    session.run(
        "DELETE FROM webmention WHERE (who IS NULL AND due_at IS NULL AND not_before < :before)"
        " OR event_slug IN (SELECT slug FROM event WHERE end_at < :before OR removed_at < :before)",
        {"before": to_ms(before)},
    )
