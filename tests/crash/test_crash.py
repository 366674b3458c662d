"""Kill -9 at any moment of the whole server: nothing that it acknowledged is lost, nothing is told twice
as if new, and what it tells keeps its order."""

import asyncio
import os
import random
import shutil
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from node.store import followers
from node.store.database import Database, Session
from tests.crash import disk
from tests.crash.load import OPEN, Load, loading
from tests.crash.process import WarmNode, warm_node
from tests.federation.peer import Peer
from tests.federation.sink import Received, Reply, Sink

ROUNDS = int(os.environ.get("ROUNDS", "100"))
SEED = int(os.environ.get("SEED", "1"))
STOPPED_SECONDS = float(os.environ.get("STOPPED_SECONDS", "0.3"))
POWER_CUTS = max(15, ROUNDS // 10)
DATABASE = ("node.sqlite3", "node.sqlite3-wal")
_HOSTS = 3
_IN_FLIGHT = 48
_UNRECORDED = 60  # and what was answered in the last moments before
Pair = tuple[str, str]  # (inbox, activity id)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that another server took."""

    host: str
    inbox: str
    activity: dict[str, Any]

    @property
    def pair(self) -> Pair:
        return self.inbox, self.activity["id"]

    @property
    def object_id(self) -> str:
        thing = self.activity["object"]
        return str(thing if isinstance(thing, str) else thing["id"])


class Crashing:
    """A node, the servers it tells, and what arrived there."""

    def __init__(self, node: WarmNode, sink: Sink, load: Load, chance: random.Random) -> None:
        self.node = node
        self.load = load
        self.arrivals: list[Arrival] = []
        self.kills = 0
        self.resendable: Counter[Pair] = Counter()
        self.starting = 0.2
        self.after_kill: Callable[[], None] = lambda: None
        self._looked_at = 0
        self._sink = sink
        self._sink.answer = self._answer
        self._chance = chance

    async def round(self) -> None:
        """Start the server, keep it busy, kill it at some moment, look at what is left."""
        began = time.monotonic()
        await self.node.launch()
        self.load.start()
        if self._chance.random() < 0.2:  # while it still starts
            await asyncio.sleep(self._chance.uniform(0, self.starting))
        else:
            await self.node.well()
            self.starting = time.monotonic() - began
            await asyncio.sleep(self._chance.uniform(0, 0.25))
        if self.kills % 10 == 9:
            await self._hold_still()
        await self.node.kill()
        await self.load.stop()
        self.after_kill()
        self.kills += 1
        await self._sink.quiet()
        self.note_unrecorded()

    async def finish(self) -> None:
        """A last process that may do all that is left, and ends in good order."""
        await self.node.start()
        await self.node.settled()
        assert await self.node.stop() == 0

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """What the database of the node holds."""
        return self.node.rows(sql, *values)

    def note_unrecorded(self) -> None:
        """What arrived, but the server could not write down: only that may come again."""
        lately = self.arrivals[self._looked_at :]
        self._looked_at = len(self.arrivals)
        recorded = set(
            self.rows(
                "SELECT inbox, id FROM delivery JOIN activity ON activity.seq = delivery.activity"
                " WHERE state = 'delivered' AND finished_at > ?",
                int(time.time() * 1000) - 600_000,
            )
        )
        self.resendable.update({one.pair for one in lately} - recorded)

    async def _hold_still(self) -> None:
        """The machine sleeps for a while; then all of its time is there at once."""
        self.node.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED_SECONDS)
        self.node.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(self._chance.uniform(0, 0.1))

    def _answer(self, post: Received) -> Reply:
        if not post.body:
            return Reply(404)  # it wants to know what runs here
        if self._chance.random() < 0.03:
            return Reply(503)
        self.arrivals.append(Arrival(post.host, post.inbox, post.activity))
        return Reply(202)


async def followed(node: WarmNode, hosts: list[str]) -> set[str]:
    """Give a node that does not serve two followers on each host, one behind a shared inbox; the inboxes."""
    now, inboxes = datetime.now(UTC), set()

    def fill(session: Session) -> None:
        for at, host in enumerate(hosts * 2):
            shared = f"http://{host}/inbox" if at < len(hosts) else None
            inbox = f"http://{host}/users/{at}/inbox"
            inboxes.add(shared or inbox)
            followers.put(
                session,
                actor_id=f"http://{host}/users/{at}",
                inbox=inbox,
                shared_inbox=shared,
                host=host,
                follow_id=f"http://{host}/follows/{at}",
                follow={"type": "Follow"},
                now=now,
            )

    async with await Database.open(node.data / "node.sqlite3") as database:
        await database.write(fill)
    return inboxes


@asynccontextmanager
async def crashing(directory: Path, **variables: str) -> AsyncIterator[tuple[Crashing, set[str]]]:
    """A node with followers and people who use it, and the inboxes of the followers."""
    chance = random.Random(SEED)
    settings = {"ROUGHWEATHER_FEDERATION__RETRY_BASE_SECONDS": "0.02"} | variables
    async with (
        Sink(_HOSTS) as sink,
        Peer.start() as peer,
        warm_node(directory, "alder", **settings) as node,
    ):
        inboxes = await followed(node, sink.hosts)
        await node.start()
        async with loading(node, peer, chance) as load:
            await node.stop()
            sink.received.clear()
            yield Crashing(node, sink, load, chance), inboxes


@pytest.mark.timeout(120 + 3 * ROUNDS)
async def test_kill_at_any_moment(tmp_path: Path) -> None:
    async with crashing(tmp_path) as (harness, inboxes):
        for _ in range(ROUNDS):
            await harness.round()
        await all_is_well(harness, inboxes)


@disk.needs_a_compiler
@pytest.mark.timeout(120 + 3 * POWER_CUTS)
async def test_cut_the_power_at_any_moment(tmp_path: Path) -> None:
    """Whatever was not flushed to the disk by then is gone; what was acknowledged had been."""
    durable = tmp_path / "durable"
    durable.mkdir()
    with disk.ruled_disk(tmp_path) as (ruled, variables):
        async with crashing(tmp_path, **variables) as (harness, inboxes):
            data = harness.node.data
            for name in DATABASE:
                if (data / name).exists():
                    shutil.copyfile(data / name, durable / name)
            ruled.keeps(data, durable)

            def lose_what_was_not_flushed() -> None:
                for name in (*DATABASE, "node.sqlite3-shm"):
                    (data / name).unlink(missing_ok=True)
                    if (durable / name).exists():
                        shutil.copyfile(durable / name, data / name)

            harness.after_kill = lose_what_was_not_flushed
            for _ in range(POWER_CUTS):
                await harness.round()
            await all_is_well(harness, inboxes)


async def all_is_well(harness: Crashing, inboxes: set[str]) -> None:
    """Let it finish, and check everything against everything."""
    await harness.finish()
    everybody_had_a_turn(harness)
    assert harness.rows("PRAGMA integrity_check") == [("ok",)]
    assert harness.rows("PRAGMA foreign_key_check") == []
    no_event_is_lost(harness, inboxes)
    nothing_from_others_is_lost(harness)
    nothing_of_the_pages_is_lost(harness, inboxes)
    one_publish_is_one_activity(harness)
    only_what_was_not_recorded_came_twice(harness)
    order_was_kept(harness)
    report(harness)


def everybody_had_a_turn(harness: Crashing) -> None:
    ledger = harness.load.ledger
    for done in (ledger.published, ledger.replies, ledger.guests, ledger.reflections):
        assert len(done) > harness.kills / 20
    assert harness.kills < 50 or (ledger.removed and ledger.joins)


def no_event_is_lost(harness: Crashing, inboxes: set[str]) -> None:
    ledger = harness.load.ledger
    seen: dict[Pair, list[Arrival]] = defaultdict(list)
    for one in harness.arrivals:
        if one.activity["type"] in ("Create", "Update", "Delete"):
            seen[one.inbox, one.object_id].append(one)
    for slug in ledger.published:
        for inbox in inboxes:
            came = seen[inbox, f"{harness.node.url}/events/{slug}"]
            if slug in ledger.removed:
                assert not came or came[-1].activity["type"] == "Delete"
            elif slug not in ledger.asked_to_remove:
                assert came, f"{slug} never came to {inbox}"
                last = int(came[-1].activity["object"]["name"].removeprefix("version "))
                assert last >= ledger.versions[slug]


def nothing_from_others_is_lost(harness: Crashing) -> None:
    """Each acknowledged activity is kept once and took effect once."""
    ledger = harness.load.ledger
    kept = harness.rows("SELECT activity_id, type, state FROM inbound")
    assert max(Counter(row[0] for row in kept).values()) == 1
    assert ledger.replies <= {row[0] for row in kept if row[1:] == ("Create", "applied")}
    [(replies,)] = harness.rows("SELECT count(*) FROM reply")
    assert replies == sum(row[1:] == ("Create", "applied") for row in kept)
    lists = harness.rows("SELECT event_slug, activity_id FROM rsvp WHERE via = 'activitypub'")
    for activity, slug in ledger.joins.items():
        if slug not in ledger.asked_to_remove:
            assert (slug, activity) in lists


def nothing_of_the_pages_is_lost(harness: Crashing, inboxes: set[str]) -> None:
    ledger = harness.load.ledger
    coming = harness.rows("SELECT who FROM rsvp WHERE event_slug = ? AND via = 'web'", OPEN)
    assert ledger.guests <= {row[0] for row in coming}
    words = dict(harness.rows("SELECT slug, document ->> '$.title' FROM reflection"))
    titles = Counter(words.values())
    assert ledger.reflections <= titles.keys()
    assert max(titles.values()) == 1
    told = {(one.inbox, one.object_id) for one in harness.arrivals}
    for slug, title in words.items():
        if title in ledger.reflections:
            reflection = f"{harness.node.url}/reflections/{slug}"
            assert {(inbox, reflection) for inbox in inboxes} <= told


def one_publish_is_one_activity(harness: Crashing) -> None:
    stored = harness.rows(
        "SELECT object_id, count(*) FROM activity WHERE type IN ('Create', 'Delete')"
        " GROUP BY object_id, type HAVING count(*) > 1"
    )
    assert stored == []
    made = [one for one in harness.arrivals if one.activity["type"] == "Create"]
    assert len({one.activity["id"] for one in made}) == len({one.object_id for one in made})


def only_what_was_not_recorded_came_twice(harness: Crashing) -> None:
    came = Counter(one.pair for one in harness.arrivals)
    for pair, times in came.items():
        assert times - 1 <= harness.resendable[pair], f"{pair} came {times} times"
    assert sum(times - 1 for times in came.values()) <= harness.kills * (_IN_FLIGHT + _UNRECORDED)


def order_was_kept(harness: Crashing) -> None:
    numbers = dict(harness.rows("SELECT id, seq FROM activity"))
    latest: dict[Pair, int] = {}
    for one in harness.arrivals:
        key, number = (one.host, one.object_id), numbers[one.activity["id"]]
        assert number >= latest.get(key, 0), f"{one.activity['type']} of {key} came too late"
        latest[key] = number


def report(harness: Crashing) -> None:
    came, ledger = Counter(one.pair for one in harness.arrivals), harness.load.ledger
    print(
        f"{harness.kills} kills; acknowledged: {len(ledger.published)} events, "
        f"{sum(ledger.versions.values())} changes, {len(ledger.removed)} removals, "
        f"{len(ledger.replies)} replies, {len(ledger.joins)} joins, {len(ledger.guests)} guests, "
        f"{len(ledger.reflections)} reflections; none lost. {len(came)} delivered, "
        f"{sum(came.values()) - len(came)} sent twice (at most {sum(harness.resendable.values())} could be)"
    )
