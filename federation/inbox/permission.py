"""QuoteRequest (FEP-044f), LikeRequest, ReplyRequest, AnnounceRequest (GoToSocial): may I?

The `object` is ours, the `instrument` is what they make of it. What may be done without asking is
granted at once; what a steward decides waits; a reply is held for the stewards either way.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from federation.addresses import same_origin
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    OutcomeKind,
    Wanted,
    applied,
    ignored,
    later,
    refused,
)
from federation.inbox.posts import keep_reply, problem
from federation.parse import Activity, Document, embedded, first_object, id_of
from federation.read_post import content_of
from federation.read_reply import quoted_in
from node.domain.event import Visibility
from node.services import stamps
from node.services.permissions import of_address, visibility_of
from node.store import witnesses
from node.store.database import Session
from node.store.stamps import StampKind, StampState
from node.store.witnesses import Witness

_KINDS: Final = {
    "QuoteRequest": StampKind.QUOTE,
    "LikeRequest": StampKind.LIKE,
    "ReplyRequest": StampKind.REPLY,
    "AnnounceRequest": StampKind.ANNOUNCE,
}
_WITNESSES: Final[Mapping[StampKind, witnesses.Kind]] = {
    StampKind.LIKE: "like",
    StampKind.ANNOUNCE: "announce",
}
_POSTS: Final = frozenset({StampKind.QUOTE, StampKind.REPLY})


def wants(activity: Activity, context: Context) -> Wanted:
    """Where the answer goes; and the post, where only its id was sent."""
    if activity.object_id is None or not context.urls.is_ours(activity.object_id):
        return NOTHING
    made, sent = _instrument(activity)
    absent = made is not None and sent is None and same_origin(made, activity.actor)
    posts = (made,) if made is not None and absent and _KINDS[activity.type] in _POSTS else ()
    return Wanted(actors=(activity.actor,), objects=posts)


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Answer as the permissions of the thing say, or hold the request for the stewards."""
    target, (made, sent) = activity.object_id, _instrument(activity)
    if target is None or visibility_of(session, target, context.urls) is not Visibility.PUBLIC:
        return ignored("it is about nothing that everyone may see")
    if made is None or not same_origin(made, activity.actor):
        return refused("it does not say for what of theirs")
    actor = documents.actors.get(activity.actor)
    if actor is None:
        if activity.actor in documents.unreachable:
            return later("the server of whoever asks cannot be reached")
        return refused("the actor document of whoever asks cannot be had")
    kind = _KINDS[activity.type]
    request = stamps.Request(
        kind=kind,
        actor_id=actor.id,
        inbox=actor.inbox,
        target=target,
        interacting=made,
        embedded=embedded(activity),
    )
    if kind in _POSTS:
        post = sent if sent is not None else documents.objects.get(made)
        if post is None and made in documents.unreachable:
            return later("the post cannot be reached")
        return _post(session, request, post, activity, context)
    if sent is not None and id_of(sent.get("actor")) not in (None, activity.actor):
        return refused("it is somebody else's")
    witnesses.add(
        session,
        Witness(
            activity_id=made,
            actor_id=actor.id,
            object_id=context.urls.original(target),
            kind=_WITNESSES[kind],
            created=context.now,
        ),
    )
    return _ask(session, request, context)


def _post(
    session: Session,
    request: stamps.Request,
    document: Document | None,
    activity: Activity,
    context: Context,
) -> Outcome:
    """A quote or a reply: it must be what it is said to be; a reply is held as any other."""
    if document is None:
        return refused("the post cannot be had")
    found = problem(session, document, activity) or _other_than_said(document, request)
    if found is not None:
        return found
    if request.kind is StampKind.REPLY:
        held = keep_reply(session, document, activity, context)
        if held is None or held.kind in (OutcomeKind.REFUSED, OutcomeKind.IGNORED):
            return held or ignored("it answers nothing of ours")
    return _ask(session, replace(request, content=content_of(document)), context)


def _other_than_said(document: Document, request: stamps.Request) -> Outcome | None:
    """Refused where the post quotes, or answers, something else than leave is asked for."""
    if request.kind is StampKind.QUOTE:
        named = quoted_in(document)
        return None if not named or request.target in named else refused("it quotes something else")
    answered = id_of(document.get("inReplyTo"))
    return None if answered == request.target else refused("it answers something else")


def _ask(session: Session, request: stamps.Request, context: Context) -> Outcome:
    permissions = of_address(session, request.target, context.urls)
    if permissions is None:
        return ignored("it is about nothing that everyone may see")
    state = stamps.ask(session, request, permissions, now=context.now)
    return applied("held for the stewards" if state is StampState.PENDING else state.value)


def _instrument(activity: Activity) -> tuple[str | None, Document | None]:
    """The id of what they make of it, and the thing itself where it was embedded."""
    value = activity.raw.get("instrument")
    return id_of(value), first_object(value)
