"""Votes in our questions: from the label somebody chose to what the question is about.

Where is a vote about coming handled? `_BY_KIND`. A later vote takes the place of an earlier one while
the question is open.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from node.domain.text import clean
from node.errors import RefusedError
from node.services import rsvp_news, rsvp_questions, sharing
from node.store import direct_messages
from node.store.database import Session
from node.store.direct_messages import DirectMessage

Voted = Callable[[Session, DirectMessage, str, datetime], None]

_BY_KIND: Final[Mapping[str, Voted]] = {
    rsvp_news.KIND: rsvp_questions.voted,
    sharing.KIND: sharing.voted,
}


def cast(session: Session, message: DirectMessage, label: str, *, now: datetime) -> str:
    """Let a vote of whoever was asked take effect; the value it stands for.

    Raises RefusedError where the question is closed or has no such answer, and what its kind raises.
    """
    if message.expires <= now:
        raise RefusedError("The question is closed.")
    wanted = " ".join(clean(label).split())
    value = next((one.value for one in message.options if one.label == wanted), None)
    if value is None:
        raise RefusedError("The question has no such answer.")
    _BY_KIND[message.kind](session, message, value, now)
    direct_messages.note_answer(session, message.id, value, now)
    return value
