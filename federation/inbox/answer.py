"""What Accept and Reject have in common: they answer a Follow of ours, or say who comes to an event.

Friendica, Hubzilla, EveryCal and Constellate say Accept, TentativeAccept or Reject of the event
itself (Hubzilla also of its Invite) where Mobilizon says Join and Leave.
"""

from datetime import datetime

from federation.inbox.handler import Context, Outcome, applied, duplicate, ignored, refused
from federation.inbox.ours import event_slug, is_known_outside
from federation.parse import (
    Activity,
    Document,
    first_object,
    id_of,
    moment_of,
    text_of,
    types_of,
)
from node.domain.rsvp import Answer, Refusal
from node.sanitize import plain_text
from node.services import rsvp_news, rsvps
from node.store import following, invitations
from node.store import rsvps as rsvp_store
from node.store.database import Session
from node.store.following import Following

_LONGEST_MESSAGE = 500


def follow_of(session: Session, activity: Activity, context: Context) -> Following | None:
    """The neighbour whose answer to a Follow of ours this is; None where we asked them nothing.

    Only the actor we asked can answer. The Follow comes as its id, or embedded, then sometimes with
    an id of the other server's making.
    """
    neighbour = following.find(session, activity.actor)
    if neighbour is None:
        return None
    follow, follow_id = activity.object, activity.object_id
    if follow_id is not None and (follow is None or context.urls.is_ours(follow_id)):
        return neighbour if following.sent(session, follow_id, activity.actor) else None
    if follow is None or "Follow" not in types_of(follow):
        return None
    asked = id_of(follow.get("actor")) == context.urls.group
    return neighbour if asked and id_of(follow.get("object")) == activity.actor else None


def answered_event(
    session: Session, document: Document, actor: str, context: Context
) -> str | None:
    """The slug of the event of ours that an activity answers: its object, or what our Invite invited to.

    The Invite comes embedded or as its id alone. An answer to a Join is none of these.
    """
    thing = document.get("object")
    thing_id, inner = id_of(thing), first_object(thing)
    slug = event_slug(thing_id, context.urls)
    if slug is None and inner is not None and "Invite" in types_of(inner):
        slug = event_slug(id_of(inner.get("object")), context.urls)
    if slug is None and thing_id is not None:
        invited = invitations.by_invite(session, thing_id, actor)
        slug = invited.event_slug if invited is not None else None
    return slug


def said_at(document: Document, context: Context) -> datetime | None:
    """When an activity was made, by the clock of its server; None where it does not say."""
    moment = moment_of(document.get("published"))
    return min(moment, context.now) if moment is not None else None


def message_of(activity: Activity) -> str | None:
    """The words that came with an answer, in plain text; None where there are none."""
    given = activity.raw.get("participationMessage")
    text = given if isinstance(given, str) else text_of(activity.raw, "content")
    return plain_text(text, _LONGEST_MESSAGE) if text else None


def said(
    session: Session, activity: Activity, slug: str, answer: Answer, context: Context
) -> Outcome:
    """Put an answer to one of our events on its list; what came of it is told in a message."""
    who, now = activity.actor, context.now
    if not is_known_outside(session, context.urls.event(slug), context.urls):
        return ignored("there is no such event")
    if rsvps.overtaken(session, slug, who, said_at(activity.raw, context)):
        return duplicate("they have said something newer")
    before = rsvp_store.find(session, slug, who)
    result = rsvps.answer(
        session,
        slug,
        who,
        answer,
        activity_id=activity.id,
        message=message_of(activity),
        now=now,
    )
    rsvp_news.heard(session, slug, who, before, result, answered=False, now=now)
    return refused(result) if isinstance(result, Refusal) else applied(result)
