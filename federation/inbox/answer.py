"""What Accept and Reject have in common: they answer a Follow of ours, or say who comes to an event.

Friendica, Hubzilla, EveryCal and Constellate say Accept, TentativeAccept or Reject of the event
itself (Hubzilla also of its Invite) where Mobilizon says Join and Leave.
"""

from federation.inbox.handler import Context, Outcome, applied, ignored, refused
from federation.inbox.ours import event_slug, is_known_outside
from federation.parse import Activity, id_of, text_of, types_of
from node.domain.rsvp import Answer, Refusal
from node.sanitize import plain_text
from node.services import rsvps
from node.store import following
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


def answered_event(activity: Activity, context: Context) -> str | None:
    """The slug of the event of ours that is answered: the object, or what an Invite invited to."""
    slug = event_slug(activity.object_id, context.urls)
    inner = activity.object
    if slug is None and inner is not None and "Invite" in types_of(inner):
        slug = event_slug(id_of(inner.get("object")), context.urls)
    return slug


def message_of(activity: Activity) -> str:
    """The words that came with an answer, in plain text."""
    given = activity.raw.get("participationMessage")
    text = given if isinstance(given, str) else text_of(activity.raw, "content")
    return plain_text(text, _LONGEST_MESSAGE) if text else ""


def said(
    session: Session, activity: Activity, slug: str, answer: Answer, context: Context
) -> Outcome:
    """Put an answer to one of our events on its list; there is nothing to send back."""
    if not is_known_outside(session, context.urls.event(slug), context.urls):
        return ignored("there is no such event")
    result = rsvps.answer(
        session,
        slug,
        activity.actor,
        answer,
        activity_id=activity.id,
        message=message_of(activity),
        now=context.now,
    )
    return refused(result) if isinstance(result, Refusal) else applied(result)
