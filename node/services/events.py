"""Publishing, changing, cancelling and removing the group's events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.domain.event import Event, EventStatus
from node.domain.outbox import OutboxKind
from node.domain.sentence import Sentence
from node.domain.slug import make_slug
from node.errors import ConflictError, RefusedError
from node.services import conversation, rsvps, series
from node.services.event_documents import as_object, checked, free_slug, merged, series_merged
from node.services.event_news import tell
from node.store import events, outbox, pending_changes
from node.store.database import Session
from node.store.events import StoredEvent


def add_event(session: Session, document: Mapping[str, Any], *, now: datetime) -> StoredEvent:
    """Publish a new event from a document of the exchange format; of a series, its first sessions.

    A missing `id` is made from the title. Raises InvalidDocumentError naming each refused value, and
    ConflictError where the `id` is, or ever was, taken.
    """
    full = as_object(document)
    if not full.get("id"):
        full["id"] = new_slug(session, full, now)
    event = checked(session, full)
    if events.slug_taken(session, event.slug):
        raise ConflictError(
            Sentence(
                "There is, or was, an event called “%(slug)s”: choose another id.", slug=event.slug
            )
        )
    put_new(session, event, full, now=now)
    return events.get(session, event.slug)


def put_new(
    session: Session,
    event: Event,
    document: Mapping[str, Any],
    *,
    now: datetime,
    announce: bool = True,
) -> None:
    """Keep a new, checked event, and enqueue what others hear of it; nothing of a single one if so wished."""
    events.add(session, event, document, now)
    if event.recurs:
        series.keep(session, event.slug, now=now)
    elif event.federated and announce:
        outbox.enqueue(session, OutboxKind.CREATE_EVENT, event.slug, now)


def edit_event(
    session: Session, slug: str, changes: Mapping[str, Any], *, now: datetime
) -> StoredEvent:
    """Change an event: the top-level keys of `changes` replace the ones it has.

    Followers are told; of a new time, place or status also by a notice. Of a session that one date
    alone changes, of a series all its sessions to come. Raises NotFoundError, GoneError,
    InvalidDocumentError, RefusedError where the `id` would change.
    """
    before = events.get(session, slug).event
    as_object(changes)
    if changes.get("id", slug) != slug:
        raise RefusedError("The id of an event cannot change: other servers know it by it.")
    if before.occurrence is not None:
        series.edit_session(session, before.occurrence, changes, now=now)
        return events.get(session, slug)
    document = events.get_document(session, slug)
    full = series_merged(document, changes) if before.recurs else merged(document, changes)
    put_changed(session, before, checked(session, full), full, now=now)
    return events.get(session, slug)


def put_changed(
    session: Session, before: Event, after: Event, document: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep the checked next revision of an event or a whole series, and enqueue what others hear of it.

    Raises RefusedError where a series would become a single gathering.
    """
    if before.recurs and not after.recurs:
        raise RefusedError(
            Sentence(
                "“%(slug)s” is a series, and cannot become a single gathering again:"
                " cancel it, or leave out its dates.",
                slug=before.slug,
            )
        )
    events.update(session, after, document, now)
    rsvps.fill_places(session, after, now=now)  # there may be more of them now
    if not after.recurs:
        tell(session, before, after, now)
        return
    if before.recurs and before.start and after.start:
        series.keep(session, after.slug, now=now, shift=after.start.wall - before.start.wall)
        return
    if before.federated:  # elsewhere its sessions take the place of the one event
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, after.slug, now)
    series.keep(session, after.slug, now=now)


def edit_following(
    session: Session, slug: str, changes: Mapping[str, Any], *, now: datetime
) -> StoredEvent:
    """Change a session and all that follow it; the series they make from now on.

    The series ends before that session and a new one goes on from it. Sessions keep their addresses and
    the people who answered. With the first session it is the series that is changed. Raises as
    `edit_event`, and ConflictError for what is no session of a series any more.
    """
    occurrence = events.get(session, slug).event.occurrence
    as_object(changes)
    if occurrence is None:
        raise RefusedError("Only a session of a series has others that follow it.")
    if series.is_first(session, occurrence):
        return edit_event(session, occurrence.series, changes, now=now)
    return events.get(session, series.go_on_otherwise(session, occurrence, changes, now=now))


def skip_session(session: Session, slug: str, *, now: datetime) -> None:
    """Leave the date of one session out of its series; where it was announced it stays, cancelled.

    Raises NotFoundError, GoneError, ConflictError, RefusedError where it is no session.
    """
    occurrence = events.get(session, slug).event.occurrence
    if occurrence is None:
        raise RefusedError("Only a session of a series can be left out: cancel this event instead.")
    series.leave_out(session, occurrence, now=now)


def add_date(session: Session, slug: str, wall: str, *, now: datetime) -> None:
    """Take a date into a series, `wall` being its start there: `2027-04-21T19:00`.

    Raises NotFoundError, GoneError, InvalidDocumentError, RefusedError where it is no series.
    """
    if not events.get(session, slug).event.recurs:
        raise RefusedError("Only a series can have another date.")
    series.take_in(session, slug, wall, now=now)


def cancel_event(session: Session, slug: str, reason: str | None, *, now: datetime) -> StoredEvent:
    """Call an event off. It stays where it was and says so; followers get an Update and a notice."""
    if events.get(session, slug).event.status is EventStatus.CANCELLED:
        raise ConflictError("This event is cancelled already.")
    changes: dict[str, Any] = {"status": "cancelled"}
    if reason:
        changes["reason"] = reason
    return edit_event(session, slug, changes, now=now)


def remove_event(session: Session, slug: str, *, now: datetime) -> None:
    """Take an event away for good, a series with all its sessions: 410 here, a Delete to all who had it."""
    event = events.get(session, slug).event
    if event.occurrence is not None:
        series.remove_session(session, slug, event.occurrence, now=now)
        return
    if event.recurs:
        series.remove_sessions(session, slug, now=now)
    events.remove(session, slug, now)
    pending_changes.forget(session, slug)
    conversation.close(session, f"/events/{slug}", for_good=True, now=now)
    if event.federated:
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, slug, now)


def new_slug(session: Session, document: Mapping[str, Any], now: datetime) -> str:
    """A free id from the title: the main language first, then any that has Latin letters."""
    title = document.get("title")
    texts = list(title.values()) if isinstance(title, Mapping) else [title or ""]
    day = str(document.get("start_local") or now.date().isoformat())[:10]
    slug = next(
        (made for text in texts if (made := make_slug(str(text), ""))),
        f"event-{make_slug(day, 'x')}",
    )
    return free_slug(session, slug)
