"""While our clock is in doubt: what waits is held, no refusal counts, and others are judged by the best guess."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest

from federation.clock_keeper import ClockKeeper
from federation.clock_watch import ClockWatch
from federation.signatures import SigningKey
from node.store import clock_state
from node.store.database import Database
from tests.conftest import NOW, TurnableClock
from tests.federation.outbound import Outbound, outbound
from tests.federation.sink import Received, Reply, Sink


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink(5) as opened:
        yield opened


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...], sink: Sink
) -> AsyncIterator[Outbound]:
    """A node that watches its clock."""

    def steady() -> float:
        return (clock.now() - NOW).total_seconds()

    watch = ClockWatch(clock.now(), None, steady)
    async with outbound(database, clock, rsa_keys[0], sink, watch=watch) as parts:
        yield parts


def strict_servers(true_time: datetime) -> Any:
    """Servers that refuse a signature of another hour, and say what time it is."""

    def answer(post: Received) -> Reply:
        created = re.search(r"created=(\d+)", post.headers.get("signature-input", ""))
        signed = (
            datetime.fromtimestamp(int(created[1]), UTC)
            if created
            else parsedate_to_datetime(post.headers["date"])
        )
        headers = {"Date": format_datetime(true_time, usegmt=True)}
        return Reply(202 if abs(signed - true_time) < timedelta(hours=1) else 401, headers)

    return answer


async def test_what_waits_is_held_while_our_clock_is_off_and_goes_out_once_it_is_right(
    node: Outbound, clock: TurnableClock, sink: Sink
) -> None:
    for host in sink.hosts:
        await node.follow(host)
    sink.answer = strict_servers(NOW - timedelta(days=2))
    await node.publish()
    await node.settle()
    trouble = await node.database.read(clock_state.trouble)
    assert trouble == "off"
    for _ in range(30):
        clock.advance(seconds=40)
        await node.deliver()
    rows = await node.rows("SELECT state, attempts FROM delivery")
    assert {row["state"] for row in rows} == {
        "pending"
    }  # a server that refuses three times is given up
    assert max(row["attempts"] for row in rows) <= 1  # what was refused before we knew
    assert await node.rows("SELECT * FROM host_state WHERE closed_until > 0") == []

    sink.answer = strict_servers(clock.now())
    for _ in range(12):
        clock.advance(seconds=3600)
        sink.answer = strict_servers(clock.now())
        await node.deliver()
    assert (await node.counts())["delivered"] == 5
    assert await node.database.read(clock_state.trouble) is None


async def test_what_the_clock_has_shown_outlives_the_process(
    database: Database, clock: TurnableClock
) -> None:
    watch = ClockWatch(clock.now(), None, lambda: 0.0)
    await ClockKeeper(database, watch).note(clock.now())
    seen = await database.read(clock_state.seen)
    assert seen == clock.now()
    earlier = clock.now() - timedelta(days=3)
    again = ClockKeeper(database, ClockWatch(earlier, seen, lambda: 0.0))
    assert await again.look(earlier)
    assert again.in_doubt
    await again.note(earlier)
    assert await database.read(clock_state.seen) == clock.now()
