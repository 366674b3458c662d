"""Telling of conversations: what the group answers, what it passes on, the leave it gives and takes back.

What is passed on goes to most servers as an Announce of its id, and to servers of forums whole
(`group_servers`). Whether it is announced follows from how it stands now and what was told before.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from federation.addressing import ToActor, ToFollowers, pair
from federation.group_servers import TAKES_WHOLE
from federation.render import activity as render
from federation.render.encode import Document, encode
from federation.telling import Outgoing, as_it_stands, new_id, stamp_ended
from federation.threads import comment_note
from federation.vocab import LARGEST_BODY, PUBLIC
from node.domain.event import Visibility
from node.domain.outbox import OutboxEntry
from node.errors import GoneError, NotFoundError
from node.services.permissions import visibility_of
from node.store import activities, audience, comments, replies, stamps
from node.store.database import Session
from node.store.replies import Reply, ReplyState
from node.store.stamps import Stamp, StampState
from node.urls import Urls

_WRAPPING = 4096


def comment(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """What the group answered, as it is now, to followers and to whom it answers."""
    try:
        one = comments.get(session, entry.subject)
    except (NotFoundError, GoneError):
        one = None
    return as_it_stands(
        session,
        urls.comment(entry.subject),
        comment_note(session, one, urls) if one is not None else None,
        former="Note",
        urls=urls,
        now=now,
        and_actor=one.actor_id if one is not None else None,
    )


def pass_on(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """An Announce of what the stewards want followers to hear of, or its Undo."""
    about = entry.subject
    reply = replies.find(session, about)
    standing = activities.announces(session, about)
    if reply is not None and _is_passed_on(session, reply, urls):
        return () if standing else _announced(session, reply, urls, now)
    return tuple(
        Outgoing(
            render.undo(new_id(urls, now), json.loads(one.body)),
            about,
            about,
            ToFollowers(and_holders_of=about),
        )
        for one in standing
    )


def _is_passed_on(session: Session, reply: Reply, urls: Urls) -> bool:
    wanted = reply.state is ReplyState.ACCEPTED and reply.passed_on and reply.passable
    if not wanted or reply.root is None:
        return wanted
    return visibility_of(session, reply.root, urls) is Visibility.PUBLIC


def _announced(session: Session, reply: Reply, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    to, cc = [PUBLIC], [urls.followers, reply.actor_id]
    by_id = render.announce(new_id(urls, now), urls.group, reply.id, to=to, cc=cc, now=now)
    by_id["audience"] = urls.group
    whole = replies.activity_of(session, reply.id)
    if whole is None or _too_large(whole) or not audience.has_servers(session, TAKES_WHOLE):
        return (Outgoing(by_id, reply.id, reply.id, ToFollowers(and_actor=reply.actor_id)),)
    wrapped = render.announce_whole(new_id(urls, now), urls.group, whole, to=to, cc=cc, now=now)
    return (
        Outgoing(
            by_id,
            reply.id,
            reply.id,
            ToFollowers(without=TAKES_WHOLE, and_actor=reply.actor_id),
        ),
        Outgoing(
            wrapped,
            reply.id,
            reply.id,
            ToFollowers(only=TAKES_WHOLE, and_actor=reply.actor_id),
            listed=False,
        ),
    )


def forward(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """What somebody did with something that was passed on, whole, for servers of forums alone."""
    whole: Document = entry.detail["activity"]
    if _too_large(whole) or not audience.has_servers(session, TAKES_WHOLE):
        return ()
    document = render.announce_whole(
        new_id(urls, now), urls.group, whole, to=[PUBLIC], cc=[urls.followers], now=now
    )
    about = entry.subject
    return (
        Outgoing(
            document,
            f"{about}#forwarded",
            about,
            ToFollowers(only=TAKES_WHOLE),
            listed=False,
        ),
    )


def answer_request(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Accept with the stamp, or Reject, of whoever asked for leave; and of replies without asking."""
    try:
        stamp = stamps.get(session, entry.subject)
    except NotFoundError:
        return ()  # who asked is gone
    if stamp.state is StampState.PENDING:
        return ()
    given = stamp.state is StampState.GIVEN
    route = ToActor(stamp.actor_id, stamp.inbox)
    order_key = pair(stamp.target, stamp.actor_id)
    if stamp.request is None:
        return _unasked(stamp, urls, now, given=given)
    document = render.answer_request(
        new_id(urls, now),
        urls.group,
        stamp.request,
        asker=stamp.actor_id,
        stamp=urls.stamp(stamp.id) if given else None,
    )
    return (Outgoing(document, urls.stamp(stamp.id), order_key, route),)


def _unasked(stamp: Stamp, urls: Urls, now: datetime, *, given: bool) -> Sequence[Outgoing]:
    """To followers as well: their servers show the reply only once they heard of it (GoToSocial)."""
    activity_id, address = new_id(urls, now), urls.stamp(stamp.id)
    order_key = pair(stamp.target, stamp.actor_id)
    if not given:
        document = render.turn_down_reply(
            activity_id, urls.group, stamp.interacting, target=stamp.target, asker=stamp.actor_id
        )
        return (Outgoing(document, address, order_key, ToActor(stamp.actor_id, stamp.inbox)),)
    document = render.approve_reply(
        activity_id,
        urls.group,
        stamp.interacting,
        target=stamp.target,
        asker=stamp.actor_id,
        stamp=address,
        cc=[PUBLIC, urls.followers],
    )
    return (Outgoing(document, address, order_key, ToFollowers(and_actor=stamp.actor_id)),)


def revoke_stamp(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Delete of a stamp, to its holder."""
    try:
        return (stamp_ended(stamps.get(session, entry.subject), urls, now),)
    except NotFoundError:
        return ()


def _too_large(whole: Document) -> bool:
    return len(encode(whole)) > LARGEST_BODY - _WRAPPING
