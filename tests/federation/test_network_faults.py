"""The network at its worst, over days of a turned clock: in the end each server has taken each activity
exactly once and in order, and nobody had to wait for anybody else."""

import asyncio
import re
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.client import Limits
from federation.clock_watch import ClockWatch
from federation.signatures import SigningKey, http_date
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.outbound import Outbound, outbound
from tests.federation.sink import Received, Reply, Sink

_SHORT = Limits(connect=0.2, read=0.2, total=0.4)  # what is thirty seconds in life
_PACE = timedelta(minutes=20)


class Names(AbstractResolver):
    """Finds every name on loopback, once it `works`."""

    works = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.works:
            raise OSError(None, "DNS lookup failed")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


class World:
    """Servers that answer as they are told; `taken` is what each accepted, in order."""

    def __init__(self, sink: Sink) -> None:
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.answers: dict[str, Callable[[], Any]] = {}
        self._sink = sink
        sink.answer = self._answer

    async def _answer(self, post: Received) -> Reply:
        reply = Reply()
        if post.host in self.answers:
            reply = await self.answers[post.host]()
        if reply.status == 202:
            self.taken[post.host].append(post.activity["id"])
        return reply


@asynccontextmanager
async def world(
    database: Database,
    clock: TurnableClock,
    key: SigningKey,
    hosts: int,
    names: Names | None = None,
) -> AsyncIterator[tuple[Outbound, World]]:
    async with (
        Sink(hosts) as sink,
        outbound(database, clock, key, sink, limits=_SHORT, resolver=names) as node,
    ):
        yield node, World(sink)


def always(reply: Reply) -> Callable[[], Any]:
    async def answer() -> Reply:
        return reply

    return answer


async def silence() -> Reply:
    """The connection is open, and nothing ever comes."""
    await asyncio.Event().wait()
    return Reply()


async def passing(node: Outbound, steps: int, step: timedelta = _PACE) -> None:
    """Time goes by, and the node does what is due."""
    for _ in range(steps):
        node.clock.moment += step
        await node.deliver()


async def changes(node: Outbound, slug: str, versions: int = 2) -> None:
    """One gathering, with changes that are told one by one."""
    await node.publish(id=slug)
    await node.render()
    for version in range(versions):
        await node.edit(slug, title=f"version {version}")
        await node.quiet()
        await node.render()


async def said(node: Outbound) -> list[str]:
    """What there is to tell, in order; an older change makes way for a newer one."""
    rows = await node.rows(
        "SELECT id FROM activity WHERE seq IN (SELECT activity FROM delivery) ORDER BY seq"
    )
    return [row["id"] for row in rows]


async def all_is_told(node: Outbound, world: World, hosts: list[str]) -> None:
    """Every host took everything once, of each thing in the order in which it was said."""
    for host in hosts:
        assert sorted(world.taken[host]) == sorted(await said(node)), host
    await order_was_kept(node, world)
    counts = await node.counts()
    assert (counts["dead"], counts["pending"], counts["retrying"]) == (0, 0, 0)


FAULTS: dict[str, Callable[[], Any]] = {
    "reset": always(Reply(None)),
    "half-open": silence,
    "storm of 429": always(Reply(429, {"Retry-After": "1200"})),
    "storm of 503": always(Reply(503, {"Retry-After": "Sun, 14 Mar 2027 20:00:00 GMT"})),
    "error without end": always(Reply(500)),
    "forbidden for a while": always(Reply(403)),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_server_in_trouble_gets_all_of_it_later_and_the_others_at_once(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...], fault: str
) -> None:
    async with world(database, clock, rsa_keys[0], 3) as (node, there):
        bad, *good = node.sink.hosts
        for host in node.sink.hosts:
            await node.follow(host)
        there.answers[bad] = FAULTS[fault]
        await changes(node, "circle")
        await node.deliver()
        await passing(node, 3)
        assert there.taken[bad] == []
        for host in good:  # before the other one is well
            assert there.taken[host] == await said(node)
        there.answers.clear()
        await passing(node, 60)
        await all_is_told(node, there, node.sink.hosts)


async def test_a_name_that_cannot_be_found_for_a_day(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    names = Names()
    async with world(database, clock, rsa_keys[0], 2, names) as (node, there):
        lost, good = node.sink.hosts
        await node.follow(f"meadow.example:{lost.partition(':')[2]}")
        await node.follow(good)
        await changes(node, "circle")
        await passing(node, 72)
        assert there.taken[good] == await said(node)
        assert there.taken[lost] == []
        names.works = True
        await passing(node, 48, timedelta(hours=1))
        await all_is_told(node, there, node.sink.hosts)


async def test_a_server_that_answers_in_plain_where_it_should_be_hidden(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    """Nothing goes there in the clear, and nobody else waits."""
    async with world(database, clock, rsa_keys[0], 2) as (node, there):
        bad, good = node.sink.hosts
        await node.follow(good)
        await node.follow(bad)
        await database.write(
            lambda session: session.run(
                "UPDATE follower SET inbox = replace(inbox, 'http:', 'https:') WHERE host = :host",
                {"host": bad},
            )
        )
        await changes(node, "circle")
        await passing(node, 20)
        assert there.taken[good] == await said(node)
        assert [one for one in node.sink.received if one.host == bad] == []
        counts = await node.counts()
        assert (counts["dead"], counts["retrying"] > 0) == (0, True)


async def test_a_server_that_is_cut_off_for_twenty_days(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    """Its rows wait, its breaker spends no attempts, and its inbox is not met by a flood of tries."""
    async with world(database, clock, rsa_keys[0], 3) as (node, there):
        away, *good = node.sink.hosts
        for host in node.sink.hosts:
            await node.follow(host)
        there.answers[away] = always(Reply(None))
        for day in range(20):
            await changes(node, f"circle-{day}", versions=1)
            await passing(node, 8, timedelta(hours=3))
            assert len(there.taken[good[0]]) == len(there.taken[good[1]]) >= 2 * (day + 1)
        tries = [one for one in node.sink.received if one.host == away]
        assert len(tries) < 20 * 12
        attempts = await node.rows(
            "SELECT max(attempts) AS most FROM delivery WHERE state = 'pending'"
        )
        assert attempts[0]["most"] < 39
        there.answers.clear()
        await passing(node, 60, timedelta(hours=3))
        await all_is_told(node, there, node.sink.hosts)


async def test_we_are_cut_off_for_thirty_days(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    """Nothing expires while we are the cause, and no attempt is spent."""
    async with world(database, clock, rsa_keys[0], 7) as (node, there):
        for host in node.sink.hosts:
            await node.follow(host)
        for host in node.sink.hosts:
            there.answers[host] = always(Reply(None))
        for day in range(30):
            if day % 3 == 0:
                await changes(node, f"circle-{day}", versions=1)
            await passing(node, 6, timedelta(hours=4))
        counts = await node.counts()
        assert counts["dead"] == 0
        [most] = await node.rows(
            "SELECT max(attempts) AS spent FROM delivery WHERE state = 'pending'"
        )
        assert most["spent"] <= 2
        there.answers.clear()
        await passing(node, 40, timedelta(minutes=30))
        await all_is_told(node, there, node.sink.hosts)


async def order_was_kept(node: Outbound, world: World) -> None:
    """Of each thing, each host heard in the order in which it was said."""
    rows = await node.rows("SELECT id, seq, object_id FROM activity")
    known = {row["id"]: row for row in rows}
    for taken in world.taken.values():
        latest: dict[str, int] = {}
        for activity in taken:
            row = known[activity]
            assert row["seq"] > latest.get(row["object_id"], 0)
            latest[row["object_id"]] = row["seq"]


def signed_at(post: Received) -> datetime:
    """The moment that the signature covers, in either style."""
    created = re.search(r"created=(\d+)", post.headers.get("signature-input", ""))
    if created:
        return datetime.fromtimestamp(int(created[1]), UTC)
    return parsedate_to_datetime(post.headers["date"])


@pytest.mark.parametrize("while_sending", [False, True], ids=["at the start", "while sending"])
@pytest.mark.parametrize(
    "jump",
    [timedelta(hours=2), timedelta(hours=-2), timedelta(days=-3652), timedelta(days=20)],
    ids=["two hours on", "two hours back", "ten years back", "twenty days on"],
)
async def test_the_clock_jumps_and_is_put_right(
    database: Database,
    clock: TurnableClock,
    rsa_keys: tuple[SigningKey, ...],
    jump: timedelta,
    while_sending: bool,
) -> None:
    """Servers refuse what is signed at the wrong time; once ours is right they get all of it, once."""
    true, held = TurnableClock(clock.moment), asyncio.Event()

    async def strict(post: Received) -> Reply:
        if not held.is_set():
            clock.moment += jump  # the answer comes from before it
            held.set()
        date = {"Date": http_date(true.now())}
        if abs(signed_at(post) - true.now()) > timedelta(hours=1):
            return Reply(401, date)
        there.taken[post.host].append(post.activity["id"])
        return Reply(202, date)

    watch = ClockWatch(clock.now(), clock.now(), lambda: true.now().timestamp())
    async with (
        Sink(4) as sink,
        outbound(database, clock, rsa_keys[0], sink, watch=watch) as node,
    ):
        there = World(sink)
        sink.answer = strict
        for host in sink.hosts:
            await node.follow(host)
        await node.publish()
        await node.render()
        if not while_sending:
            clock.moment += jump
            held.set()
        await node.deliver()
        for _ in range(6):
            true.advance(minutes=20)
            await passing(node, 1)
        clock.moment -= jump
        for _ in range(60):
            true.advance(minutes=20)
            await passing(node, 1)
        [activity] = await node.rows("SELECT id FROM activity")
        assert there.taken == {host: [activity["id"]] for host in sink.hosts}
        assert (await node.counts())["dead"] == 0
