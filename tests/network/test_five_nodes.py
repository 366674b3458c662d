"""Five nodes that follow each other as the sample groups do: what one says, its neighbours know, and no one else."""

import asyncio
import signal
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.network.network import CALENDAR, Network, graph, network, rows, shows
from tests.running_node import RunningNode, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("five"), 5) as found:
        await found.follow_each_other()
        yield found


async def test_the_graph_is_the_samples_and_grows_by_copies() -> None:
    assert (0, 1) in graph(6)
    for count in (5, 10, 25, 50):
        pairs = graph(count)
        assert {one for one, _ in pairs} == set(range(count))
        assert {other for _, other in pairs} == set(range(count))
        assert len(pairs) / count < 3


async def strangers(five: Network, place: int) -> list[RunningNode]:
    near = five.followers(place)
    return [node for at, node in enumerate(five.nodes) if node not in near and at != place]


async def test_what_anybody_publishes_is_on_every_neighbours_calendar_and_goes_when_withdrawn(
    five: Network,
) -> None:
    places = range(len(five.nodes))
    titles = await asyncio.gather(*(five.publish(place, "soup") for place in places))
    await asyncio.gather(*(shows(five.followers(place), titles[place]) for place in places))
    for place in places:
        for node in await strangers(five, place):
            assert titles[place] not in await page(f"{node.url}{CALENDAR}")
    await asyncio.gather(*(node.command("event", "remove", "soup") for node in five.nodes))
    await asyncio.gather(
        *(shows(five.followers(place), titles[place], shown=False) for place in places)
    )


async def test_what_a_neighbour_publishes_is_found_until_it_is_withdrawn(five: Network) -> None:
    await five.publish(0, "moonwalk", languages=["es"])
    for node in five.followers(0):
        await eventually(lambda node=node: found(node, "moonwalk"))
    await five.nodes[0].command("event", "remove", "moonwalk")
    for node in five.followers(0):
        await eventually(lambda node=node: lost(node, "moonwalk"))


async def test_what_a_neighbour_publishes_is_found_by_language_and_distance(five: Network) -> None:
    place = {"name": "Arboretum", "locality": "Nairobi", "country": "KE", "visibility": "public"}
    where = place | {"lat": -1.28, "lon": 36.81}
    title = await five.publish(0, "forest", languages=["sw"], location=where)
    await shows(five.followers(0), title)
    for query, there in (
        ("language=sw", True),
        ("language=fr", False),
        ("near=-1.29,36.82&km=20", True),
        ("near=52.52,13.40&km=500", False),
        ("near=Nairobi", True),
        ("language=sw&near=-1.29,36.82&km=20", True),
        ("language=fr&near=-1.29,36.82&km=20", False),
    ):
        for node in five.followers(0):
            assert (title in await page(f"{node.url}/calendar?{query}")) is there, query


async def found(node: RunningNode, words: str) -> bool:
    return "<h3>" in await page(f"{node.url}/search?q={quote(words)}")


async def lost(node: RunningNode, words: str) -> bool:
    return not await found(node, words)


async def test_who_is_killed_comes_back_to_what_was_said_meanwhile(five: Network) -> None:
    victim = five.followers(0)[0]
    await victim.stop(signal.SIGKILL)
    title = await five.publish(0, "meanwhile")
    others = [node for node in five.followers(0) if node is not victim]
    await shows(others, title)
    await victim.start()
    await eventually(lambda: _has(victim, title), seconds=30)


async def _has(node: RunningNode, title: str) -> bool:
    return title in await page(f"{node.url}{CALENDAR}")


async def test_what_was_withdrawn_while_a_node_slept_is_gone_when_it_wakes(five: Network) -> None:
    sleeper = five.followers(1)[0]
    title = await five.publish(1, "short-lived")
    await shows([sleeper], title)
    await sleeper.stop()
    await five.nodes[1].command("event", "remove", "short-lived")
    await sleeper.start()
    await eventually(lambda: _lost_title(sleeper, title), seconds=30)


async def _lost_title(node: RunningNode, title: str) -> bool:
    return title not in await page(f"{node.url}{CALENDAR}")


async def test_nothing_goes_round_in_circles(five: Network) -> None:
    """Everybody who follows and is followed has heard each thing once, and passed on nothing."""
    await five.publish(2, "circle")
    await shows(five.followers(2), f"circle of {five.nodes[2].handle}")
    for node in five.nodes:
        twice = rows(
            node, "SELECT activity_id FROM inbound GROUP BY activity_id HAVING count(*) > 1"
        )
        assert twice == []
        foreign = rows(node, f"SELECT id FROM activity WHERE id NOT LIKE '{node.url}/%'")
        assert foreign == []
