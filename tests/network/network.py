"""A network of real nodes on loopback, each a process of its own, that follow each other as the sample groups do.

    async with network(directory, 5) as nodes:
        await nodes.follow_each_other()

Beyond six nodes the sample starts over as a copy of itself, and every copy is tied to the next by its twin
groups: however many nodes there are, each has about as many neighbours as in the sample.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from node import sample
from node.clock import SystemClock
from node.commands import here, init
from node.domain.text import localised
from node.lock import hold
from tests.running_node import ENVIRONMENT, RunningNode, eventually, free_port, page

_AT_ONCE = os.cpu_count() or 2  # nodes that are made, started or stopped at the same time
CALENDAR = "/calendar"


def graph(count: int) -> list[tuple[int, int]]:
    """Who follows whom among `count` nodes, as pairs of places."""
    document = sample.load()
    slugs = [group["slug"] for group in document["groups"]]
    follows = [(slugs.index(a), slugs.index(b)) for a, b in document["_meta"]["follows"]]
    size = len(slugs)
    found: dict[tuple[int, int], None] = {}
    for copy in range(0, count, size):
        for one, other in follows:
            found[(copy + one, (copy + other) % count)] = None
        for place in range(size):
            found[(copy + place, (copy + size + place) % count)] = None
    return [(one, other) for one, other in found if one < count and one != other]


@dataclass(slots=True)
class Network:
    """Nodes by place, and who follows whom."""

    nodes: list[RunningNode]
    follows: list[tuple[int, int]] = field(default_factory=list)

    def followers(self, place: int) -> list[RunningNode]:
        """The nodes that follow the one at a place."""
        return [self.nodes[one] for one, other in self.follows if other == place]

    def neighbours(self, place: int) -> int:
        """How many others a node follows or is followed by."""
        pairs = {frozenset(pair) for pair in self.follows if place in pair}
        return len(pairs)

    async def follow_each_other(self, seconds: float = 15.0) -> None:
        """Have everybody follow as the graph says; returns when every Follow is accepted and was read from."""
        await self.follow(graph(len(self.nodes)), seconds)

    async def follow(self, pairs: Sequence[tuple[int, int]], seconds: float = 15.0) -> None:
        """Have the first of each pair follow the second, and wait until that is so."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def ask(one: int, other: int) -> None:
            async with turn:
                await self.nodes[one].command("follow", self.nodes[other].address)

        await asyncio.gather(*(ask(*pair) for pair in pairs))
        self.follows += [pair for pair in pairs if pair not in self.follows]
        for node in {self.nodes[one].handle: self.nodes[one] for one, _ in pairs}.values():
            await eventually(lambda node=node: _settled(node), seconds=seconds)  # type: ignore[misc]

    async def publish(self, place: int, slug: str, **more: Any) -> str:
        """Have a node publish a gathering; its title, which nothing else in the network has."""
        node = self.nodes[place]
        title = f"{slug} of {node.handle}"
        await node.command("event", "add", "-", stdin=gathering(slug, title) | more)
        return title


def gathering(slug: str, title: str) -> dict[str, Any]:
    """A small gathering in three days, as a document of the exchange format."""
    day = (SystemClock().now() + timedelta(days=3)).date()
    return {
        "id": slug,
        "title": {"en": title},
        "summary": {"en": "A pot of soup, a round of listening."},
        "start_local": f"{day}T18:30:00",
        "end_local": f"{day}T20:30:00",
        "timezone": "Europe/Berlin",
        "languages": ["en"],
        "location": {"name": "The community kitchen", "locality": "Berlin", "visibility": "public"},
    }


async def shows(nodes: Sequence[RunningNode], text: str, *, shown: bool = True) -> float:
    """Wait until all calendars show a text, or none does, five seconds at most; how long it took."""
    began = time.monotonic()

    async def all_of_them() -> bool:
        pages = await asyncio.gather(*(page(f"{node.url}{CALENDAR}") for node in nodes))
        return all((text in one) is shown for one in pages)

    await eventually(all_of_them, seconds=5.0)
    return time.monotonic() - began


def rows(node: RunningNode, sql: str) -> list[Any]:
    """What a statement finds in a node's file, which is read without asking the node."""
    path = f"{(node.data / 'node.sqlite3').as_uri()}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=5)) as connection:
        return connection.execute(sql).fetchall()


async def _settled(node: RunningNode) -> bool:
    """Whether every Follow is answered, and what was upcoming is read."""
    sql = "SELECT (SELECT count(*) FROM following WHERE state = 'pending') + (SELECT count(*) FROM backfill)"
    return bool(rows(node, sql)[0][0] == 0)


@asynccontextmanager
async def network(
    directory: Path, count: int, environment: Mapping[str, str] = ENVIRONMENT
) -> AsyncIterator[Network]:
    """`count` nodes with the groups and content of the sample, serving; stopped at the end."""
    document = sample.moved_to(sample.load(), SystemClock().now())
    nodes = [_planned(document, directory, place, environment) for place in range(count)]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def begin(place: int) -> None:
        async with turn:
            await asyncio.to_thread(_make, nodes[place], document, place)
            await nodes[place].start()

    async with AsyncExitStack() as stack:
        stack.push_async_callback(_stop, nodes)
        await asyncio.gather(*(begin(place) for place in range(count)))
        yield Network(nodes)


def group_of(document: Mapping[str, Any], place: int) -> Mapping[str, Any]:
    """The sample's group at a place."""
    groups: list[Mapping[str, Any]] = document["groups"]
    return groups[place % len(groups)]


def _planned(
    document: Mapping[str, Any], directory: Path, place: int, environment: Mapping[str, str]
) -> RunningNode:
    copy = place // len(document["groups"])
    handle = str(group_of(document, place)["slug"]) + (str(copy + 1) if copy else "")
    port = free_port()
    return RunningNode(directory / handle, f"http://127.0.0.1:{port}", handle, port, environment)


def _make(node: RunningNode, document: Mapping[str, Any], place: int) -> None:
    group = group_of(document, place)
    options = argparse.Namespace(
        url=node.url,
        handle=node.handle,
        name=f"{localised(group['name'])} {place}",
        summary=None,
        language=group["languages"],
        timezone=group["timezone"],
        steward="steward",
        allow_private_networks=True,
    )
    init.main(node.data, options)
    given = {"verb": "import", "group": group["slug"], "json": False}
    with hold(node.data):
        outcome = here.run(node.data, "import", given, json.dumps(document).encode())
    assert outcome.exit == 0, outcome


async def _stop(nodes: Sequence[RunningNode]) -> None:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def end(node: RunningNode) -> None:
        async with turn:
            await node.stop()

    await asyncio.gather(*(end(node) for node in nodes if node.process is not None))
    for node in nodes:
        if node.process is not None:
            assert "Traceback" not in node.log(), node.log()
