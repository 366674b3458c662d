"""Block: somebody wants nothing more of our group. It ends following in both directions."""

from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
)
from federation.parse import Activity
from node.services.moderation import forget_actor
from node.store import blocks, followers
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Forget whoever blocks us, and take back what is on its way to them alone."""
    del documents
    if activity.object_id != context.urls.group:
        return ignored("it blocks nobody here")
    follower = followers.find(session, activity.actor)
    if follower is not None:
        blocks.drop_deliveries(session, [follower.inbox])
    if not forget_actor(session, activity.actor, now=context.now):
        return ignored("there was nothing between us")
    return applied()
