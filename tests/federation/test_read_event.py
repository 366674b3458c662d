"""Anybody's Event: title, when, where, whether, in every spelling that servers use."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.parse import parse_time
from federation.read_event import read_status, read_when, read_where
from federation.read_post import read_post
from node.domain.event import EventStatus
from node.domain.event_terms import CATEGORIES
from node.domain.neighbour import NeighbourPost, PostKind
from node.errors import MalformedError

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
HALL = {"type": "Place", "name": "Old Hall"}
STREET = {
    "type": "PostalAddress",
    "streetAddress": "Main St 1",
    "postalCode": "79098",
    "addressLocality": "Freiburg",
    "addressRegion": "BW",
    "addressCountry": "Germany",
}


def read(**changes: Any) -> NeighbourPost:
    """An Event of somebody's with these properties, read."""
    event = {
        "id": "https://hills.example/e/1",
        "type": "Event",
        "name": "Circle",
        "startTime": "2027-05-01T18:00:00+02:00",
        "to": PUBLIC,
    }
    return read_post(event | changes, via="https://hills.example/group", now=NOW)


# (properties) → (start, end, zone, offset), times as the people there say them
WHEN: list[tuple[dict[str, Any], tuple[str | None, str | None, str | None, int | None]]] = [
    ({"startTime": "2027-05-01T18:00:00+02:00"}, ("2027-05-01 18:00", None, None, 120)),
    ({"startTime": "2027-05-01T16:00:00.123Z"}, ("2027-05-01 16:00", None, None, 0)),
    (
        {"startTime": "2027-05-01T16:00:00Z", "timezone": "Europe/Berlin"},
        ("2027-05-01 18:00", None, "Europe/Berlin", None),
    ),
    (
        {"startTime": "2027-05-01T18:00:00", "eventTimezone": "Europe/Berlin"},
        ("2027-05-01 18:00", None, "Europe/Berlin", None),
    ),
    (
        {"startTime": "2027-05-01T18:00:00-00:00", "timezone": "Mars/Olympus"},
        ("2027-05-01 18:00", None, None, 0),
    ),
    (
        {"startTime": "2027-05-01T18:00+0530", "endTime": "2027-05-01T20:00+0530"},
        ("2027-05-01 18:00", "2027-05-01 20:00", None, 330),
    ),
    (
        {"startTime": "2027-05-01T18:00Z", "endTime": "2027-05-01T17:00Z"},
        ("2027-05-01 18:00", None, None, 0),
    ),
    (
        {"startTime": "2027-05-01T18:00Z", "endTime": "2027-05-02"},
        ("2027-05-01 18:00", "2027-05-02 23:59", None, 0),
    ),
    (
        {"startTime": "2027-05-01T18:00Z", "duration": "PT2H30M"},
        ("2027-05-01 18:00", "2027-05-01 20:30", None, 0),
    ),
    (
        {
            "startTime": "2027-05-01T18:00Z",
            "endTime": "2027-05-01T20:00Z",
            "displayEndTime": "false",
        },
        ("2027-05-01 18:00", None, None, 0),
    ),
    (
        {"startTime": "2027-05-01T18:00Z", "endTime": "2027-05-01T20:00Z", "displayEndTime": False},
        ("2027-05-01 18:00", None, None, 0),
    ),
    ({"startTime": "2027-05-01"}, ("2027-05-01 00:00", "2027-05-01 23:59", None, None)),
    (
        {"startTime": "2027-05-01", "endTime": "2027-05-02", "eventTimezone": "Europe/Vienna"},
        ("2027-05-01 00:00", "2027-05-02 23:59", None, None),
    ),
    (
        {"startTime": "2027-04-30T22:00:00Z", "timezone": "Europe/Vienna", "allDay": True},
        ("2027-05-01 00:00", "2027-05-01 23:59", None, None),
    ),
    ({"startTime": None}, (None, None, None, None)),
    ({"startTime": "soon"}, (None, None, None, None)),
    ({"startTime": "0000-00-00T00:00:00Z"}, (None, None, None, None)),
    ({"startTime": ["2027-05-01T18:00Z"]}, (None, None, None, None)),
    ({"startTime": 1_800_000_000}, (None, None, None, None)),
]


@pytest.mark.parametrize(("properties", "expected"), WHEN, ids=str)
def test_when(
    properties: dict[str, Any], expected: tuple[str | None, str | None, str | None, int | None]
) -> None:
    post = read(**properties)

    def said(moment: datetime | None) -> str | None:
        return f"{post.local(moment):%Y-%m-%d %H:%M}" if moment else None

    assert (said(post.start), said(post.end), post.timezone, post.utc_offset) == expected


def test_a_gathering_of_whole_days_knows_its_days() -> None:
    post = read(startTime="2027-12-21", endTime="2027-12-22")
    assert post.all_day
    assert post.start is not None
    assert post.end is not None
    days = [post.local(moment).date() for moment in (post.start, post.end)]
    assert days == [date(2027, 12, 21), date(2027, 12, 22)]
    assert not read().all_day


# (location) → (place in one line, room online)
WHERE: list[tuple[Any, tuple[str, str | None]]] = [
    (None, ("", None)),
    ([], ("", None)),
    ("Library, Main St 5", ("Library, Main St 5", None)),
    ("  Library\n Main St 5 ", ("Library, Main St 5", None)),
    (HALL, ("Old Hall", None)),
    ({"name": "Colosseo"}, ("Colosseo", None)),
    ([HALL], ("Old Hall", None)),
    (HALL | {"name": None, "nameMap": {"de": "Alte Halle"}}, ("Alte Halle", None)),
    (HALL | {"address": "Main St 1, Freiburg"}, ("Old Hall, Main St 1, Freiburg", None)),
    (HALL | {"address": "Old Hall"}, ("Old Hall", None)),
    (HALL | {"address": STREET}, ("Old Hall, Main St 1, 79098 Freiburg, Germany", None)),
    (
        HALL | {"address": {"streetAddress": " ", "postalCode": None, "addressRegion": "BW"}},
        ("Old Hall, BW", None),
    ),
    (
        HALL | {"address": STREET | {"postalCode": 79098}},
        ("Old Hall, Main St 1, 79098 Freiburg, Germany", None),
    ),
    (HALL | {"address": ""}, ("Old Hall", None)),
    ({"type": "Place", "content": "Forest"}, ("Forest", None)),
    ({"type": "Place", "latitude": "47.99", "longitude": 7.84}, ("47.99, 7.84", None)),
    ({"type": "Place", "latitude": 7.84, "longitude": 470}, ("", None)),
    ({"type": "Place", "latitude": "x", "longitude": True}, ("", None)),
    (HALL | {"name": "<b>Old</b> Hall &amp; Yard"}, ("Old Hall & Yard", None)),
    ({"type": "VirtualLocation", "url": "https://meet.example/a"}, ("", "https://meet.example/a")),
    (
        {"type": "VirtualLocation", "name": "Room A", "url": "https://meet.example/a"},
        ("Room A", "https://meet.example/a"),
    ),
    (
        {"type": "Place", "address": {"type": "VirtualLocation", "url": "https://meet.example/a"}},
        ("", "https://meet.example/a"),
    ),
    ("https://meet.example/a", ("", "https://meet.example/a")),
    ({"type": "VirtualLocation", "url": "javascript:alert(1)"}, ("", None)),
    (
        [{"type": "VirtualLocation", "url": "https://meet.example/a"}, HALL, {"name": "Second"}],
        ("Old Hall", "https://meet.example/a"),
    ),
    ([None, 7, [HALL], {}, {"type": "Place"}], ("", None)),
]


@pytest.mark.parametrize(("location", "expected"), WHERE, ids=str)
def test_where(location: Any, expected: tuple[str, str | None]) -> None:
    post = read(location=location)
    assert (post.place, post.online_url) == expected


def test_the_room_online_may_stand_elsewhere() -> None:
    assert read(onlineLink="https://meet.example/a").online_url == "https://meet.example/a"
    assert read(onlineLink="").online_url is None


def test_a_place_told_at_length_is_cut() -> None:
    place = read(location="very " * 100 + "far").place
    assert len(place) <= 300
    assert place.endswith("…")


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({}, "scheduled"),
        ({"eventStatus": "EventCancelled"}, "cancelled"),
        ({"eventStatus": "https://schema.org/EventPostponed"}, "postponed"),
        ({"eventStatus": "https://w3id.org/fep/8a8e/EventMovedOnline"}, "moved_online"),
        ({"eventStatus": {"id": "schema:EventRescheduled"}}, "rescheduled"),
        ({"ical:status": "TENTATIVE"}, "tentative"),
        ({"status": "CONFIRMED"}, "scheduled"),
        ({"status": "Canceled"}, "cancelled"),
        ({"eventStatus": "EventScheduled", "status": "CANCELLED"}, "cancelled"),
        ({"eventStatus": None, "status": ["nonsense", 7, None]}, "scheduled"),
    ],
)
def test_status(properties: dict[str, Any], status: str) -> None:
    assert read(**properties).status is EventStatus(status)


@pytest.mark.parametrize(
    ("properties", "title"),
    [
        ({"name": "Tea & <3"}, "Tea & <3"),
        ({"name": "<i>Tea</i> &amp; talk"}, "Tea & talk"),
        ({"name": None, "nameMap": {"fr": "Cercle"}}, "Cercle"),
        ({"name": None, "summary": "<p>Forest walk</p><p>more</p>"}, "Forest walk"),
        (
            {"name": "", "content": "<p>Drumming by the river</p><p>Bring…</p>"},
            "Drumming by the river",
        ),
        ({"name": None}, ""),
        ({"name": "x" * 500}, "x" * 199 + "…"),
        ({"name": "Dance\u202e\u0007\nparty"}, "Dance party"),
    ],
)
def test_title(properties: dict[str, Any], title: str) -> None:
    assert read(**properties).title == title


def test_what_else_is_shown_of_it() -> None:
    post = read(
        contentMap={"pt-BR": "<p>Traga um <em>tambor</em></p>"},
        summary="<b>Sat</b> 1 May",
        url=[{"type": "Link", "mediaType": "text/html", "href": "https://hills.example/p/1"}],
        attributedTo=[{"type": "Person", "id": "https://hills.example/u/ann"}],
        published="2027-03-01T00:00:00Z",
        updated="2099-01-01T00:00:00Z",
    )
    assert (post.kind, post.listed) == (PostKind.EVENT, True)
    assert post.content == "<p>Traga um <em>tambor</em></p>"
    assert (post.language, post.summary) == ("pt-BR", "Sat 1 May")
    assert post.url == "https://hills.example/p/1"
    assert post.author == "https://hills.example/u/ann"
    assert (post.published, post.updated) == (datetime(2027, 3, 1, tzinfo=UTC), NOW)


def test_other_things_to_read_are_notes() -> None:
    article = read(type=["as:Article"], content="a < b\nc", mediaType="text/plain")
    assert (article.kind, article.start, article.title) == (PostKind.NOTE, None, "Circle")
    assert article.content == "a &lt; b<br>c"


@pytest.mark.parametrize("changes", [{"type": "Person"}, {"type": None}, {"id": None}, {"id": "x"}])
def test_what_is_nothing_to_read_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read(**changes)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2027-05-01", "2027-05-01T18:00:00Z", "9999-12-31T23:59:59-23:59", "PT1H"])
    | st.sampled_from(["Europe/Berlin", "https://a.example/", "VirtualLocation", "Place", "P9999W"])
    | st.sampled_from(["mailto:a@b.example", "mailto:<x>@b", "MUSIC", "America/Los_Angeles"])
    | st.sampled_from(["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "address", "type", "id", "en", "items", "first"])
            | st.sampled_from(["totalItems", "orderedItems"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
properties = (
    st.sampled_from(
        (
            "organizers",
            "category",
            "externalParticipationUrl",
            "previousStartTime",
            "displayEndTime",
        )
    )
    | st.sampled_from(
        ("name", "nameMap", "content", "contentMap", "summary", "startTime", "endTime", "duration")
    )
    | st.sampled_from(
        (
            "timezone",
            "location",
            "onlineLink",
            "eventStatus",
            "status",
            "url",
            "attributedTo",
            "allDay",
        )
    )
)


@given(st.dictionaries(properties, json_values, max_size=8))
def test_whatever_it_holds_it_is_read(document: dict[str, Any]) -> None:
    post = read(**document)
    assert post.end is None or (post.start is not None and post.end > post.start)
    assert "\n" not in post.title + post.place + post.summary
    if post.start is not None:
        post.local(post.start)
    if post.previous_start is not None:
        post.local(post.previous_start)
    assert all(name and "\n" not in name for name in post.organizers or ())
    assert set(post.categories) <= CATEGORIES
    assert post.join_url is None or post.join_url.startswith(("http", "mailto:"))
    assert "<" not in (post.join_url or "")
    read_when(document)
    read_where(document)
    read_status(document)


@pytest.mark.parametrize(
    "zone", [None, "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"]
)
@pytest.mark.parametrize(
    "time",
    ["9999-12-31T23:59:59Z", "9999-12-31", "9998-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"],
)
def test_a_time_at_the_end_of_the_calendar_breaks_no_page(time: str, zone: str | None) -> None:
    """Such a moment is one that the clocks of some zone cannot show."""
    both = {"startTime": time, "endTime": time, "previousStartTime": time, "timezone": zone}
    for document in (both, both | {"allDay": True}, both | {"startTime": "9990-01-01T00:00:00Z"}):
        post = read(**document, duration="P9999W")
        for moment in (post.start, post.end, post.previous_start):
            if moment is not None:
                post.local(moment)


@given(st.text(max_size=30) | st.datetimes().map(datetime.isoformat))
def test_dates_are_read_or_absent(text: str) -> None:
    parse_time(text)
