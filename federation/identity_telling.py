"""What is told of the group itself: that it changed, moved, has another key, or is gone."""

from collections.abc import Sequence
from datetime import datetime

from federation import keypairs
from federation.addressing import FIRST, ToFollowers
from federation.render import activity as render
from federation.render import actor as render_actor
from federation.render.encode import Document
from federation.telling import Outgoing, new_id
from federation.vocab import PUBLIC
from node.clock import from_ms
from node.domain.outbox import OutboxEntry
from node.store import groups
from node.store.database import Session
from node.urls import Urls


def document(session: Session, urls: Urls, now: datetime | None = None) -> Document:
    """The group's actor as it is; `now` is when it changed, where it is told for that reason."""
    return render_actor.group(
        groups.get(session),
        urls,
        keypairs.shown(session, "group"),
        from_ms(groups.created_ms(session)),
        now,
        whereabouts=groups.whereabouts(session),
    )


def updated(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """Update of the group."""
    del entry
    update = render.update(new_id(urls, now), document(session, urls, now), now)
    return (Outgoing(update, urls.group, urls.group, ToFollowers(and_neighbours=True)),)


def moved(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """Update with `movedTo`, which GoToSocial looks for, then Move; none where it is back already."""
    if groups.whereabouts(session).moved_to != entry.subject:
        return ()
    move = render.move(
        new_id(urls, now), urls.group, entry.subject, to=[PUBLIC], cc=[urls.followers], now=now
    )
    told = Outgoing(move, entry.subject, urls.group, ToFollowers(and_neighbours=True))
    return (*updated(session, entry, urls, now), told)


def key_replaced(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Update with the new key, signed with the old one: Misskey and Mastodon take it over from that.

    At each host it goes before everything else, which the new key signs. It is about the old key and
    not about the group: no later Update may take its place.
    """
    update = render.update(new_id(urls, now), document(session, urls, now), now)
    route = ToFollowers(and_neighbours=True)
    former = keypairs.key_id(urls.group, entry.subject)
    return (Outgoing(update, former, FIRST, route, key_name=entry.subject),)


def retired(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """Delete of the actor itself: other servers delete all they have of it."""
    del session, entry
    farewell = render.farewell(
        new_id(urls, now), urls.group, to=[PUBLIC], cc=[urls.followers], now=now
    )
    route = ToFollowers(and_neighbours=True, and_everyone_known=True)
    return (Outgoing(farewell, urls.group, urls.group, route),)
