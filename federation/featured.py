"""What stands in `featured`, and telling followers' servers what came to it and what left.

Mastodon and Misskey show it on the profile of the group: what is coming, soonest first, then the
latest reflections. They read it when somebody first follows; from then on they hear of changes. Nobody
pins anything here, and gatherings leave by being over, so it is compared with what was told (once an hour).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from federation.addressing import ToFollowers
from federation.render import activity as render
from federation.render.encode import Document
from federation.telling import Outgoing, new_id
from federation.vocab import PUBLIC
from node.domain.outbox import OutboxEntry
from node.store import activities, events, reflections
from node.store.activities import Told
from node.store.database import Session
from node.urls import Urls

# Whoever refuses these activities outright; all others take them, or take them and let them lie.
REFUSES: Final[Mapping[str, str]] = {
    "gancio": "answers 404 to every type it does not know",
    "lemmy": "answers 400 to whatever is not made of pages and comments",
}
_EVENTS: Final = 20
_REFLECTIONS: Final = 5


def ids(session: Session, urls: Urls, now: datetime) -> list[str]:
    """Ids of upcoming events, soonest first, then of the latest reflections."""
    coming = events.upcoming(session, now, _EVENTS)
    written = reflections.listed(session, _REFLECTIONS)
    return [
        *(urls.event(one.event.slug) for one in coming if one.event.federated),
        *(urls.reflection(one.reflection.slug) for one in written if one.reflection.federated),
    ]


def changes(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """Add of what is featured and was not told, Remove of what was told and is not; of both only what is here."""
    del entry
    shown, told = ids(session, urls, now), activities.told_featured(session)
    route = ToFollowers(without=REFUSES)
    return tuple(
        Outgoing(_listing(about, urls, now, here=about in shown), about, about, route)
        for about in (*reversed(shown), *told)
        if (about in shown) is not (about in told)
        if activities.told(session, about) is Told.PUBLIC
    )


def _listing(about: str, urls: Urls, now: datetime, *, here: bool) -> Document:
    return render.listing(
        "Add" if here else "Remove",
        new_id(urls, now),
        urls.group,
        about,
        urls.collection("featured"),
        to=[PUBLIC],
        cc=[urls.followers],
        now=now,
    )
