"""From an outbox entry to the activity that tells of it; nothing is stored here.

What is told of an object follows from its state now and from what was told before, not from the
kind of entry alone: a Create of what is gone already is nothing, an Update of what nobody was told is
a Create, and one of what is no longer for other servers is a Delete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from federation.addressing import (
    Route,
    ToActor,
    ToFollowers,
    ToRelays,
    is_public,
    pair,
    tombstone_audience,
)
from federation.render import activity as render
from federation.render import actor as render_actor
from federation.render import event as render_event
from federation.render import notice as render_notice
from federation.render import reflection as render_reflection
from federation.render.encode import Document
from federation.vocab import PUBLIC
from node.clock import from_ms
from node.domain.outbox import OutboxEntry, OutboxKind
from node.errors import GoneError, NotFoundError
from node.ids import new_id
from node.store import activities, events, followers, groups, keypairs, notices, reflections
from node.store.activities import Told
from node.store.database import Session
from node.urls import Urls

_MOST_ANNOUNCED: Final = 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An activity to send: what it says, what it is about, whom it goes to, what it must not overtake."""

    document: Document
    object_id: str
    order_key: str
    route: Route
    signer: Literal["group", "instance"] = "group"


def outgoing(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The activities that tell of `entry`, mostly one; none where there is nothing to tell (any more)."""
    return _MAKERS[entry.kind](session, entry, urls, now)


def _event(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The event, and with one that is gone the notes that told of its changes."""
    document = None
    try:
        stored = events.get(session, entry.subject)
    except (NotFoundError, GoneError):
        stored = None
    if stored is not None and stored.event.federated:
        document = render_event.event(stored, groups.get(session), urls, now)
    told = _as_it_stands(
        session, urls.event(entry.subject), document, former="Event", urls=urls, now=now
    )
    if document is not None:
        return (*told, *_announced(session, told, urls, now))
    return (
        *told,
        *(
            gone
            for notice_id in notices.ids_of_event(session, entry.subject)
            for gone in _as_it_stands(
                session, urls.notice(notice_id), None, former="Note", urls=urls, now=now
            )
        ),
    )


def _announced(
    session: Session, told: Sequence[Outgoing], urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """A new public event once more, for relays: Mobilizon lists only what those it follows announce."""
    return tuple(
        _announce(one.object_id, by, urls, now, order_key=one.order_key, route=ToRelays(by))
        for one in told
        if one.document["type"] == "Create" and is_public(one.document)
        for by in (urls.group, urls.instance)
        if followers.has_relays(session, by)
    )


def _announce(
    about: str, by: str, urls: Urls, now: datetime, *, order_key: str, route: Route
) -> Outgoing:
    cc = [urls.followers] if by == urls.group else []
    document = render.announce(_new_id(urls, now), by, about, to=[PUBLIC], cc=cc, now=now)
    return Outgoing(document, about, order_key, route, _signer(by, urls))


def _signer(actor: str, urls: Urls) -> Literal["group", "instance"]:
    return "instance" if actor == urls.instance else "group"


def _reflection(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    document = None
    try:
        stored = reflections.get(session, entry.subject)
    except (NotFoundError, GoneError):
        stored = None
    if stored is not None and stored.reflection.federated:
        document = render_reflection.reflection(stored, groups.get(session), urls)
    return _as_it_stands(
        session, urls.reflection(entry.subject), document, former="Note", urls=urls, now=now
    )


def _notice(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    notice = notices.get(session, entry.subject)
    try:
        event = events.get(session, notice.event_slug).event
    except GoneError:
        return ()
    object_id = urls.notice(notice.id)
    if not event.federated or activities.told(session, object_id) is not None:
        return ()
    document = render_notice.notice(notice, event, urls)
    return (_to_followers(render.create(_new_id(urls, now), document), object_id),)


def _as_it_stands(
    session: Session,
    object_id: str,
    document: Document | None,
    *,
    former: str,
    urls: Urls,
    now: datetime,
) -> Sequence[Outgoing]:
    """Create, Update, Delete or nothing: whatever brings other servers to what is so now."""
    before = activities.told(session, object_id)
    if document is not None and before is None:
        return (_to_followers(render.create(_new_id(urls, now), document), object_id),)
    if document is not None:
        return (_to_followers(render.update(_new_id(urls, now), document, now), object_id),)
    if before is None:
        return ()
    to, cc = tombstone_audience(urls, public=before is Told.PUBLIC)
    gone = render.delete(
        _new_id(urls, now), urls.group, object_id, to=to, cc=cc, now=now, former_type=former
    )
    return (Outgoing(gone, object_id, object_id, ToFollowers(and_holders_of=object_id)),)


def _group(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    del entry
    document = render_actor.group(
        groups.get(session),
        urls,
        keypairs.get(session, "group").public_pem,
        from_ms(groups.created_ms(session)),
        now,
    )
    update = render.update(_new_id(urls, now), document, now)
    return (Outgoing(update, urls.group, urls.group, ToFollowers(and_neighbours=True)),)


def _follow(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    del session, now
    document = render.follow(entry.detail["follow_id"], urls.group, entry.subject)
    return (_to_actor(document, entry, urls),)


def _undo_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    del session
    done = render.follow(entry.detail["follow_id"], urls.group, entry.subject)
    return (_to_actor(render.undo(_new_id(urls, now), done), entry, urls, even_blocked=True),)


def _accept_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    followed = _followed(entry, urls)
    document = render.accept(_new_id(urls, now), followed, entry.detail["follow"])
    accept = _to_actor(document, entry, urls, signer=_signer(followed, urls))
    if not followers.is_relay(session, entry.subject):
        return (accept,)
    coming = (one.event for one in events.upcoming(session, now, _MOST_ANNOUNCED))
    return (
        accept,
        *(
            _announce(
                urls.event(one.slug),
                followed,
                urls,
                now,
                order_key=accept.order_key,
                route=accept.route,
            )
            for one in coming
            if one.federated
        ),
    )


def _reject_follow(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    del session
    followed = _followed(entry, urls)
    document = render.reject(_new_id(urls, now), followed, entry.detail["follow"])
    return (_to_actor(document, entry, urls, even_blocked=True, signer=_signer(followed, urls)),)


def _followed(entry: OutboxEntry, urls: Urls) -> str:
    """Which of our two actors a Follow asks, and so which answers it."""
    followed: str = entry.detail.get("followed", urls.group)
    return followed


def _answer_join(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    del session
    # Who moved up from the waiting list is answered long after their Join: only its id was kept.
    join: Mapping[str, Any] = {"object": urls.event(entry.subject)} | entry.detail["join"]
    answer = render.accept if entry.detail["answer"] == "Accept" else render.reject
    document = answer(_new_id(urls, now), urls.group, join)
    actor, inbox = entry.detail["actor"], entry.detail["inbox"]
    joined = join.get("id")
    about = joined if isinstance(joined, str) else actor
    order_key = pair(urls.event(entry.subject), actor)
    return (Outgoing(document, about, order_key, ToActor(actor, inbox)),)


def _to_followers(document: Document, object_id: str) -> Outgoing:
    return Outgoing(document, object_id, object_id, ToFollowers())


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


def _new_id(urls: Urls, now: datetime) -> str:
    return urls.activity(new_id(now))


_Maker = Callable[[Session, OutboxEntry, Urls, datetime], Sequence[Outgoing]]

_MAKERS: Final[Mapping[OutboxKind, _Maker]] = {
    OutboxKind.CREATE_EVENT: _event,
    OutboxKind.UPDATE_EVENT: _event,
    OutboxKind.DELETE_EVENT: _event,
    OutboxKind.CREATE_REFLECTION: _reflection,
    OutboxKind.UPDATE_REFLECTION: _reflection,
    OutboxKind.DELETE_REFLECTION: _reflection,
    OutboxKind.NOTICE: _notice,
    OutboxKind.UPDATE_GROUP: _group,
    OutboxKind.FOLLOW: _follow,
    OutboxKind.UNDO_FOLLOW: _undo_follow,
    OutboxKind.ACCEPT_FOLLOW: _accept_follow,
    OutboxKind.REJECT_FOLLOW: _reject_follow,
    OutboxKind.ANSWER_JOIN: _answer_join,
}
