"""Telling of events: the event itself, its announcement to servers that list only those, notices of change."""

from collections.abc import Sequence
from datetime import datetime

from federation.addressing import Route, ToRelays, is_public
from federation.render import activity as render
from federation.render import event as render_event
from federation.render import notice as render_notice
from federation.telling import Outgoing, as_it_stands, new_id, signer_of, to_followers
from federation.vocab import PUBLIC
from node.domain.outbox import OutboxEntry
from node.errors import GoneError, NotFoundError
from node.store import activities, events, followers, groups, notices
from node.store.database import Session
from node.urls import Urls


def event(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The event, and with one that is gone the notes that told of its changes."""
    document = None
    try:
        stored = events.get(session, entry.subject)
    except (NotFoundError, GoneError):
        stored = None
    if stored is not None and stored.event.federated:
        document = render_event.event(stored, groups.get(session), urls, now)
    told = as_it_stands(
        session, urls.event(entry.subject), document, former="Event", urls=urls, now=now
    )
    if document is not None:
        return (*told, *_announced(session, told, urls, now))
    return (
        *told,
        *(
            gone
            for notice_id in notices.ids_of_event(session, entry.subject)
            for gone in as_it_stands(
                session, urls.notice(notice_id), None, former="Note", urls=urls, now=now
            )
        ),
    )


def _announced(
    session: Session, told: Sequence[Outgoing], urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """A new public event once more, for relays: Mobilizon lists only what those it follows announce."""
    return tuple(
        announce(one.object_id, by, urls, now, order_key=one.order_key, route=ToRelays(by))
        for one in told
        if one.document["type"] == "Create" and is_public(one.document)
        for by in (urls.group, urls.instance)
        if followers.has_relays(session, by)
    )


def announce(
    about: str, by: str, urls: Urls, now: datetime, *, order_key: str, route: Route
) -> Outgoing:
    """`about` announced by one of our two actors."""
    cc = [urls.followers] if by == urls.group else []
    document = render.announce(new_id(urls, now), by, about, to=[PUBLIC], cc=cc, now=now)
    return Outgoing(document, about, order_key, route, signer_of(by, urls))


def notice(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """A note that tells of a change."""
    one = notices.get(session, entry.subject)
    try:
        about = events.get(session, one.event_slug).event
    except GoneError:
        return ()
    object_id = urls.notice(one.id)
    if not about.federated or activities.told(session, object_id) is not None:
        return ()
    document = render_notice.notice(one, about, urls)
    return (to_followers(render.create(new_id(urls, now), document), object_id),)
