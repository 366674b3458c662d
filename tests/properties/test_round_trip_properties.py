"""What one node publishes, made up at random, is what its neighbour shows: two real nodes, over HTTP."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.inside import rows
from tests.interop.test_two_nodes import accepted
from tests.running_node import RunningNode, eventually, page, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

Nodes = tuple[RunningNode, RunningNode]
ZONES = ("Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo")
VISIBILITIES = ("public", "public", "public", "followers_and_link", "link_only", "local_only")
_COLUMNS = "title, status, start_at, end_at, timezone, place, language, listed"
_LETTERS = st.characters(categories=("L", "N"), include_characters=" '&<>\"–", max_codepoint=0x5FFF)
_WORDS = st.text(_LETTERS, min_size=1, max_size=40).map(
    lambda text: " ".join(["Walk", *text.split()])
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nodes]:
    """birch publishes; alder follows it."""
    directory = tmp_path_factory.mktemp("round-trip")
    async with running_node(directory, "alder") as alder, running_node(directory, "birch") as birch:
        await accepted(alder, birch)
        yield alder, birch


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """An event with any title, zone, time, place, status and visibility."""
    zone = draw(st.sampled_from(ZONES))
    first, last = datetime(2030, 1, 1), datetime(2033, 12, 31)
    # At noon no zone here turns its clocks, so that every time exists, once.
    start = draw(st.datetimes(first, last)).replace(hour=12, second=0, microsecond=0)
    made: dict[str, Any] = {
        "title": {draw(st.sampled_from(["en", "de", "ar"])): draw(_WORDS)},
        "start_local": start.isoformat(),
        "timezone": zone,
        "status": draw(st.sampled_from(["scheduled", "tentative", "postponed", "cancelled"])),
        "visibility": draw(st.sampled_from(VISIBILITIES)),
        "location": {
            "visibility": draw(st.sampled_from(["public", "area_only"])),
            "name": "Secret Mill",
            "public_area": {"en": "Northern woods"},
        },
    }
    if draw(st.booleans()):
        end = start + timedelta(minutes=draw(st.integers(15, 600)))
        made["end_local"] = end.isoformat()
    return made


def _at(text: str | None, zone: str) -> int | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return round(moment.timestamp() * 1000)


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "4")),
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(made=st.lists(events(), min_size=4, max_size=4))
async def test_what_is_published_is_what_is_shown_elsewhere(
    nodes: Nodes, made: list[dict[str, Any]]
) -> None:
    alder, birch = nodes
    ids = [(await birch.json("event", "add", "-", stdin=one))["id"] for one in made]
    # Deliveries to one server go out in their order: when this is there, all the others are.
    mark = {"title": {"en": "Mark"}, "start_local": "2031-01-01T12:00:00", "timezone": "UTC"}
    last = (await birch.json("event", "add", "-", stdin=mark))["id"]

    async def all_there() -> bool:
        wanted = [i for i, one in zip(ids, made, strict=True) if one["visibility"] == "public"]
        known = {row[0] for row in rows(alder, "SELECT id FROM neighbour_post")}
        return known >= {*wanted, last}

    await eventually(all_there, seconds=30)
    html = await page(f"{alder.url}/neighbours")
    for event_id, one in zip(ids, made, strict=True):
        found = rows(alder, f"SELECT {_COLUMNS} FROM neighbour_post WHERE id = ?", event_id)
        if one["visibility"] != "public":  # what is for followers alone is shown to nobody else
            assert not found, one
            assert event_id not in html
            continue
        [(title, status, start, end, zone, place, language, listed)] = found
        [(tag, words)] = one["title"].items()
        assert (title, language, status) == (words, tag, one["status"])
        assert (start, zone) == (_at(one["start_local"], one["timezone"]), one["timezone"])
        assert end == _at(one.get("end_local"), one["timezone"])
        open_place = one["location"]["visibility"] == "public"
        assert ("Secret Mill" in place) is open_place
        assert ("Northern woods" in place) is not open_place
        assert listed == 1
