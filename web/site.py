"""What all pages share: the group's name, the reader's language, and the cache of finished pages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import hdrs, web

from node.clock import Clock
from node.domain.group import Group
from node.errors import NotFoundError
from node.http import LEADING_OUT, REVALIDATE, PageCache, Prebuilt, respond
from node.keys import CLOCK, DATABASE, URLS
from node.store import groups
from node.store import pages as page_store
from node.store.database import Database, Session
from node.urls import Urls
from web import choices
from web.i18n import Reader, reader_for
from web.render import render
from web.text_only import text_only

VARY = "Accept, Accept-Language, Save-Data"
PRIVATE = "private, no-cache"
# Google's directives, the ones of DeviantArt for training, and the W3C's TDM Reservation Protocol.
UNINDEXED = {
    "X-Robots-Tag": "noindex, nofollow, noarchive, noai, noimageai",
    "TDM-Reservation": "1",
}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page is made for: one moment, one reader, one group.

    What `answers_a_form` stands at an address that cannot be opened again.
    """

    group: Group
    reader: Reader
    urls: Urls
    now: datetime
    answers_a_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page before it is rendered.

    `alternate` is the id under which other servers find the same: Mastodon looks into the Link
    header before it reads the page. A `private` page stays out of shared caches and of indexes; an
    `unindexed` one is for everyone, but not for search engines and collectors of texts. The form of
    one that `leads_out` ends on another server. `webmention` is where other websites say
    that they answer it. `query` is what stands after the question mark of its address, as pairs.
    """

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    alternate: str | None = None
    webmention: str | None = None
    private: bool = False
    unindexed: bool = False
    leads_out: bool = False
    query: Sequence[tuple[str, str]] = ()


Gather = Callable[[Session, Asked], Page]
Build = Callable[[Session, Asked], Prebuilt]


class Site:
    """The public pages of one node; kept in the application under `SITE`."""

    def __init__(self, database: Database, clock: Clock, urls: Urls) -> None:
        self.database = database
        self.clock = clock
        self.urls = urls
        self._cache = PageCache()
        self._under_way: dict[object, asyncio.Task[Prebuilt]] = {}
        self._group: tuple[int, Group] | None = None

    def group(self) -> Group:
        """The group as it is now. Raises NotFoundError before `init` is done."""
        return self._group_at(self.database.peek_kept(page_store.versions)[0])

    def known_group(self) -> Group | None:
        """The group, also where the database is in trouble, as far as it was ever read."""
        try:
            return self.group()
        except Exception:  # noqa: BLE001 - an error page must come out whatever is wrong
            return self._group[1] if self._group else None

    def reader(self, request: web.Request, group: Group | None) -> Reader:
        """Who is asking, as far as languages and dear data go, and what they chose."""
        accept = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
        reader = reader_for(accept, group.languages if group else ())
        saves_data = request.headers.get("Save-Data", "").strip().lower() == "on"
        reader = replace(reader, saves_data=True) if saves_data else reader
        return choices.chosen(reader, request.query)

    def page(self, request: web.Request, key: object, gather: Gather) -> Awaitable[web.Response]:
        """Answer with the page that `gather` describes, from the cache while it is still true."""
        return self.prebuilt(
            request, key, lambda session, asked: self.build(gather(session, asked), asked)
        )

    async def prebuilt(
        self, request: web.Request, key: object, build: Build, *, per_reader: bool = True
    ) -> web.Response:
        """Answer with what `build` makes, from the cache while nothing it shows has changed.

        Pages depend on the time (what is over, what comes next), so none is older than a minute.
        """
        versions = self.database.peek_kept(page_store.versions)
        group = self._group_at(versions[0])
        reader = self.reader(request, group) if per_reader else reader_for("", group.languages)
        now = self.clock.now()
        version = (versions, int(now.timestamp()) // 60)
        full_key = (key, reader)
        if reader.zone:  # the zones of the world would push everything else out of the cache
            asked = Asked(group=group, reader=reader, urls=self.urls, now=now)
            return respond(request, await self.database.read(lambda session: build(session, asked)))
        found = self._cache.get(full_key, version)
        if found is None:
            asked = Asked(group=group, reader=reader, urls=self.urls, now=now)
            found = await self._once(
                full_key, version, lambda: self._make(full_key, version, build, asked)
            )
        return respond(request, found)

    async def fresh(
        self, request: web.Request, gather: Gather, *, status: int = 200
    ) -> web.Response:
        """A page for signed-in stewards: made now, kept by nobody."""
        page, asked = await self.gathered(request, gather)
        return self.response(page, asked, status=status)

    def asked(self, request: web.Request) -> Asked:
        """What a page is made for, that somebody asks for now."""
        group = self.group()
        return Asked(
            group=group,
            reader=self.reader(request, group),
            urls=self.urls,
            now=self.clock.now(),
            answers_a_form=request.method == hdrs.METH_POST,
        )

    async def gathered(self, request: web.Request, gather: Gather) -> tuple[Page, Asked]:
        """A page before it is rendered, and what it is made for."""
        asked = self.asked(request)
        return await self.database.read(lambda session: gather(session, asked)), asked

    def response(self, page: Page, asked: Asked, *, status: int = 200) -> web.Response:
        """One page, rendered for one reader, to be kept by nobody."""
        headers = {
            hdrs.CONTENT_TYPE: HTML,
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.VARY: VARY,
            **_headers_of(page),
        }
        return web.Response(body=self.html(page, asked).encode(), status=status, headers=headers)

    def html(self, page: Page, asked: Asked) -> str:
        """The page in the reader's language."""
        reader = asked.reader
        frame: dict[str, Any] = {
            "group": asked.group,
            "urls": asked.urls,
            "webcal": f"webcal://{asked.urls.host}/calendar.ics",
            "is_home": False,
            "query": page.query,
            "here": partial(choices.same_page, reader, page.query),
            "can_choose": not asked.answers_a_form,
        }
        made = render(page.template, reader, **(frame | dict(page.context)))
        if reader.text_only:
            made = text_only(made)
        return choices.taken_along(made, reader, asked.urls.origin)

    def build(self, page: Page, asked: Asked) -> Prebuilt:
        """The page as bytes that can be sent again and again."""
        return Prebuilt(
            self.html(page, asked).encode(),
            HTML,
            vary=VARY,
            cache_control=PRIVATE if page.private else REVALIDATE,
            compress=True,
            headers=_headers_of(page),
        )

    def _group_at(self, version: int) -> Group:
        if self._group is None or self._group[0] != version:
            self._group = version, self.database.peek(groups.get)
        return self._group[1]

    async def _make(self, key: object, version: object, build: Build, asked: Asked) -> Prebuilt:
        made = await self.database.read(lambda session: build(session, asked))
        return self._cache.put(key, version, made)

    async def _once(
        self, key: object, version: object, make: Callable[[], Awaitable[Prebuilt]]
    ) -> Prebuilt:
        """Make a page once, however many ask for it at the same moment."""
        job = (key, version)
        task = self._under_way.get(job)
        if task is None:
            task = asyncio.create_task(_run(make))
            self._under_way[job] = task
            task.add_done_callback(lambda _: self._under_way.pop(job, None))
        return await asyncio.shield(task)


def _headers_of(page: Page) -> Mapping[str, str]:
    headers = dict(UNINDEXED) if page.private or page.unindexed else {}
    if page.leads_out:
        headers.update(LEADING_OUT)
    links = []
    if page.alternate:
        links.append(f'<{page.alternate}>; rel="alternate"; type="application/activity+json"')
    if page.webmention:
        links.append(f'<{page.webmention}>; rel="webmention"')
    if links:
        headers[hdrs.LINK] = ", ".join(links)
    return headers


async def _run(make: Callable[[], Awaitable[Prebuilt]]) -> Prebuilt:
    return await make()


SITE = web.AppKey("SITE", Site)


def site_of(request: web.Request) -> Site:
    """The pages of the node that was asked."""
    return request.app[SITE]


def prepare(app: web.Application) -> None:
    """Give an application what its pages need; once, before it starts."""
    app[SITE] = Site(app[DATABASE], app[CLOCK], app[URLS])


def missing(kind: str) -> NotFoundError:
    """The one answer for what is not there and for what this reader may not know of."""
    return NotFoundError(f"There is no such {kind}.")
