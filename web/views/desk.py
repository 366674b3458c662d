"""The desk's first page."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from node import backup
from node.config import Config
from node.domain.event import Event
from node.errors import GoneError
from node.keys import CLOCK, CONFIG, DATABASE
from node.store import (
    audit,
    clock_state,
    concerns,
    deliveries,
    events,
    follow_requests,
    followers,
    following,
    hosts,
    reflections,
    replies,
    rsvps,
    stamps,
)
from node.store.database import Session, faulty_sqlite
from node.store.following import FollowState
from node.store.sessions import StewardSession
from node.store.stamps import StampState
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked
from web.views.desk_drafts import listed

_RECENT = 8
_OLD_BACKUP_DAYS = 7
_FADING = timedelta(days=7)  # before a draft is forgotten, its steward is told
_CLOCK_MAY_BE_OFF = timedelta(minutes=5)  # Misskey refuses what is signed further off than that


async def overview(request: web.Request, held: StewardSession) -> web.Response:
    """What is coming, what waits for a decision, how the post is doing."""

    config = request.app[CONFIG]

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        waiting = [
            one for one in reflections.every(session) if one.reflection.status == "pending_review"
        ]
        neighbours = following.every(session)
        ahead = [one for one in events.gatherings(session) if _ahead(one.event, asked)]
        return {
            "tab": "desk",
            "events": ahead[:_RECENT],
            "pending": _asked_for(session, asked),
            "waiting": waiting,
            "fading": [one for one in listed(session, held) if one.forgotten < asked.now + _FADING],
            "replies": len(replies.pending(session)),
            "quotes": len(stamps.quotes(session, StampState.PENDING)),
            "concerns": len(concerns.still_open(session)),
            "followers": followers.count(session),
            "asking": follow_requests.count(session),
            "neighbours": sum(one.state is FollowState.ACCEPTED for one in neighbours),
            "asked_neighbours": sum(one.state is FollowState.PENDING for one in neighbours),
            "post": deliveries.counts(session, asked.now),
            "clock_off": _minutes_off(session, asked),
            "clock_trouble": clock_state.trouble(session),
            "old_sqlite": faulty_sqlite(),
            "unsaved_days": _days_without_backup(config, asked.now),
        }

    return await desk_page(request, held, "overview.html", N_("The desk"), context)


async def try_again(request: web.Request, held: StewardSession, _: Values) -> web.Response:
    """Try once more everything that was given up or parked."""
    now = request.app[CLOCK].now()

    def work(session: Session) -> None:
        deliveries.retry_dead(session, now)
        deliveries.unpark(session)
        audit.note(session, held.steward_name, "try again", "everything", now)

    await request.app[DATABASE].write(work)
    return go("/desk", "trying-all")


def _days_without_backup(config: Config, now: datetime) -> int:
    """How many days ago the node was last backed up, if that is too long; 0 while nobody need worry."""
    made = backup.last_made(config)
    age = (now - made).days if made else 0
    return age if age > _OLD_BACKUP_DAYS else 0


def _minutes_off(session: Session, asked: Asked) -> int:
    """How many minutes our clock differs from other servers'; 0 where none of them would mind."""
    off = abs(hosts.clock_ahead(session, asked.now))
    return round(off / timedelta(minutes=1)) if off > _CLOCK_MAY_BE_OFF else 0


def _asked_for(session: Session, asked: Asked) -> list[tuple[Event, int]]:
    """What people ask for places at, and how many; sessions that nobody was told of yet, too."""
    found = []
    for slug, number in rsvps.pending(session).items():
        with contextlib.suppress(GoneError):
            found.append((events.get(session, slug).event, number))
    return [(event, number) for event, number in found if _ahead(event, asked)]


def _ahead(event: Event, asked: Asked) -> bool:
    ends = event.ends
    return ends is None or ends.utc > asked.now
