"""Reject and TentativeReject: a neighbour does not let us follow it, or somebody does not come."""

from federation.inbox.answer import answered_event, follow_of, said
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
from federation.parse import Activity
from node.domain.rsvp import Answer
from node.store import following
from node.store.database import Session
from node.store.following import FollowState


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """End our follow, also one that was accepted before; or note who does not come."""
    del documents
    slug = answered_event(session, activity.raw, activity.actor, context)
    if slug is not None:
        answer = Answer.NOT_GOING if activity.type == "Reject" else Answer.MAYBE
        return said(session, activity, slug, answer, context)
    neighbour = follow_of(session, activity, context)
    if neighbour is None or activity.type != "Reject":
        return ignored("it answers nothing we asked")
    if not following.set_state(session, neighbour.actor_id, FollowState.REJECTED, context.now):
        return duplicate("rejected before")
    following.end_backfill(session, neighbour.actor_id)
    return applied()
