"""Saying “I am coming”: places, the queue, and telling people when their turn has come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from node.domain.event import Event, RegistrationMode
from node.domain.outbox import OutboxKind
from node.domain.rsvp import ACTIVITYPUB, Answer, Refusal, Rsvp, RsvpState, decide, has_room
from node.errors import GoneError, NotFoundError
from node.store import events, outbox
from node.store import rsvps as rsvp_store
from node.store.database import Session

ACCEPT = "Accept"
REJECT = "Reject"


def of_event(session: Session, slug: str) -> list[Rsvp]:
    """The attendee list of an event, in the order people answered. Raises NotFoundError, GoneError."""
    events.get(session, slug)
    return rsvp_store.of_event(session, slug)


def answer(
    session: Session,
    slug: str,
    who: str,
    said: Answer,
    *,
    via: str = ACTIVITYPUB,
    guests: int = 0,
    activity_id: str | None = None,
    message: str = "",
    now: datetime,
) -> RsvpState | Refusal:
    """Put somebody on the list of an event, or say why not; nothing changes then.

    Who has a place keeps it when asking again. A place that comes free goes to whoever has waited
    longest. Raises NotFoundError, GoneError.
    """
    event = events.get(session, slug).event
    before = rsvp_store.find(session, slug, who)
    result = _keeps(before, said, guests) or decide(
        event,
        said,
        seats=1 + guests,
        taken=rsvp_store.seats_taken(session, slug, but=who),
        now=now,
    )
    if isinstance(result, Refusal):
        return result
    rsvp = Rsvp(
        event_slug=slug,
        who=who,
        via=via,
        answer=said,
        state=result,
        guests=guests,
        activity_id=activity_id,
        message=message,
        created=before.created if before else now,
        updated=now,
    )
    rsvp_store.put(session, rsvp)
    if before is not None:
        fill_places(session, event, now=now)
    return result


def _keeps(before: Rsvp | None, said: Answer, guests: int) -> RsvpState | None:
    if before is None or before.answer is not said or guests > before.guests:
        return None
    return before.state


def withdraw(session: Session, slug: str, who: str, *, now: datetime) -> bool:
    """Take somebody off the list; whoever has waited longest moves up. Whether they were on it."""
    if not rsvp_store.remove(session, slug, who):
        return False
    try:
        event = events.get(session, slug).event
    except (NotFoundError, GoneError):
        return True
    fill_places(session, event, now=now)
    return True


def withdraw_everywhere(session: Session, who: str, *, now: datetime) -> int:
    """Take somebody off every list; how many."""
    return sum(
        withdraw(session, rsvp.event_slug, who, now=now)
        for rsvp in rsvp_store.of_person(session, who)
    )


def fill_places(session: Session, event: Event, *, now: datetime) -> int:
    """Give free places to those who wait, first come first served; how many people moved up."""
    moved = 0
    while event.registration.mode is RegistrationMode.OPEN:
        waiting = rsvp_store.first_waiting(session, event.slug)
        taken = rsvp_store.seats_taken(session, event.slug)
        if waiting is None or not has_room(event, 1 + waiting.guests, taken):
            break
        confirm(session, waiting, now=now)
        moved += 1
    return moved


def confirm(session: Session, rsvp: Rsvp, *, now: datetime) -> None:
    """Give somebody a place and tell them, where they asked from another server."""
    rsvp_store.put(session, replace(rsvp, state=RsvpState.CONFIRMED, updated=now))
    _tell(session, rsvp, ACCEPT, now)


def decline(session: Session, rsvp: Rsvp, *, now: datetime) -> None:
    """Say that there is no place, where they asked from another server, and take them off the list."""
    rsvp_store.remove(session, rsvp.event_slug, rsvp.who)
    _tell(session, rsvp, REJECT, now)


def tell(
    session: Session,
    slug: str,
    join: Mapping[str, Any],
    said: str,
    *,
    actor: str,
    inbox: str,
    now: datetime,
) -> None:
    """Enqueue the answer to a Join: `said` is Accept or Reject."""
    detail = {"join": join, "actor": actor, "inbox": inbox, "answer": said}
    outbox.enqueue(session, OutboxKind.ANSWER_JOIN, slug, now, detail)


def _tell(session: Session, rsvp: Rsvp, said: str, now: datetime) -> None:
    """Answer a Join that was kept waiting. Who answered in the other dialect expects no answer."""
    inbox = rsvp_store.asking_inbox(session, rsvp)
    if inbox is not None:
        join = {"id": rsvp.activity_id, "type": "Join", "actor": rsvp.who}
        tell(session, rsvp.event_slug, join, said, actor=rsvp.who, inbox=inbox, now=now)
