"""What followers hear when an event changes: the new version at once, and one notice of what is important.

The notice waits until nothing important has changed for a while (`node.change_notices`); then it tells
the difference between what was told last and what is so now, or nothing where that came to the same.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from node.domain.change import Known, change_lines, change_words
from node.domain.event import Event
from node.domain.outbox import OutboxKind
from node.errors import GoneError
from node.ids import new_id
from node.services import conversation, letters, rsvp_news
from node.store import events, notices, outbox, pending_changes
from node.store.database import Session
from node.store.notices import Notice

T = TypeVar("T")


def tell(session: Session, before: Event, after: Event, now: datetime) -> None:
    """Enqueue what other servers must hear of a change: Create, Update, Delete; note what is important."""
    if before.federated and not (after.federated and after.listed):
        conversation.close(session, f"/events/{after.slug}", for_good=False, now=now)
    if not after.federated:
        _note_change(session, before, after, now)
        if before.federated:
            outbox.enqueue(session, OutboxKind.DELETE_EVENT, after.slug, now)
        return
    if not before.federated:
        outbox.enqueue(session, OutboxKind.CREATE_EVENT, after.slug, now)
        return
    outbox.enqueue(session, OutboxKind.UPDATE_EVENT, after.slug, now)
    _note_change(session, before, after, now)


def _note_change(session: Session, before: Event, after: Event, now: datetime) -> None:
    known = Known.of(before)
    if known != Known.of(after):
        pending_changes.note(session, after.slug, known.as_json(), now)


def quietly(session: Session, work: Callable[[], T]) -> T:
    """Do what changes events, and have no notice made of it: no post of its own, no letters, no messages.

    The new version goes out as ever. What had changed before and was not told yet still will be.
    """
    waiting = pending_changes.every(session)
    done = work()
    for slug in pending_changes.every(session) - waiting:
        pending_changes.forget(session, slug)
    return done


def tell_next_change(session: Session, *, since: datetime, now: datetime) -> bool:
    """Make a notice of what changed in one event, if that was not after `since`; whether there was one."""
    pending = pending_changes.next_quiet(session, since)
    if pending is None:
        return False
    slug = pending.event_slug
    pending_changes.forget(session, slug)
    try:
        event = events.get(session, slug).event
    except GoneError:
        return True
    lines = change_lines(Known.from_json(pending.told), event)
    if not lines:
        return True
    letters.changed(session, event, lines, now=now)
    if event.federated:
        words = change_words(lines)
        notice = Notice(
            id=new_id(now), event_slug=slug, content=words, language=event.language, created=now
        )
        notices.add(session, notice)
        outbox.enqueue(session, OutboxKind.NOTICE, notice.id, now)
        rsvp_news.changed(session, event, words, now=now)
    return True
