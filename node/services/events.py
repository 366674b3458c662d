"""Publishing, changing, cancelling and removing the group's events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.domain.event import Event, EventStatus
from node.domain.outbox import OutboxKind
from node.domain.slug import make_slug
from node.errors import ConflictError, InvalidDocumentError, Problem, RefusedError
from node.exchange.check import check_event
from node.services.event_news import tell
from node.store import events, groups, outbox, pending_changes
from node.store.database import Session
from node.store.events import StoredEvent


def add_event(session: Session, document: Mapping[str, Any], *, now: datetime) -> StoredEvent:
    """Publish a new event from a document of the exchange format.

    A missing `id` is made from the title. Raises InvalidDocumentError naming each refused value, and
    ConflictError where the `id` is, or ever was, taken.
    """
    full = _object(document)
    given = full.get("id")
    if not given:
        full["id"] = _free_slug(session, full, now)
    event = _checked(session, full)
    if events.slug_taken(session, event.slug):
        raise ConflictError(f"There is, or was, an event called “{event.slug}”: choose another id.")
    events.add(session, event, full, now)
    if event.federated:
        outbox.enqueue(session, OutboxKind.CREATE_EVENT, event.slug, now)
    return events.get(session, event.slug)


def edit_event(
    session: Session, slug: str, changes: Mapping[str, Any], *, now: datetime
) -> StoredEvent:
    """Change an event: the top-level keys of `changes` replace the ones it has.

    Followers are told; of a new time, place or status also by a notice. Raises NotFoundError,
    GoneError, InvalidDocumentError, RefusedError where the `id` would change.
    """
    before = events.get(session, slug).event
    _object(changes)
    if changes.get("id", slug) != slug:
        raise RefusedError("The id of an event cannot change: other servers know it by it.")
    document = _without_stale_utc(events.get_document(session, slug), changes)
    after = _checked(session, document)
    events.update(session, after, document, now)
    tell(session, before, after, now)
    return events.get(session, slug)


def cancel_event(session: Session, slug: str, reason: str | None, *, now: datetime) -> StoredEvent:
    """Call an event off. It stays where it was and says so; followers get an Update and a notice."""
    if events.get(session, slug).event.status is EventStatus.CANCELLED:
        raise ConflictError("This event is cancelled already.")
    changes: dict[str, Any] = {"status": "cancelled"}
    if reason:
        changes["reason"] = reason
    return edit_event(session, slug, changes, now=now)


def remove_event(session: Session, slug: str, *, now: datetime) -> None:
    """Take an event away for good: 410 here, a Delete to every server that had it."""
    event = events.get(session, slug).event
    events.remove(session, slug, now)
    pending_changes.forget(session, slug)
    if event.federated:
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, slug, now)


def _object(document: object) -> dict[str, Any]:
    """A copy of what must be a JSON object; raises InvalidDocumentError for anything else."""
    if not isinstance(document, Mapping):
        raise InvalidDocumentError([Problem("", "the event must be a JSON object")])
    return dict(document)


def _checked(session: Session, document: Mapping[str, Any]) -> Event:
    group = groups.get(session)
    problems = check_event(document, group.languages)
    if document.get("group", group.slug) != group.slug:
        problems.append(Problem("group", f"this node hosts “{group.slug}”"))
    if problems:
        raise InvalidDocumentError(problems)
    return Event.from_document(document, group.languages)


def _without_stale_utc(document: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with `changes`; a UTC time that belonged to a replaced wall time goes."""
    merged = document | dict(changes)
    for name in ("start", "end", "previous_start"):
        moved = f"{name}_local" in changes or "timezone" in changes
        if moved and f"{name}_utc" not in changes:
            merged.pop(f"{name}_utc", None)
    return merged


def _free_slug(session: Session, document: Mapping[str, Any], now: datetime) -> str:
    """A free id from the title: the main language first, then any that has Latin letters."""
    title = document.get("title")
    texts = list(title.values()) if isinstance(title, Mapping) else [title or ""]
    day = str(document.get("start_local") or now.date().isoformat())[:10]
    slug = next(
        (made for text in texts if (made := make_slug(str(text), ""))),
        f"event-{make_slug(day, 'x')}",
    )
    number = 1
    candidate = slug
    while events.slug_taken(session, candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
