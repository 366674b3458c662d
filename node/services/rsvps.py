"""Saying “I am coming”: places, the queue, and telling people when their turn has come."""

from dataclasses import replace
from datetime import datetime

from node.domain.event import Event, RegistrationMode
from node.domain.rsvp import (
    ACTIVITYPUB,
    Answer,
    Refusal,
    Rsvp,
    RsvpState,
    decide,
    has_room,
    offer_until,
    takes_place,
)
from node.errors import GoneError, NotFoundError
from node.services import direct_messages, rsvp_news
from node.store import direct_messages as message_store
from node.store import events, invitations, letters, rsvp_links, webmentions
from node.store import rsvps as rsvp_store
from node.store.database import Session


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
    guests: int | None = None,
    activity_id: str | None = None,
    message: str | None = None,
    by_hosts: bool = False,
    now: datetime,
) -> RsvpState | Refusal:
    """Put somebody on the list of an event, or say why not; nothing changes then.

    Who has a place keeps it when asking again. A place that comes free goes to whoever has waited
    longest. `guests` and `message` stay as they were where they are not given. `by_hosts`: the hosts
    put them on the list themselves. Raises NotFoundError, GoneError.
    """
    event = events.get(session, slug).event
    before = rsvp_store.find(session, slug, who)
    wanted = by_hosts or invitations.find(session, slug, who) is not None
    rsvp = Rsvp(
        event_slug=slug,
        who=who,
        via=via,
        answer=said,
        state=RsvpState.PENDING,
        guests=guests if guests is not None else (before.guests if before else 0),
        activity_id=activity_id,
        message=message if message is not None else (before.message if before else ""),
        created=before.created if before and not _asks_anew(before, said) else now,
        updated=now,
    )
    result = _settle(session, event, before, rsvp, wanted=wanted, now=now)
    if isinstance(result, Refusal):
        return result
    kept = before.offered_until if before and result is RsvpState.WAITING else None
    if before is not None and _asks_anew(before, said):
        rsvp_store.remove(session, slug, who)  # and goes to the end of the queue
    rsvp_store.put(session, replace(rsvp, state=result, offered_until=kept))
    if before is not None:
        fill_places(session, event, now=now)
    return result


def _settle(
    session: Session,
    event: Event,
    before: Rsvp | None,
    rsvp: Rsvp,
    *,
    wanted: bool,
    now: datetime,
) -> RsvpState | Refusal:
    """What an answer leads to for somebody who said `before` until now."""
    again = before is not None and before.answer is rsvp.answer and before.lapsed is None
    if before and again and rsvp.guests <= before.guests:
        takes_up = before.offered_until is not None and rsvp.answer is Answer.GOING
        return RsvpState.CONFIRMED if takes_up else before.state
    taken = rsvp_store.seats_taken(session, event.slug, but=rsvp.who)
    seats = 1 + rsvp.guests
    result = decide(event, rsvp.answer, seats=seats, taken=taken, wanted=wanted, now=now)
    placed = before is not None and (before.has_place or before.offered_until is not None)
    if again and placed and not isinstance(result, Refusal):
        # They have a place, or one is kept for them, and only ask for more: it is not lost over that.
        return RsvpState.CONFIRMED if has_room(event, seats, taken) else Refusal.FULL
    return result


def _asks_anew(before: Rsvp, said: Answer) -> bool:
    """Whether somebody asks for a place who did not until now, or who let one go by."""
    return said is Answer.GOING and (before.answer is not said or before.lapsed is not None)


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


def erase(session: Session, slug: str, who: str, *, now: datetime) -> None:
    """Delete all that is kept of somebody and an event: their answer, their links, our messages."""
    withdraw(session, slug, who, now=now)
    rsvp_store.forget_said(session, slug, who)
    rsvp_links.remove_all(session, slug, who)
    letters.forget(session, slug, who)
    webmentions.forget(session, slug, who)
    invitations.remove(session, slug, who)
    for message in message_store.of(session, rsvp_news.KIND, slug, who):
        direct_messages.forget(session, message.id)


def erase_everywhere(session: Session, who: str, *, now: datetime) -> int:
    """Delete all that ties somebody to any event; how many lists they were on."""
    answers = rsvp_store.of_person(session, who)
    for slug in rsvp_store.events_of(session, who):
        erase(session, slug, who, now=now)
    return len(answers)


def overtaken(session: Session, slug: str, who: str, said_at: datetime | None) -> bool:
    """Whether somebody has said something newer about an event; else it is noted as the newest.

    `said_at` is by the clock of their own server, None where it dates nothing: then what comes last
    counts.
    """
    if said_at is None:
        return False
    newest = rsvp_store.said(session, slug, who)
    if newest is not None and said_at < newest:
        return True
    rsvp_store.note_said(session, slug, who, said_at)
    return False


def fill_places(session: Session, event: Event, *, now: datetime) -> int:
    """Give free places to those who wait, first come first served; how many people moved up.

    Who can be asked is asked first: the place is kept for them for a while. Where the hosts decide
    about each, they decide about those who wait, too.
    """
    moved = 0
    automatic = event.registration.mode is not RegistrationMode.APPROVAL
    while automatic and takes_place(event, now):
        waiting = rsvp_store.first_waiting(session, event.slug)
        taken = rsvp_store.seats_taken(session, event.slug)
        if waiting is None or not has_room(event, 1 + waiting.guests, taken):
            break
        until = offer_until(event, now)
        if until is not None and rsvp_news.waits_for_a_word(session, waiting):
            rsvp_store.put(session, replace(waiting, offered_until=until))
            rsvp_news.offered(session, event, waiting, until, now=now)
        else:
            confirm(session, waiting, now=now)
        moved += 1
    return moved


def pass_on(session: Session, now: datetime) -> int:
    """Offer places that nobody took up in time to whoever comes next; how many there were."""
    lapsing = rsvp_store.lapsing(session, now)
    for rsvp in lapsing:
        rsvp_store.put(session, replace(rsvp, offered_until=None, lapsed=now))
    for slug in dict.fromkeys(rsvp.event_slug for rsvp in lapsing):
        try:
            event = events.get(session, slug).event
        except GoneError:
            continue
        fill_places(session, event, now=now)
    return len(lapsing)


def confirm(session: Session, rsvp: Rsvp, *, now: datetime) -> None:
    """Give somebody a place and tell them, where they asked from another server."""
    given = replace(rsvp, state=RsvpState.CONFIRMED, updated=now, offered_until=None, lapsed=None)
    rsvp_store.put(session, given)
    rsvp_news.placed(session, events.get(session, rsvp.event_slug).event, given, now=now)


def decline(session: Session, rsvp: Rsvp, *, now: datetime) -> None:
    """Say that there is no place, where they asked from another server, and take them off the list."""
    event = events.get(session, rsvp.event_slug).event
    rsvp_store.remove(session, rsvp.event_slug, rsvp.who)
    rsvp_news.declined(session, event, rsvp, now=now)
    fill_places(session, event, now=now)
