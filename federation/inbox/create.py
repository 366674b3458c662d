"""Create, and Hubzilla's Invite: a neighbour published something, or somebody answers us."""

from federation.inbox.handler import (
    Context,
    Documents,
    Outcome,
    OutcomeKind,
    Wanted,
    ignored,
    later,
)
from federation.inbox.posts import (
    best_document,
    is_vote,
    keep_post,
    keep_reply,
    neighbour_of,
    problem,
    wanted_object,
)
from federation.parse import Activity
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The object, where only its id was sent or its place is missing."""
    return wanted_object(activity, context)


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep what a neighbour published; hold what is addressed to us for the stewards.

    Mobilizon signs a group's gathering as the person who wrote it. The copy its server serves counts;
    where there is none to be had, the one that was sent does: one origin, and a group that we follow.
    """
    document = best_document(activity, documents)
    if document is None:
        if activity.object_id in documents.unreachable:
            return later("the object cannot be reached")
        return ignored("there is no object")
    found = problem(session, document, activity)
    if found is not None:
        return found
    if is_vote(document):
        return ignored("a vote, but we hold no polls")
    reply = keep_reply(session, document, activity, context)
    via = neighbour_of(session, document, activity)
    if via is None:
        return reply or ignored("it comes from nobody we follow and is not for us")
    post = keep_post(session, document, activity, via, context)
    return reply if reply is not None and post.kind is not OutcomeKind.APPLIED else post
