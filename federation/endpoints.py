"""GET of our actors and of what we published, as ActivityStreams; one rendering each.

The group, events and reflections share their address with a page: `activity_group`,
`activity_event` and `activity_reflection` are called where the reader asked for ActivityStreams.
What the objects look like, and to whom, is in `objects`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import hdrs, web

from federation import identity_telling, keypairs
from federation.addressing import is_public
from federation.admission import PERSONAL, is_proved, is_strict, turn_away
from federation.objects import object_document, tombstone
from federation.render import activity as render_activity
from federation.render import actor as render_actor
from federation.render.collection import bare
from federation.render.encode import Document
from federation.serving import NOTHING, Moment, activity_json, serve, serve_follower, serve_open
from federation.vocab import AS2, MULTIKEY, SECURITY
from node.errors import GoneError, NotFoundError
from node.http import Prebuilt
from node.keys import URLS
from node.store import activities, groups
from node.urls import Kind

_STUB: Final = (
    *("@context", "id", "type", "preferredUsername", "inbox", "endpoints"),
    *("publicKey", "assertionMethod", "generator"),
)


async def activity_group(request: web.Request) -> web.Response:
    """The group's actor; 410 with its key, which signed the farewell, once it left.

    Where fetches must be signed, whoever does not sign gets what it takes to meet: key and inbox.
    """
    turn_away(request)
    if not is_strict(request):
        return await serve_open(request, "group", _group)
    proved = await is_proved(request)
    response = await serve_open(
        request, "group" if proved else "group stub", _group if proved else _stub
    )
    response.headers.update(PERSONAL)
    return response


async def lead_to_group(request: web.Request) -> web.Response:
    """The front page, for servers that somebody gave it to: it leads to the group, whose id it is not."""
    headers = {hdrs.LOCATION: request.app[URLS].group, hdrs.VARY: "Accept"}
    return web.Response(status=302, headers=headers)


async def activity_event(request: web.Request) -> web.Response:
    """An event; 410 with a Tombstone once removed, 404 where it is not for everyone."""
    return await _serve_object(request, "event", request.match_info["slug"])


async def activity_reflection(request: web.Request) -> web.Response:
    """A reflection; 410 with a Tombstone once withdrawn, 404 where it is not for everyone."""
    return await _serve_object(request, "reflection", request.match_info["slug"])


async def activity_practice(request: web.Request) -> web.Response:
    """A practice of the library."""
    return await _serve_object(request, "practice", request.match_info["slug"])


async def notice(request: web.Request) -> web.Response:
    """A notice of a change; 410 with a Tombstone once its event was removed."""
    return await _serve_object(request, "notice", request.match_info["id"])


async def event_note(request: web.Request) -> web.Response:
    """The Note that stands for an event where Events are dropped; 410 and 404 as the event."""
    return await _serve_object(request, "event_note", request.match_info["slug"])


async def notice_note(request: web.Request) -> web.Response:
    """A notice as it is told where Events are dropped."""
    return await _serve_object(request, "notice_note", request.match_info["id"])


async def comment(request: web.Request) -> web.Response:
    """What the group answered to somebody; 410 with a Tombstone once taken back."""
    return await _serve_object(request, "comment", request.match_info["id"])


async def instance_actor(request: web.Request) -> web.Response:
    """The node's own actor: always open, unsigned, so that two strict servers can meet."""
    return await serve_open(request, "instance", lambda moment: activity_json(_instance(moment)))


async def activity(request: web.Request) -> web.Response:
    """An activity of ours that was for everyone, with its object as it is now."""
    name = request.match_info["id"]
    return await serve(request, ("activity", name), lambda moment: _activity(moment, name))


def group_document(moment: Moment) -> Document:
    """The group's actor as it is now."""
    return identity_telling.document(moment.session, moment.urls)


def current_activity(moment: Moment, sent: Mapping[str, Any]) -> Document:
    """An activity as sent, but with its object as it is now.

    What was withdrawn, hidden or made private since must not be read here. Raises NotFoundError or
    GoneError where the object may not be seen any more.
    """
    if not is_public(sent):
        raise NotFoundError(NOTHING)
    inner = sent.get("object")
    if sent.get("type") not in ("Create", "Update") or not isinstance(inner, Mapping):
        return dict(sent)
    found = moment.urls.identify(str(inner.get("id")))
    if found is None:
        raise NotFoundError(NOTHING)
    kind, name = found
    document = group_document(moment) if kind == "group" else object_document(moment, kind, name)
    # The proof was made over the object as it was then.
    unproved = {name: value for name, value in sent.items() if name != "proof"}
    return unproved | {"@context": document["@context"], "object": bare(document)}


async def _serve_object(request: web.Request, kind: Kind, name: str) -> web.Response:
    """An object to everyone who may see it; 404 for who may not, be it there or not."""

    def build(moment: Moment) -> Prebuilt:
        return _object(moment, kind, name)

    try:
        return await serve(request, (kind, name), build)
    except NotFoundError:
        return await serve_follower(request, build)


def _stub(moment: Moment) -> Prebuilt:
    """What everyone must know of the group to let it in: its key, and where it is written to."""
    if groups.whereabouts(moment.session).retired is not None:
        return _group(moment)
    document = group_document(moment)
    return activity_json({name: document[name] for name in _STUB if name in document})


def _group(moment: Moment) -> Prebuilt:
    document, left = group_document(moment), groups.whereabouts(moment.session).retired
    if left is None:
        return activity_json(document)
    stone = render_activity.tombstone(document["id"], left, document["type"])
    keys = {name: document[name] for name in ("publicKey", "assertionMethod") if name in document}
    context = {"@context": [AS2, SECURITY, MULTIKEY]}
    return activity_json(context | stone | keys, status=GoneError.status)


def _object(moment: Moment, kind: Kind, name: str) -> Prebuilt:
    try:
        return activity_json(object_document(moment, kind, name))
    except GoneError:
        stone = tombstone(moment, kind, name)
        if stone is None:
            raise
        return activity_json(stone, status=GoneError.status)


def _activity(moment: Moment, name: str) -> Prebuilt:
    stored = activities.get(moment.session, moment.urls.activity(name))
    return activity_json(current_activity(moment, json.loads(stored.body)))


def _instance(moment: Moment) -> Document:
    return render_actor.instance(moment.urls, keypairs.shown(moment.session, "instance"))
