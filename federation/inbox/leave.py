"""Leave: somebody does not come after all. Whoever has waited longest gets the place.

Mobilizon gives a Leave the id of the Join it ends. A Leave that comes before its Join is remembered
where it says when it was made, or has that id.
"""

from federation.inbox.answer import said_at
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    duplicate,
    ignored,
)
from federation.inbox.ours import event_slug
from federation.parse import Activity
from node.services import rsvps
from node.store import events, inbound
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Take them off the list."""
    del documents
    who = activity.actor
    slug = event_slug(activity.object_id, context.urls)
    if slug is None or not events.slug_taken(session, slug):
        return ignored("there is no such event")
    if rsvps.overtaken(session, slug, who, said_at(activity.raw, context)):
        return duplicate("they have said something newer")
    if rsvps.withdraw(session, slug, who, now=context.now):
        return applied()
    if activity.id is not None:
        inbound.bar(session, who, activity.id, "Join", context.now)
    return ignored("they were on no list")
