"""Join: somebody wants to come to an event of ours (Mobilizon, Smithereen, FEP-8a8e).

Answered with Accept where there is a place and with Reject where there can be none; while people
wait for a place or for the hosts there is no answer.
"""

from federation.inbox.answer import message_of
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
from federation.inbox.ours import event_slug, is_known_outside
from federation.parse import Activity, embedded
from node.domain.rsvp import Answer, Refusal, RsvpState
from node.services import rsvps
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
    result = rsvps.answer(
        session,
        slug,
        activity.actor,
        Answer.GOING,
        activity_id=activity.id,
        message=message_of(activity),
        now=context.now,
    )
    said = rsvps.REJECT if isinstance(result, Refusal) else rsvps.ACCEPT
    if isinstance(result, Refusal) or result is RsvpState.CONFIRMED:
        join = embedded(activity)
        rsvps.tell(session, slug, join, said, actor=actor.id, inbox=actor.inbox, now=context.now)
    return refused(result) if isinstance(result, Refusal) else applied(result)
