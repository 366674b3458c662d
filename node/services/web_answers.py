"""Answers that people give on their own websites (Webmention with `p-rsvp`)."""

from datetime import datetime, timedelta
from typing import Final

from node.domain.rsvp import Answer, Refusal
from node.errors import GoneError, NotFoundError, TryLaterError
from node.services import rsvps as service
from node.store import published, rsvps, webmentions
from node.store.database import Session
from node.store.webmentions import Webmention

VIA: Final = "indieweb"
BETWEEN_LOOKS: Final = timedelta(minutes=5)
_MOST_WAITING: Final = 500


def announce(session: Session, source: str, slug: str, *, now: datetime) -> None:
    """Have a page looked at that says it answers an event.

    Raises NotFoundError and GoneError where no such event is shown, TryLaterError where too many wait.
    """
    published.event(session, slug)
    if webmentions.waiting(session) >= _MOST_WAITING:
        raise TryLaterError("Too many pages wait to be looked at.", retry_after=600)
    webmentions.note(session, source, slug, now=now, again=now + BETWEEN_LOOKS)


def heard(
    session: Session, mention: Webmention, who: str | None, said: Answer | None, *, now: datetime
) -> None:
    """Do what a page says now; where it says nothing (any more), its answer is withdrawn.

    A page changes only what it said itself: a website of many people must not speak for one of them
    whose answer came another way.
    """
    slug = mention.event_slug
    if mention.who is not None and (said is None or who != mention.who):
        service.withdraw(session, slug, mention.who, now=now)
    kept = None
    if who is not None and said is not None and _free(session, mention, who):
        kept = who if _answer(session, slug, who, said, now) else None
    if kept is None and mention.who == who and who is not None and said is not None:
        kept = mention.who  # refused: what stood before stays
    webmentions.looked_at(session, mention, kept, again=now + BETWEEN_LOOKS)


def _free(session: Session, mention: Webmention, who: str) -> bool:
    slug = mention.event_slug
    if rsvps.find(session, slug, who) is None:
        return webmentions.holder(session, slug, who) in (None, mention.source)
    return webmentions.holder(session, slug, who) == mention.source


def _answer(session: Session, slug: str, who: str, said: Answer, now: datetime) -> bool:
    try:
        published.event(session, slug)
    except (NotFoundError, GoneError):
        return False
    result = service.answer(session, slug, who, said, via=VIA, now=now)
    return not isinstance(result, Refusal)
