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
    refused,
)
from federation.inbox.posts import may_speak_for
from federation.parse import Activity
from node.services.moderation import forget_actor
from node.store import actors, neighbours, replies, tombstones
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing: what is gone cannot be asked for."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Delete the object here too, or everything of an actor that is gone."""
    del documents
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
    if post is not None and not may_speak_for(session, activity.actor, post.author):
        return refused("the object is somebody else's")
    tombstones.add(session, gone, context.now)
    replies.remove(session, gone)
    neighbours.remove(session, gone)
    return applied() if reply or post else ignored("we had nothing of it")
