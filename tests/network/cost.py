"""What a network costs each of its nodes: the same work at every size, and one node with more and more neighbours."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from tests.network.network import Network, network, rows
from tests.running_node import RunningNode, eventually, page, running_node

IDLE_SECONDS = 10.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a node has used up to now: seconds of processor time, requests answered, rows kept, bytes of memory."""

    cpu: float
    requests: int
    rows: int
    memory: int

    def since(self, before: "Sample") -> "Sample":
        """What was used in between, without the request that asked for it; the memory is what it is now."""
        return Sample(
            self.cpu - before.cpu,
            self.requests - before.requests - 1,
            self.rows - before.rows,
            self.memory,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One size of network: what the same work cost a node on average, and how long things took at most.

    `finds` is how many groups somebody finds who knows only one of them, with `looks` requests to all together.
    """

    nodes: int
    neighbours: float
    cpu: float
    idle: float
    requests: float
    rows: float
    memory: float
    published: float
    withdrawn: float
    finds: int
    looks: int


async def measure(directory: Path, count: int) -> Result:
    """Everybody publishes three gatherings, edits one, calls one off and removes one."""
    async with network(directory, count) as found:
        await found.follow_each_other(seconds=90)
        idle = await _idle(found.nodes)
        before = await samples(found.nodes)
        published, withdrawn = await work(found)
        used = [
            now.since(then) for now, then in zip(await samples(found.nodes), before, strict=True)
        ]
        finds, looks = await _newcomer(found, directory)
        return Result(
            nodes=count,
            neighbours=mean(found.neighbours(place) for place in range(count)),
            cpu=mean(one.cpu for one in used),
            idle=idle,
            requests=mean(one.requests for one in used),
            rows=mean(one.rows for one in used),
            memory=mean(one.memory for one in used) / 1_000_000,
            published=published,
            withdrawn=withdrawn,
            finds=finds,
            looks=looks,
        )


async def measure_hub(
    directory: Path, count: int, steps: Sequence[int]
) -> list[tuple[int, Sample]]:
    """One node of a network gets more and more neighbours; what a round of everybody's news costs it at each step."""
    found_steps = []
    async with network(directory, count) as found:
        for step in steps:
            others = range(1, step + 1)
            pairs = [pair for other in others for pair in ((0, other), (other, 0))]
            await found.follow([pair for pair in pairs if pair not in found.follows], seconds=90)
            [before] = await samples(found.nodes[:1])
            for slug in (f"first-{step}", f"second-{step}"):
                await _publish_everywhere(found, slug)
            await settled(found.nodes)
            [after] = await samples(found.nodes[:1])
            found_steps.append((step, after.since(before)))
    return found_steps


async def work(found: Network) -> tuple[float, float]:
    """The work; the longest time until a gathering was with every neighbour, and until one had gone again."""
    published = await _publish_everywhere(found, "first")
    for slug in ("second", "third"):
        await _publish_everywhere(found, slug)
    await _everywhere(found, "event", "edit", "second", "-", stdin={"tags": ["changed"]})
    await _everywhere(found, "event", "cancel", "third")
    withdrawn = await _remove_everywhere(found, "first")
    await settled(found.nodes)
    return published, withdrawn


async def _newcomer(found: Network, directory: Path) -> tuple[int, int]:
    """How many groups a new node finds that follows one, and how many requests that took of all of them."""
    await _everywhere(found, "groups", "--tell", "yes")
    await settled(found.nodes)
    before = await samples(found.nodes)
    async with running_node(directory, "newcomer") as newcomer:
        await newcomer.command("follow", found.nodes[1].address)
        known = "SELECT count(*) FROM known_group WHERE confirmed_at IS NOT NULL"

        async def looked() -> bool:
            due = f"SELECT count(*) FROM known_group WHERE not_before <= {time.time() * 1000:.0f}"
            return bool(rows(newcomer, known)[0][0] > 1 and rows(newcomer, due)[0][0] == 0)

        await eventually(looked, seconds=60)
        used = [
            now.since(then) for now, then in zip(await samples(found.nodes), before, strict=True)
        ]
        return rows(newcomer, known)[0][0], sum(one.requests for one in used)


async def _publish_everywhere(found: Network, slug: str) -> float:
    async def one(place: int) -> float:
        title = await found.publish(place, slug)
        return await _arrives(found.followers(place), title, there=True)

    return max(await asyncio.gather(*(one(place) for place in range(len(found.nodes)))))


async def _remove_everywhere(found: Network, slug: str) -> float:
    async def one(place: int) -> float:
        node = found.nodes[place]
        await node.command("event", "remove", slug)
        return await _arrives(found.followers(place), f"{slug} of {node.handle}", there=False)

    return max(await asyncio.gather(*(one(place) for place in range(len(found.nodes)))))


async def _everywhere(found: Network, *arguments: str, stdin: object = None) -> None:
    await asyncio.gather(*(node.command(*arguments, stdin=stdin) for node in found.nodes))


async def _arrives(followers: Sequence[RunningNode], title: str, *, there: bool) -> float:
    """Seconds until all followers keep a post of that title, or none does; their files are read, not they asked."""
    began = time.monotonic()
    sql = f"SELECT count(*) FROM neighbour_post WHERE title = '{title}'"

    async def so() -> bool:
        return all((rows(node, sql)[0][0] > 0) is there for node in followers)

    await eventually(so, seconds=30)
    return time.monotonic() - began


async def settled(nodes: Sequence[RunningNode]) -> None:
    """Wait until nobody has anything left to send, to take in or to look at."""
    sql = (
        "SELECT (SELECT count(*) FROM inbound WHERE state = 'waiting')"
        " + (SELECT count(*) FROM outbox_entry WHERE parked = 0) + (SELECT count(*) FROM pending_change)"
        " + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased'))"
        " + (SELECT count(*) FROM known_group WHERE not_before <= {now:.0f})"
    )
    for node in nodes:

        async def done(node: RunningNode = node) -> bool:
            return bool(rows(node, sql.format(now=time.time() * 1000))[0][0] == 0)

        await eventually(done, seconds=60)


async def samples(nodes: Sequence[RunningNode]) -> list[Sample]:
    """What each node has used up to now."""
    return [await _sample(node) for node in nodes]


async def _sample(node: RunningNode) -> Sample:
    assert node.process is not None
    stat = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{node.process.pid}/status").read_text()
    memory = re.search(r"VmRSS:\s+(\d+)", status)
    requests = re.search(r"roughweather_requests_total (\d+)", await page(f"{node.url}/metrics"))
    assert memory
    assert requests
    tables = [
        name
        for (name,) in rows(node, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("sqlite_", "search_words"))
    ]
    count = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    return Sample(
        cpu=(int(stat[11]) + int(stat[12])) / _TICK,
        requests=int(requests[1]),
        rows=rows(node, f"SELECT {count}")[0][0],
        memory=int(memory[1]) * 1024,
    )


async def _idle(nodes: Sequence[RunningNode]) -> float:
    """Milliseconds of processor time a second that a node takes while nothing happens."""
    await settled(nodes)
    before = await samples(nodes)
    await asyncio.sleep(IDLE_SECONDS)
    after = await samples(nodes)
    used = mean(now.cpu - then.cpu for now, then in zip(after, before, strict=True))
    return used / IDLE_SECONDS * 1000
