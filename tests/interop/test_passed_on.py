"""Three real nodes in a row: the far one knows only the middle one, which passes on a gathering of the first."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop.test_two_nodes import GATHERING, accepted
from tests.running_node import RunningNode, eventually, page, running_node

TITLE = "Slow walk by the river"
Row = tuple[RunningNode, RunningNode, RunningNode]


@pytest.fixture
async def row(tmp_path: Path) -> AsyncIterator[Row]:
    """The home of a gathering, its neighbour, and a neighbour of that one alone."""
    async with (
        running_node(tmp_path, "home") as home,
        running_node(tmp_path, "between") as between,
        running_node(tmp_path, "far") as far,
    ):
        await accepted(between, home)
        yield home, between, far


async def shows(node: RunningNode, *texts: str, shown: bool = True) -> None:
    async def looks() -> bool:
        found = await page(f"{node.url}/calendar")
        return all((text in found) is shown for text in texts)

    await eventually(looks)


async def passed_on(home: RunningNode, between: RunningNode) -> None:
    event = json.loads(await home.command("event", "add", "-", stdin=GATHERING))["id"]
    await shows(between, TITLE)
    await between.command("boost", event)


async def test_who_knows_it_through_another_hears_of_changes_and_of_the_end(row: Row) -> None:
    home, between, far = row
    await accepted(far, between)
    await passed_on(home, between)
    await shows(far, TITLE, "From <bdi>Circle home</bdi>", "passed on by Circle between")

    moved = {"title": {"en": "A slower walk"}, "start_local": "2031-05-10T09:00:00"}
    await home.command("event", "edit", "river-walk", "-", stdin=moved)
    await shows(far, "A slower walk", "09:00")
    await home.command("event", "cancel", "river-walk", "--reason", "High water")
    await shows(far, "Cancelled")
    assert len(await between.json("boosts", "--json")) == 1

    await home.command("event", "remove", "river-walk")
    await shows(far, "A slower walk", shown=False)


async def test_who_begins_to_follow_hears_of_what_is_passed_on_already(row: Row) -> None:
    home, between, far = row
    await passed_on(home, between)
    await accepted(far, between)
    await shows(far, TITLE, "From <bdi>Circle home</bdi>")

    await far.command("unfollow", between.address)
    await shows(far, TITLE, shown=False)
    await accepted(far, between)
    await shows(far, TITLE)
    await between.command("unboost", f"{home.url}/events/river-walk")
    await shows(far, TITLE, shown=False)
