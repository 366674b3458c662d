"""What pages tell programs: microformats by two readers, schema.org, and links into calendars."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import mf2py
import pytest
import pytest_asyncio
from bs4 import BeautifulSoup

from node.services.events import add_event, edit_event
from tests.conftest import NOW
from tests.judges.asking import judge
from tests.web.content import SECRETS
from tests.web.judged import open_site, text_of
from tests.web.served import Keys, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with open_site(tmp_path_factory.mktemp("judged"), node_keys) as running:
        yield running


def simple(value: Any) -> Any:
    """What two readers of microformats must agree on: values, without how each keeps HTML, blanks and offsets."""
    if isinstance(value, str):
        return re.sub(r"(T[\d:]+[+-]\d\d):?(\d\d)$", r"\1:\2", " ".join(value.split()))
    if isinstance(value, list):
        return [simple(one) for one in value]
    if isinstance(value, dict):
        if "html" in value:
            return simple(value["value"])
        if (
            "properties" in value
        ):  # the text of the whole is what its parts say, with blanks between as one likes
            value = {key: one for key, one in value.items() if key != "value"}
        return {
            key: simple(one) for key, one in value.items() if key not in ("id", "lang", "children")
        } | ({"children": simple(value["children"])} if value.get("children") else {})
    return value


MARKED = (
    "/",
    "/events",
    "/events/spring-day",
    "/events/hidden-circle",
    "/events/halqat-istima",
    "/events/moved-walk",
    "/events/called-off",
    "/reflections",
    "/reflections/moss",
    "/reflections/what-does-not-rain",
)


async def test_two_readers_of_microformats_agree(site: Served) -> None:
    pages = {path: {"html": await text_of(site, path), "url": site.url + path} for path in MARKED}
    other = judge("microformats", pages)
    for path, page in pages.items():
        ours = mf2py.parse(doc=page["html"], url=page["url"], html_parser="html.parser")
        assert ours["items"], path
        assert simple(ours["items"]) == simple(other[path]["items"]), path
        assert ours["rels"] == other[path]["rels"], path


async def test_marks_of_a_gathering_and_a_reflection(site: Served) -> None:
    def item(page: str, kind: str) -> dict[str, Any]:
        found = mf2py.parse(doc=page, url=site.url + "/", html_parser="html.parser")["items"]
        [one] = [one for one in found if one["type"] == [kind]]
        return simple(one["properties"])

    event = item(await text_of(site, "/events/spring-day"), "h-event")
    assert event["name"] == ["Spring Spiral: a day of practice"]
    assert event["start"] == ["2027-04-17T10:00:00-07:00"]
    assert event["end"] == ["2027-04-17T16:30:00-07:00"]
    assert event["url"] == [f"{site.url}/events/spring-day"]
    assert event["location"][0]["properties"]["label"] == ["Community hall, Point Reyes Station"]
    held_by, group = event["organizer"]
    assert held_by["properties"]["name"] == ["Facilitator One"]
    assert group == "River Circle"
    hidden = json.dumps(item(await text_of(site, "/events/hidden-circle"), "h-event"))
    assert not [text for text in SECRETS if text in hidden]
    entry = item(await text_of(site, "/reflections/moss"), "h-entry")
    assert entry["author"][0]["properties"]["name"] == ["Ruisseau"]
    assert entry["published"] == ["2027-02-01T09:00:00+00:00"]
    home = mf2py.parse(doc=await text_of(site, "/"), url=site.url + "/", html_parser="html.parser")[
        "items"
    ]
    card = next(one for one in home if one["type"] == ["h-card"])
    assert card["properties"]["name"] == ["River Circle"]
    feed = mf2py.parse(
        doc=await text_of(site, "/events"), url=site.url + "/", html_parser="html.parser"
    )["items"][0]
    assert feed["type"] == ["h-feed"]
    assert feed["properties"]["name"] == ["Coming up"]
    assert {one["type"][0] for one in feed["children"]} == {"h-event"}


GOOGLE, OUTLOOK = "https://calendar.google.com/", "https://outlook.live.com/"


async def ways(site: Served, slug: str) -> dict[str, dict[str, str]]:
    """Where the links of a page into calendars lead, with what they carry, by where; each says that it tells nobody."""
    page = BeautifulSoup(await text_of(site, f"/events/{slug}"), "html.parser")
    found = {}
    for link in page.find_all("a", href=re.compile(rf"^({GOOGLE}|{OUTLOOK}|webcal:)|\.ics$")):
        address = str(link["href"])
        if address.startswith("https:"):
            assert set(link["rel"]) == {"noopener", "noreferrer", "nofollow"}
        parts = urlsplit(address)
        found[parts.netloc or "file"] = dict(
            parse_qsl(parts.query, strict_parsing=bool(parts.query))
        )
    return found


async def test_a_gathering_goes_into_calendars_by_plain_links(site: Served) -> None:
    host = site.url.removeprefix("http://")
    spring = await ways(site, "spring-day")
    assert set(spring) == {"file", host, "calendar.google.com", "outlook.live.com"}
    assert spring["calendar.google.com"] == {
        "action": "TEMPLATE",
        "text": "Spring Spiral: a day of practice",
        "dates": "20270417T170000Z/20270417T233000Z",
        "ctz": "America/Los_Angeles",
        "location": "Community hall, Point Reyes Station",
        "details": f"One full journey, indoors and in the garden.\n\n{site.url}/events/spring-day",
    }
    assert spring["outlook.live.com"]["startdt"] == "2027-04-17T17:00:00Z"
    assert spring["outlook.live.com"]["enddt"] == "2027-04-17T23:30:00Z"
    hidden = await ways(site, "hidden-circle")
    assert hidden["calendar.google.com"]["location"].startswith("Near the station")
    assert not [text for text in SECRETS if text in str(hidden)]
    for slug, there in (
        ("wednesdays", {"file", host}),
        ("called-off", {"file", host}),
        ("by-link", {"file", host}),
        ("some-day", set()),
        ("last-winter", set()),
    ):
        assert set(await ways(site, slug)) == there, slug


async def block(site: Served, slug: str) -> dict[str, Any]:
    """What a page tells search engines of its gathering."""
    page = BeautifulSoup(await text_of(site, f"/events/{slug}"), "html.parser")
    island = page.find("script", type="application/ld+json")
    assert island is not None
    told: dict[str, Any] = json.loads(island.get_text())
    return told


async def test_search_engines_are_told_how_and_whether_it_takes_place(site: Served) -> None:
    schema = "https://schema.org/"
    spring = await block(site, "spring-day")
    assert spring["eventStatus"] == schema + "EventScheduled"
    assert spring["eventAttendanceMode"] == schema + "OfflineEventAttendanceMode"
    assert spring["startDate"] == "2027-04-17T10:00:00-07:00"
    assert spring["inLanguage"] == ["en", "es"]
    assert spring["organizer"] == {
        "@type": "Organization",
        "name": "River Circle",
        "url": f"{site.url}/",
    }
    [offer] = spring["offers"]
    assert (offer["@type"], offer["lowPrice"], offer["highPrice"], offer["priceCurrency"]) == (
        "AggregateOffer",
        0,
        120,
        "USD",
    )
    assert "availability" not in offer
    assert spring["isAccessibleForFree"] is False
    hidden = await block(site, "hidden-circle")
    assert hidden["eventAttendanceMode"] == schema + "MixedEventAttendanceMode"
    assert hidden["isAccessibleForFree"] is True
    assert hidden["offers"][0]["price"] == 0
    assert not [text for text in SECRETS if text in json.dumps(hidden)]
    assert [one["@type"] for one in hidden["location"]] == ["Place", "VirtualLocation"]
    cancelled = await block(site, "called-off")
    assert cancelled["eventStatus"] == schema + "EventCancelled"
    assert cancelled["location"] == [
        {"@type": "VirtualLocation", "url": "https://meet.example/open"}
    ]
    assert "offers" not in cancelled
    moved = await block(site, "moved-walk")
    assert moved["eventStatus"] == schema + "EventRescheduled"
    assert moved["previousStartDate"] == "2027-03-27T10:00:00-07:00"
    assert [(one["name"], one["price"]) for one in moved["offers"]] == [
        ("Supporter", 40),
        ("Less", 5),
    ]
    assert (await block(site, "some-day"))["eventStatus"] == schema + "EventPostponed"


async def test_what_moved_online_has_no_place_any_more_and_what_is_full_says_so_where_it_may(
    site: Served,
) -> None:
    place = {
        "visibility": "public",
        "name": "The old barn",
        "lat": 38.1,
        "lon": -122.8,
        "country": "US",
    }
    event = {
        "id": "barn",
        "title": {"en": "Barn circle"},
        "start_local": "2027-06-05T10:00:00",
        "timezone": "America/Los_Angeles",
        "location": place,
        "registration": {"mode": "open", "capacity": 1},
        "price": {"model": "fixed", "currency": "USD", "fixed_cost": 20},
    }
    await site.node.database.write(lambda session: add_event(session, event, now=NOW))
    answer = await site.browser.post("/events/barn/come", {"name": "Moss"})
    assert answer.status == 303
    assert "availability" not in (await block(site, "barn"))["offers"][0], "hosts show no numbers"
    for change in (
        {"attendee_count_public": True},
        {
            "status": "moved_online",
            "online": {"url": "https://meet.example/barn", "url_visibility": "public"},
        },
    ):
        await site.node.database.write(
            lambda session, change=change: edit_event(session, "barn", change, now=site.clock.now())
        )
        told = await block(site, "barn")
        assert told["offers"][0]["availability"] == "https://schema.org/SoldOut"
    assert told["eventStatus"] == "https://schema.org/EventMovedOnline"
    assert told["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert told["location"] == [{"@type": "VirtualLocation", "url": "https://meet.example/barn"}]
    file = await text_of(site, "/events/barn.ics")
    assert "GEO" not in file
    assert "LOCATION:https://meet.example/barn" in file
