"""Kill -9 at any moment: nothing that was acknowledged is lost, nothing is told twice as if new."""

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from federation.signatures import SigningKey
from node.store import followers, groups, keypairs, migrations
from node.store.database import Database, Session
from node.store.keypairs import StoredKeypair
from tests.conftest import GROUP, NOW
from tests.crash.harness import Arrival, Crashing
from tests.crash.node_process import URLS
from tests.federation.sink import Sink

ROUNDS = int(os.environ.get("ROUNDS", "25"))
SEED = int(os.environ.get("SEED", "1"))
_IN_FLIGHT = 48
_UNRECORDED = 60  # and what was answered in the last moments before


async def prepare(path: Path, hosts: list[str], key: SigningKey) -> set[str]:
    """A database with keys and followers, half of them behind shared inboxes; the inboxes."""
    pair = StoredKeypair(private_pem=key.private_pem(), public_pem=key.public_pem())
    inboxes = set()

    def fill(session: Session) -> None:
        groups.create(session, "norcal", GROUP, NOW)
        keypairs.add(session, "group", pair, NOW)
        keypairs.add(session, "instance", pair, NOW)
        for at, host in enumerate(hosts * 2):
            shared = f"http://{host}/inbox" if at % 2 else None
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
                now=NOW,
            )

    migrations.create(path)
    async with await Database.open(path) as database:
        await database.write(fill)
    return inboxes


@pytest.mark.timeout(60 + 3 * ROUNDS)
async def test_kill_at_any_moment(tmp_path: Path, rsa_keys: tuple[SigningKey, ...]) -> None:
    path = tmp_path / "node.sqlite3"
    async with Sink(5) as sink:
        inboxes = await prepare(path, sink.hosts, rsa_keys[0])
        crashing = Crashing(path, sink, SEED)
        for _ in range(ROUNDS):
            await crashing.round()
        await crashing.finish()
    assert len(crashing.ledger.published) > ROUNDS
    assert crashing.rows("PRAGMA integrity_check") == [("ok",)]
    assert crashing.rows("PRAGMA foreign_key_check") == []
    nothing_acknowledged_is_lost(crashing, inboxes)
    one_publish_is_one_activity(crashing)
    only_what_was_not_recorded_came_twice(crashing)
    order_was_kept(crashing)
    report(crashing)


def nothing_acknowledged_is_lost(crashing: Crashing, inboxes: set[str]) -> None:
    ledger = crashing.ledger
    seen: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for one in crashing.arrivals:
        seen[one.inbox, one.object_id].append(one)
    for number in ledger.published:
        for inbox in inboxes:
            came = seen[inbox, URLS.event(f"event-{number}")]
            if number in ledger.removed:
                assert not came or came[-1].activity["type"] == "Delete"
            elif number not in ledger.asked_to_remove:
                assert came, f"event-{number} never came to {inbox}"
                last = int(came[-1].activity["object"]["name"].removeprefix("version "))
                assert last >= ledger.versions[number]
    kept = Counter(row[0] for row in crashing.rows("SELECT activity_id FROM inbound"))
    assert {f"https://b.example/activities/{number}" for number in ledger.received} <= set(kept)
    assert set(kept.values()) <= {1}


def one_publish_is_one_activity(crashing: Crashing) -> None:
    stored = crashing.rows(
        "SELECT object_id, count(*) FROM activity WHERE type IN ('Create', 'Delete')"
        " GROUP BY object_id, type HAVING count(*) > 1"
    )
    assert stored == []
    creates = {one.pair[1] for one in crashing.arrivals if one.activity["type"] == "Create"}
    objects = {one.object_id for one in crashing.arrivals if one.activity["type"] == "Create"}
    assert len(creates) == len(objects)


def only_what_was_not_recorded_came_twice(crashing: Crashing) -> None:
    came = Counter(one.pair for one in crashing.arrivals)
    for pair, times in came.items():
        assert times - 1 <= crashing.resendable[pair], f"{pair} came {times} times"
    assert sum(times - 1 for times in came.values()) <= crashing.kills * (_IN_FLIGHT + _UNRECORDED)


def order_was_kept(crashing: Crashing) -> None:
    numbers = dict(crashing.rows("SELECT id, seq FROM activity"))
    latest: dict[tuple[str, str], int] = {}
    for one in crashing.arrivals:
        key, number = (one.host, one.object_id), numbers[one.activity["id"]]
        assert number >= latest.get(key, 0), f"{one.activity['type']} of {key} came too late"
        latest[key] = number


def report(crashing: Crashing) -> None:
    came = Counter(one.pair for one in crashing.arrivals)
    print(
        f"{crashing.kills} kills, {len(crashing.ledger.published)} published, {len(came)} delivered,"
        f" {sum(came.values()) - len(came)} sent twice (at most {sum(crashing.resendable.values())} could be)"
    )
