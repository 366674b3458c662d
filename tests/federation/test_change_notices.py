"""Changes of time, place and status: told once, when the hosts are quiet, to all who are on their way."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from federation.signatures import SigningKey
from node.change_notices import ChangeNoticeWorker
from node.domain.rsvp import Answer
from node.services import rsvps
from node.store import actors, followers
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.outbound import URLS, Outbound, outbound
from tests.federation.sink import Sink
from tests.store.test_actors import remote

EVENT_ID = URLS.event("spring-spiral-day")
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
MONDAY, TUESDAY = "2027-04-19T10:00:00", "2027-04-20T10:00:00"
HALL = {"visibility": "public", "name": "Hall", "address": "1 Creek Road", "locality": "Oakland"}


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[Outbound]:
    async with Sink(hosts=2) as sink, outbound(database, clock, rsa_keys[0], sink) as way_out:
        await way_out.follow(sink.hosts[0])
        yield way_out


async def notes(node: Outbound) -> list[str]:
    """Let a minute pass and everything go out; what the notices say."""
    await node.settle()
    await node.quiet()
    await node.settle()
    return [
        one.activity["object"]["content"]
        for one in node.sink.received
        if one.activity["type"] == "Create" and one.activity["object"]["type"] == "Note"
    ]


def updates(node: Outbound) -> list[Any]:
    return [
        one.activity["object"] for one in node.sink.received if one.activity["type"] == "Update"
    ]


async def test_two_edits_in_a_minute_are_one_notice_of_the_whole_difference(node: Outbound) -> None:
    await node.publish()
    await node.settle()
    await node.edit(start_local=MONDAY)
    await node.settle()
    node.clock.advance(seconds=50)
    assert not await node.changes.step()
    await node.edit(start_local=TUESDAY, location=HALL)
    await node.settle()
    node.clock.advance(seconds=50)
    assert not await node.changes.step()
    assert await node.changes.idle_seconds() == 10
    [told] = await notes(node)
    assert told == (
        "<p>Spring Spiral Day<br>Tue 20 Apr 2027, 10:00 PDT (was Sat 17 Apr 2027, 10:00 PDT)"
        "<br>Hall, Oakland · 1 Creek Road</p>"
    )
    assert [one["startTime"][:10] for one in updates(node)] == ["2027-04-19", "2027-04-20"]


async def test_what_came_back_to_what_it_was_is_not_told(node: Outbound) -> None:
    await node.publish()
    await node.edit(start_local=MONDAY)
    await node.edit(start_local="2027-04-17T10:00:00")
    assert await notes(node) == []
    assert await node.rows("SELECT * FROM pending_change") == []


async def test_each_quiet_minute_tells_from_what_was_told_last(node: Outbound) -> None:
    await node.publish()
    await node.edit(start_local=MONDAY)
    await notes(node)
    await node.edit(start_local=TUESDAY)
    second = (await notes(node))[-1]
    assert "(was Mon 19 Apr 2027" in second


async def test_a_change_waits_through_a_restart(node: Outbound, database: Database) -> None:
    await node.publish()
    await node.edit(status="cancelled", reason="High water")
    node.clock.advance(hours=3)
    again = ChangeNoticeWorker(database, node.clock, quiet=60)
    assert await again.idle_seconds() == 0
    assert await again.step()
    assert not await again.step()
    assert await notes(node) == [
        "<p>Cancelled: Spring Spiral Day<br>Sat 17 Apr 2027, 10:00 PDT<br>High water</p>"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another name"},
        {"description": "More words"},
        {"tags": ["river"]},
        {"location": HALL | {"directions": "Ring twice"}},
    ],
)
async def test_what_nobody_on_their_way_must_know_is_not_told(
    node: Outbound, changes: dict[str, Any]
) -> None:
    await node.publish(location=HALL)
    await node.edit(**changes)
    assert await notes(node) == []
    assert len(updates(node)) == 1


@pytest.mark.parametrize("how", ["removed", "hidden", "removed later"])
async def test_of_what_is_gone_nothing_is_told(node: Outbound, how: str) -> None:
    await node.publish()
    await node.settle()
    await node.edit(start_local=MONDAY)
    if how == "removed":
        await node.remove()
    elif how == "hidden":
        await node.edit(visibility="local_only")
    else:
        await node.quiet()
        await node.remove()
    assert await notes(node) == []
    assert node.sink.received[-1].activity["type"] == "Delete"


async def comes(node: Outbound, host: str, answer: Answer = Answer.GOING) -> str:
    """Somebody on a host answers the event without following; their inbox."""
    bea = f"http://{host}/users/bea"
    now = node.clock.now()
    actor = remote(bea, handle=f"bea@{host}", shared_inbox=f"http://{host}/inbox")
    await node.database.write(lambda session: actors.put(session, actor, now))
    await node.database.write(
        lambda session: rsvps.answer(
            session, "spring-spiral-day", bea, answer, activity_id=f"{bea}/j", now=now
        )
    )
    return f"{bea}/inbox"


OPEN = {"registration": {"mode": "open"}}


async def test_who_comes_and_does_not_follow_is_told_too(node: Outbound) -> None:
    host = node.sink.hosts[1]
    await node.publish(**OPEN)
    await node.settle()
    inbox = await comes(node, host)
    await node.edit(start_local=MONDAY)
    await notes(node)
    update, letter = [one for one in node.sink.received if one.host == host]
    assert (update.activity["type"], update.activity["object"]["id"]) == ("Update", EVENT_ID)
    note = letter.activity["object"]
    assert "http://127.0.0.1:9/rsvp/" in note["content"]
    assert letter.inbox == inbox
    bea = inbox.removesuffix("/inbox")
    assert (letter.activity["to"], note["to"], note["cc"]) == ([bea], [bea], [])
    assert note["tag"] == [{"type": "Mention", "href": bea, "name": f"@bea@{host}"}]
    assert "Mon 19 Apr 2027" in note["content"]
    others = [one.body for one in node.sink.received if one.host != host]
    assert all(bea.encode() not in body for body in others)
    assert len({one.activity["object"]["id"] for one in node.sink.received}) == 3


async def test_with_the_event_the_letters_about_it_go(node: Outbound) -> None:
    host = node.sink.hosts[1]
    await node.publish(**OPEN)
    await node.settle()
    inbox = await comes(node, host)
    await node.edit(start_local=MONDAY)
    await notes(node)
    [letter] = [
        one.activity["object"]["id"]
        for one in node.sink.received
        if one.inbox == inbox and one.activity["type"] == "Create"
    ]
    await node.remove()
    await node.settle()
    [gone] = [
        one.activity
        for one in node.sink.received
        if one.activity["type"] == "Delete" and one.inbox == inbox
    ]
    assert (gone["object"]["id"], gone["to"]) == (letter, [inbox.removesuffix("/inbox")])
    others = [one for one in node.sink.received if one.inbox != inbox]
    assert letter not in [one.activity["object"]["id"] for one in others]


async def test_who_follows_gets_no_letter_besides(node: Outbound) -> None:
    host = node.sink.hosts[1]
    await node.publish(**OPEN)
    await comes(node, host)
    await node.follow(host, "bea")
    await node.edit(start_local=MONDAY)
    await notes(node)
    told = [one.activity["object"] for one in node.sink.received if one.host == host]
    assert [one["to"] for one in told if one["type"] == "Note"] == [[PUBLIC]]


async def test_who_said_that_they_do_not_come_is_left_alone(node: Outbound) -> None:
    host = node.sink.hosts[1]
    await node.publish(**OPEN)
    await comes(node, host, Answer.NOT_GOING)
    await node.edit(start_local=MONDAY)
    await notes(node)
    assert [one for one in node.sink.received if one.host == host] == []
    assert await node.database.read(followers.count) == 1
