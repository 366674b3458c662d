"""Saying “I am coming”: what people answer, and what the rules of an event make of it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from node.domain.event import Event, EventStatus, RegistrationMode

ACTIVITYPUB = "activitypub"

# Nobody is asked to answer within the last day before it begins: a free place is then simply given.
_LAST_DAY: Final = timedelta(hours=24)


class Answer(StrEnum):
    """What somebody says."""

    GOING = "going"
    MAYBE = "maybe"
    NOT_GOING = "not_going"


class RsvpState(StrEnum):
    """What became of it: a place, a place in the queue, or a question to the hosts."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    PENDING = "pending"


class Refusal(StrEnum):
    """Why somebody cannot be put on the list."""

    NO_REGISTRATION = "the event takes no registration here"
    NOT_INVITED = "only those whom the hosts invited can register"
    CANCELLED = "the event is cancelled"
    OVER = "the event is over"
    TOO_LATE = "registration is closed"
    FULL = "the event is full"
    SERIES = "it is a series: come to one of its sessions"
    CIRCLE_CLOSED = "the circle closed with its first session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsvp:
    """One line of the attendee list. `who` is an actor id where `via` is `activitypub`, else a name.

    `activity_id` is the activity that asked, for our answer and their taking it back. While
    `offered_until` stands, a place is kept for somebody who waits; `lapsed` is when they let it go by.
    """

    event_slug: str
    who: str
    via: str
    answer: Answer
    state: RsvpState
    guests: int
    activity_id: str | None
    message: str
    created: datetime
    updated: datetime
    offered_until: datetime | None = None
    lapsed: datetime | None = None

    @property
    def has_place(self) -> bool:
        """Whether they are coming and have a place: only they are told what is hidden."""
        return self.answer is Answer.GOING and self.state is RsvpState.CONFIRMED


def decide(
    event: Event, answer: Answer, *, seats: int, taken: int, wanted: bool, now: datetime
) -> RsvpState | Refusal:
    """What an answer for `seats` people leads to while `taken` places are given.

    `wanted`: the hosts invited them, or put them on the list themselves. Saying no is always
    possible. Maybe takes no place, so the hosts have nothing to decide about it.
    """
    if answer is Answer.NOT_GOING:
        return RsvpState.CONFIRMED
    closed = _closed(event, now)
    if closed is not None:
        return closed
    place = RsvpState.CONFIRMED if answer is Answer.MAYBE else _place(event, seats, taken)
    if wanted:
        return place
    match event.registration.mode:
        case RegistrationMode.NONE | RegistrationMode.EXTERNAL | RegistrationMode.PHONE:
            return Refusal.NO_REGISTRATION
        case RegistrationMode.INVITE:
            return Refusal.NOT_INVITED
        case RegistrationMode.APPROVAL:
            return RsvpState.PENDING if answer is Answer.GOING else place
        case RegistrationMode.OPEN:
            return place
    assert_never(event.registration.mode)


def takes_answers(event: Event, now: datetime, *, wanted: bool = False) -> bool:
    """Whether saying “I am coming” can lead to anything now, be it the waiting list."""
    found = decide(event, Answer.MAYBE, seats=1, taken=0, wanted=wanted, now=now)
    return not isinstance(found, Refusal)


def takes_place(event: Event, now: datetime) -> bool:
    """Whether it is still to come and not called off, so that places can be given."""
    return _gone(event, now) is None


def has_room(event: Event, seats: int, taken: int) -> bool:
    """Whether `seats` more people fit in."""
    capacity = event.registration.capacity
    return capacity is None or taken + seats <= capacity


def offer_until(event: Event, now: datetime) -> datetime | None:
    """Until when a place that came free is kept for whoever waited longest.

    The hosts' hours, but not into the last day before the start. None where they shall not be asked:
    the place is theirs at once.
    """
    until = now + timedelta(hours=event.registration.offer_hours)
    if event.start is not None:
        until = min(until, event.start.utc - _LAST_DAY)
    return until if until > now else None


def _place(event: Event, seats: int, taken: int) -> RsvpState | Refusal:
    if has_room(event, seats, taken):
        return RsvpState.CONFIRMED
    return RsvpState.WAITING if event.registration.waitlist else Refusal.FULL


def _closed(event: Event, now: datetime) -> Refusal | None:
    gone = _gone(event, now)
    if gone is not None:
        return gone
    deadline = event.registration.deadline
    return Refusal.TOO_LATE if deadline is not None and deadline.utc <= now else None


def _gone(event: Event, now: datetime) -> Refusal | None:
    if event.recurs:
        return Refusal.SERIES
    if event.registration.with_first_session:
        return Refusal.CIRCLE_CLOSED
    if event.status is EventStatus.CANCELLED:
        return Refusal.CANCELLED
    if event.ends is not None and event.ends.utc <= now:
        return Refusal.OVER
    return None
