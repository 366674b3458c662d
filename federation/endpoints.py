"""GET of our actors and of what we published, as ActivityStreams; one rendering each.

The group, events and reflections share their address with a page: `activity_group`,
`activity_event` and `activity_reflection` are called where the reader asked for ActivityStreams.
What is for followers only is not served yet: it would take a signed request of a follower, so it is
404 like anything that is not here.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import hdrs, web

from federation import keypairs
from federation.addressing import is_public
from federation.render import activity as render_activity
from federation.render import actor as render_actor
from federation.render import event as render_event
from federation.render import notice as render_notice
from federation.render import reflection as render_reflection
from federation.render.collection import bare
from federation.render.companion import companion
from federation.render.encode import Document
from federation.serving import Moment, activity_json, serve
from federation.vocab import AS2
from node.clock import from_ms
from node.domain.slug import is_slug
from node.errors import GoneError, NotFoundError
from node.http import Prebuilt
from node.keys import URLS
from node.store import activities, events, groups, notices, published, reflections
from node.store.published import Removal
from node.urls import Kind

_NOTHING: Final = "There is nothing here for other servers."


async def activity_group(request: web.Request) -> web.Response:
    """The group's actor."""
    return await serve(request, "group", lambda moment: activity_json(group_document(moment)))


async def lead_to_group(request: web.Request) -> web.Response:
    """The front page, for servers that somebody gave it to: it leads to the group, whose id it is not."""
    headers = {hdrs.LOCATION: request.app[URLS].group, hdrs.VARY: "Accept"}
    return web.Response(status=302, headers=headers)


async def activity_event(request: web.Request) -> web.Response:
    """An event; 410 with a Tombstone once removed, 404 where it is not for everyone."""
    slug = request.match_info["slug"]
    return await serve(request, ("event", slug), lambda moment: _object(moment, "event", slug))


async def activity_reflection(request: web.Request) -> web.Response:
    """A reflection; 410 with a Tombstone once withdrawn, 404 where it is not for everyone."""
    slug = request.match_info["slug"]
    return await serve(
        request, ("reflection", slug), lambda moment: _object(moment, "reflection", slug)
    )


async def notice(request: web.Request) -> web.Response:
    """A notice of a change; 410 with a Tombstone once its event was removed."""
    name = request.match_info["id"]
    return await serve(request, ("notice", name), lambda moment: _object(moment, "notice", name))


async def event_note(request: web.Request) -> web.Response:
    """The Note that stands for an event where Events are dropped; 410 and 404 as the event."""
    slug = request.match_info["slug"]
    return await serve(
        request, ("event note", slug), lambda moment: _object(moment, "event_note", slug)
    )


async def notice_note(request: web.Request) -> web.Response:
    """A notice as it is told where Events are dropped."""
    name = request.match_info["id"]
    return await serve(
        request, ("notice note", name), lambda moment: _object(moment, "notice_note", name)
    )


async def instance_actor(request: web.Request) -> web.Response:
    """The node's own actor: always open, unsigned, so that two strict servers can meet."""
    return await serve(request, "instance", lambda moment: activity_json(_instance(moment)))


async def activity(request: web.Request) -> web.Response:
    """An activity of ours that was for everyone, with its object as it is now."""
    name = request.match_info["id"]
    return await serve(request, ("activity", name), lambda moment: _activity(moment, name))


def group_document(moment: Moment) -> Document:
    """The group's actor as it is now."""
    session = moment.session
    return render_actor.group(
        groups.get(session),
        moment.urls,
        keypairs.shown(session, "group"),
        from_ms(groups.created_ms(session)),
    )


def object_document(moment: Moment, kind: Kind, name: str) -> Document:
    """An event, reflection or notice as everyone may see it now.

    Raises GoneError where other servers had it, and NotFoundError for everything else, always in the
    same words: what is hidden looks as if it had never been.
    """
    try:
        document = _shown(moment, kind, name)
    except NotFoundError:
        document = None
    except GoneError:
        removal, _ = _removal(moment, kind, name)
        if removal is not None and removal.was_federated:
            raise
        document = None
    if document is None:
        raise NotFoundError(_NOTHING)
    return document


def _shown(moment: Moment, kind: Kind, name: str) -> Document | None:
    session, urls = moment.session, moment.urls
    if kind in ("event", "event_note") and is_slug(name):
        stored = events.get(session, name)
        if stored.event.federated and stored.event.listed:
            if kind == "event_note":
                return companion(stored, urls)
            return render_event.event(stored, groups.get(session), urls, moment.now)
    elif kind == "reflection" and is_slug(name):
        told = reflections.get(session, name)
        if told.reflection.federated and told.reflection.listed:
            return render_reflection.reflection(told, groups.get(session), urls)
    elif kind in ("notice", "notice_note"):
        change = notices.get(session, name)
        about = events.get(session, change.event_slug).event
        if about.federated and about.listed:
            return render_notice.notice(change, about, urls, to_companion=kind == "notice_note")
    return None


def current_activity(moment: Moment, sent: Mapping[str, Any]) -> Document:
    """An activity as sent, but with its object as it is now.

    What was withdrawn, hidden or made private since must not be read here. Raises NotFoundError or
    GoneError where the object may not be seen any more.
    """
    if not is_public(sent):
        raise NotFoundError(_NOTHING)
    inner = sent.get("object")
    if sent.get("type") not in ("Create", "Update") or not isinstance(inner, Mapping):
        return dict(sent)
    found = moment.urls.identify(str(inner.get("id")))
    if found is None:
        raise NotFoundError(_NOTHING)
    kind, name = found
    document = group_document(moment) if kind == "group" else object_document(moment, kind, name)
    # The proof was made over the object as it was then.
    unproved = {name: value for name, value in sent.items() if name != "proof"}
    return unproved | {"@context": document["@context"], "object": bare(document)}


def _object(moment: Moment, kind: Kind, name: str) -> Prebuilt:
    try:
        return activity_json(object_document(moment, kind, name))
    except GoneError:
        removal, former = _removal(moment, kind, name)
        if removal is None:
            raise
        address = _address(moment, kind, name)
        stone = render_activity.tombstone(address, removal.at, former)
        return activity_json({"@context": AS2} | stone, status=GoneError.status)


def _removal(moment: Moment, kind: Kind, name: str) -> tuple[Removal | None, str]:
    if kind in ("event", "event_note"):
        former = "Event" if kind == "event" else "Note"
        return published.event_removal(moment.session, name), former
    if kind == "reflection":
        return published.reflection_removal(moment.session, name), "Note"
    slug = notices.get(moment.session, name).event_slug
    return published.event_removal(moment.session, slug), "Note"


def _address(moment: Moment, kind: Kind, name: str) -> str:
    urls = moment.urls
    if kind == "reflection":
        return urls.reflection(name)
    address = urls.event(name) if kind in ("event", "event_note") else urls.notice(name)
    return urls.companion(address) if kind.endswith("_note") else address


def _activity(moment: Moment, name: str) -> Prebuilt:
    stored = activities.get(moment.session, moment.urls.activity(name))
    return activity_json(current_activity(moment, json.loads(stored.body)))


def _instance(moment: Moment) -> Document:
    return render_actor.instance(moment.urls, keypairs.shown(moment.session, "instance"))
