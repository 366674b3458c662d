"""Saying “I am coming”: what people answer, and what the rules of an event make of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from node.domain.event import Event, EventStatus, RegistrationMode

ACTIVITYPUB = "activitypub"


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
    CANCELLED = "the event is cancelled"
    OVER = "the event is over"
    TOO_LATE = "registration is closed"
    FULL = "the event is full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsvp:
    """One line of the attendee list. `who` is an actor id where `via` is `activitypub`, else a name.

    `activity_id` is the activity that asked, for our answer and their taking it back.
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


def decide(
    event: Event, answer: Answer, *, seats: int, taken: int, now: datetime
) -> RsvpState | Refusal:
    """What an answer for `seats` people leads to while `taken` places are given.

    Saying no is always possible. Maybe takes no place.
    """
    if answer is Answer.NOT_GOING:
        return RsvpState.CONFIRMED
    closed = _closed(event, now)
    if closed is not None:
        return closed
    match event.registration.mode:
        case RegistrationMode.NONE | RegistrationMode.EXTERNAL | RegistrationMode.PHONE:
            return Refusal.NO_REGISTRATION
        case RegistrationMode.APPROVAL | RegistrationMode.INVITE:
            return RsvpState.PENDING
        case RegistrationMode.OPEN:
            return RsvpState.CONFIRMED if answer is Answer.MAYBE else _place(event, seats, taken)
    assert_never(event.registration.mode)


def has_room(event: Event, seats: int, taken: int) -> bool:
    """Whether `seats` more people fit in."""
    capacity = event.registration.capacity
    return capacity is None or taken + seats <= capacity


def _place(event: Event, seats: int, taken: int) -> RsvpState | Refusal:
    if has_room(event, seats, taken):
        return RsvpState.CONFIRMED
    return RsvpState.WAITING if event.registration.waitlist else Refusal.FULL


def _closed(event: Event, now: datetime) -> Refusal | None:
    if event.status is EventStatus.CANCELLED:
        return Refusal.CANCELLED
    if event.ends is not None and event.ends.utc <= now:
        return Refusal.OVER
    deadline = event.registration.deadline
    return Refusal.TOO_LATE if deadline is not None and deadline.utc <= now else None
