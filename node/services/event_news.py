"""What followers hear when an event changes: the new version, and a notice where it is important."""

import html
from datetime import datetime

from node.domain.dates import short_when
from node.domain.event import Event, EventStatus
from node.domain.outbox import OutboxKind
from node.domain.phrases import phrase, place_line, status_words
from node.ids import new_id
from node.store import notices, outbox
from node.store.database import Session
from node.store.notices import Notice


def tell(session: Session, before: Event, after: Event, now: datetime) -> None:
    """Enqueue what other servers must hear of a change: Create, Update, Delete, and a notice."""
    if before.federated and not after.federated:
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, after.slug, now)
        return
    if not after.federated:
        return
    if not before.federated:
        outbox.enqueue(session, OutboxKind.CREATE_EVENT, after.slug, now)
        return
    outbox.enqueue(session, OutboxKind.UPDATE_EVENT, after.slug, now)
    if material_change(before, after):
        notice = Notice(
            id=new_id(now),
            event_slug=after.slug,
            content=notice_words(after),
            language=after.language,
            created=now,
        )
        notices.add(session, notice)
        outbox.enqueue(session, OutboxKind.NOTICE, notice.id, now)


def material_change(before: Event, after: Event) -> bool:
    """Whether somebody on their way there must hear of it: another time, place or status."""
    return (before.start, before.end, before.place, before.online, before.status) != (
        after.start,
        after.end,
        after.place,
        after.online,
        after.status,
    )


def notice_words(event: Event) -> str:
    """What changed, as HTML in the event's language: status, title, when, where, why."""
    language = event.language
    when = (
        short_when(event.start, event.end, language) if event.start else phrase("no_date", language)
    )
    status = status_words(event.status, language)
    lines = [f"{status}: {event.title.text}" if status else event.title.text, when]
    place = place_line(event, language)
    if place and event.status is not EventStatus.CANCELLED:
        lines.append(place)
    if event.status_reason:
        lines.append(event.status_reason.best([language])[1])
    return "<p>" + "<br>".join(html.escape(line) for line in lines) + "</p>"
