"""Add: a group that lets others write on its wall takes something in (FEP-400e: Smithereen).

The object says itself on whose wall it stands, and is fetched from where it comes; what does not point
back at the collection it is added to, such as a post Mastodon features, is none of our concern.
"""

from federation.addresses import same_origin
from federation.inbox.announce import keep_passed_on
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    ignored,
    later,
    refused,
)
from federation.parse import Activity, first_object, id_of
from node.store import following
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The object, where a neighbour adds it to a collection of its own."""
    added, wall = activity.object_id, activity.target
    if added is None or wall is None or context.urls.is_ours(added):
        return NOTHING
    if activity.actor not in context.neighbours or not same_origin(wall, activity.actor):
        return NOTHING
    return Wanted(objects=(added,))


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep it as what the neighbour passes on."""
    added = activity.object_id
    if added is None or not following.is_listened_to(session, activity.actor):
        return ignored("it comes from nobody we follow")
    if added in documents.unreachable:
        return later("what is added cannot be reached")
    document = documents.objects.get(added)
    wall = first_object(document.get("target")) if document is not None else None
    if document is None or wall is None:
        return ignored("what is added says of no wall that it stands there")
    if id_of(wall) != activity.target or id_of(wall.get("attributedTo")) != activity.actor:
        return refused("what is added stands on another wall")
    return keep_passed_on(session, document, activity, context)
