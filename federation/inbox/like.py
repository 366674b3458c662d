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
from node.store.replies import ReplyState
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
    """Keep an acknowledgement of something we published."""
    about = activity.object_id
    if about is not None and forward_if_passed_on(session, about, activity, context):
        return applied("passed on to servers of forums")
    if about is None or not is_known_outside(session, about, context.urls):
        return ignored("it is about nothing we published")
    witness = Witness(
        activity_id=activity.key,
        actor_id=activity.actor,
        object_id=context.urls.original(about),
        kind=kind,
        created=context.now,
    )
    return applied() if witnesses.add(session, witness) else duplicate("given before")


def forward_if_passed_on(
    session: Session, about: str, activity: Activity, context: Context
) -> bool:
    """Whether `about` is somebody's post that the group passed on; then others hear of this, too."""
    if context.urls.is_ours(about):
        return False
    reply = replies.find(session, about)
    if reply is None or not reply.passed_on or reply.state is not ReplyState.ACCEPTED:
        return False
    conversation.forward(session, about, activity.raw, context.now)
    return True
