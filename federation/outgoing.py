"""From an outbox entry to the activity that tells of it; nothing is stored here.

Events have a module of their own (`event_telling`), and so have what is told to guests
(`guest_telling`) and of the group itself (`identity_telling`); what is common to all is in `telling`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from federation import (
    boost_telling,
    cohost_telling,
    conversation_telling,
    event_telling,
    featured,
    guest_telling,
    identity_telling,
    threads,
)
from federation.addressing import ToActor, pair
from federation.event_readers import KEEPS_CALENDAR, LISTS_ANNOUNCED
from federation.render import activity as render
from federation.render import reflection as render_reflection
from federation.render.encode import Document
from federation.telling import Outgoing, as_it_stands, new_id, signer_of
from node.domain.outbox import OutboxEntry, OutboxKind
from node.errors import GoneError, NotFoundError
from node.store import followers, groups, hosts, reflections
from node.store.database import Session
from node.urls import Urls


def outgoing(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The activities that tell of `entry`, mostly one; none where there is nothing to tell (any more)."""
    if groups.whereabouts(session).retired is not None and entry.kind is not OutboxKind.RETIRE:
        return ()  # nothing follows a farewell
    return _MAKERS[entry.kind](session, entry, urls, now)


def _reflection(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    document = None
    try:
        stored = reflections.get(session, entry.subject)
    except (NotFoundError, GoneError):
        stored = None
    if stored is not None and stored.reflection.federated:
        thread = threads.of_reflection(session, stored.reflection, urls)
        document = render_reflection.reflection(stored, groups.get(session), urls, thread)
    return as_it_stands(
        session, urls.reflection(entry.subject), document, former="Note", urls=urls, now=now
    )


def _follow(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    del session, now
    document = render.follow(entry.detail["follow_id"], urls.group, entry.subject)
    return (_to_actor(document, entry, urls),)


def _undo_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    del session
    done = render.follow(entry.detail["follow_id"], urls.group, entry.subject)
    return (_to_actor(render.undo(new_id(urls, now), done), entry, urls, even_blocked=True),)


def _accept_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    followed = _followed(entry, urls)
    document = render.accept(new_id(urls, now), followed, entry.detail["follow"])
    accept = _to_actor(document, entry, urls, signer=signer_of(followed, urls))
    host = urlsplit(entry.subject).netloc.lower()
    if followed == urls.group and hosts.software(session, host) in KEEPS_CALENDAR:
        standing = boost_telling.standing(
            session, urls, now, order_key=accept.order_key, route=accept.route
        )
        return (accept, *standing)
    if not followers.lists_announced(session, entry.subject, LISTS_ANNOUNCED):
        return (accept,)
    coming = event_telling.coming_announced(
        session, followed, urls, now, order_key=accept.order_key, route=accept.route
    )
    return (accept, *coming)


def _reject_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    del session
    followed = _followed(entry, urls)
    document = render.reject(new_id(urls, now), followed, entry.detail["follow"])
    return (_to_actor(document, entry, urls, even_blocked=True, signer=signer_of(followed, urls)),)


def _followed(entry: OutboxEntry, urls: Urls) -> str:
    """Which of our two actors a Follow asks, and so which answers it."""
    followed: str = entry.detail.get("followed", urls.group)
    return followed


def _to_actor(
    document: Document,
    entry: OutboxEntry,
    urls: Urls,
    *,
    even_blocked: bool = False,
    signer: Literal["group", "instance"] = "group",
) -> Outgoing:
    route = ToActor(entry.subject, entry.detail["inbox"], even_blocked)
    return Outgoing(document, entry.subject, pair(urls.group, entry.subject), route, signer)


def _host_learned(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    return (
        *event_telling.host_learned(session, entry, urls, now),
        *boost_telling.host_learned(session, entry, urls, now),
    )


_Maker = Callable[[Session, OutboxEntry, Urls, datetime], Sequence[Outgoing]]

_MAKERS: Final[Mapping[OutboxKind, _Maker]] = {
    OutboxKind.CREATE_EVENT: event_telling.event,
    OutboxKind.UPDATE_EVENT: event_telling.event,
    OutboxKind.DELETE_EVENT: event_telling.event,
    OutboxKind.CREATE_REFLECTION: _reflection,
    OutboxKind.UPDATE_REFLECTION: _reflection,
    OutboxKind.DELETE_REFLECTION: _reflection,
    OutboxKind.NOTICE: event_telling.notice,
    OutboxKind.HOST_LEARNED: _host_learned,
    OutboxKind.UPDATE_GROUP: identity_telling.updated,
    OutboxKind.MOVE_GROUP: identity_telling.moved,
    OutboxKind.ROTATE_KEY: identity_telling.key_replaced,
    OutboxKind.RETIRE: identity_telling.retired,
    OutboxKind.FEATURED: featured.changes,
    OutboxKind.FOLLOW: _follow,
    OutboxKind.UNDO_FOLLOW: _undo_follow,
    OutboxKind.ACCEPT_FOLLOW: _accept_follow,
    OutboxKind.REJECT_FOLLOW: _reject_follow,
    OutboxKind.ANSWER_JOIN: guest_telling.answer_join,
    OutboxKind.INVITE: guest_telling.invite,
    OutboxKind.UNDO_INVITE: guest_telling.undo_invite,
    OutboxKind.DIRECT_MESSAGE: guest_telling.direct_message,
    OutboxKind.COMMENT: conversation_telling.comment,
    OutboxKind.ANNOUNCE_POST: conversation_telling.pass_on,
    OutboxKind.BOOST: boost_telling.boost,
    OutboxKind.BOOST_AGAIN: boost_telling.boost_again,
    OutboxKind.OFFER_EVENT: cohost_telling.offer,
    OutboxKind.UNDO_OFFER: cohost_telling.undo_offer,
    OutboxKind.ANSWER_OFFER: cohost_telling.answer_offer,
    OutboxKind.FORWARD: conversation_telling.forward,
    OutboxKind.ANSWER_REQUEST: conversation_telling.answer_request,
    OutboxKind.REVOKE_STAMP: conversation_telling.revoke_stamp,
}
