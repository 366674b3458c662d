"""From a rendered document to a cached answer: the one way every federation endpoint replies."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import hdrs, web

from federation.admission import PERSONAL, admit, asks_for_a_follower, is_strict
from federation.render.encode import encode
from federation.vocab import ACTIVITY_JSON
from node.errors import GoneError, NotFoundError
from node.http import PAGE_CACHE, Prebuilt, respond
from node.keys import CLOCK, DATABASE, URLS
from node.store import groups, pages
from node.store.database import Database, Session
from node.urls import Urls

# Documents for programs may be read by scripts of any page: they hold nothing private.
OPEN: Final[Mapping[str, str]] = {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What a document is made from: the database as it is, our addresses, and the time.

    `for_followers`: it is shown to a follower, who may see more than everyone.
    """

    session: Session
    urls: Urls
    now: datetime
    for_followers: bool = False


NOTHING: Final = "There is nothing here for other servers."
Build = Callable[[Moment], Prebuilt]


async def serve(request: web.Request, key: Hashable, build: Build) -> web.Response:
    """Answer with something the group published, as `serve_open`, to whom it may be shown.

    Raises GoneError once it said farewell, and what `admission.admit` raises.
    """
    await _admit(request)
    return _personal(request, await serve_open(request, key, build))


async def serve_open(request: web.Request, key: Hashable, build: Build) -> web.Response:
    """Answer with the document under `key`, built anew when anything changed or a minute passed.

    A cached answer costs one point read. What `build` raises is not cached.
    """
    app = request.app
    cache, database, clock = app[PAGE_CACHE], app[DATABASE], app[CLOCK]
    now = clock.now()
    version = (database.peek_kept(pages.versions), now.timestamp() // 60)
    page = cache.get(key, version)
    if page is None:
        page = cache.put(key, version, await build_page(database, app[URLS], now, build))
    return respond(request, page)


async def serve_once(request: web.Request, build: Build) -> web.Response:
    """Answer with a document that is not worth keeping, as `serve`."""
    await _admit(request)
    app = request.app
    page = await build_page(app[DATABASE], app[URLS], app[CLOCK].now(), build)
    return _personal(request, respond(request, page))


async def serve_follower(request: web.Request, build: Build) -> web.Response:
    """Answer whoever asks for a follower with what is for followers, and nobody else at all."""
    if not await asks_for_a_follower(request):
        raise NotFoundError(NOTHING)
    app = request.app
    now, urls = app[CLOCK].now(), app[URLS]

    def work(session: Session) -> Prebuilt:
        return build(Moment(session, urls, now, for_followers=True))

    response = respond(request, await app[DATABASE].read(work))
    response.headers.update(PERSONAL)
    return response


async def _admit(request: web.Request) -> None:
    await admit(request)
    if request.app[DATABASE].peek_kept(groups.whereabouts).retired is not None:
        raise GoneError("The group has left the fediverse.")


def _personal(request: web.Request, response: web.Response) -> web.Response:
    if is_strict(request):
        response.headers.update(PERSONAL)
    return response


async def build_page(database: Database, urls: Urls, now: datetime, build: Build) -> Prebuilt:
    """Run `build` on a reading thread."""
    return await database.read(lambda session: build(Moment(session, urls, now)))


def activity_json(document: Mapping[str, Any], status: int = 200) -> Prebuilt:
    """A document as `application/activity+json`: without a charset, which is what all of them read."""
    return Prebuilt(encode(document), ACTIVITY_JSON, status=status, headers=OPEN)


def plain_json(document: Mapping[str, Any], content_type: str, *, max_age: int) -> Prebuilt:
    """A document for programs that has one form only and may be kept for `max_age` seconds."""
    return Prebuilt(
        encode(document),
        content_type,
        vary="",
        headers=OPEN,
        cache_control=f"public, max-age={max_age}",
    )
