"""Telling followers of a neighbour's gathering: an Announce of its id, or the Undo of it."""

import json
from collections.abc import Sequence
from datetime import datetime

from federation.addressing import ToFollowers
from federation.render import activity as render
from federation.telling import Outgoing, new_id
from federation.vocab import PUBLIC
from node.domain.outbox import OutboxEntry
from node.store import activities, boosts
from node.store.database import Session
from node.urls import Urls


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
    document = render.announce(
        new_id(urls, now),
        urls.group,
        about,
        to=[PUBLIC],
        cc=[urls.followers, found.author],
        now=now,
    )
    return (Outgoing(document, about, about, ToFollowers(and_actor=found.author)),)
