"""A whole node and somebody else's server, met over HTTP; its workers step when a test says so."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from federation.delivery import DeliveryWorker
from federation.inbox.worker import InboxWorker
from node.app import workers
from node.services.events import add_event
from node.services.reflections import add_reflection
from node.store.database import Session
from node.workers import Worker
from tests.conftest import TurnableClock
from tests.federation.peer import Peer, PeerActor
from tests.running_node import eventually
from tests.web.served import Browser, Keys, Served, serve

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
T = TypeVar("T")
CIRCLE = {
    "id": "circle",
    "title": "River circle",
    "start_local": "2027-04-17T10:00:00",
    "end_local": "2027-04-17T12:00:00",
    "timezone": "America/Los_Angeles",
}
WORDS = {"id": "moss-words", "title": "Moss", "body": "It does not hurry."}


@dataclass(slots=True)
class Living:
    """The node, the peer, a steward at the desk."""

    served: Served
    peer: Peer
    desk: Browser
    workers: tuple[Worker, ...]
    inbox: InboxWorker
    delivery: DeliveryWorker

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def group(self) -> str:
        return f"{self.url}/group"

    async def settle(self) -> None:
        """Let what came take effect, and deliver what is to be told."""
        await self.inbox.settle()
        while any([await one.step() for one in self.workers]):
            await self.inbox.settle()  # what is fetched for it is fetched beside the queue

        async def quiet() -> bool:
            await self.delivery.step()
            return not self.delivery.busy

        await eventually(quiet)

    async def send(self, activity: Mapping[str, Any], actor: PeerActor) -> None:
        """Post to the group's inbox, and let it take effect."""
        answer = await self.peer.post_signed(f"{self.group}/inbox", activity, actor=actor)
        assert answer.status == 202, answer.body
        await self.settle()

    async def outcome(self, actor: PeerActor) -> tuple[str, str]:
        """What the inbox made of the last thing an actor sent."""
        row = await self.read(
            lambda session: session.row(
                "SELECT state, outcome FROM inbound WHERE actor_id = :actor ORDER BY seq DESC",
                {"actor": actor.id},
            )
        )
        assert row is not None
        return row["state"], row["outcome"]

    async def follower(self, name: str, **more: Any) -> PeerActor:
        """Somebody who follows the group, by an inbox of their own."""
        actor = self.peer.actor(name, shared_inbox=False, **more)
        await self.send(actor.activity("Follow", self.group), actor)
        return actor

    def came(self, actor: PeerActor, kind: str | None = None) -> list[dict[str, Any]]:
        """What was delivered to an actor's inbox, each once, in order."""
        path = actor.inbox.removeprefix(self.peer.origin)
        found = {one["id"]: one for one in self.peer.deliveries(path)}
        return [one for one in found.values() if kind in (None, one["type"])]

    async def read(self, work: Callable[[Session], T]) -> T:
        return await self.served.node.database.read(work)

    async def write(self, work: Callable[[Session], T]) -> T:
        return await self.served.node.database.write(work)

    async def event(self, **more: Any) -> str:
        """Publish a gathering; its id."""
        now, document = self.served.clock.now(), CIRCLE | more
        stored = await self.write(lambda session: add_event(session, document, now=now))
        await self.settle()
        return f"{self.url}/events/{stored.event.slug}"

    async def reflection(self, **more: Any) -> str:
        """Publish a reflection; its id."""
        now, document = self.served.clock.now(), WORDS | more
        stored = await self.write(lambda session: add_reflection(session, document, now=now))
        await self.settle()
        return f"{self.url}/reflections/{stored.reflection.slug}"

    async def form(self, path: str, **fields: str) -> str:
        """A steward sends a form; where it leads."""
        answer = await self.desk.post(path, fields)
        assert answer.status == 303, (answer.status, answer.text)
        await self.settle()
        return str(answer.headers["Location"])

    async def document(self, url: str) -> tuple[int, Any]:
        """What another server gets for an address of ours."""
        actor = self.peer.actors.get("stranger") or self.peer.actor("stranger")
        self.served.clock.advance(minutes=1)
        answer = await self.peer.get_signed(url, actor=actor)
        return answer.status, answer.json if answer.body else None


@asynccontextmanager
async def living(data: Path, keys: Keys, clock: TurnableClock) -> AsyncIterator[Living]:
    """Everything up; nothing is published yet."""
    async with serve(data, keys, clock, empty=True) as served, Peer.start(clock=clock.now) as peer:
        desk = await served.browser.sign_in(served.node)
        made = workers(served.node)
        [delivery] = [one for one in made if isinstance(one, DeliveryWorker)]
        [inbox] = [one for one in made if isinstance(one, InboxWorker)]
        # Nobody asks here what servers run: no peer of these tests has a NodeInfo.
        chosen = tuple(one for one in made if one.name in ("inbox", "outbox"))
        try:
            yield Living(served, peer, desk, chosen, inbox, delivery)
        finally:
            await delivery.close()


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
