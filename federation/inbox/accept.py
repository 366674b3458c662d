"""Accept and TentativeAccept: a neighbour lets us follow it, or somebody comes to an event of ours."""

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
from node.services import cohosting
from node.store import following, known_groups
from node.store.database import Session
from node.store.following import FollowState


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Confirm our follow, and read the neighbour's upcoming events next; or note who comes."""
    del documents
    slug = answered_event(session, activity.raw, activity.actor, context)
    if slug is not None:
        answer = Answer.GOING if activity.type == "Accept" else Answer.MAYBE
        return said(session, activity, slug, answer, context)
    if activity.type == "Accept" and cohosting.answered(
        session, activity.object_id or "", activity.actor, agreed=True, now=context.now
    ):
        return applied("an answer to our offer")
    neighbour = follow_of(session, activity, context)
    if neighbour is None or activity.type != "Accept":
        return ignored("it answers nothing we asked")
    if not following.set_state(session, neighbour.actor_id, FollowState.ACCEPTED, context.now):
        return duplicate("accepted before")
    following.ask_backfill(session, neighbour.actor_id, context.now)
    known_groups.add(session, neighbour.actor_id, context.now)
    known_groups.look_again(session, neighbour.actor_id, context.now)
    known_groups.look_at_named(session, neighbour.actor_id, context.now)
    return applied()
