"""Reject and TentativeReject: a neighbour does not let us follow it, somebody does not come, or wants no answer."""

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
from node.services import cohosting, conversation
from node.store import comments, following
from node.store.database import Session
from node.store.following import FollowState


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """End our follow, also one that was accepted before; note who does not come; take back an answer.

    GoToSocial says so of a reply that whoever wrote the post does not want under it.
    """
    del documents
    slug = answered_event(session, activity.raw, activity.actor, context)
    if slug is not None:
        answer = Answer.NOT_GOING if activity.type == "Reject" else Answer.MAYBE
        return said(session, activity, slug, answer, context)
    unwanted = _our_answer(session, activity, context)
    if unwanted is not None and activity.type == "Reject":
        conversation.take_back(session, unwanted, who="node", now=context.now)
        return applied("the answer is taken back")
    if activity.type == "Reject" and cohosting.answered(
        session, activity.object_id or "", activity.actor, agreed=False, now=context.now
    ):
        return applied("an answer to our offer")
    neighbour = follow_of(session, activity, context)
    if neighbour is None or activity.type != "Reject":
        return ignored("it answers nothing we asked")
    if not following.set_state(session, neighbour.actor_id, FollowState.REJECTED, context.now):
        return duplicate("rejected before")
    following.end_backfill(session, neighbour.actor_id)
    return applied()


def _our_answer(session: Session, activity: Activity, context: Context) -> str | None:
    """The comment of ours that is rejected by whoever it answers; None where it is none."""
    named = context.urls.identify(activity.object_id or "")
    if named is None or named[0] != "comment":
        return None
    return named[1] if comments.is_to(session, named[1], activity.actor) else None
