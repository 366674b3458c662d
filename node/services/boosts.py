"""Passing a neighbour's gathering on to our own followers (Announce), and taking that back.

Its words stay on its own server: ours say only where it is. What is deleted there, or no longer for everyone, is
taken back by itself.
"""

from datetime import datetime, timedelta
from typing import Final

from node.domain.neighbour import NeighbourPost, PostKind
from node.domain.outbox import OutboxKind
from node.domain.sentence import Sentence
from node.errors import ConflictError, NotFoundError, RefusedError
from node.store import audit, boosts, neighbours, outbox
from node.store.boosts import Boost
from node.store.database import Session

A_DAY: Final = 20  # more at once is noise to those who follow

_NOT_KNOWN: Final = Sentence(
    "No neighbour of ours told us of this gathering. Follow its group first, or check the address."
)
_NOT_ALLOWED: Final = Sentence(
    "Whoever wrote this wants to be asked before it is passed on. Tell people of it in your own words."
)
_OVER: Final = Sentence("This gathering is over.")
_ALREADY: Final = Sentence("The group passes this on already.")
_TOO_MUCH: Final = Sentence(
    "The group has passed on 20 gatherings today. Tomorrow there is room again."
)
_NOT_PASSED_ON: Final = Sentence("The group does not pass this on.")


def boost(session: Session, address: str, *, who: str, now: datetime) -> NeighbourPost:
    """Pass on a neighbour's gathering, by its id or its page.

    Raises NotFoundError where no neighbour told us of it, ConflictError where it is passed on already,
    RefusedError where its author does not let everyone do so, where it is over, or twenty were passed on
    within a day.
    """
    post = neighbours.by_address(session, address)
    if post is None or post.kind is not PostKind.EVENT:
        raise NotFoundError(_NOT_KNOWN)
    if not post.passable:
        raise RefusedError(_NOT_ALLOWED)
    over = post.end or post.start
    if over is not None and over <= now:
        raise RefusedError(_OVER)
    if boosts.find(session, post.id) is not None:
        raise ConflictError(_ALREADY)
    if boosts.count_since(session, now - timedelta(days=1)) >= A_DAY:
        raise RefusedError(_TOO_MUCH)
    boosts.put(session, post.id, post.author, now)
    outbox.enqueue(session, OutboxKind.BOOST, post.id, now)
    audit.note(session, who, "boost", post.id, now)
    return post


def unboost(session: Session, address: str, *, who: str, now: datetime) -> Boost:
    """Take it back, also where the gathering is gone. Raises NotFoundError where it is not passed on."""
    found = boosts.find(session, address)
    if found is None:
        raise NotFoundError(_NOT_PASSED_ON)
    _end(session, found.object_id, now)
    audit.note(session, who, "unboost", found.object_id, now)
    return found


def lapse(session: Session, now: datetime) -> None:
    """Take back what is gone, shown by us no longer, or no longer for everyone to pass on.

    To be called after anything that can make it so.
    """
    for object_id in boosts.lapsed(session):
        _end(session, object_id, now)


def changed(session: Session, object_id: str, now: datetime) -> None:
    """A neighbour's gathering changed; where we pass it on, whoever knows it through us is told to look again."""
    if boosts.find(session, object_id) is not None:
        outbox.enqueue(session, OutboxKind.BOOST_AGAIN, object_id, now)


def _end(session: Session, object_id: str, now: datetime) -> None:
    boosts.remove(session, object_id)
    outbox.enqueue(session, OutboxKind.BOOST, object_id, now)
