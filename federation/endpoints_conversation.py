"""GET of what hangs on an object of ours: replies, likes, shares, its conversation, stamps for it.

Each is there for whoever may see the object; nobody who liked or passed it on is ever listed.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from federation import threads
from federation.objects import object_document
from federation.render import collection
from federation.render.conversation import number, thread_of
from federation.render.encode import Document
from federation.render.stamp import stamp as render_stamp
from federation.serving import NOTHING, Moment, activity_json, serve, serve_follower, serve_once
from federation.vocab import AS2
from node.domain.event import Visibility
from node.errors import NotFoundError
from node.http import Prebuilt
from node.services.permissions import visibility_of
from node.store import replies, stamps
from node.store.stamps import StampState
from node.urls import Kind

_SECTIONS: Final[dict[str, Kind]] = {
    "events": "event",
    "reflections": "reflection",
    "notices": "notice",
    "comments": "comment",
}


def routes() -> list[web.RouteDef]:
    """One address per object and collection: `/events/SLUG/likes`."""
    return [
        web.get(f"/{section}/{{name}}/{part}", _endpoint(kind, part))
        for section, kind in _SECTIONS.items()
        for part in _PARTS
    ]


async def stamp(request: web.Request) -> web.Response:
    """A stamp in force, for something everyone may see; 404 for any other, as if it had never been."""
    name = request.match_info["id"]
    return await serve(request, ("stamp", name), lambda moment: _stamp(moment, name))


def _stamp(moment: Moment, name: str) -> Prebuilt:
    session, urls = moment.session, moment.urls
    one = stamps.get(session, name)
    shown = visibility_of(session, one.target, urls) is Visibility.PUBLIC
    if one.state is not StampState.GIVEN or not shown:
        raise NotFoundError(NOTHING)
    document = render_stamp(
        urls.stamp(name), one.kind, urls.group, interacting=one.interacting, target=one.target
    )
    return activity_json(document)


def _endpoint(kind: Kind, part: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def endpoint(request: web.Request) -> web.Response:
        name = request.match_info["name"]

        def build(moment: Moment) -> Prebuilt:
            return activity_json(_PARTS[part](moment, kind, object_document(moment, kind, name)))

        try:
            if part in _UNKEPT:
                return await serve_once(request, build)
            return await serve(request, (part, kind, name), build)
        except NotFoundError:
            return await serve_follower(request, build)

    return endpoint


def _replies(moment: Moment, kind: Kind, about: Document) -> Document:
    """Ids of the replies that stewards accepted."""
    del kind
    accepted = [one.id for one in replies.direct(moment.session, about["id"])]
    return collection.whole(about["replies"], accepted)


def _likes(moment: Moment, kind: Kind, about: Document) -> Document:
    del moment, kind
    return _counted(about["likes"])


def _shares(moment: Moment, kind: Kind, about: Document) -> Document:
    del moment, kind
    return _counted(about["shares"])


def _counted(told: object) -> Document:
    """The number where the object itself tells it, else the bare collection."""
    shown = told if isinstance(told, dict) else number(str(told), None)
    return {"@context": AS2} | shown


def _context(moment: Moment, kind: Kind, about: Document) -> Document:
    """The conversation that begins with this object (FEP-f228); 404 where it belongs to another."""
    address, session, urls = thread_of(about["id"]), moment.session, moment.urls
    if about["context"] != address:
        raise NotFoundError(NOTHING)
    items = threads.from_object(session, kind, about["id"], urls)
    return collection.whole(address, items) | {"attributedTo": urls.group}


_PARTS: Final[dict[str, Callable[[Moment, Kind, Document], Document]]] = {
    "replies": _replies,
    "likes": _likes,
    "shares": _shares,
    "context": _context,
}
# A like must not make every page anew, so nothing kept hears of it: what counts them is made each time.
_UNKEPT: Final = frozenset({"likes", "shares"})
