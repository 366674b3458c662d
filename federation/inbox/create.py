"""Create, and Hubzilla's Invite: a neighbour published something, or somebody answers us."""

from federation.inbox.handler import (
    Context,
    Documents,
    Outcome,
    OutcomeKind,
    Wanted,
    ignored,
    later,
    refused,
)
from federation.inbox.posts import (
    best_document,
    is_by_signer,
    keep_post,
    keep_reply,
    neighbour_of,
    problem,
    wanted_object,
)
from federation.inbox.votes import cast, votes_in
from federation.parse import Activity, Document, id_of, types_of
from federation.read_post import EVENT
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The object, where only its id was sent or its place is missing."""
    return wanted_object(activity, context)


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep what a neighbour published; hold what is addressed to us for the stewards.

    Mobilizon signs a group's gathering as the person who wrote it. The copy that its server serves
    counts; where none is to be had, one that names the signer as its `actor`, as Mobilizon's do.
    """
    votes = votes_in(activity)
    if votes:
        return cast(session, activity, votes, context)
    document = best_document(activity, documents)
    if document is None:
        if activity.object_id in documents.unreachable:
            return later("the object cannot be reached")
        return ignored("there is no object")
    found = problem(session, document, activity)
    if found is not None:
        return found
    reply = keep_reply(session, document, activity, context)
    via = neighbour_of(session, document, activity)
    if via is None:
        return reply or ignored("it comes from nobody we follow and is not for us")
    if document is activity.object and not _speaks_for_its_author(document, activity):
        # Any account of that server could say so; the server itself must.
        if activity.object_id in documents.unreachable:
            return later("the server of the group cannot be reached")
        return refused("its server does not confirm that the group said so")
    post = keep_post(session, document, activity, via, context)
    return reply if reply is not None and post.kind is not OutcomeKind.APPLIED else post


def _speaks_for_its_author(document: Document, activity: Activity) -> bool:
    """Whether the object says itself that the signer wrote it: in `attributedTo`, or as Mobilizon does."""
    written = EVENT in types_of(document) and id_of(document.get("actor")) == activity.actor
    return is_by_signer(document, activity) or written
