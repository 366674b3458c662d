"""Two real nodes on loopback: what one publishes is on the other's pages, and goes when withdrawn."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running_node import AS2, RunningNode, eventually, page, running_node

GATHERING = {
    "id": "river-walk",
    "title": {"en": "Slow walk by the river"},
    "summary": {"en": "We walk for an hour and say little."},
    "start_local": "2031-05-10T10:00:00",
    "end_local": "2031-05-10T12:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Boathouse", "locality": "Potsdam"},
}


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    async with running_node(tmp_path, "alder") as alder, running_node(tmp_path, "birch") as birch:
        yield alder, birch


async def accepted(alder: RunningNode, birch: RunningNode) -> None:
    """alder follows birch, and birch's Accept has arrived."""
    await alder.command("follow", birch.address)

    async def there() -> bool:
        return [one["state"] for one in await alder.json("following", "--json")] == ["accepted"]

    await eventually(there)


async def neighbours_show(
    node: RunningNode, text: str, *, shown: bool = True, seconds: float = 5.0
) -> None:
    async def looks() -> bool:
        return (text in await page(f"{node.url}/neighbours")) is shown

    await eventually(looks, seconds=seconds)


async def test_an_event_reaches_the_neighbour_is_edited_cancelled_and_leaves_with_the_follow(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    await birch.command("event", "add", "-", stdin=GATHERING)
    await neighbours_show(alder, "Slow walk by the river")
    shown = await page(f"{alder.url}/neighbours")
    assert "Boathouse" in shown
    assert "10:00" in shown
    assert "Circle birch" in shown

    await birch.command("event", "edit", "river-walk", "-", stdin={"title": {"en": "Slower walk"}})
    await neighbours_show(alder, "Slower walk")

    await birch.command("event", "cancel", "river-walk", "--reason", "High water")
    await neighbours_show(alder, "Cancelled")

    await alder.command("unfollow", birch.address)
    await neighbours_show(alder, "Slower walk", shown=False)
    assert await alder.json("following", "--json") == []

    async def forgotten() -> bool:
        return await birch.json("followers", "--json") == []

    await eventually(forgotten)


async def test_what_was_upcoming_before_the_follow_is_read_from_the_other_node(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await birch.command("event", "add", "-", stdin=GATHERING)
    await accepted(alder, birch)
    await neighbours_show(alder, "Slow walk by the river")


async def test_a_removed_event_and_a_withdrawn_reflection_are_gone_on_both(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    reflection = {"id": "thanks", "language": "en", "title": "Thanks", "body": "For the rain."}
    await birch.command("event", "add", "-", stdin=GATHERING)
    await birch.command("reflection", "add", "-", stdin=reflection)
    await neighbours_show(alder, "For the rain.")
    await birch.command("reflection", "withdraw", "thanks")
    await birch.command("event", "remove", "river-walk")
    await neighbours_show(alder, "For the rain.", shown=False)
    await neighbours_show(alder, "Slow walk by the river", shown=False)


async def test_a_block_ends_everything_between_two_nodes(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    await birch.command("event", "add", "-", stdin=GATHERING)
    await neighbours_show(alder, "Slow walk by the river")
    await alder.command("block", "127.0.0.1", "--reason", "test")
    await neighbours_show(alder, "Slow walk by the river", shown=False)
    assert await alder.json("following", "--json") == []
    assert "127.0.0.1" in json.dumps(await alder.json("blocks", "--json"))


async def test_nothing_is_lost_while_the_neighbour_is_down(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    await alder.stop()
    await birch.command("event", "add", "-", stdin=GATHERING)

    async def tried() -> bool:
        return (await birch.json("queue", "--json"))["retrying"] == 1

    await eventually(tried)
    await alder.start()
    # On a busy machine the next try may be the fifth, twelve seconds after the fourth.
    await neighbours_show(alder, "Slow walk by the river", seconds=30)


async def test_the_drill_a_node_restored_from_its_backup_goes_on_where_it_was(
    nodes: tuple[RunningNode, RunningNode], tmp_path: Path
) -> None:
    """Same keys, same followers, same content; its neighbour notices nothing and need not follow again."""
    alder, birch = nodes
    await accepted(alder, birch)
    await birch.command("event", "add", "-", stdin=GATHERING)
    await neighbours_show(alder, "Slow walk by the river")
    file = tmp_path / "birch.zip"
    await birch.command("backup", str(file))
    before = await birch.json("export", "-")
    follows = await birch.json("followers", "--json")

    await birch.stop()
    birch.data.rename(tmp_path / "lost")
    await birch.command("restore", str(file))
    await birch.command("check")
    await birch.start()

    assert await birch.json("export", "-") == before
    assert await birch.json("followers", "--json") == follows
    await birch.command("event", "edit", "river-walk", "-", stdin={"title": {"en": "Slower walk"}})
    await neighbours_show(alder, "Slower walk")


async def calendar_shows(node: RunningNode, query: str, *words: str, shown: bool = True) -> None:
    async def looks() -> bool:
        text = await page(f"{node.url}/calendar?{query}")
        return all((word in text) is shown for word in words)

    await eventually(looks, seconds=5.0)


async def test_what_one_chooses_by_travels_with_the_gathering(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    facts = {
        "kind": "walk_outdoors",
        "languages": ["de", "en"],
        "price": {"model": "free"},
        "access": {"step_free_route": "yes", "sign_language": "yes", "hearing_loop": "no"},
    }
    where = {"lat": 52.4, "lon": 13.06}
    place = GATHERING["location"] | where  # type: ignore[operator]
    await birch.command("event", "add", "-", stdin=GATHERING | facts | {"location": place})
    title = "Slow walk by the river"
    for query in (
        *("language=de", "language=en", "kind=walk_outdoors", "free=yes", "access=sign_language"),
        *("near=potsdam", "near=52.5,13.4&km=40", "from=2031-05-10&until=2031-05-10"),
    ):
        await calendar_shows(alder, query, title, "Circle birch")
    for query in ("language=fr", "kind=workshop", "access=hearing_loop", "near=52.5,13.4&km=10"):
        assert title not in await page(f"{alder.url}/calendar?{query}")


async def test_a_gathering_that_is_passed_on_names_its_home_and_goes_with_it(
    nodes: tuple[RunningNode, RunningNode], tmp_path: Path
) -> None:
    alder, birch = nodes
    title = "Slow walk by the river"
    async with running_node(tmp_path, "cedar") as cedar:
        await accepted(alder, birch)
        await accepted(cedar, alder)
        made = json.loads(await birch.command("event", "add", "-", stdin=GATHERING))
        await calendar_shows(alder, "group=all", title)
        assert title not in await page(f"{cedar.url}/calendar")

        await alder.command("boost", made["id"])
        await calendar_shows(cedar, "group=all", title, "passed on by Circle alder")
        assert [one["id"] for one in await alder.json("boosts", "--json")] == [made["id"]]
        await alder.command("boost", made["url"], code=1)

        await alder.command("unboost", made["id"])
        await calendar_shows(cedar, "group=all", title, shown=False)
        await alder.command("unboost", made["id"], code=1)

        await alder.command("boost", made["url"])
        await calendar_shows(cedar, "group=all", "passed on by Circle alder")
        await cedar.command("follow", birch.address)
        await calendar_shows(cedar, "group=all", "passed on by", shown=False)
        assert (await page(f"{cedar.url}/calendar?group=all")).count(f">{title}</a>") == 1
        await alder.command("unboost", made["id"])
        await alder.command("boost", made["id"])
        await calendar_shows(cedar, "group=all", title)
        await birch.command("event", "remove", "river-walk")
        await calendar_shows(alder, "group=all", title, shown=False)
        await calendar_shows(cedar, "group=all", title, shown=False)
        assert await alder.json("boosts", "--json") == []


async def test_a_practice_of_a_neighbour_is_found_with_its_home_and_goes_with_the_follow(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    practices = [
        {"id": "mossy-breath", "group": "birch", "title": "Mossy breath", "body": "Lie down."}
    ]
    group = {"slug": "birch", "name": "Circle birch"}
    await birch.command("import", "-", stdin={"groups": [group], "practices": practices})
    address = f"{birch.url}/practices/mossy-breath"
    document = json.loads(await page(address, accept=AS2))
    assert (document["type"], document["name"]) == ("Article", "Mossy breath")
    await accepted(alder, birch)

    async def found(is_there: bool) -> bool:
        shown = await page(f"{alder.url}/search?q=mossy&kind=practice")
        return (f'href="{address}"' in shown and "Circle birch" in shown) is is_there

    await eventually(lambda: found(True))
    assert "Mossy breath" not in await page(f"{alder.url}/neighbours")
    await alder.command("unfollow", birch.address)
    await eventually(lambda: found(False))
