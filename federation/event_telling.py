"""Telling of events: the event, or a Note where Events are dropped; announcements; notices of change.

Every server is told in one form (`audience.Form`): most by the Event, those that drop Events (`event_readers`)
by a Note of its own id that says the same. Changes, notices and the end of it reach each in the form it has.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from federation.addressing import Route, ToActor, ToFollowers, ToListers, is_public, pair
from federation.event_readers import DROPS_EVENTS, LISTS_ANNOUNCED
from federation.render import activity as render
from federation.render import event as render_event
from federation.render import notice as render_notice
from federation.render.companion import companion
from federation.telling import Outgoing, as_it_stands, new_id, signer_of
from federation.vocab import PUBLIC
from node.domain.event import EventStatus
from node.domain.outbox import Form, OutboxEntry
from node.errors import GoneError, NotFoundError
from node.services.rsvp_news import KIND
from node.store import (
    activities,
    actors,
    deliveries,
    direct_messages,
    events,
    followers,
    groups,
    hosts,
    notices,
    published,
)
from node.store.audience import reads_notes
from node.store.database import Session
from node.store.events import StoredEvent
from node.urls import Urls

_MOST_COMING: Final = 20


def event(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The event as it is now, in both forms; with one that is gone also the notes about it."""
    slug = entry.subject
    stored = _told_outside(session, slug)
    document = render_event.event(stored, groups.get(session), urls, now) if stored else None
    told = as_it_stands(
        session,
        urls.event(slug),
        document,
        former="Event",
        urls=urls,
        now=now,
        form=_form(slug, as_note=False),
    )
    noted = _as_note(session, slug, stored, urls, now)
    if stored is not None:
        return (*told, *noted, *_announced(session, told, urls, now))
    removed = published.event_removal(session, slug) is not None
    messages = _messages_gone(session, slug, urls, now) if removed else ()
    return (*_notices_gone(session, slug, urls, now), *messages, *told, *noted)


def _told_outside(session: Session, slug: str) -> StoredEvent | None:
    """The event, if it is here and other servers are told of it."""
    try:
        stored = events.get(session, slug)
    except (NotFoundError, GoneError):
        return None
    return stored if stored.told_outside else None


def _form(slug: str, *, as_note: bool) -> Form:
    return Form(slug=slug, as_note=as_note, dropping=tuple(DROPS_EVENTS))


def _as_note(
    session: Session, slug: str, stored: StoredEvent | None, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """The companion Note as it is now; nothing while nobody needs one."""
    form = _form(slug, as_note=True)
    note_id = urls.companion(urls.event(slug))
    if activities.told(session, note_id) is None and not reads_notes(session, form):
        return ()
    document = companion(stored, groups.get(session), urls) if stored is not None else None
    return as_it_stands(
        session, note_id, document, former="Note", urls=urls, now=now, form=form, listed=False
    )


def _notices_gone(session: Session, slug: str, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """With an event the notes go that told of its changes, in both forms."""
    return tuple(
        gone
        for notice_id in notices.ids_of_event(session, slug)
        for form, address in (
            (_form(slug, as_note=False), urls.notice(notice_id)),
            (_form(slug, as_note=True), urls.companion(urls.notice(notice_id))),
        )
        for gone in as_it_stands(
            session, address, None, former="Note", urls=urls, now=now, form=form
        )
    )


def _messages_gone(session: Session, slug: str, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """What people who came were written about it goes too, each from its one reader."""
    gone = []
    for one in direct_messages.about(session, KIND, slug):
        reader = actors.find(session, one.actor_id)
        if reader is None or activities.told(session, one.id) is None:
            continue
        delete = render.delete(
            new_id(urls, now),
            urls.group,
            urls.message(one.id),
            to=[one.actor_id],
            cc=[],
            now=now,
            former_type="Question" if one.options else "Note",
        )
        route = ToActor(one.actor_id, reader.actor.inbox)
        gone.append(Outgoing(delete, one.id, pair(urls.group, one.actor_id), route))
    return gone


def _announced(
    session: Session, told: Sequence[Outgoing], urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """A new public event once more, for servers that list only what those they follow announce."""
    return tuple(
        announce(one.object_id, by, urls, now, order_key=one.order_key, route=ToListers(by))
        for one in told
        if one.document["type"] == "Create" and is_public(one.document)
        for by in (urls.group, urls.instance)
        if followers.has_listers(session, by, LISTS_ANNOUNCED)
    )


def coming_announced(
    session: Session, by: str, urls: Urls, now: datetime, *, order_key: str, route: Route
) -> Sequence[Outgoing]:
    """What is upcoming and public, announced by one of our two actors."""
    return tuple(
        announce(urls.event(one.event.slug), by, urls, now, order_key=order_key, route=route)
        for one in events.upcoming(session, now, _MOST_COMING)
        if one.event.federated
    )


def announce(
    about: str, by: str, urls: Urls, now: datetime, *, order_key: str, route: Route
) -> Outgoing:
    """`about` announced by one of our two actors."""
    cc = [urls.followers] if by == urls.group else []
    document = render.announce(new_id(urls, now), by, about, to=[PUBLIC], cc=cc, now=now)
    return Outgoing(document, about, order_key, route, signer_of(by, urls))


def host_learned(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """What a server missed while it was not known what it runs: a Note, or an Announce."""
    software = hosts.software(session, entry.subject)
    if software in DROPS_EVENTS:
        return _caught_up(session, entry.subject, urls, now)
    if software not in LISTS_ANNOUNCED:
        return ()
    host = entry.subject
    return tuple(
        one
        for by in (urls.group, urls.instance)
        if followers.has_listers(session, by, LISTS_ANNOUNCED)
        for one in coming_announced(
            session, by, urls, now, order_key=pair(by, host), route=ToListers(by, host)
        )
        if not deliveries.reached(session, one.object_id, "Announce", host)
    )


def _caught_up(session: Session, host: str, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The companion Notes of what is coming and was sent to `host` as an Event, which it dropped."""
    return tuple(
        Outgoing(
            render.create(new_id(urls, now), companion(stored, groups.get(session), urls)),
            urls.companion(address),
            urls.companion(address),
            ToFollowers(form=_form(stored.event.slug, as_note=True), only_host=host),
            listed=False,
        )
        for stored in events.told_and_coming(session, now, _MOST_COMING)
        if stored.event.status is not EventStatus.CANCELLED
        for address in (urls.event(stored.event.slug),)
        if deliveries.reached(session, address, "Create", host)
        and not deliveries.reached(session, urls.companion(address), "Create", host)
    )


def notice(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """A note that tells of a change, to each server in reply to what it has."""
    one = notices.get(session, entry.subject)
    stored = _told_outside(session, one.event_slug)
    if stored is None or activities.told(session, urls.notice(one.id)) is not None:
        return ()
    told = []
    for as_note in (False, True):
        form = _form(one.event_slug, as_note=as_note)
        if as_note and not reads_notes(session, form):
            continue
        document = render_notice.notice(
            one, stored.event, groups.get(session), urls, to_companion=as_note
        )
        create = render.create(new_id(urls, now), document)
        object_id = document["id"]
        told.append(
            Outgoing(create, object_id, object_id, ToFollowers(form=form), listed=not as_note)
        )
    return told
