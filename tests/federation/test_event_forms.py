"""Every server is told of an event in one form: the Event, or a Note where Events are dropped."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from federation.event_readers import DROPS_EVENTS
from federation.signatures import SigningKey
from node.domain.outbox import OutboxKind
from node.store import activities, audience, hosts, outbox
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.outbound import URLS, Outbound, outbound
from tests.federation.sink import Sink

EVENT_ID = URLS.event("spring-spiral-day")
NOTE_ID = EVENT_ID + "/note"
ANOTHER_DAY = "2027-04-18T10:00:00"


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[Outbound]:
    async with Sink(hosts=3) as sink, outbound(database, clock, rsa_keys[0], sink) as way_out:
        yield way_out


async def runs(node: Outbound, host: str, software: str | None) -> None:
    """The host says what it runs."""
    now = node.clock.now()

    def learn(session: Any) -> None:
        if hosts.learned(session, host, software, "1", now=now, again=now + timedelta(days=30)):
            outbox.enqueue(session, OutboxKind.HOST_LEARNED, host, now)

    await node.database.write(learn)


def came(node: Outbound, host: str) -> list[tuple[str, str, str]]:
    """What came to a host: type of activity, id and type of its object."""
    return [
        (one.activity["type"], one.activity["object"]["id"], one.activity["object"]["type"])
        for one in node.sink.received
        if one.host == host
    ]


@pytest.fixture
async def three(node: Outbound) -> tuple[str, str, str]:
    """Followers at three servers: Mastodon, one that drops events, one nobody knows."""
    reading, dropping, unknown = node.sink.hosts
    for host in node.sink.hosts:
        await node.follow(host)
    await runs(node, reading, "mastodon")
    await runs(node, dropping, "hollo")
    return reading, dropping, unknown


async def test_each_server_sees_one_form(node: Outbound, three: tuple[str, str, str]) -> None:
    reading, dropping, unknown = three
    await node.publish()
    await node.settle()
    assert came(node, reading) == came(node, unknown) == [("Create", EVENT_ID, "Event")]
    assert came(node, dropping) == [("Create", NOTE_ID, "Note")]


async def test_changes_and_the_end_reach_each_server_in_its_form(
    node: Outbound, three: tuple[str, str, str]
) -> None:
    reading, dropping, _ = three
    await node.publish()
    await node.settle()
    await node.edit(start_local=ANOTHER_DAY)
    await node.quiet()
    await node.settle()
    await node.remove()
    await node.settle()
    for host, event_id, kind in ((reading, EVENT_ID, "Event"), (dropping, NOTE_ID, "Note")):
        told = came(node, host)
        assert told[:2] == [("Create", event_id, kind), ("Update", event_id, kind)]
        assert told[2][0] == "Create"
        notice = told[2][1]
        assert notice.endswith("/note") == (kind == "Note")
        assert set(told[3:]) == {
            ("Delete", event_id, "Tombstone"),
            ("Delete", notice, "Tombstone"),
        }
        created = [
            one.activity["object"]
            for one in node.sink.received
            if one.host == host and one.activity["type"] == "Create"
        ]
        assert created[1]["inReplyTo"] == event_id
    later = node.clock.now() + timedelta(days=31)
    assert (
        await node.database.write(lambda session: audience.forget_companions(session, later)) == 1
    )


async def test_the_companion_never_stands_in_the_outbox(
    node: Outbound, three: tuple[str, str, str]
) -> None:
    await node.publish()
    await node.edit(start_local=ANOTHER_DAY)
    await node.quiet()
    await node.render()
    rows = await node.database.read(activities.public_page)
    assert [b"/note" in row.body for row in rows] == [False, False]


async def test_without_a_server_that_drops_events_no_note_is_made(node: Outbound) -> None:
    await node.follow(node.sink.hosts[0])
    await node.publish()
    await node.render()
    assert len(await node.rows("SELECT * FROM activity")) == 1


async def test_a_server_that_turns_out_to_drop_events_gets_the_note_of_what_is_coming(
    node: Outbound, three: tuple[str, str, str]
) -> None:
    unknown = three[2]
    await node.publish()
    over = {"start_local": "2027-03-01T10:00:00"}
    await node.publish(id="over", title="Over", **over)
    await node.publish(id="off", title="Off", status="cancelled")
    await node.settle()
    node.sink.received.clear()
    await runs(node, unknown, "ghost")
    await node.settle()
    assert [one.host for one in node.sink.received] == [unknown]
    assert came(node, unknown) == [("Create", NOTE_ID, "Note")]

    await node.edit(start_local=ANOTHER_DAY)
    await node.settle()
    assert ("Update", NOTE_ID, "Note") in came(node, unknown)
    assert "Event" not in [kind for _, _, kind in came(node, unknown)]


async def test_a_new_follower_there_is_not_told_of_everything(node: Outbound) -> None:
    await node.publish()
    await node.settle()
    host = node.sink.hosts[0]
    await node.follow(host)
    await runs(node, host, "ghost")
    await node.settle()
    assert came(node, host) == []


async def test_a_server_that_learned_to_read_events_keeps_the_note_it_has(
    node: Outbound, three: tuple[str, str, str]
) -> None:
    dropping = three[1]
    await node.publish()
    await node.settle()
    await runs(node, dropping, "mastodon")
    await node.edit(title="Another name")
    await node.publish(id="next", title="Next")
    await node.settle()
    assert came(node, dropping) == [
        ("Create", NOTE_ID, "Note"),
        ("Update", NOTE_ID, "Note"),
        ("Create", URLS.event("next"), "Event"),
    ]


async def test_one_shared_inbox_sees_one_form(node: Outbound) -> None:
    """Two hosts behind one inbox: the Note serves both."""
    inbox_host, other = node.sink.hosts[0], "drops.example"
    await node.follow(inbox_host, shared=True)
    await node.database.write(
        lambda session: session.run(
            "INSERT INTO follower SELECT 'https://drops.example/u/ann', inbox, shared_inbox, :host,"
            " follow_id || '2', follow, created_at FROM follower",
            {"host": other},
        )
    )
    await node.database.write(
        lambda session: session.run(
            "INSERT INTO host_software (host, origin, software, not_before)"
            " VALUES (:host, 'https://drops.example', 'ghost', 0)",
            {"host": other},
        )
    )
    await node.publish()
    await node.settle()
    assert came(node, inbox_host) == [("Create", NOTE_ID, "Note")]


@pytest.mark.parametrize("software", sorted(DROPS_EVENTS))
async def test_every_software_that_drops_events_gets_the_note(
    node: Outbound, software: str
) -> None:
    host = node.sink.hosts[0]
    await node.follow(host)
    await runs(node, host, software)
    await node.publish(visibility="followers_and_link")
    await node.render()
    [row] = await node.rows(
        "SELECT object_id FROM delivery JOIN activity ON activity.seq = delivery.activity"
    )
    assert row["object_id"] == NOTE_ID
