"""Telling followers of a neighbour's gathering: an Announce of its id, another when it changed, the Undo of it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from federation.addressing import Route, ToFollowers, pair
from federation.event_readers import KEEPS_CALENDAR
from federation.render import activity as render
from federation.render.encode import Document
from federation.telling import Outgoing, new_id
from federation.vocab import PUBLIC
from node.domain.outbox import OutboxEntry
from node.store import activities, audience, boosts, hosts
from node.store.database import Session
from node.urls import Urls

_MOST_STANDING: Final = 20
_CHANGES_A_DAY: Final = 60  # of one gathering: more are noise, or meant to do harm


def boost(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """An Announce of what the group passes on, to followers and its author; an Undo where it does no longer.

    Whoever was told before and follows no more hears of the end of it, too.
    """
    about = entry.subject
    standing = activities.announces(session, about)
    found = boosts.find(session, about)
    if found is None:
        return tuple(
            Outgoing(
                render.undo(new_id(urls, now), json.loads(one.body)),
                about,
                about,
                ToFollowers(and_holders_of=about),
            )
            for one in standing
        )
    if standing:
        return ()
    document = _announce(about, found.author, urls, now)
    return (Outgoing(document, about, about, ToFollowers(and_actor=found.author)),)


def boost_again(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """An Announce of what is passed on and changed at its home, to servers that then look at it again."""
    about = entry.subject
    found, name = boosts.find(session, about), f"{about}#changed"
    if found is None or not audience.has_servers(session, KEEPS_CALENDAR):
        return ()
    if activities.count_since(session, name, now - timedelta(days=1)) >= _CHANGES_A_DAY:
        return ()
    document = _announce(about, found.author, urls, now)
    return (Outgoing(document, name, about, ToFollowers(only=KEEPS_CALENDAR), listed=False),)


def standing(
    session: Session, urls: Urls, now: datetime, *, order_key: str, route: Route
) -> Sequence[Outgoing]:
    """What is passed on and not over, announced for somebody who has begun to follow: the next gatherings."""
    return tuple(
        Outgoing(
            _announce(one.object_id, one.author, urls, now),
            f"{one.object_id}#standing",
            order_key,
            route,
            listed=False,
        )
        for one in boosts.coming(session, now, _MOST_STANDING)
    )


def host_learned(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """What stands, for followers on a server of which we learn that it keeps a calendar."""
    host = entry.subject
    if hosts.software(session, host) not in KEEPS_CALENDAR:
        return ()
    route = ToFollowers(only_host=host)
    return standing(session, urls, now, order_key=pair(urls.group, host), route=route)


def _announce(about: str, author: str, urls: Urls, now: datetime) -> Document:
    return render.announce(
        new_id(urls, now),
        urls.group,
        about,
        to=[PUBLIC],
        cc=[urls.followers, author],
        now=now,
    )
