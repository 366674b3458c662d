"""The composition root: opens what a node is made of and wires pages and federation together.

Content negotiation stands here alone: one address, two faces, each made by the package that knows it.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from federation import endpoints
from federation import routes as federation_routes
from federation.acquaintance import AcquaintanceWorker
from federation.as_shown import MastodonPosts
from federation.backfill import BackfillWorker
from federation.calendar_fetcher import CalendarFetcher
from federation.client import Client
from federation.clock_watch import ClockWatch
from federation.crawl import CrawlWorker
from federation.delivery import DeliveryWorker
from federation.inbox.worker import InboxWorker
from federation.intents import Intents
from federation.keypairs import Keypairs
from federation.keyring import Keyring
from federation.keys import CLIENT, CLOCK_WATCH, KEYPAIRS, KEYRING, RESOLVER
from federation.list_fetcher import ListFetcher
from federation.outbox import OutboxWorker
from federation.resolve import Resolver
from federation.signing import HostStyles
from federation.webmentions import WebmentionWorker
from node import health, refusals
from node.backup_worker import BackupWorker
from node.change_notices import ChangeNoticeWorker
from node.clock import Clock, SystemClock
from node.config import Config
from node.errors import MalformedError, NotFoundError, RoughweatherError, TryLaterError
from node.http import Representation, negotiate
from node.imported_calendars import CalendarWorker
from node.keys import CALENDARS, CLOCK, CONFIG, DATABASE, FINDER, LISTS, PICTURES, POSTS, URLS, WAYS
from node.letters import LetterWorker
from node.pictures import Pictures, PictureWorker
from node.search_worker import SearchWorker
from node.services.moderation import host_is_closed
from node.store import clock_state
from node.store.database import Database
from node.upkeep import UpkeepWorker
from node.urls import Urls
from node.workers import Worker
from web import middlewares as web_middlewares
from web import routes as web_routes
from web.views.events import page_event
from web.views.home import home, page_group
from web.views.practices import page_practice
from web.views.reflections import page_reflection

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_logger = logging.getLogger(__name__)
_LARGEST_REQUEST = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Everything an open node consists of, for the server and for commands alike."""

    config: Config
    clock: Clock
    database: Database
    urls: Urls
    watch: ClockWatch
    client: Client
    keypairs: Keypairs
    keyring: Keyring
    resolver: Resolver
    pictures: Pictures

    async def reload_keys(self) -> None:
        """Sign with what is in the database now, after keys were replaced."""
        await self.keypairs.reload(self.database, self.urls)
        self.client.signer = self.keypairs.instance


@asynccontextmanager
async def open_node(config: Config, *, clock: Clock | None = None) -> AsyncIterator[Node]:
    """Open the node of `config`, whose schema must be current; nothing serves or works yet."""
    clock = clock or SystemClock()
    urls = config.urls
    async with await Database.open(config.database_path) as database:
        keypairs = await Keypairs.load(database, urls, clock)
        watch = ClockWatch(clock.now(), await database.read(clock_state.seen))
        async with Client(
            urls=urls,
            clock=clock,
            signer=keypairs.instance,
            allow_private=config.allow_private_networks,
            blocked=lambda host: host_is_closed(database, host),
            styles=HostStyles(database, clock),
        ) as client:
            keyring = Keyring(database, client, clock, urls)
            resolver = Resolver(database, client, clock, urls, keyring)
            try:
                yield Node(
                    config=config,
                    clock=clock,
                    watch=watch,
                    database=database,
                    urls=urls,
                    client=client,
                    keypairs=keypairs,
                    keyring=keyring,
                    resolver=resolver,
                    pictures=Pictures(
                        database,
                        clock,
                        config.media,
                        room_mb=config["media.room_mb"],
                        keep_free_mb=config["media.keep_free_mb"],
                    ),
                )
            finally:
                await resolver.close()
                await keyring.close()


def workers(node: Node) -> Sequence[Worker]:
    """What works beside the HTTP server, each woken by the commits that concern it."""
    return (
        InboxWorker(node.database, node.client, node.resolver, node.clock, node.urls),
        OutboxWorker(node.database, node.clock, node.urls),
        DeliveryWorker(
            node.database,
            node.client,
            node.keypairs,
            node.clock,
            retry_base=node.config["federation.retry_base_seconds"],
            watch=node.watch,
        ),
        BackfillWorker(node.database, node.client, node.resolver, node.clock, node.urls),
        AcquaintanceWorker(node.database, node.client, node.clock),
        CrawlWorker(
            node.database,
            node.client,
            node.clock,
            node.urls,
            every=timedelta(seconds=max(1.0, node.config["federation.crawl_seconds"])),
        ),
        ChangeNoticeWorker(
            node.database, node.clock, quiet=node.config["federation.notice_quiet_seconds"]
        ),
        WebmentionWorker(node.database, node.client, node.clock, node.urls),
        CalendarWorker(node.database, CalendarFetcher(node.client), node.clock, node.urls),
        LetterWorker(node.database, node.clock, node.config),
        SearchWorker(node.database),
        PictureWorker(node.pictures),
        UpkeepWorker(node.database, node.clock),
        BackupWorker(node.config, node.clock),
    )


def create_app(node: Node) -> web.Application:
    """The HTTP application of an open node."""
    app = web.Application(
        middlewares=[_answering(over_tls=node.urls.secure)], client_max_size=_LARGEST_REQUEST
    )
    app[health.TALLY] = health.Tally()
    app[CONFIG] = node.config
    app[CLOCK] = node.clock
    app[URLS] = node.urls
    app[DATABASE] = node.database
    app[PICTURES] = node.pictures
    app[FINDER] = node.resolver
    app[CALENDARS] = CalendarFetcher(node.client)
    app[POSTS] = MastodonPosts(node.urls)
    app[LISTS] = ListFetcher(node.client)
    app[WAYS] = Intents(node.resolver, allow_private=node.config.allow_private_networks)
    app[CLIENT] = node.client
    app[CLOCK_WATCH] = node.watch
    app[KEYPAIRS] = node.keypairs
    app[KEYRING] = node.keyring
    app[RESOLVER] = node.resolver
    web_routes.prepare(app)
    # What is asked for most comes first: routes under one name are tried in their order.
    app.add_routes(_two_faced_routes())
    app.add_routes(web_routes.routes())
    app.add_routes([web.get("/healthz", health.healthz), web.get("/metrics", health.metrics)])
    federation_routes.prepare(app)
    app.add_routes(federation_routes.routes())
    return app


def _two_faced_routes() -> Sequence[web.RouteDef]:
    """The addresses that programs and people share. A slug has no dot: `SLUG.ics` is a calendar."""
    event = _by_accept(endpoints.activity_event, page_event)
    reflection = _by_accept(endpoints.activity_reflection, page_reflection)
    return (
        web.get("/", _by_accept(endpoints.lead_to_group, home)),
        web.get("/group", _by_accept(endpoints.activity_group, page_group)),
        web.get("/events/{slug:[^{}/.]+}", event),
        web.get("/reflections/{slug:[^{}/.]+}", reflection),
        web.get(
            "/practices/{slug:[^{}/.]+}", _by_accept(endpoints.activity_practice, page_practice)
        ),
    )


def _by_accept(activity: Handler, page: Handler) -> Handler:
    """One address: ActivityStreams for servers that ask for it, a page for everyone else."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if negotiate(request.headers.get(hdrs.ACCEPT, "")) is Representation.ACTIVITY:
            return await activity(request)
        return await page(request)

    return handler


def _answering(*, over_tls: bool) -> Middleware:
    """The one place where errors become answers, and where every answer gets its safe headers."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        request.app[health.TALLY].requests += 1
        try:
            response = await handler(request)
        except web.HTTPException as error:
            if error.status < 400:  # a redirect
                web_middlewares.lead_on(request, error)
                web_middlewares.secure_answer(error, over_tls=over_tls)
                raise
            allow = error.headers.get(hdrs.ALLOW)
            response = _answer(request, _named(error), error.status, allow=allow)
        except RoughweatherError as error:
            response = _answer(request, error, error.status)
        except Exception:
            _logger.exception("Unexpected failure in %s %s", request.method, request.path)
            failure = RoughweatherError("Something went wrong on our side.")
            response = _answer(request, failure, 500)
        web_middlewares.lead_on(request, response)
        web_middlewares.secure_answer(response, over_tls=over_tls)
        return response

    return answer


def _named(error: web.HTTPException) -> RoughweatherError:
    if error.status == 404:
        return NotFoundError("There is no such page.")
    return MalformedError(error.reason)


def _answer(
    request: web.Request, error: RoughweatherError, status: int, *, allow: str | None = None
) -> web.Response:
    """An error as a page for people, as short JSON for programs."""
    for_people = _for_people(request)
    refusals.tell(request, error, status, for_people=for_people)
    if for_people:
        response = _error_page(request, error, status)
    else:
        response = web.json_response({"error": str(error)}, status=status)
        response.headers[hdrs.VARY] = "Accept"
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if allow:
        response.headers[hdrs.ALLOW] = allow
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers[hdrs.RETRY_AFTER] = str(retry_after)
    if status == 413 or isinstance(error, TryLaterError):
        response.force_close()  # the rest of the body is not worth reading
    return response


def _error_page(request: web.Request, error: RoughweatherError, status: int) -> web.Response:
    try:
        return web_middlewares.error_page(request, error, status)
    except Exception:
        _logger.exception("The page for status %d cannot be made", status)
        return web.Response(text=f"{error}\n", status=status)


def _for_people(request: web.Request) -> bool:
    """Whether whoever asks reads pages: everything but inboxes, well-known documents and JSON."""
    if request.path.startswith(
        ("/.well-known/", "/nodeinfo/", "/api/", "/inbox", "/webmention", "/group/", "/instance")
    ):
        return False
    accept = request.headers.get(hdrs.ACCEPT, "")
    return negotiate(accept) is Representation.HTML and ("html" in accept or "*/*" in accept)
