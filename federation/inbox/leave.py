"""Leave: somebody does not come after all. Whoever has waited longest gets the place."""

from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
)
from federation.inbox.ours import event_slug
from federation.parse import Activity
from node.services import rsvps
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Take them off the list."""
    del documents
    slug = event_slug(activity.object_id, context.urls)
    if slug is None or not rsvps.withdraw(session, slug, activity.actor, now=context.now):
        return ignored("they were on no list")
    return applied()
