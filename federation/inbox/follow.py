"""Follow: somebody wants to hear from our group. Answered with Accept each time.

Where the group lets followers in one by one, a Follow waits for a steward, and there is no answer before.

A server that is given our host follows the actor of the node (Mobilizon does, by FEP-2677): that counts
as following the group, but only for servers.
"""

from federation.addresses import origin
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
from federation.parse import Activity, embedded
from node.domain.doors import targets
from node.domain.outbox import OutboxKind
from node.ports import RemoteActor
from node.store import follow_requests, followers, groups, outbox
from node.store.blocks import any_of
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The follower's actor document: where our Accept and everything after it goes."""
    followed = (context.urls.group, context.urls.instance)
    return Wanted(actors=(activity.actor,)) if activity.object_id in followed else NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Add the follower and answer; a repeated Follow is answered again (peers retry until heard)."""
    if activity.object_id not in (context.urls.group, context.urls.instance):
        return ignored("only the group can be followed")
    actor = documents.actors.get(activity.actor)
    if actor is None:
        if activity.actor in documents.unreachable:
            return later("the follower's server cannot be reached")
        return refused("the follower's actor document cannot be had")
    if any_of(session, targets(actor.id)):
        return refused("blocked")
    if groups.whereabouts(session).retired is not None:
        return refused("the group has said farewell")
    follow = embedded(activity)
    detail = {"follow": follow, "inbox": actor.inbox, "followed": activity.object_id}
    if activity.object_id == context.urls.instance and not _is_relay(actor):
        outbox.enqueue(session, OutboxKind.REJECT_FOLLOW, actor.id, context.now, detail)
        return refused("only relays follow the node itself")
    waits = _waits(session, actor, activity, context)
    new = (follow_requests if waits else followers).put(
        session,
        actor_id=actor.id,
        inbox=actor.inbox,
        shared_inbox=actor.shared_inbox,
        host=origin(actor.id).netloc,
        follow_id=activity.key,
        follow=follow,
        now=context.now,
    )
    if waits:
        return applied("waits for a steward")
    outbox.enqueue(session, OutboxKind.ACCEPT_FOLLOW, actor.id, context.now, detail)
    return applied("" if new else "accepted again")


def _waits(session: Session, actor: RemoteActor, activity: Activity, context: Context) -> bool:
    """Whether a steward decides first: not about relays, nor about who follows already."""
    return (
        groups.get(session).approves_followers
        and activity.object_id == context.urls.group
        and followers.find(session, actor.id) is None
    )


def _is_relay(actor: RemoteActor) -> bool:
    """Whether an actor is a whole server: `relay@host`, as Mobilizon's and other relays are called."""
    return actor.type == "Application" and actor.handle.startswith("relay@")
