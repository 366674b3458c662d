"""What stewards do with what others say: show it, pass it on, answer it, keep it hidden."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.domain.event import Visibility
from node.domain.outbox import OutboxKind
from node.domain.permission import Approval
from node.domain.text import clean
from node.errors import InvalidDocumentError, Problem, RefusedError
from node.ids import new_id
from node.services import stamps
from node.services.permissions import of_address, visibility_of
from node.store import actors, audit, comments, groups, outbox, replies, witnesses
from node.store import stamps as stamp_store
from node.store.comments import Comment
from node.store.database import Session
from node.store.replies import Reply, ReplyState
from node.store.stamps import StampKind
from node.urls import Urls

LONGEST_COMMENT = 5000


def accept(
    session: Session, reply_id: str, *, pass_on: bool, who: str, urls: Urls, now: datetime
) -> Reply:
    """Let a reply be shown; with `pass_on`, announce it to followers as far as its author lets everyone.

    What stands under something that is not for everyone is shown there and announced to nobody.

    Raises NotFoundError, and RefusedError for what is private.
    """
    before = replies.get(session, reply_id)
    if not before.public:
        raise RefusedError("This was written to the group alone: it is never shown.")
    open_to_all = before.root is None or _is_open(session, before.root, urls)
    passed_on = pass_on and before.passable and open_to_all
    reply = replies.decide(session, reply_id, ReplyState.ACCEPTED, passed_on=passed_on)
    _retell(session, before, reply, now)
    unasked = _unasked(session, reply, urls)
    stamps.answer_reply(session, reply_id, give=True, now=now, unasked=unasked)
    audit.note(session, who, "accepted reply", reply_id, now)
    return reply


def decline(session: Session, reply_id: str, *, who: str, urls: Urls, now: datetime) -> Reply:
    """Keep a reply hidden, or hide it again: what followers heard of it is taken back.

    Raises NotFoundError.
    """
    before = replies.get(session, reply_id)
    reply = replies.decide(session, reply_id, ReplyState.DECLINED)
    _retell(session, before, reply, now)
    _take_back_answers(session, reply_id, now)
    if before.public:  # to have read a private message is no answer to it
        unasked = _unasked(session, reply, urls)
        stamps.answer_reply(session, reply_id, give=False, now=now, unasked=unasked)
    audit.note(session, who, "declined reply", reply_id, now)
    return reply


def revised(session: Session, before: Reply, now: datetime) -> None:
    """Its author changed a reply: while it waits again, followers do not hear of it."""
    after = replies.get(session, before.id)
    _retell(session, before, after, now)
    if after.state is ReplyState.PENDING or not after.public:
        _take_back_answers(session, before.id, now)


def forget(session: Session, reply_id: str, now: datetime) -> bool:
    """A reply is gone: so is what we made of it. Whether there was one."""
    stamp_store.remove_for(session, reply_id)
    before = replies.find(session, reply_id)
    if before is None or not replies.remove(session, reply_id):
        return False
    if before.passed_on:
        outbox.enqueue(session, OutboxKind.ANNOUNCE_POST, reply_id, now)
        witnesses.remove_about(session, reply_id)
    _take_back_answers(session, reply_id, now)
    return True


def forward(session: Session, about: str, activity: Mapping[str, Any], now: datetime) -> None:
    """What somebody did with something passed on: for servers that take it whole (FEP-1b12)."""
    outbox.enqueue(session, OutboxKind.FORWARD, about, now, {"activity": activity})


def forget_actor(session: Session, actor_id: str, now: datetime) -> int:
    """Somebody is gone or blocked: so is all they said, and their leave to quote us; how many replies."""
    stamp_store.remove_of_actor(session, actor_id)
    return sum(forget(session, one, now) for one in replies.ids_of_actor(session, actor_id))


def comment(
    session: Session, reply_id: str, text: str, *, who: str, urls: Urls, now: datetime
) -> Comment:
    """Answer an accepted reply in the group's name, where everyone who sees the reply can see it.

    Raises NotFoundError, RefusedError for a reply that is not shown, InvalidDocumentError for no text or
    one that is too long.
    """
    reply = replies.get(session, reply_id)
    if reply.state is not ReplyState.ACCEPTED or not reply.public:
        raise RefusedError("Only a reply that may be shown can be answered.")
    words = clean(text).strip()
    if not words:
        raise InvalidDocumentError([Problem("text", "is missing")])
    if len(words) > LONGEST_COMMENT:
        raise InvalidDocumentError([Problem("text", f"has more than {LONGEST_COMMENT} characters")])
    made = Comment(
        id=new_id(now),
        in_reply_to=reply_id,
        actor_id=reply.actor_id,
        handle=reply.handle or reply.actor_id.split("//", 1)[-1],
        root=reply.root,
        content=words,
        language=groups.get(session).language,
        created=now,
    )
    comments.add(session, made)
    outbox.enqueue(session, OutboxKind.COMMENT, made.id, now)
    audit.note(session, who, "answered reply", reply_id, now)
    return made


def take_back(session: Session, comment_id: str, *, who: str, now: datetime) -> None:
    """Take an answer of the group back: gone here, and everyone who had it is asked to delete it."""
    if comments.remove(session, comment_id, now):
        outbox.enqueue(session, OutboxKind.COMMENT, comment_id, now)
        audit.note(session, who, "took back answer", comment_id, now)


def close(session: Session, path: str, *, for_good: bool, now: datetime) -> None:
    """The event or reflection at `path` (`/events/SLUG`) is not for everyone any more, or gone.

    What was said under it goes with it: announcements are taken back, the group's answers as well.
    """
    for reply in replies.passed_on_under(session, path):
        outbox.enqueue(session, OutboxKind.ANNOUNCE_POST, reply, now)
    for one in comments.ids_under(session, path):
        if for_good:
            comments.remove(session, one, now)
        outbox.enqueue(session, OutboxKind.COMMENT, one, now)


def _is_open(session: Session, address: str, urls: Urls) -> bool:
    return visibility_of(session, address, urls) is Visibility.PUBLIC


def _retell(session: Session, before: Reply, after: Reply, now: datetime) -> None:
    """Have followers told where what they should know of a reply may differ from what they know."""
    if before.passed_on or after.passed_on:
        outbox.enqueue(session, OutboxKind.ANNOUNCE_POST, after.id, now)


def _take_back_answers(session: Session, reply_id: str, now: datetime) -> None:
    for one in comments.answering(session, reply_id):
        comments.remove(session, one.id, now)
        outbox.enqueue(session, OutboxKind.COMMENT, one.id, now)


def _unasked(session: Session, reply: Reply, urls: Urls) -> stamps.Request | None:
    """What somebody would have asked whose server did not: only where a steward has to agree.

    GoToSocial shows such a reply elsewhere only once it has heard of our yes.
    """
    parent = reply.in_reply_to
    permissions = of_address(session, parent, urls) if parent is not None else None
    if parent is None or permissions is None or permissions.reply is not Approval.MANUAL:
        return None
    known = actors.find(session, reply.actor_id)
    if known is None:
        return None
    return stamps.Request(
        kind=StampKind.REPLY,
        actor_id=reply.actor_id,
        inbox=known.actor.inbox,
        target=parent,
        interacting=reply.id,
        embedded={},
    )
