"""GET of the group's collections: outbox, followers, following, featured, upcoming events."""

import json
from typing import Final

from aiohttp import web

from federation.endpoints import current_activity
from federation.featured import ids as featured_ids
from federation.objects import object_document
from federation.render import collection
from federation.render.collection import bare
from federation.render.conversation import number
from federation.render.encode import Document
from federation.render.event import event as render_event
from federation.render.practice import listed, practice
from federation.render.standing import standing
from federation.serving import NOTHING, Moment, activity_json, serve, serve_once, serve_open
from federation.vocab import AS2
from node.errors import GoneError, MalformedError, NotFoundError
from node.http import Prebuilt
from node.services import known_groups
from node.store import activities, events, followers, following, groups, practices
from node.store.following import FollowState

_PAGE: Final = 20
_UPCOMING: Final = 100
_LONGEST_NUMBER: Final = 15


async def outbox(request: web.Request) -> web.Response:
    """What we published, newest first, in pages of 20 full Create activities."""
    before = request.query.get("before")
    if before is not None:
        number = _number(before)
        return await serve_once(request, lambda moment: _outbox_page(moment, number))
    if "page" in request.query:
        return await serve(request, "outbox page", lambda moment: _outbox_page(moment, None))
    return await serve(request, "outbox", _outbox)


async def follower_count(request: web.Request) -> web.Response:
    """How many follow; who they are is nobody's business."""
    return await serve(request, "followers", _followers)


async def following_count(request: web.Request) -> web.Response:
    """How many groups we follow."""
    return await serve(request, "following", _following)


async def featured(request: web.Request) -> web.Response:
    """Ids of upcoming events, soonest first, then of the latest reflections."""
    return await serve(request, "featured", _featured)


async def upcoming(request: web.Request) -> web.Response:
    """FEP-8a8e `upcomingEvents`: whole events that have not ended, by start."""
    return await serve(request, "upcoming", _upcoming)


async def practice_library(request: web.Request) -> web.Response:
    """Whole practices, by stage of the Spiral."""
    return await serve(request, "practices", _practices)


async def stands_with(request: web.Request) -> web.Response:
    """Which groups we stand with, where the group says so; else 404 (docs/proposals/standing.md)."""
    return await serve(request, "stands with", _stands_with)


async def instance_outbox(request: web.Request) -> web.Response:
    """The node's own actor publishes nothing."""
    return await serve_open(
        request,
        "instance outbox",
        lambda moment: activity_json(collection.whole(f"{moment.urls.instance}/outbox", ())),
    )


async def attendees(request: web.Request) -> web.Response:
    """FEP-8a8e `attendees` of an event: never who comes, and how many only where the hosts show it."""
    slug = request.match_info["slug"]
    return await serve(request, ("attendees", slug), lambda moment: _attendees(moment, slug))


def _attendees(moment: Moment, slug: str) -> Prebuilt:
    told = object_document(moment, "event", slug).get("attendees")
    if told is None:
        raise NotFoundError(NOTHING)
    shown = told if isinstance(told, dict) else number(told, None)
    return activity_json({"@context": AS2, "attributedTo": moment.urls.group} | shown)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise MalformedError("“before” must be a number.")
    return int(text)


def _outbox(moment: Moment) -> Prebuilt:
    address = moment.urls.collection("outbox")
    total = activities.public_count(moment.session)
    return activity_json(collection.paged(address, total, f"{address}?page=true"))


def _outbox_page(moment: Moment, before: int | None) -> Prebuilt:
    """One page. What was withdrawn since it was sent is left out, so a page may be shorter."""
    address = moment.urls.collection("outbox")
    rows = activities.public_page(moment.session, before, _PAGE + 1)
    items: list[Document] = []
    for row in rows[:_PAGE]:
        try:
            items.append(bare(current_activity(moment, json.loads(row.body))))
        except (NotFoundError, GoneError):
            continue
    following_page = (
        f"{address}?page=true&before={rows[_PAGE - 1].seq}" if len(rows) > _PAGE else None
    )
    this = f"{address}?page=true" + (f"&before={before}" if before is not None else "")
    return activity_json(collection.page(this, address, items, following_page))


def _followers(moment: Moment) -> Prebuilt:
    total = followers.count(moment.session)
    return activity_json(collection.counted(moment.urls.followers, total))


def _following(moment: Moment) -> Prebuilt:
    accepted = [one for one in following.every(moment.session) if one.state is FollowState.ACCEPTED]
    address = moment.urls.collection("following")
    return activity_json(collection.counted(address, len(accepted)))


def _featured(moment: Moment) -> Prebuilt:
    ids = featured_ids(moment.session, moment.urls, moment.now)
    return activity_json(collection.whole(moment.urls.collection("featured"), ids))


def _practices(moment: Moment) -> Prebuilt:
    session, urls = moment.session, moment.urls
    found = practices.every(session, groups.get(session).language)
    documents = (practice(one, practices.updated(session, one.slug), urls) for one in found)
    return activity_json(
        collection.whole(urls.collection("practices"), [bare(one) for one in listed(documents)])
    )


def _stands_with(moment: Moment) -> Prebuilt:
    found = known_groups.standing_with(moment.session, moment.now)
    return activity_json(standing([one.profile for one in found], moment.urls))


def _upcoming(moment: Moment) -> Prebuilt:
    """Postponed events without a date are not upcoming: nobody knows when they would be."""
    session, urls = moment.session, moment.urls
    group = groups.get(session)
    items = [
        bare(render_event(stored, group, urls, moment.now))
        for stored in events.upcoming(session, moment.now, _UPCOMING)
        if stored.event.federated and stored.event.start is not None
    ]
    return activity_json(collection.whole(urls.collection("upcoming"), items))
