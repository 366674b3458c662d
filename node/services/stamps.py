"""Leave to quote, to answer, to like or to pass on something of ours: asked for, given, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from node.domain.outbox import OutboxKind
from node.domain.permission import Approval, Permissions
from node.errors import ConflictError, RefusedError
from node.ids import new_id
from node.store import audit, outbox
from node.store import stamps as stamp_store
from node.store.database import Session
from node.store.stamps import Stamp, StampKind, StampState

_FIRST_ANSWER: Final = {
    Approval.AUTOMATIC: StampState.GIVEN,
    Approval.MANUAL: StampState.PENDING,
    Approval.NOBODY: StampState.REFUSED,
}


_YES: Final = (StampState.GIVEN,)
_NO: Final = (StampState.REFUSED, StampState.REVOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks whether they may make `interacting` of `target`, a thing of ours.

    `embedded` is the request as an answer embeds it, `content` sanitised HTML of a post.
    """

    kind: StampKind
    actor_id: str
    inbox: str
    target: str
    interacting: str
    embedded: Mapping[str, Any]
    content: str = ""


def ask(
    session: Session, request: Request, permissions: Permissions, *, now: datetime
) -> StampState:
    """Answer a request at once where the permissions of the thing say how; else it waits for a steward.

    Who asks again hears the same again, under the id of the new request. Raises RefusedError where
    somebody else asked for the same.
    """
    before = stamp_store.find(session, request.kind, request.interacting, request.target)
    if before is None:
        stamp = _new(session, request, _FIRST_ANSWER[_approval(request.kind, permissions)], now)
    elif before.actor_id != request.actor_id:
        raise RefusedError("Somebody else asked for it.")
    else:
        stamp = replace(before, request=request.embedded, inbox=request.inbox)
        stamp_store.put(session, stamp)
    if stamp.state is not StampState.PENDING:
        _answer(session, stamp, now)
    return stamp.state


def decide(session: Session, stamp_id: str, *, give: bool, who: str, now: datetime) -> None:
    """A steward answers a request that waits. Raises NotFoundError, ConflictError where it does not."""
    if stamp_store.get(session, stamp_id).state is not StampState.PENDING:
        raise ConflictError("This was answered already.")
    state = StampState.GIVEN if give else StampState.REFUSED
    stamp = stamp_store.decide(session, stamp_id, state, now)
    _answer(session, stamp, now)
    audit.note(session, who, f"{state.value} {stamp.kind.value}", stamp.interacting, now)


def revoke(session: Session, stamp_id: str, *, who: str, now: datetime) -> None:
    """Take a stamp back: it is gone here at once, and its holder is told. Raises NotFoundError."""
    if stamp_store.get(session, stamp_id).state is not StampState.GIVEN:
        return
    stamp = stamp_store.decide(session, stamp_id, StampState.REVOKED, now)
    outbox.enqueue(session, OutboxKind.REVOKE_STAMP, stamp.id, now)
    audit.note(session, who, f"revoked {stamp.kind.value}", stamp.interacting, now)


def answer_reply(
    session: Session, reply_id: str, *, give: bool, now: datetime, unasked: Request | None = None
) -> None:
    """A steward decided on a reply: whoever asked for leave to make it is answered.

    Where nobody asked, `unasked` is the request that would have been made; it has no `embedded`.
    """
    stamp = stamp_store.find_for(session, StampKind.REPLY, reply_id)
    if stamp is None and unasked is not None:
        stamp = _new(session, unasked, StampState.PENDING, now)
    if stamp is None or stamp.state in (_YES if give else _NO):
        return
    if stamp.state is StampState.GIVEN:
        stamp_store.decide(session, stamp.id, StampState.REVOKED, now)
        outbox.enqueue(session, OutboxKind.REVOKE_STAMP, stamp.id, now)
        return
    if stamp.state is StampState.REVOKED:
        # Its address was deleted everywhere, so this is another stamp.
        stamp_store.remove_for(session, reply_id)
        stamp = replace(stamp, id=new_id(now), created=now)
    decided = replace(stamp, state=StampState.GIVEN if give else StampState.REFUSED)
    stamp_store.put(session, decided)
    _answer(session, decided, now)


def _new(session: Session, request: Request, state: StampState, now: datetime) -> Stamp:
    stamp = Stamp(
        id=new_id(now),
        kind=request.kind,
        actor_id=request.actor_id,
        inbox=request.inbox,
        target=request.target,
        interacting=request.interacting,
        request=request.embedded or None,
        content=request.content,
        state=state,
        created=now,
    )
    stamp_store.put(session, stamp)
    return stamp


def _answer(session: Session, stamp: Stamp, now: datetime) -> None:
    outbox.enqueue(session, OutboxKind.ANSWER_REQUEST, stamp.id, now)


def _approval(kind: StampKind, permissions: Permissions) -> Approval:
    match kind:
        case StampKind.QUOTE:
            return permissions.quote
        case StampKind.LIKE:
            return permissions.like
        case StampKind.REPLY:
            return permissions.reply
        case StampKind.ANNOUNCE:
            return permissions.announce
