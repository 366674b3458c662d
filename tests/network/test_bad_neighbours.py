"""Neighbours that lie, lead round in circles, claim too much or never stop: the others go on as before."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.federation.peer import Peer, PeerActor, Received, Reply
from tests.interop.inside import befriend, settled
from tests.network.network import CALENDAR, Network, network, rows, shows
from tests.running_node import RunningNode, document, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_AT_ONCE = 16


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """Three nodes; the first two follow each other, and both are followed by the third."""
    async with network(tmp_path_factory.mktemp("three"), 3) as found:
        await found.follow([(0, 1), (1, 0), (2, 0), (2, 1)])
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def peer() -> AsyncIterator[Peer]:
    async with Peer.start() as started:
        yield started


def event(actor: PeerActor, number: int, **more: Any) -> dict[str, Any]:
    """A gathering of the bad neighbour."""
    return {
        "id": f"{actor.id}/events/{number}",
        "type": "Event",
        "attributedTo": actor.id,
        "name": f"Noise {number}",
        "startTime": "2031-05-10T10:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "to": [PUBLIC],
    } | more


async def post(
    node: RunningNode, peer: Peer, actor: PeerActor, activity: Mapping[str, Any]
) -> Received:
    return await peer.post_signed(f"{node.url}/inbox", activity, actor=actor)


async def goes_on(three: Network, slug: str) -> None:
    """What a good neighbour says still arrives in time, and goes in time."""
    title = await three.publish(0, slug)
    await shows(three.followers(0), title)
    await three.nodes[0].command("event", "remove", slug)
    await shows(three.followers(0), title, shown=False)


async def test_a_liar_changes_nothing_of_what_others_said(three: Network, peer: Peer) -> None:
    victim, reader = three.nodes[0], three.nodes[2]
    title = await three.publish(0, "true-word")
    await shows([reader], title)
    liar = peer.actor("liar", type="Group")
    await befriend(reader, peer, liar)
    true = await document(f"{victim.url}/events/true-word")
    lie = true | {"name": "A lie", "updated": "2031-01-01T00:00:00Z"}
    group = true["attributedTo"]
    for activity in (
        liar.activity("Update", lie),
        liar.activity("Create", lie | {"id": f"{victim.url}/events/never-was"}),
        liar.activity("Delete", true["id"]),
        liar.activity("Delete", group),
        liar.activity("Create", event(liar, 1, name="A lie", attributedTo=group)),
        liar.activity("Announce", liar.activity("Update", lie)),
        liar.activity("Move", group, target=liar.id),
        liar.activity("Undo", {"type": "Create", "actor": group, "object": true["id"]}),
    ):
        await post(reader, peer, liar, activity)
    await settled(reader)
    calendar = await page(f"{reader.url}{CALENDAR}")
    assert title in calendar
    assert "A lie" not in calendar
    following = await reader.json("following", "--json")
    assert group in [one["id"] for one in following if one["state"] == "accepted"]
    await goes_on(three, "after-the-lie")
    await victim.command("event", "remove", "true-word")


async def test_collections_that_never_end_are_left_in_time(three: Network, peer: Peer) -> None:
    """Each page of its collections leads to another, for ever, and each event to a series in a circle."""
    reader = three.nodes[1]
    maze = peer.actor("maze", type="Group")
    pages = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal pages
        pages += 1
        found = [event(maze, pages * 100 + at, series=f"{maze.id}/series") for at in range(20)]
        body = {
            "id": peer.url(request.raw_path),
            "type": "OrderedCollectionPage",
            "partOf": f"{maze.id}/endless",
            "orderedItems": found,
            "next": f"{maze.id}/endless?page={pages + 1}",
        }
        return Reply(body=body).response()

    first = {"id": f"{maze.id}/endless", "type": "OrderedCollection", "totalItems": 10**9}
    peer.script("/users/maze/endless", endless)
    peer.serve("/users/maze/outbox", first | {"first": f"{maze.id}/endless?page=1"})
    for name in ("upcomingEvents", "featured", "followers", "following"):
        maze.document[name] = f"{maze.id}/endless"
    peer.redirect("/users/maze/series", peer.url("/users/maze/series"))

    async def left() -> bool:
        return rows(reader, "SELECT count(*) FROM backfill") == [(0,)]

    await befriend(reader, peer, maze)
    await goes_on(three, "meanwhile-1")
    await eventually(left, seconds=20)
    assert pages > 1
    assert len(peer.requests) < 100, "the walk has a bound"
    kept = rows(reader, f"SELECT count(*) FROM neighbour_post WHERE actor_id = '{maze.id}'")
    assert kept[0][0] <= 200


async def test_a_flood_is_told_to_wait_and_what_others_say_arrives(
    three: Network, peer: Peer
) -> None:
    reader = three.nodes[1]
    flood = peer.actor("flood", type="Group")
    await befriend(reader, peer, flood)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> int:
        async with turn:
            return (
                await post(reader, peer, flood, flood.activity("Create", event(flood, number)))
            ).status

    flooding = asyncio.gather(*(one(number) for number in range(1500)))
    await goes_on(three, "meanwhile-2")
    statuses = await flooding
    assert set(statuses) == {202, 429}
    assert statuses.count(202) < 500
    await settled(reader)
    await goes_on(three, "afterwards")
    assert rows(reader, "SELECT count(*) FROM delivery WHERE state = 'dead'")[0][0] == 0
