"""A series as another server meets it: one post, plain Events, a collection where the series is."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from tests.federation.peer import Peer, PeerActor
from tests.running_node import RunningNode, document, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERIES = {
    "title": {"de": "Mittwochskreis"},
    "start_local": "2031-03-12T19:00:00",
    "end_local": "2031-03-12T21:00:00",
    "timezone": "Europe/Berlin",
    "registration": {"mode": "open"},
    "series": {"rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=6"},
}
READER = "/users/reader/inbox"


@pytest_asyncio.fixture(loop_scope="module")
async def reader(alder: RunningNode, peer: Peer) -> AsyncIterator[PeerActor]:
    """Somebody who follows the group."""
    actor = peer.actor("reader", shared_inbox=False)
    follow = actor.activity("Follow", f"{alder.url}/group")
    await peer.post_signed(f"{alder.url}/inbox", follow, actor=actor)
    await peer.delivery("Accept", path=READER)
    yield actor


async def answered(peer: Peer, join_id: str, answer: str) -> bool:
    """Whether an answer to that Join arrived; that there was no other is asserted."""
    found = [one for one in peer.deliveries(READER) if join_id in str(one.get("object"))]
    assert {one["type"] for one in found} <= {answer}
    return bool(found)


async def test_followers_hear_of_the_next_session_and_of_its_changes_alone(
    alder: RunningNode, peer: Peer, reader: PeerActor
) -> None:
    await alder.command("event", "add", "-", stdin=SERIES | {"id": "kreis"})
    create = await peer.delivery("Create", path=READER)
    first = f"{alder.url}/events/kreis-2031-03-12"
    assert (create["object"]["id"], create["object"]["type"]) == (first, "Event")
    assert create["object"]["series"] == f"{alder.url}/events/kreis"

    later = {"title": {"de": "Mit Gästen"}}
    await alder.command("event", "edit", "kreis-2031-03-26", "-", stdin=later)
    await alder.command("event", "cancel", "kreis-2031-04-02")
    await alder.command("event", "edit", "kreis-2031-03-12", "-", stdin=later)
    update = await peer.delivery("Update", path=READER)
    assert (update["object"]["id"], update["object"]["name"]) == (first, "Mit Gästen")
    sent = [one for one in peer.deliveries(READER) if one["type"] in ("Create", "Update")]
    assert {one["object"]["id"] for one in sent if one["object"]["type"] == "Event"} == {first}

    whole = await document(f"{alder.url}/events/kreis")
    assert whole["type"] == "OrderedCollection"
    starts = [(await document(one))["startTime"] for one in whole["orderedItems"]]
    assert starts == [
        *("2031-03-12T19:00:00+01:00", "2031-03-19T19:00:00+01:00", "2031-03-26T19:00:00+01:00"),
        *("2031-04-02T19:00:00+02:00", "2031-04-09T19:00:00+02:00", "2031-04-16T19:00:00+02:00"),
    ]


async def test_people_join_sessions_also_before_their_turn_and_never_the_series(
    alder: RunningNode, peer: Peer, reader: PeerActor
) -> None:
    await alder.command("event", "add", "-", stdin=SERIES | {"id": "runde"})
    await peer.delivery("Create", path=READER)
    for slug, answer in (("runde-2031-03-26", "Accept"), ("runde", "Reject")):
        join = reader.activity("Join", f"{alder.url}/events/{slug}")
        await peer.post_signed(f"{alder.url}/inbox", join, actor=reader)
        await eventually(partial(answered, peer, join["id"], answer))
    coming = await alder.json("rsvps", "runde-2031-03-26", "--json")
    assert [one["who"] for one in coming] == [reader.id]
    await alder.command(
        "event", "edit", "runde", "-", stdin={"series": {"rrule": "FREQ=WEEKLY;COUNT=1"}}
    )
    [session] = [
        one for one in await alder.json("event", "list", "--json") if one["slug"] == "runde"
    ]
    states = {one["slug"]: one["status"] for one in session["sessions"]}
    assert states == {"runde-2031-03-12": "scheduled", "runde-2031-03-26": "cancelled"}
