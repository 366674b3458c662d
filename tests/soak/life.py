"""A node that members read and a steward publishes on while hostile neighbours do their worst."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import aiohttp

from bench.process import resident_mb
from node.control import ask
from tests.crash.load import reply
from tests.federation.peer import Peer
from tests.running_node import ENVIRONMENT, RunningNode, running_node
from tests.soak.hostile import Hostile

PAGES = ("/", "/events", "/events/circle-0", "/calendar.ics", "/feed.atom", "/group", "/about")
_EVENT = {"start_local": "2031-04-17T10:00:00", "timezone": "UTC"}


@dataclass(slots=True, kw_only=True)
class Sample:
    """One look at the process: seconds since the start, megabytes, open files, bytes."""

    at: float
    resident: float
    files: int
    wal: int


@dataclass(slots=True)
class Record:
    """What those saw who wish the node well: milliseconds and statuses, by what they did."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def note(self, what: str, began: float, status: int) -> None:
        """One thing that was done."""
        self.took[what].append((time.perf_counter() - began) * 1000)
        self.statuses[what, status] += 1

    def percentile(self, what: str, percent: int) -> float:
        """Of how long it took, in milliseconds."""
        return quantiles(self.took[what], n=100)[percent - 1]

    def growth(self) -> float:
        """Megabytes a minute in the second half: the slope through its first and last quarter."""
        half = self.samples[len(self.samples) // 2 :]
        quarter = max(1, len(half) // 2)
        first, last = half[:quarter], half[-quarter:]
        minutes = (_mean([one.at for one in last]) - _mean([one.at for one in first])) / 60
        by = _mean([one.resident for one in last]) - _mean([one.resident for one in first])
        return by / minutes if minutes else 0.0


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


@dataclass(slots=True, kw_only=True)
class Soak:
    """The node, its friends and the others."""

    node: RunningNode
    peer: Peer
    hostile: Hostile
    record: Record

    async def run(self, seconds: float) -> None:
        """Live so long, friends and others at once; then the others go."""
        began = time.monotonic()
        everybody = [
            self._breathe(),
            self._read(),
            self._reply(),
            self._publish(),
            self._look(began),
        ]
        tasks = [asyncio.create_task(one) for one in (*everybody, self.hostile.work())]
        try:
            done, _ = await asyncio.wait(
                tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION
            )
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one
        assert not done

    async def _breathe(self) -> None:
        """How late this very process gets its turn: what is slower than that is the node."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            self.record.took["lag"].append((time.perf_counter() - began - 0.01) * 1000)

    async def _read(self) -> None:
        """A member who reads one page after the other."""
        async with aiohttp.ClientSession() as session:
            while True:
                for path in PAGES:
                    began = time.perf_counter()
                    async with session.get(self.node.url + path) as answer:
                        await answer.read()
                    self.record.note("page", began, answer.status)
                    await asyncio.sleep(0.02)

    async def _reply(self) -> None:
        """Members of other servers, at a pace that is theirs to have."""
        members = [self.peer.actor(f"friend-{number}") for number in range(20)]
        while True:
            for member in members:
                activity = reply(member, self.node)
                began = time.perf_counter()
                answer = await self.peer.post_signed(
                    f"{self.node.url}/inbox", activity, actor=member
                )
                self.record.note("inbox", began, answer.status)
                await asyncio.sleep(0.05)

    async def _publish(self) -> None:
        """A steward, who announces a gathering every second."""
        number = 1
        while True:
            event = _EVENT | {"id": f"circle-{number}", "title": f"Circle {number}"}
            began = time.perf_counter()
            outcome = await asyncio.to_thread(
                ask, self.node.data, "event", {"action": "add"}, json.dumps(event).encode()
            )
            assert outcome is not None
            self.record.note("publish", began, 0 if outcome.exit == 0 else 1)
            number += 1
            await asyncio.sleep(1)

    async def _look(self, began: float) -> None:
        process = Path(f"/proc/{self.node.process.pid}")
        wal = self.node.data / "node.sqlite3-wal"
        while True:
            self.record.samples.append(
                Sample(
                    at=time.monotonic() - began,
                    resident=resident_mb(self.node.process.pid),
                    files=len(list((process / "fd").iterdir())),
                    wal=wal.stat().st_size if wal.exists() else 0,
                )
            )
            await asyncio.sleep(0.5)


@asynccontextmanager
async def soaking(
    directory: Path, *, sockets: int, forged_per_second: float, seed: int = 1
) -> AsyncIterator[Soak]:
    """A node with a follower, and everybody ready to begin."""
    async with (
        Peer.start() as peer,
        Peer.start() as liar,
        running_node(directory, "alder", environment=ENVIRONMENT) as node,
    ):
        follower = peer.actor("reader", shared_inbox=False)
        follow = follower.activity("Follow", f"{node.url}/group")
        await peer.post_signed(f"{node.url}/inbox", follow, actor=follower)
        await peer.delivery("Accept", path="/users/reader/inbox", timeout=60)
        await node.command("event", "add", "-", stdin=_EVENT | {"id": "circle-0", "title": "First"})
        hostile = Hostile(
            url=node.url,
            peer=liar,
            sockets=sockets,
            forged_per_second=forged_per_second,
            chance=random.Random(seed),
        )
        yield Soak(node=node, peer=peer, hostile=hostile, record=Record())
