"""A gathering of two groups: offered, agreed to, on both calendars once, ended from either side."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop.test_two_nodes import GATHERING, accepted, calendar_shows
from tests.running_node import AS2, RunningNode, eventually, page, running_node

TITLE = "Slow walk by the river"


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    async with running_node(tmp_path, "alder") as alder, running_node(tmp_path, "birch") as birch:
        yield alder, birch


async def state(node: RunningNode, wanted: list[str]) -> None:
    async def is_so() -> bool:
        return [one["state"] for one in await node.json("cohost", "list", "--json")] == wanted

    await eventually(is_so)


def unfolded(text: str) -> str:
    """A calendar file with whole lines; every other text as it is."""
    return text.replace("\r\n ", "")


async def organizers(event_id: str) -> list[object]:
    document = json.loads(await page(event_id, accept=AS2))
    return [one["id"] if isinstance(one, dict) else one for one in document["organizers"]["items"]]


async def test_both_agree_both_show_it_once_and_either_can_end_it(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    event = json.loads(await birch.command("event", "add", "-", stdin=GATHERING))["id"]
    groups = [f"{birch.url}/group", f"{alder.url}/group"]
    await birch.command("cohost", "offer", "river-walk", alder.address)
    await birch.command("cohost", "offer", "river-walk", alder.address, code=1)
    await state(alder, ["pending"])
    assert await organizers(event) == groups[:1]

    await alder.command("cohost", "agree", event)
    await state(birch, ["accepted"])
    assert await organizers(event) == groups
    await calendar_shows(alder, "group=all", TITLE, "Circle birch", "Circle alder")
    await calendar_shows(birch, "group=all", TITLE)
    for node in nodes:
        assert (await page(f"{node.url}/calendar")).count(f">{TITLE}</a>") == 1
    assert f'href="{alder.url}/group"' in await page(event)
    for where in (event, f"{birch.url}/calendar.ics", f"{birch.url}/feed.atom"):
        assert "Together with" in unfolded(await page(where)), where
        assert "Circle alder" in unfolded(await page(where)), where

    await alder.command("cohost", "end", event)
    await state(birch, ["declined"])
    assert await organizers(event) == groups[:1]

    await birch.command("cohost", "offer", "river-walk", alder.address)
    await state(alder, ["pending"])
    await alder.command("cohost", "agree", event)
    await state(birch, ["accepted"])
    await birch.command("cohost", "end", "river-walk", alder.address)
    await state(alder, [])
    assert await organizers(event) == groups[:1]
    assert await alder.json("boosts", "--json") == []


async def test_what_is_not_public_and_what_strangers_offer_goes_nowhere(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    hidden = GATHERING | {"id": "quiet", "visibility": "link_only"}
    await birch.command("event", "add", "-", stdin=hidden)
    await birch.command("cohost", "offer", "quiet", alder.address, code=1)
    await birch.command("event", "add", "-", stdin=GATHERING)
    await birch.command("cohost", "offer", "river-walk", alder.address)

    async def delivered() -> bool:
        return bool((await birch.json("queue", "--json"))["delivered"])

    await eventually(delivered)
    assert await alder.json("cohost", "list", "--json") == []


async def test_a_group_that_is_blocked_holds_nothing_with_us_any_longer(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    event = json.loads(await birch.command("event", "add", "-", stdin=GATHERING))["id"]
    await birch.command("cohost", "offer", "river-walk", alder.address)
    await state(alder, ["pending"])
    await alder.command("cohost", "agree", event)
    await state(birch, ["accepted"])

    await birch.command("block", f"{alder.url}/group")
    await state(birch, [])
    assert await organizers(event) == [f"{birch.url}/group"]
    for where in (event, f"{birch.url}/calendar.ics", f"{birch.url}/feed.atom"):
        assert "Circle alder" not in unfolded(await page(where)), where

    # Opening the door again brings nothing back; it has to be asked anew.
    await birch.command("unblock", f"{alder.url}/group")
    assert await organizers(event) == [f"{birch.url}/group"]
    await birch.command("cohost", "offer", "river-walk", alder.address)
    await state(birch, ["pending"])


async def test_whoever_was_asked_blocks_the_home_and_shows_nothing_of_it(
    nodes: tuple[RunningNode, RunningNode],
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    event = json.loads(await birch.command("event", "add", "-", stdin=GATHERING))["id"]
    await birch.command("cohost", "offer", "river-walk", alder.address)
    await state(alder, ["pending"])
    await alder.command("cohost", "agree", event)
    await state(birch, ["accepted"])

    await alder.command("block", f"{birch.url}/group")
    await state(alder, [])
    assert await alder.json("boosts", "--json") == []
    assert TITLE not in await page(f"{alder.url}/calendar")
