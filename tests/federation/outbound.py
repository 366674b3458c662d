"""A node's way out in a test: a database with followers, both workers, a sink for other servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp.abc import AbstractResolver

from federation.client import Client, Limits
from federation.clock_watch import ClockWatch
from federation.delivery import DeliveryWorker
from federation.keypairs import Keypair, Keypairs, key_id
from federation.outbox import OutboxWorker
from federation.signatures import SigningKey
from node.change_notices import ChangeNoticeWorker
from node.clock import Clock
from node.services import events as event_service
from node.store import deliveries, followers, keypairs
from node.store.database import Database, Session
from node.store.deliveries import DeliveryReport
from node.store.keypairs import StoredKeypair
from node.urls import Urls
from tests.federation.sink import Sink

URLS = Urls("http://127.0.0.1:9")
EVENT = {
    "id": "spring-spiral-day",
    "title": "Spring Spiral Day",
    "start_local": "2027-04-17T10:00:00",
    "timezone": "America/Los_Angeles",
}
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """The parts, and the few things tests do with them."""

    database: Database
    clock: Any
    sink: Sink
    client: Client
    keypairs: Keypairs
    outbox: OutboxWorker
    delivery: DeliveryWorker
    changes: ChangeNoticeWorker

    async def follow(self, host: str, name: str = "ann", *, shared: bool = False) -> str:
        """A follower on a host; the inbox its post goes to."""
        inbox = f"http://{host}/users/{name}/inbox"
        shared_inbox = f"http://{host}/inbox" if shared else None

        def put(session: Session) -> None:
            followers.put(
                session,
                actor_id=f"http://{host}/users/{name}",
                inbox=inbox,
                shared_inbox=shared_inbox,
                host=host,
                follow_id=f"http://{host}/follows/{name}",
                follow={"type": "Follow"},
                now=self.clock.now(),
            )

        await self.database.write(put)
        return shared_inbox or inbox

    async def publish(self, **changes: Any) -> str:
        """Add an event; its id."""
        now, document = self.clock.now(), EVENT | changes
        stored = await self.database.write(
            lambda session: event_service.add_event(session, document, now=now)
        )
        return URLS.event(stored.event.slug)

    async def edit(self, slug: str = "spring-spiral-day", **changes: Any) -> None:
        """Change an event."""
        now = self.clock.now()
        await self.database.write(
            lambda session: event_service.edit_event(session, slug, changes, now=now)
        )

    async def remove(self, slug: str = "spring-spiral-day") -> None:
        """Take an event away for good."""
        now = self.clock.now()
        await self.database.write(
            lambda session: event_service.remove_event(session, slug, now=now)
        )

    async def quiet(self) -> None:
        """A minute passes in which nobody edits anything."""
        self.clock.advance(seconds=61)
        while await self.changes.step():
            pass

    async def render(self) -> None:
        """Let the outbox worker do all it has to do."""
        while await self.outbox.step():
            pass

    async def deliver(self) -> None:
        """Let the delivery worker do all that is due now."""
        wake = self.database.wake_event("delivery")
        async with asyncio.timeout(_PATIENCE):
            wake.clear()
            await self.delivery.step()
            while self.delivery.busy:
                await wake.wait()
                wake.clear()
                await self.delivery.step()

    async def settle(self) -> None:
        """Both."""
        await self.render()
        await self.deliver()

    async def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of the database."""
        found = await self.database.read(lambda session: session.rows(sql, parameters))
        return [dict(row) for row in found]

    async def report(self, object_id: str) -> list[DeliveryReport]:
        """How the deliveries about an object stand."""
        return await self.database.read(lambda session: deliveries.of_object(session, object_id))

    async def counts(self) -> dict[str, int]:
        """Deliveries by state."""
        now = self.clock.now()
        return await self.database.read(lambda session: deliveries.counts(session, now))


@asynccontextmanager
async def outbound(
    database: Database,
    clock: Clock,
    key: SigningKey,
    sink: Sink,
    *,
    retry_base: float = 30.0,
    watch: ClockWatch | None = None,
    limits: Limits | None = None,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[Outbound]:
    """The way out of `database`, with `key` for both actors."""
    pair = Keypair(
        owner=URLS.group, key_id=key_id(URLS.group), key=key, public_pem=key.public_pem()
    )
    stored = StoredKeypair(private_pem=key.private_pem(), public_pem=key.public_pem())
    now: datetime = clock.now()
    await database.write(lambda session: keypairs.add(session, "group", stored, now))
    both = Keypairs(group=pair, instance=pair)
    async with Client(
        urls=URLS, clock=clock, signer=pair, allow_private=True, limits=limits, resolver=resolver
    ) as client:
        delivery = DeliveryWorker(database, client, both, clock, retry_base=retry_base, watch=watch)
        yield Outbound(
            database=database,
            clock=clock,
            sink=sink,
            client=client,
            keypairs=both,
            outbox=OutboxWorker(database, clock, URLS),
            delivery=delivery,
            changes=ChangeNoticeWorker(database, clock, quiet=60),
        )
        await delivery.close(1.0)


def hosts_in_turn(hosts: list[str], count: int) -> Iterator[tuple[str, str]]:
    """`count` followers, host by host in turn: (host, name)."""
    for number in range(count):
        yield hosts[number % len(hosts)], f"member-{number}"
