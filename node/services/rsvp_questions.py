"""Asking people of other servers whether they come: those who write to us, and those the hosts invite.

Most servers cannot say “I am coming” to an event. Whoever answers its post there, or writes to the
group about it, is asked privately, with a poll and a link. What they wrote puts nobody on a list; their
vote, or what they say on the private page, does.

Asked is once per person and event, at the first answer to its post, whatever it says. Otherwise (later, on
the list already, in answer to somebody else, in a mention) only at a message to the group alone that
speaks of the event, or at words that speak of coming; and once an hour.
"""

from datetime import datetime, timedelta
from typing import Final

from node.domain.coming_words import says_coming
from node.domain.event import Event
from node.domain.rsvp import Answer, takes_answers
from node.errors import GoneError, NotFoundError
from node.services import rsvp_news, rsvps
from node.services.rsvp_news import KIND
from node.store import direct_messages as message_store
from node.store import events, groups, invitations
from node.store import rsvps as rsvp_store
from node.store.database import Session
from node.store.direct_messages import DirectMessage

ANSWERS: Final = (Answer.GOING, Answer.MAYBE, Answer.NOT_GOING)
_AGAIN: Final = timedelta(hours=1)


def hear(
    session: Session,
    who: str,
    *,
    answers: str | None,
    speaks_of: str | None,
    text: str,
    private: bool,
    in_reply_to: str | None,
    now: datetime,
) -> bool:
    """Ask whoever wrote `text` whether they come, by the rule above; whether we did.

    `answers` is the event whose post it answers, `speaks_of` one that it speaks of otherwise: by a link,
    in answer to a message of ours or to somebody else. Where it names none, it is the only one ahead.
    """
    clear = private or says_coming(text)
    slug = answers or (speaks_of if clear else None)
    event = _event(session, slug) if slug else _only_one(session, text, now)
    if event is None or not _may_ask(session, event, who, clear=clear, now=now):
        return False
    return rsvp_news.write(
        session, event, who, "rsvp_question", now=now, answers=ANSWERS, in_reply_to=in_reply_to
    )


def ask_invited(session: Session, event: Event, who: str, now: datetime) -> None:
    """Ask whoever the hosts invited."""
    rsvp_news.write(session, event, who, "rsvp_invited", now=now, answers=ANSWERS)


def voted(session: Session, message: DirectMessage, value: str, now: datetime) -> None:
    """Take over what somebody voted for, and tell them what came of it. Raises NotFoundError, GoneError."""
    slug, who = message.subject, message.actor_id
    before = rsvp_store.find(session, slug, who)
    result = rsvps.answer(session, slug, who, Answer(value), now=now)
    rsvp_news.heard(session, slug, who, before, result, answered=False, now=now)


def _may_ask(session: Session, event: Event, who: str, *, clear: bool, now: datetime) -> bool:
    registration = event.registration
    wanted = invitations.find(session, event.slug, who) is not None
    if not (event.federated and registration.ask_by_message and groups.get(session).ask_by_message):
        return False
    if not takes_answers(event, now, wanted=wanted) or not rsvp_news.may_write(session, who, now):
        return False
    asked = [one for one in message_store.of(session, KIND, event.slug, who) if one.options]
    if asked:
        return clear and asked[0].created <= now - _AGAIN
    return clear or rsvp_store.find(session, event.slug, who) is None


def _event(session: Session, slug: str) -> Event | None:
    try:
        return events.get(session, slug).event
    except (NotFoundError, GoneError):
        return None


def _only_one(session: Session, text: str, now: datetime) -> Event | None:
    """The event somebody must mean who says to the group alone that they come; None where it is open."""
    if not says_coming(text):
        return None
    ahead = [
        one.event
        for one in events.upcoming(session, now)
        if one.event.federated and takes_answers(one.event, now)
    ]
    return ahead[0] if len(ahead) == 1 else None
