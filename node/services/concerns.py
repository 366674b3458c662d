"""Concerns that visitors raise on our own pages, and what becomes of any concern.

Whoever raises one need not say who they are. Those of other servers come by `federation.inbox.flag`.
"""

from datetime import datetime
from typing import Final

from node.domain.sentence import Sentence
from node.errors import RefusedError
from node.store import audit, replies
from node.store import concerns as store
from node.store.database import Session
from node.store.replies import ReplyState
from node.urls import Urls

VISITOR: Final = "visitor"
LONGEST: Final = 5000
LONGEST_CONTACT: Final = 200
LONGEST_ABOUT: Final = 2000
# So many may wait at a time: what comes in a flood hides what matters.
MOST_OPEN: Final = 100


def raise_concern(session: Session, words: str, *, about: str, contact: str, now: datetime) -> int:
    """Keep what a visitor is concerned about; its number. `about` is what `read_about` gave.

    Raises RefusedError where it says nothing or too much, or where too many wait already.
    """
    if not words:
        raise RefusedError(Sentence("Say in a few words what troubles you."))
    if len(words) > LONGEST or len(contact) > LONGEST_CONTACT:
        raise RefusedError(Sentence("That is too long. The heart of it is enough."))
    if store.number_open(session, VISITOR) >= MOST_OPEN:
        raise RefusedError(Sentence("Very many concerns wait here already. Please call or write."))
    return store.add(session, VISITOR, [about] if about else [], words, now, contact=contact)


def read_about(session: Session, text: str, urls: Urls) -> str:
    """What a concern is about: a page of ours by its path, or a reply that is shown; else nothing."""
    if len(text) > LONGEST_ABOUT or not text.isascii() or not text.isprintable() or "\\" in text:
        return ""
    if text.startswith("/"):
        return "" if text.startswith("//") else f"{urls.origin}{text}"
    reply = replies.find(session, text)
    return text if reply is not None and reply.state is ReplyState.ACCEPTED else ""


def close(session: Session, number: int, reason: str, *, who: str, now: datetime) -> None:
    """Note that a concern was dealt with, and how. Raises NotFoundError."""
    store.set_open(session, number, is_open=False, now=now)
    audit.note(session, who, "close concern", str(number), now, reason=reason or None)


def reopen(session: Session, number: int, *, who: str, now: datetime) -> None:
    """Take a concern up again. Raises NotFoundError."""
    store.set_open(session, number, is_open=True, now=now)
    audit.note(session, who, "reopen concern", str(number), now)
