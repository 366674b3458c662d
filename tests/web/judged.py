"""A node for those tests in which other people's programs read what it publishes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from node.services.events import add_event, cancel_event, edit_event
from tests.conftest import NOW, TurnableClock
from tests.web.served import Keys, Served, serve
from tests.web.test_neighbours import POST, follow

# Arabic and emoji at every offset of a folded line, and what calendars must escape.
TITLE = "حلقة; الاستماع, 🌀 " + "ماء🌊" * 30
EVENING = {
    "id": "every-evening",
    "title": {"de": "Abendkreis"},
    "start_local": "2027-10-20T19:00:00",
    "end_local": "2027-10-20T21:00:00",
    "timezone": "Europe/Berlin",
    "languages": ["de"],
    "series": {
        "rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=4",
        "excluded_local": ["2027-10-27T19:00:00"],
        "added_local": ["2027-11-13T19:00:00"],
    },
}
LONG = {
    "id": "long-arabic",
    "title": {"ar": TITLE},
    "summary": {"ar": "سطر أول\nسطر ثانٍ؛ مع فاصلة, و\\ خط مائل"},
    "start_local": "2027-11-07T00:30:00",
    "end_local": "2027-11-07T03:30:00",
    "timezone": "America/Los_Angeles",
    "languages": ["ar"],
}
DRUMS = {
    "id": "drums",
    "title": {"en": "Drums"},
    "start_local": "2027-06-12T10:00:00",
    "timezone": "America/Los_Angeles",
    "tags": ["Drums"],
}


@asynccontextmanager
async def open_site(data: Path, keys: Keys) -> AsyncIterator[Served]:
    """The node of the pages' tests, with a series whose sessions differ, a neighbour, and long Arabic words."""

    def fill(session: Any) -> None:
        for event in (EVENING, LONG, DRUMS):
            add_event(session, event, now=NOW)
        moved = {"start_local": "2027-11-11T18:00:00", "end_local": "2027-11-11T20:00:00"}
        cancel_event(session, "every-evening-2027-11-03", None, now=NOW)
        edit_event(session, "every-evening-2027-11-10", moved, now=NOW)

    async with serve(data, keys, TurnableClock()) as running:
        await running.node.database.write(fill)
        await follow(running, POST)
        yield running


async def text_of(site: Served, path: str) -> str:
    """What is at an address."""
    answer = await site.browser.get(path)
    assert answer.status == 200, path
    return answer.text
