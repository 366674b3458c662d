"""Real nodes find each other through the groups they stand with; and those that agreed to nothing are not told of."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from tests.running_node import RunningNode, document, eventually, page, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Three:
    """alder follows birch, birch follows cedar."""

    alder: RunningNode
    birch: RunningNode
    cedar: RunningNode


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Three]:
    """Three nodes; cedar says where it is and what it speaks, birch has not been asked yet."""
    folder = tmp_path_factory.mktemp("around")
    async with (
        running_node(folder, "alder") as alder,
        running_node(folder, "birch") as birch,
        running_node(folder, "cedar") as cedar,
    ):
        await describe(cedar, languages=["es"], lat=4.711, lon=-74.072, region={"es": "Bogotá"})
        await describe(alder, lat=52.52, lon=13.405)
        await follow(birch, cedar)
        await follow(alder, birch)
        yield Three(alder, birch, cedar)


async def describe(node: RunningNode, **more: object) -> None:
    """Let a group say more of itself."""
    group = {"slug": node.handle, "name": f"Circle {node.handle}", "timezone": "UTC"} | more
    await node.command("import", "-", stdin={"groups": [group]})


async def follow(one: RunningNode, other: RunningNode) -> None:
    await one.command("follow", other.address)

    async def accepted() -> bool:
        return all(each["state"] == "accepted" for each in await one.json("following", "--json"))

    await eventually(accepted)


async def status(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


async def test_groups_are_found_through_groups_that_agree_and_never_against_their_will(
    three: Three,
) -> None:
    await nobody_is_told_before_the_group_agreed(three)
    await who_knows_one_neighbour_finds_its_neighbours(three)
    await a_list_is_followed_in_one_step(three)
    await who_asks_not_to_be_named_is_not(three)
    await what_is_told_no_longer_is_forgotten(three)


async def nobody_is_told_before_the_group_agreed(three: Three) -> None:
    birch = three.birch
    assert (await birch.json("groups", "--json"))["tells"] is None
    assert "standsWith" not in await document(f"{birch.url}/group")
    assert await status(f"{birch.url}/group/stands-with") == 404
    assert await status(f"{birch.url}/groups") == 404
    assert (await three.alder.json("groups", "--json"))["groups"] == []


async def who_knows_one_neighbour_finds_its_neighbours(three: Three) -> None:
    alder, birch, cedar = three.alder, three.birch, three.cedar
    await birch.command("groups", "--tell", "yes")

    async def found() -> list[dict[str, object]]:
        listed: list[dict[str, object]] = (await alder.json("groups", "--json"))["groups"]
        return listed

    [one] = await eventually(found, seconds=10)
    assert one["id"] == f"{cedar.url}/group"
    assert one["name"] == "Circle cedar"
    assert one["languages"] == ["es"]
    assert one["place"] == "Bogotá"
    assert one["followed_by"] == ["Circle birch"]
    assert 9300 < float(str(one["km"])) < 9600
    assert [each["handle"] for each in await alder.json("following", "--json")] == [birch.address]

    told = await document(f"{birch.url}/group/stands-with")
    assert (await document(f"{birch.url}/group"))["standsWith"] == told["id"]
    assert told["orderedItems"] == [
        {
            "type": "Group",
            "id": f"{cedar.url}/group",
            "name": "Circle cedar",
            "url": f"{cedar.url}/group",
            "knowsLanguage": ["es"],
            "location": {
                "type": "Place",
                "name": "Bogotá",
                "latitude": 4.7,
                "longitude": -74.1,
            },
        }
    ]
    assert "Circle cedar" in await page(f"{birch.url}/groups")
    assert "alder" not in str(told)  # who follows is told nobody


async def a_list_is_followed_in_one_step(three: Three) -> None:
    """From birch's address, first to look at, by a node that knows nobody."""
    folder, birch, cedar = three.alder.data.parent / "new", three.birch, three.cedar
    folder.mkdir()
    address = f"{birch.url}/groups.json"
    async with running_node(folder, "dogwood") as dogwood:
        seen = await dogwood.json("follow", "--list", address, "--dry-run", "--json")
        assert [(one["name"], one["state"]) for one in seen["groups"]] == [
            ("Circle birch", "new"),
            ("Circle cedar", "new"),
        ]
        assert await dogwood.json("following", "--json") == []
        await dogwood.command("block", cedar.url.removeprefix("http://"))
        done = await dogwood.json("follow", "--list", address, "--json")
        assert [one["state"] for one in done["groups"]] == ["asked", "blocked"]
        [followed] = await dogwood.json("following", "--json")
        assert followed["handle"] == birch.address
        again = await dogwood.json("follow", "--list", address, "--json")
        assert [one["state"] for one in again["groups"]] == ["followed", "blocked"]
        await dogwood.command("follow", "--list", f"{birch.url}/about", code=1)
        await dogwood.command("follow", code=1)


async def who_asks_not_to_be_named_is_not(three: Three) -> None:
    birch, cedar = three.birch, three.cedar
    await describe(cedar, discoverable=False, lat=4.711, lon=-74.072)

    async def unnamed() -> bool:
        told = await document(f"{birch.url}/group/stands-with")
        return told["orderedItems"] == []

    await eventually(unnamed, seconds=10)
    assert "latitude" not in str(await document(f"{cedar.url}/group"))


async def what_is_told_no_longer_is_forgotten(three: Three) -> None:
    alder, birch, cedar = three.alder, three.birch, three.cedar
    await describe(cedar)
    await birch.command("groups", "--tell", "no")
    assert await status(f"{birch.url}/group/stands-with") == 404

    async def forgotten() -> bool:
        return (await alder.json("groups", "--json"))["groups"] == []

    await eventually(forgotten, seconds=10)
