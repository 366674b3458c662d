"""What a change is told with, and that it tells nothing hidden."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.change import Known, change_lines, change_words
from node.domain.event import Event

HALL = {"visibility": "public", "name": "Hall", "address": "1 Creek Road", "locality": "Oakland"}
HOUSE = {
    "visibility": "on_registration",
    "public_area": {"en": "East Bay"},
    "name": "SECRET house",
    "address": "SECRET street",
    "locality": "SECRET town",
    "lat": 37.81234,
    "lon": -122.2712,
}
ROOM = {"url_visibility": "public", "url": "https://meet.example/open"}
PRIVATE_ROOM = {"url_visibility": "on_registration", "url": "https://meet.example/SECRET"}
BASE: dict[str, Any] = {
    "id": "circle",
    "title": {"en": "Circle <of> trees"},
    "start_local": "2027-04-17T10:00:00",
    "end_local": "2027-04-17T12:00:00",
    "timezone": "America/Los_Angeles",
    "location": HALL,
}


def event(**changes: Any) -> Event:
    return Event.from_document(BASE | changes, ("en",))


def words(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    lines = change_lines(Known.of(event(**before)), event(**after))
    return change_words(lines) if lines else None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {},
            {"start_local": "2027-04-18T10:00:00", "end_local": "2027-04-18T12:00:00"},
            "Circle &lt;of&gt; trees<br>Sun 18 Apr 2027, 10:00–12:00 PDT"
            " (was Sat 17 Apr 2027, 10:00–12:00 PDT)<br>Hall, Oakland",
        ),
        (
            {},
            {"location": HALL | {"name": "Barn", "address": "2 Hill"}},
            "Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT"
            "<br>Barn, Oakland · 2 Hill (was Hall, Oakland)",
        ),
        (
            {},
            {"location": HALL | {"address": "9 Creek Road"}},
            "Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT<br>Hall, Oakland · 9 Creek Road",
        ),
        (
            {},
            {"location": HOUSE},
            "Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT"
            "<br>East Bay (place told after registration)",
        ),
        (
            {"location": HOUSE},
            {},
            "Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT<br>Hall, Oakland · 1 Creek Road",
        ),
        (
            {},
            {"status": "moved_online", "online": ROOM},
            "Moved online: Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT"
            "<br>https://meet.example/open",
        ),
        (
            {"status": "cancelled", "reason": "Flood"},
            {"reason": "Flood"},
            "Takes place after all: Circle &lt;of&gt; trees<br>Sat 17 Apr 2027, 10:00–12:00 PDT"
            "<br>Hall, Oakland",
        ),
        (
            {},
            {"status": "postponed", "start_local": None, "end_local": None, "reason": "Fire"},
            "Postponed: Circle &lt;of&gt; trees<br>new date to come<br>Hall, Oakland<br>Fire",
        ),
    ],
)
def test_the_difference_in_words(before: dict[str, Any], after: dict[str, Any], told: str) -> None:
    assert words(before, after) == f"<p>{told}</p>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"location": HOUSE}, {"location": HOUSE | {"name": "SECRET barn", "address": "SECRET 2"}}),
        ({"online": PRIVATE_ROOM}, {"online": PRIVATE_ROOM | {"url": "https://x.example/SECRET"}}),
        ({}, {"title": "Another name"}),
    ],
)
def test_no_difference_for_people_outside(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert words(before, after) is None


STATES = st.fixed_dictionaries(
    {
        "location": st.sampled_from([HALL, HOUSE, HOUSE | {"visibility": "area_only"}, None]),
        "online": st.sampled_from([None, ROOM, PRIVATE_ROOM]),
        "format": st.sampled_from(["in_person", "online", "hybrid"]),
        "status": st.sampled_from(
            ["scheduled", "tentative", "postponed", "rescheduled", "moved_online", "cancelled"]
        ),
        "start_local": st.sampled_from(["2027-04-17T10:00:00", "2027-04-18T23:00:00"]),
        "end_local": st.sampled_from([None, "2027-04-19T02:00:00"]),
    }
)


@given(before=STATES, after=STATES)
def test_no_change_tells_what_is_hidden_and_all_survive_being_kept(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    known = Known.of(event(**before))
    assert Known.from_json(known.as_json()) == known
    lines = change_lines(known, event(**after))
    told = change_words(lines) if lines else None
    assert (told is None) == (known == Known.of(event(**after)))
    assert "SECRET" not in str(known.as_json()) + (told or "")
    # A hidden place may be the former one.
    if after["location"] and after["location"]["visibility"] != "public":
        assert told is None or "Oakland" not in told
