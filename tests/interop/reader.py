"""A server whose people follow a running node, and what comes to it."""

import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from tests.federation.peer import Peer, PeerActor
from tests.running_node import RunningNode, eventually

WALK: dict[str, Any] = {
    "title": {"en": "Slow walk"},
    "start_local": "2031-05-10T10:00:00",
    "end_local": "2031-05-10T12:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Boathouse", "locality": "Potsdam"},
    "tags": ["deep ecology"],
}
WORD: dict[str, Any] = {"language": "en", "title": "Rain", "body": "It rains.\n\nAt last."}


class Reader:
    """Follows `node` with accounts of `peer`, has it publish, and finds what arrived."""

    def __init__(self, node: RunningNode, peer: Peer) -> None:
        self.node = node
        self.peer = peer
        self._made = 0

    @property
    def group(self) -> str:
        """The id of the node's group."""
        return f"{self.node.url}/group"

    async def send(self, activity: Any, actor: PeerActor) -> None:
        """Post to the node; it must be taken."""
        answer = await self.peer.post_signed(f"{self.group}/inbox", activity, actor=actor)
        assert answer.status == 202, answer.body

    async def follower(self, name: str = "robin", **more: Any) -> PeerActor:
        """An account that follows, and has been accepted."""
        one = self.peer.actor(name, **more)
        await self.send(one.activity("Follow", self.group), one)
        await self.peer.delivery("Accept", path=urlsplit(one.inbox).path)
        return one

    def runs(self, software: str) -> None:
        """The peer says in NodeInfo what it runs; asked by the node when the first of it follows."""
        href = self.peer.serve("/nodeinfo/2.0", {"software": {"name": software, "version": "1"}})
        rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
        self.peer.serve("/.well-known/nodeinfo", {"links": [{"rel": rel, "href": href}]})

    async def known(self) -> None:
        """Wait until the node has read what the peer runs."""

        async def read() -> bool:
            """No command tells it, so the file is asked."""
            file = f"file:{self.node.data / 'node.sqlite3'}?mode=ro"
            with closing(sqlite3.connect(file, uri=True)) as connection:
                sql = "SELECT 1 FROM host_software WHERE host = ? AND read_at > 0"
                return connection.execute(sql, (self.peer.host,)).fetchone() is not None

        await eventually(read)

    async def event(self, **changes: Any) -> Any:
        """Publish an event; the Create that arrives."""
        return await self.came("Create", await self.publish("event", WALK | changes))

    async def reflection(self, **changes: Any) -> Any:
        """Publish a reflection; the Create that arrives."""
        return await self.came("Create", await self.publish("reflection", WORD | changes))

    async def publish(self, kind: str, document: dict[str, Any]) -> str:
        """Publish an event or a reflection; its id."""
        self._made += 1
        slug = f"{kind}-{urlsplit(self.peer.origin).port}-{self._made}"
        made = await self.node.json(kind, "add", "-", stdin={"id": slug} | document)
        return str(made["id"])

    async def came(self, kind: str, about: str, *, count: int = 1) -> Any:
        """The last of `count` activities of that type about that object, waiting for them."""

        async def there() -> Any:
            found = self.all(kind, about)
            return found[-1] if len(found) >= count else None

        return await eventually(there, seconds=10)

    def all(self, kind: str, about: str | None = None) -> list[Any]:
        """Everything of that type, about that object if one is given, that came so far."""
        return [
            one
            for one in self.peer.deliveries()
            if one["type"] == kind and about in (None, _id(one["object"]))
        ]


def _id(thing: Any) -> Any:
    return thing["id"] if isinstance(thing, dict) else thing
