"""Join: somebody wants to come to an event of ours (Mobilizon, Smithereen, FEP-8a8e).

Answered with Accept where there is a place, with Reject where there can be none, and with Ignore where
the event takes no registration here (FEP-8a8e); while people wait for a place or for the hosts there is
no answer. Smithereen says maybe with TentativeJoin.
"""

from federation.inbox.answer import message_of, said_at
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    duplicate,
    ignored,
    later,
    refused,
)
from federation.inbox.ours import event_slug, is_known_outside
from federation.parse import Activity, embedded
from node.domain.rsvp import Answer, Refusal, RsvpState
from node.services import rsvp_news, rsvps
from node.store import rsvps as rsvp_store
from node.store.database import Session


def wants(activity: Activity, context: Context) -> Wanted:
    """The actor document of whoever asks: where our answer goes."""
    if event_slug(activity.object_id, context.urls) is None:
        return NOTHING
    return Wanted(actors=(activity.actor,))


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Put them on the list by the rules of the event, and answer."""
    slug = event_slug(activity.object_id, context.urls)
    if slug is None or not is_known_outside(session, context.urls.event(slug), context.urls):
        return ignored("there is no such event")
    actor = documents.actors.get(activity.actor)
    if actor is None:
        if activity.actor in documents.unreachable:
            return later("the server of whoever asks cannot be reached")
        return refused("the actor document of whoever asks cannot be had")
    if rsvps.overtaken(session, slug, actor.id, said_at(activity.raw, context)):
        return duplicate("they have said something newer")
    before = rsvp_store.find(session, slug, actor.id)
    result = rsvps.answer(
        session,
        slug,
        actor.id,
        _said(activity),
        activity_id=activity.id,
        message=message_of(activity),
        now=context.now,
    )
    answer = _answer(result)
    if answer is not None:
        join, inbox = embedded(activity), actor.inbox
        rsvp_news.answer_join(
            session, slug, join, answer, actor=actor.id, inbox=inbox, now=context.now
        )
    rsvp_news.heard(session, slug, actor.id, before, result, answered=True, now=context.now)
    return refused(result) if isinstance(result, Refusal) else applied(result)


def _said(activity: Activity) -> Answer:
    tentative = activity.type == "TentativeJoin" or activity.raw.get("tentative") is True
    return Answer.MAYBE if tentative else Answer.GOING


def _answer(result: RsvpState | Refusal) -> str | None:
    """How the Join is answered; None while they wait."""
    if result is Refusal.NO_REGISTRATION:
        return rsvp_news.IGNORE
    if isinstance(result, Refusal):
        return rsvp_news.REJECT
    return rsvp_news.ACCEPT if result is RsvpState.CONFIRMED else None
