"""Delete: somebody took back what they wrote, or an actor is gone altogether.

Only for what is theirs. The id is remembered, so that a Create that comes late stays without effect.
"""

from federation.addresses import same_origin
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
    later,
    refused,
)
from federation.inbox.posts import may_speak_for
from federation.parse import Activity, types_of
from node.services import boosts, conversation, sharing
from node.services.moderation import forget_actor
from node.store import actors, neighbours, replies, tombstones
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The object, where a server that a neighbour lives on says so through another of its actors.

    Somebody may delete for a group there; whether it is gone only the server can tell.
    """
    gone, actor = activity.object_id, activity.actor
    if gone is None or gone == actor or not same_origin(gone, actor):
        return NOTHING
    if any(one != actor and same_origin(one, actor) for one in context.neighbours):
        return Wanted(objects=(gone,))
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Delete the object here too, or everything of an actor that is gone."""
    gone = activity.object_id
    if gone is None:
        return ignored("it names nothing")
    if gone == activity.actor:
        known = forget_actor(session, activity.actor, now=context.now)
        actors.delete(session, activity.actor)
        return applied("the actor is gone") if known else ignored("nothing was known of the actor")
    if not same_origin(gone, activity.actor):
        return refused("the object belongs to another server")
    reply = replies.find(session, gone)
    post = neighbours.find(session, gone)
    if reply is not None and reply.actor_id != activity.actor:
        return refused("the reply is somebody else's")
    if post is not None and activity.actor != post.author:
        if not may_speak_for(session, activity.actor, post.author):
            return refused("the object is somebody else's")
        if gone in documents.unreachable:
            return later("the server of the group cannot be reached")
        if not _is_gone(gone, documents):
            return refused("its server still shows it")
    tombstones.add(session, gone, context.now)
    passed_on = reply is not None and reply.passed_on
    sharing.forget(session, gone, context.now)
    if passed_on:
        conversation.forward(session, gone, activity.raw, context.now)
    neighbours.remove(session, gone)
    boosts.lapse(session, context.now)
    return applied() if reply or post else ignored("we had nothing of it")


def _is_gone(object_id: str, documents: Documents) -> bool:
    """Whether its server confirms that it is deleted: 404, 410, or a Tombstone in its place."""
    shown = documents.objects.get(object_id)
    return object_id in documents.gone or (shown is not None and "Tombstone" in types_of(shown))
