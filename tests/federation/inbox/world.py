"""Our inbox as other servers meet it: a real application on loopback, its workers, and one peer."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from federation.backfill import BackfillWorker
from federation.client import Client
from federation.clock_watch import ClockWatch
from federation.inbox import receive
from federation.inbox.worker import InboxWorker
from federation.keypairs import Keypair, key_id
from federation.keyring import Keyring
from federation.keys import CLIENT, CLOCK_WATCH, KEYRING, RESOLVER
from federation.resolve import Resolver
from federation.signatures import SigningKey
from node.config import check
from node.errors import RoughweatherError
from node.keys import CLOCK, CONFIG, DATABASE, URLS
from node.services import events, follows, reflections
from node.store import neighbours
from node.store.database import Database, Session
from node.store.followers import Follower
from node.store.following import Following, FollowState
from node.urls import Urls
from tests.conftest import TurnableClock
from tests.federation.peer import Peer, PeerActor, Received

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
T = TypeVar("T")
CIRCLE = {
    "id": "circle",
    "title": "River circle",
    "start_local": "2027-04-17T10:00:00",
    "end_local": "2027-04-17T12:00:00",
    "timezone": "America/Los_Angeles",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The parts, and the few things tests do with them."""

    database: Database
    clock: TurnableClock
    urls: Urls
    peer: Peer
    inbox_worker: InboxWorker
    backfill_worker: BackfillWorker
    resolver: Resolver

    @property
    def group(self) -> str:
        return self.urls.group

    @property
    def inbox(self) -> str:
        return self.urls.collection("inbox")

    async def post(
        self, activity: dict[str, Any] | bytes, actor: PeerActor, **more: Any
    ) -> Received:
        """Deliver an activity, signed; the answer."""
        return await self.peer.post_signed(self.inbox, activity, actor=actor, **more)

    async def take(self, activity: dict[str, Any], actor: PeerActor) -> tuple[str, str]:
        """Deliver an activity, see it taken and worked off; its state and outcome."""
        answer = await self.post(activity, actor)
        assert answer.status == 202, answer.body
        await self.work()
        row = self.read(
            lambda session: session.row(
                "SELECT state, outcome FROM inbound WHERE actor_id = :actor ORDER BY seq DESC LIMIT 1",
                {"actor": actor.id},
            )
        )
        return ("not kept", "") if row is None else (row["state"], row["outcome"])

    async def work(self) -> None:
        """Let the inbox worker do all that is due now."""
        await self.inbox_worker.settle()
        while await self.inbox_worker.step():
            await self.inbox_worker.settle()

    def read(self, work: Callable[[Session], T]) -> T:
        return self.database.peek(work)

    async def write(self, work: Callable[[Session], T]) -> T:
        return await self.database.write(work)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        return [
            dict(row) for row in self.read(lambda session: session.rows(f"SELECT * FROM {table}"))
        ]

    def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The details of what waits to be told to other servers, with its subject."""
        entries = self.rows("outbox_entry")
        return [
            json.loads(entry["detail"]) | {"kind": entry["kind"], "subject": entry["subject"]}
            for entry in entries
            if kind in (None, entry["kind"])
        ]

    def followers(self) -> list[Follower]:
        return self.read(follows.followers)

    def following(self) -> list[Following]:
        return self.read(follows.following)

    async def follow(self, actor: PeerActor, *, accepted: bool = True) -> str:
        """Our group follows `actor`; the id of the Follow."""
        found = await self.resolver.actor(actor.id)
        now = self.clock.now()
        neighbour = await self.write(
            lambda session: follows.request(session, found, urls=self.urls, now=now)
        )
        if accepted:
            answer = actor.activity("Accept", neighbour.follow_id)
            assert (await self.take(answer, actor))[0] == "applied"
            assert self.following()[0].state is FollowState.ACCEPTED
        return neighbour.follow_id

    async def event(self, **changes: Any) -> str:
        """Publish an event; its id."""
        now, document = self.clock.now(), CIRCLE | changes
        stored = await self.write(lambda session: events.add_event(session, document, now=now))
        return self.urls.event(stored.event.slug)

    async def reflection(self) -> str:
        """Publish a reflection; its id."""
        now = self.clock.now()
        document = {"id": "after-the-river", "title": "After the river", "body": "We sat."}
        stored = await self.write(
            lambda session: reflections.add_reflection(session, document, now=now)
        )
        return self.urls.reflection(stored.reflection.slug)

    def post_of(self, object_id: str) -> Any:
        """What we keep of a neighbour's object, or None."""
        return self.read(lambda session: neighbours.find(session, object_id))


@asynccontextmanager
async def open_world(
    database: Database, clock: TurnableClock, key: SigningKey
) -> AsyncIterator[World]:
    """Everything up; our origin is a loopback port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    urls = Urls(origin)
    pair = Keypair(
        owner=urls.instance, key_id=key_id(urls.instance), key=key, public_pem=key.public_pem()
    )
    async with (
        Client(urls=urls, clock=clock, signer=pair, allow_private=True) as client,
        Peer.start(clock=clock.now) as peer,
    ):
        keyring = Keyring(database, client, clock, urls)
        resolver = Resolver(database, client, clock, urls, keyring)
        app = web.Application(middlewares=[_answer_errors])
        app[CONFIG] = check(Path(), {"url": origin, "federation.allow_private_networks": True})
        app[CLOCK], app[URLS], app[DATABASE] = clock, urls, database
        app[CLOCK_WATCH] = ClockWatch(clock.now())
        app[CLIENT], app[KEYRING], app[RESOLVER] = client, keyring, resolver
        app.add_routes(receive.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            yield World(
                database=database,
                clock=clock,
                urls=urls,
                peer=peer,
                inbox_worker=InboxWorker(database, client, resolver, clock, urls),
                backfill_worker=BackfillWorker(database, client, resolver, clock, urls),
                resolver=resolver,
            )
        finally:
            await runner.cleanup()
            await keyring.close()
            await resolver.close()


@web.middleware
async def _answer_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """As the application does: every error of ours becomes its status and short JSON."""
    try:
        response: web.StreamResponse = await handler(request)
    except RoughweatherError as error:
        answer = web.json_response({"error": str(error)}, status=error.status)
        wait = getattr(error, "retry_after", None)
        if wait is not None:
            answer.headers["Retry-After"] = str(wait)
        return answer
    return response


def note(author: PeerActor, number: str = "1", **more: Any) -> dict[str, Any]:
    """A public Note of `author`."""
    return {
        "id": f"{author.id}/notes/{number}",
        "type": "Note",
        "attributedTo": author.id,
        "content": "<p>We met by the river.</p>",
        "published": "2027-03-14T12:00:00Z",
        "to": [PUBLIC],
        "cc": [f"{author.id}/followers"],
    } | more


def gathering(author: PeerActor, number: str = "1", **more: Any) -> dict[str, Any]:
    """A public Event of `author`."""
    return {
        "id": f"{author.id}/events/{number}",
        "type": "Event",
        "attributedTo": author.id,
        "name": "Council of All Beings",
        "content": "<p>Bring a drum.</p>",
        "startTime": "2027-05-01T18:00:00+02:00",
        "endTime": "2027-05-01T21:00:00+02:00",
        "timezone": "Europe/Berlin",
        "location": {"type": "Place", "name": "Hall", "address": "Main St 1, Freiburg"},
        "published": "2027-03-14T12:00:00Z",
        "to": [PUBLIC],
        "cc": [f"{author.id}/followers"],
    } | more
