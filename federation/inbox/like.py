"""Like and EmojiReact: a quiet acknowledgement. Kept for the group to see, counted for nobody."""

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
from federation.inbox.ours import is_known_outside
from federation.parse import Activity
from node.services import conversation
from node.store import replies, witnesses
from node.store.database import Session
from node.store.witnesses import Witness


def wants(activity: Activity, context: Context) -> Wanted:
    """Nothing."""
    del activity, context
    return NOTHING


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Keep it, once per actor and object, whatever emoji it carries."""
    del documents
    return bear_witness(session, activity, "like", context)


def bear_witness(
    session: Session, activity: Activity, kind: witnesses.Kind, context: Context
) -> Outcome:
    """Keep an acknowledgement of something we published, or passed on: others hear of that one, too."""
    about = activity.object_id
    passed_on = about is not None and replies.is_passed_on(session, about)
    if about is None or not (passed_on or is_known_outside(session, about, context.urls)):
        return ignored("it is about nothing we published")
    witness = Witness(
        activity_id=activity.key,
        actor_id=activity.actor,
        object_id=context.urls.original(about),
        kind=kind,
        created=context.now,
    )
    if not witnesses.add(session, witness):
        return duplicate("given before")
    if passed_on:
        conversation.forward(session, about, activity.raw, context.now)
    return applied()
