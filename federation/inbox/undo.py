"""Undo: somebody takes back what they did; only what they did themselves.

The activity taken back comes embedded or as its id alone. A Follow that still waits for its turn is
taken back before it takes effect; nothing is remembered of an Undo that finds nothing, so that a
Follow sent after it works, also one that comes while the Undo itself still waits.
"""

from collections.abc import Callable, Mapping
from typing import Final

from federation.inbox.answer import answered_event, said_at
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
    refused,
)
from federation.parse import Activity, Document, id_of, types_of
from node.services import boosts, cohosting, conversation, follows, rsvps
from node.store import events, inbound, neighbours, passed_on, replies, witnesses
from node.store import rsvps as rsvp_store
from node.store.database import Session

_UNDONE: Final = "undone before its turn came"
_NOTHING_FOUND: Final = "there is nothing to undo"


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing: what is undone is known here or it is not."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Take the activity back."""
    del documents
    if cohosting.taken_back(session, activity.object_id or "", activity.actor, context.now):
        return applied()
    done = activity.object
    if done is None:
        return _by_id(session, activity, context)
    if done.get("actor") is not None and id_of(done.get("actor")) != activity.actor:
        return refused("it undoes what somebody else did")
    taken_back = _take_back(session, activity)
    undo = next((_BY_TYPE[kind] for kind in types_of(done) if kind in _BY_TYPE), None)
    if undo is None:
        return ignored("nothing we keep")
    return (
        applied()
        if undo(session, activity, done, context) or taken_back
        else ignored(_NOTHING_FOUND)
    )


def _by_id(session: Session, activity: Activity, context: Context) -> Outcome:
    if activity.object_id is None:
        return ignored(_NOTHING_FOUND)
    if follows.follow_id_of(session, activity.actor) == activity.object_id:
        follows.leave(session, activity.actor)
        return applied()
    if witnesses.remove_by_activity(session, activity.actor, activity.object_id):
        return applied()
    answer = rsvp_store.by_activity(session, activity.actor, activity.object_id)
    if answer is not None:
        rsvps.withdraw(session, answer.event_slug, activity.actor, now=context.now)
        return applied()
    return applied(_UNDONE) if _take_back(session, activity) else ignored(_NOTHING_FOUND)


def _take_back(session: Session, activity: Activity) -> bool:
    if activity.object_id is None:
        return False
    origin = inbound.origin_of(activity.actor)
    return inbound.take_back(
        session, origin, activity.actor, activity.object_id, undo=activity.key, outcome=_UNDONE
    )


def _follow(session: Session, activity: Activity, done: Document, context: Context) -> bool:
    """End a follow, unless it is an earlier one that is undone after a later one took its place."""
    about = id_of(done.get("object"))
    if about is not None and about not in (context.urls.group, context.urls.instance):
        return False
    stands = follows.follow_id_of(session, activity.actor)
    if _is_stale(session, activity, stands):
        return False
    return follows.leave(session, activity.actor)


def _is_stale(session: Session, activity: Activity, stands: str | None) -> bool:
    """Whether what is undone is an earlier activity than the one that stands now."""
    undone = activity.object_id
    if undone is None or undone == stands:
        return False
    origin = inbound.origin_of(activity.actor)
    return inbound.kind_of(session, origin, activity.actor, undone) is not None


def _like(session: Session, activity: Activity, done: Document, context: Context) -> bool:
    return _witness(session, activity, done, "like", context)


def _announce(session: Session, activity: Activity, done: Document, context: Context) -> bool:
    if _witness(session, activity, done, "announce", context):
        return True
    post = neighbours.find(session, id_of(done.get("object")) or "")
    if post is None or post.author == activity.actor:
        return False
    did = passed_on.take_back(session, post.id, activity.actor)
    if post.actor_id != activity.actor:
        return did
    # It stood here because they passed it on: unless somebody else does, too, it goes.
    if not passed_on.hand_on(session, activity.actor, post.id):
        neighbours.remove(session, post.id)
    boosts.lapse(session, context.now)
    return True


def _witness(
    session: Session, activity: Activity, done: Document, kind: witnesses.Kind, context: Context
) -> bool:
    who, about = activity.actor, id_of(done.get("object"))
    given = activity.object_id
    removed = given is not None and witnesses.remove_by_activity(session, who, given)
    if not removed and about is not None:
        removed = witnesses.remove(session, who, context.urls.original(about), kind)
    if removed and about is not None and replies.is_passed_on(session, about):
        conversation.forward(session, about, activity.raw, context.now)
    return removed


def _answer(session: Session, activity: Activity, done: Document, context: Context) -> bool:
    """Take an answer back, unless they have given a newer one since; also one that is still to come."""
    who = activity.actor
    slug = answered_event(session, done, who, context)
    if slug is None or not events.slug_taken(session, slug):
        return False
    stands = rsvp_store.find(session, slug, who)
    undone = activity.object_id
    if stands is not None and undone is not None and undone == stands.activity_id:
        return rsvps.withdraw(session, slug, who, now=context.now)
    if undone is not None:
        if inbound.kind_of(session, inbound.origin_of(who), who, undone) is not None:
            return False
        inbound.bar(session, who, undone, types_of(done)[0], context.now)
    if rsvps.overtaken(session, slug, who, said_at(done, context)):
        return False
    return rsvps.withdraw(session, slug, who, now=context.now)


_Undo = Callable[[Session, Activity, Document, Context], bool]
_BY_TYPE: Final[Mapping[str, _Undo]] = {
    "Follow": _follow,
    "Like": _like,
    "EmojiReact": _like,
    "Announce": _announce,
    "Join": _answer,
    "TentativeJoin": _answer,
    "Accept": _answer,
    "TentativeAccept": _answer,
    "Reject": _answer,
    "TentativeReject": _answer,
}
