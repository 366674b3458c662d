"""What waits is delivered once, in order, in time; what fails is tried again, and none holds up others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation import keypairs
from federation.delivery import DeliveryWorker
from federation.signatures import SigningKey, read_signature, verify
from node.services import identity
from node.store import deliveries, delivery_queue
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.outbound import URLS, Outbound, hosts_in_turn, outbound
from tests.federation.sink import Received, Reply, Sink

EVENT_ID = URLS.event("spring-spiral-day")
UNREACHABLE = "127.0.0.1:1"  # nothing listens there


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink(3) as opened:
        yield opened


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...], sink: Sink
) -> AsyncIterator[Outbound]:
    async with outbound(database, clock, rsa_keys[0], sink) as parts:
        yield parts


def always(status: int | None, **headers: str) -> Any:
    return lambda _: Reply(status, headers)


async def waits_until(node: Outbound) -> datetime | None:
    [report] = await node.report(EVENT_ID)
    return report.next_try


async def test_a_delivery_is_signed_by_the_group_and_holds_the_stored_bytes(
    node: Outbound, rsa_keys: tuple[SigningKey, ...]
) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    [post] = node.sink.received
    claim = read_signature(post.signed)
    verify(
        post.signed,
        claim,
        rsa_keys[0].public,
        now=node.clock.now(),
        hosts=frozenset({post.host}),
        scheme="http",
    )
    assert claim.key_id == f"{URLS.group}#main-key"
    [row] = await node.rows("SELECT body, digest FROM activity")
    assert (post.body, post.headers["digest"]) == (row["body"], row["digest"])
    assert post.headers["content-type"] == "application/activity+json"
    assert post.headers["content-length"] == str(len(post.body))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_2xx_is_done(node: Outbound, status: int) -> None:
    node.sink.answer = always(status)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    counts = await node.counts()
    assert (counts["delivered"], counts["pending"], counts["oldest_pending_seconds"]) == (1, 0, 0)


async def test_two_followers_behind_a_shared_inbox_are_one_post(node: Outbound) -> None:
    shared, personal, _ = node.sink.hosts
    for name in ("ann", "bob"):
        await node.follow(shared, name, shared=True)
        await node.follow(personal, name)
    await node.publish()
    await node.settle()
    assert Counter(one.host for one in node.sink.received) == {shared: 1, personal: 2}


async def test_a_server_in_trouble_is_tried_again_on_schedule_with_the_same_activity(
    node: Outbound,
) -> None:
    node.sink.answer = always(503)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    waits = [(await waits_until(node)) - node.clock.now()]  # type: ignore[operator]
    node.clock.advance(seconds=20)
    await node.deliver()
    assert len(node.sink.received) == 1
    node.clock.advance(seconds=20)
    await node.deliver()
    waits.append((await waits_until(node)) - node.clock.now())  # type: ignore[operator]
    node.sink.answer = always(202)
    node.clock.advance(minutes=3)
    await node.deliver()
    assert len(set(node.sink.ids())) == 1
    assert len(node.sink.received) == 3
    assert timedelta(seconds=24) <= waits[0] <= timedelta(seconds=36)
    assert timedelta(seconds=96) <= waits[1] <= timedelta(seconds=144)
    assert (await node.counts())["delivered"] == 1


async def test_no_answer_at_all_is_tried_again(node: Outbound) -> None:
    node.sink.answer = always(None)
    await node.follow(node.sink.hosts[0])
    await node.follow(UNREACHABLE)
    await node.publish()
    await node.settle()
    counts = await node.counts()
    assert (counts["retrying"], counts["dead"]) == (2, 0)
    for report in await node.report(EVENT_ID):
        assert report.last_error
        assert report.last_status is None


async def test_retry_after_is_honoured_for_the_whole_server(node: Outbound) -> None:
    answers = iter([Reply(429, {"Retry-After": "900"})])
    node.sink.answer = lambda _: next(answers, Reply())
    host = node.sink.hosts[0]
    await node.follow(host, "ann")
    await node.publish()
    await node.settle()
    await node.publish(id="another-event")
    await node.settle()
    node.clock.advance(minutes=14)
    await node.deliver()
    assert len(node.sink.received) == 1
    node.clock.advance(minutes=2)
    await node.deliver()
    assert len(node.sink.received) == 3


async def test_a_refused_activity_is_given_up_shown_and_can_be_tried_again(node: Outbound) -> None:
    node.sink.answer = lambda _: Reply(400, body="I do not know this type.")
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    [report] = await node.report(EVENT_ID)
    assert (report.state, report.last_status, report.attempts) == ("dead", 400, 1)
    assert report.last_error == "I do not know this type."
    node.sink.answer = always(202)
    now = node.clock.now()
    await node.database.write(
        lambda session: deliveries.retry_dead(session, now, object_id=EVENT_ID)
    )
    await node.deliver()
    assert (await node.report(EVENT_ID))[0].state == "delivered"


@pytest.mark.parametrize(("status", "knocks"), [(401, 2), (403, 1), (404, 1)])
async def test_a_refused_sender_gets_three_tries(node: Outbound, status: int, knocks: int) -> None:
    node.sink.answer = always(status)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    for _ in range(5):
        node.clock.advance(hours=20)
        await node.deliver()
    assert len(node.sink.received) == 3 * knocks
    assert (await node.counts())["dead"] == 1


async def test_a_follower_is_dropped_when_its_inbox_is_gone_on_two_days(node: Outbound) -> None:
    node.sink.answer = always(410)
    await node.follow(node.sink.hosts[0], "ann", shared=True)
    await node.publish()
    await node.publish(id="the-same-day")
    await node.settle()
    assert (await node.counts())["dead"] == 2
    assert len(await node.rows("SELECT * FROM follower")) == 1
    node.clock.advance(days=1)
    await node.publish(id="another-day")
    await node.settle()
    assert await node.rows("SELECT * FROM follower") == []


async def test_a_follower_stays_when_its_inbox_took_something_in_between(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    for number, status in enumerate([410, 202, 410]):
        node.sink.answer = always(status)
        await node.publish(id=f"event-{number}")
        await node.settle()
        node.clock.advance(days=1)
    assert len(await node.rows("SELECT * FROM follower")) == 1


async def test_what_is_said_of_one_thing_keeps_its_order_and_holds_up_nothing_else(
    node: Outbound,
) -> None:
    refused = iter([Reply(503)])
    node.sink.answer = lambda post: (
        next(refused, Reply()) if post.activity["object"]["id"] == EVENT_ID else Reply()
    )
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    await node.edit(title="Changed")
    await node.publish(id="another-event")
    await node.settle()
    node.clock.advance(minutes=1)
    await node.deliver()
    seen = [(one.activity["type"], one.activity["object"]["id"]) for one in node.sink.received]
    another = URLS.event("another-event")
    assert seen == [
        ("Create", EVENT_ID),
        ("Create", another),
        ("Create", EVENT_ID),
        ("Update", EVENT_ID),
    ]


async def test_five_hundred_followers_on_fifty_hosts_get_it_two_at_a_time(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    now, most, total, most_total = Counter[str](), Counter[str](), 0, 0

    async def slowly(post: Received) -> Reply:
        nonlocal total, most_total
        now[post.host] += 1
        total += 1
        most[post.host] = max(most[post.host], now[post.host])
        most_total = max(most_total, total)
        for _ in range(5):
            await asyncio.sleep(0)
        now[post.host] -= 1
        total -= 1
        return Reply()

    async with Sink(50, slowly) as sink, outbound(database, clock, rsa_keys[0], sink) as node:
        for host, name in hosts_in_turn(sink.hosts, 500):
            await node.follow(host, name)
        await node.publish()
        await node.settle()
        assert Counter(one.inbox for one in sink.received).most_common(1)[0][1] == 1
        assert len(sink.received) == 500
        assert max(most.values()) <= 2
        assert most_total <= 48
        assert sink.connections <= 100


async def test_a_host_that_keeps_failing_is_left_alone_and_waiting_is_no_attempt(
    node: Outbound,
) -> None:
    node.sink.answer = always(502)
    host = node.sink.hosts[0]
    for number in range(10):
        await node.follow(host, f"member-{number}")
    await node.publish()
    await node.settle()
    tried = len(node.sink.received)
    assert 5 <= tried <= 8  # what was on its way when the breaker closed still counts
    node.clock.advance(minutes=5)
    await node.deliver()
    assert len(node.sink.received) == tried
    node.clock.advance(minutes=30)
    await node.deliver()
    assert len(node.sink.received) == tried + 1
    attempts = await node.rows("SELECT sum(attempts) AS n FROM delivery")
    assert attempts == [{"n": tried + 1}]


async def test_a_host_that_answers_its_probe_gets_everything_at_once(node: Outbound) -> None:
    node.sink.answer = always(502)
    for number in range(10):
        await node.follow(node.sink.hosts[0], f"member-{number}")
    await node.publish()
    await node.settle()
    node.sink.answer = always(202)
    node.clock.advance(minutes=30)
    await node.deliver()
    assert (await node.counts())["delivered"] == 10
    assert await node.rows("SELECT failures, closed_until FROM host_state") == [
        {"failures": 0, "closed_until": 0}
    ]


async def test_hosts_that_do_not_answer_hold_up_nobody(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> None:
    released = asyncio.Event()

    async def hang(post: Received) -> Reply:
        if post.host in sink.hosts[:30]:
            await released.wait()
        return Reply()

    async with Sink(40, hang) as sink, outbound(database, clock, rsa_keys[0], sink) as node:
        await database.write(
            lambda session: session.run_many(
                "INSERT INTO host_state (host, failures) VALUES (:host, 1)",
                [{"host": host} for host in sink.hosts[:30]],
            )
        )
        for host, name in hosts_in_turn(sink.hosts, 400):
            await node.follow(host, name)
        await node.publish()
        await node.render()
        delivering = asyncio.create_task(node.deliver())
        await sink.until(100)
        assert {one.host for one in sink.received} == set(sink.hosts[30:])
        released.set()
        await delivering
        assert len(sink.received) == 400


async def test_while_we_are_offline_no_attempt_counts(
    node: Outbound, rsa_keys: tuple[SigningKey, ...]
) -> None:
    for port in range(2, 8):
        await node.follow(f"127.0.0.1:{port}")  # nothing listens there
    await node.follow(node.sink.hosts[0])
    node.clock.advance(seconds=61)
    node.sink.answer = always(None)
    await node.publish()
    await node.settle()
    before = await node.rows("SELECT seq, attempts FROM delivery ORDER BY seq")
    assert sum(row["attempts"] for row in before) < 7
    for _ in range(20):
        node.clock.advance(seconds=40)
        await node.deliver()
    assert await node.rows("SELECT seq, attempts FROM delivery ORDER BY seq") == before
    assert await node.rows("SELECT * FROM host_state WHERE closed_until > 0") == []
    node.sink.answer = always(202)
    for _ in range(8):
        node.clock.advance(seconds=40)
        await node.deliver()
    assert (await node.counts())["delivered"] == 1


async def test_nobody_is_told_of_a_gathering_that_is_over_when_they_come_back(
    node: Outbound,
) -> None:
    node.sink.answer = always(503)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    assert len(await node.rows("SELECT 1 FROM delivery WHERE state = 'pending'")) == 1
    node.clock.set(datetime(2027, 4, 17, 12, tzinfo=UTC))  # it begins at five in the afternoon
    await node.deliver()
    assert len(await node.rows("SELECT 1 FROM delivery WHERE state = 'pending'")) == 1
    node.clock.advance(days=2)
    await node.deliver()
    assert await node.rows("SELECT state FROM delivery") == []


async def test_an_orderly_stop_records_what_ended_and_puts_back_the_rest(node: Outbound) -> None:
    held = asyncio.Event()

    async def hold_some(post: Received) -> Reply:
        if post.host == node.sink.hosts[1]:
            await held.wait()
        return Reply()

    node.sink.answer = hold_some
    for host, name in hosts_in_turn(node.sink.hosts[:2], 20):
        await node.follow(host, name)
    await node.publish()
    await node.render()
    await node.delivery.step()
    await node.sink.until(4)
    await node.delivery.close(1.2)
    held.set()
    states = await node.rows(
        "SELECT state, lease, attempts FROM delivery WHERE state <> 'delivered'"
    )
    assert states
    assert all(row == {"state": "pending", "lease": None, "attempts": 0} for row in states)
    delivered = await node.rows("SELECT inbox FROM delivery WHERE state = 'delivered'")
    arrived = {one.inbox for one in node.sink.received if one.host == node.sink.hosts[0]}
    assert {row["inbox"] for row in delivered} == arrived


async def test_what_a_dead_process_had_leased_goes_out_again_under_the_same_id(
    node: Outbound,
) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    now = node.clock.now()
    claimed = await node.database.write(
        lambda session: delivery_queue.claim(session, "the dead", now, room=9, per_host=9)
    )
    assert len(claimed) == 1
    again = DeliveryWorker(node.database, node.client, node.keypairs, node.clock)
    await again.step()
    await node.sink.until(1)
    await again.close(2.0)
    assert (await node.counts())["delivered"] == 1


async def test_what_was_withdrawn_on_its_way_is_not_tried_again(node: Outbound) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def fail_late(post: Received) -> Reply:
        if post.activity["type"] == "Create":
            arrived.set()
            await go_on.wait()
            return Reply(503)
        return Reply()

    node.sink.answer = fail_late
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    delivering = asyncio.create_task(node.deliver())
    await arrived.wait()
    await node.remove()
    await node.render()
    go_on.set()
    await delivering
    await node.deliver()
    assert [one.activity["type"] for one in node.sink.received] == ["Create", "Delete"]
    assert (await node.counts())["retrying"] == 0


async def test_counts_tell_what_waits_and_for_how_long(node: Outbound) -> None:
    node.sink.answer = always(500)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    assert (await node.counts())["pending"] == 1  # not yet addressed to anybody
    await node.settle()
    await node.publish(id="another-event")
    await node.render()
    node.clock.advance(seconds=12)
    counts = await node.counts()
    assert (counts["pending"], counts["retrying"], counts["oldest_pending_seconds"]) == (1, 1, 12)


async def test_after_a_month_of_silence_a_host_is_given_up(node: Outbound) -> None:
    node.sink.answer = always(500)
    for number in range(8):
        await node.follow(node.sink.hosts[0], f"member-{number}")
    await node.publish()
    await node.settle()
    for _ in range(32 * 4):
        node.clock.advance(hours=7)
        await node.deliver()
    assert (await node.counts())["dead"] == 8
    assert len(node.sink.received) < 180


async def test_what_is_long_past_is_forgotten_but_not_what_is_public(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.edit(title="Changed")
    await node.settle()
    node.clock.advance(days=31)
    await node.deliver()
    assert await node.rows("SELECT * FROM delivery") == []
    assert await node.rows("SELECT type FROM activity") == [{"type": "Create"}, {"type": "Update"}]
    await node.remove()
    await node.settle()
    node.clock.advance(days=32)
    await node.deliver()
    assert await node.rows("SELECT type FROM activity") == []


async def test_the_worker_sleeps_until_the_next_row_is_due(node: Outbound) -> None:
    node.sink.answer = always(500)
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.settle()
    assert 24 <= await node.delivery.idle_seconds() <= 36


@pytest.mark.parametrize("statement", ["claim", "claim_failing", "next_due", "hurry"])
async def test_hot_queries_use_their_indexes(node: Outbound, statement: str) -> None:
    sql = {
        "claim": delivery_queue.CLAIM_SOUND,
        "claim_failing": delivery_queue.CLAIM_FAILING,
        "next_due": "SELECT not_before FROM delivery WHERE state = 'pending' AND not_before > :now"
        " ORDER BY not_before LIMIT 1",
        "hurry": "UPDATE delivery SET not_before = :now WHERE host = :host"
        " AND state IN ('pending', 'leased') AND state = 'pending' AND not_before > :now",
    }[statement]
    names = ("lease", "now", "busy", "window", "per_host", "room", "host")
    values = dict.fromkeys(names, "[]")
    plan = await node.database.write(
        lambda session: session.rows(f"EXPLAIN QUERY PLAN {sql}", values)
    )
    steps = [
        row["detail"] for row in plan if "delivery" in row["detail"] or "waiting" in row["detail"]
    ]
    assert not [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]


async def test_what_was_leased_before_a_key_was_replaced_waits_for_the_news(
    node: Outbound,
) -> None:
    """Nothing that the new key signs is sent before what the old one signs, whenever it was leased."""
    host = node.sink.hosts[0]
    await node.follow(host)
    both, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slowly(_: Received) -> Reply:
        both.release()
        await go_on.wait()
        return Reply()

    node.sink.answer = slowly
    for number in range(8):
        await node.publish(id=f"gathering-{number}")
    await node.render()
    sending = asyncio.create_task(node.deliver())
    for _ in range(2):  # two are on their way, the others wait in memory
        await both.acquire()
    made = await asyncio.to_thread(lambda: (keypairs.generate()["group"][0],))
    now = node.clock.now()
    await node.database.write(
        lambda session: identity.rotate(session, "group", made, now=now, who="test")
    )
    node.keypairs.changes += 1
    go_on.set()
    await sending
    assert len(node.sink.received) == 2
    await node.settle()
    kinds = [one.activity["type"] for one in node.sink.received]
    assert kinds == ["Create", "Create", "Update", *["Create"] * 6]
