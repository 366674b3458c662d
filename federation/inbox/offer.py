"""Offer: a neighbour asks us to hold a gathering of its own together with it."""

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
from federation.inbox.posts import put_once
from federation.parse import Activity, Audience, audience_of, id_of, types_of
from federation.read_post import EVENT, authors_of, read_post
from node.services import cohosting
from node.store import actors, following, tombstones
from node.store.cohosting import Cohosting, CohostState
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The gathering as its server shows it, and where its group is reached; of neighbours only."""
    offered = activity.object_id
    if offered is None or activity.actor not in context.neighbours:
        return NOTHING
    if not same_origin(offered, activity.actor):
        return NOTHING
    return Wanted(objects=(offered,), actors=(activity.actor,))


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep the gathering, and the offer for the hosts to decide."""
    offered, actor = activity.object_id, activity.actor
    if offered is None or activity.id is None or not following.is_listened_to(session, actor):
        return ignored("it comes from nobody we follow")
    if offered in documents.unreachable:
        return later("what is offered cannot be reached")
    document = documents.objects.get(offered)
    known = actors.find(session, actor)
    if document is None or known is None or EVENT not in types_of(document):
        return ignored("what is offered is no gathering")
    if id_of(document.get("id")) != offered or actor not in authors_of(document):
        return refused("what is offered is somebody else's")
    if audience_of(document) is not Audience.PUBLIC or tombstones.stands(session, offered):
        return ignored("what is offered is not for everyone")
    put_once(session, read_post(document, via=actor, now=context.now))
    one = Cohosting(
        event=offered,
        actor_id=actor,
        name=known.actor.name,
        offer_id=activity.id,
        inbox=known.actor.inbox,
        ours=False,
        state=CohostState.PENDING,
    )
    if not cohosting.asked(session, one, context.now):
        return ignored("too many offers of this neighbour wait already")
    return applied("held for the hosts")
