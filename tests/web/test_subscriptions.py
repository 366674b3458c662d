"""Calendars and feeds: what programs read, checked by other people's parsers."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

from icalendar import Calendar

from node.services.events import cancel_event, edit_event
from tests.web.served import Served

ATOM = "{http://www.w3.org/2005/Atom}"


async def calendar(served: Served, path: str = "/calendar.ics") -> Calendar:
    answer = await served.browser.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    for line in answer.text.split("\r\n"):
        assert len(line.encode()) <= 75, line
    assert "\n" not in answer.text.replace("\r\n", "")
    parsed = Calendar.from_ical(answer.text)
    assert not parsed.errors
    return parsed


async def entry(served: Served, slug: str, path: str = "/calendar.ics"):
    found = (await calendar(served, path)).walk("VEVENT")
    [one] = [event for event in found if event["uid"] == f"{served.url}/events/{slug}"]
    assert not one.errors
    return one


async def test_calendar_names_itself(served: Served) -> None:
    whole = await calendar(served)
    assert whole["x-wr-calname"] == whole["name"] == "River Circle"
    assert str(whole["refresh-interval"].to_ical(), "ascii") == "PT1H"
    used = {str(e["dtstart"].params.get("TZID")) for e in whole.walk("VEVENT")} - {"None"}
    assert used == {str(zone["tzid"]) for zone in whole.walk("VTIMEZONE")}


async def test_entry_of_an_event(served: Served) -> None:
    one = await entry(served, "spring-day")
    assert one["dtstart"].dt.astimezone(UTC) == datetime(2027, 4, 17, 17, tzinfo=UTC)
    assert one["dtend"].dt.astimezone(UTC) == datetime(2027, 4, 17, 23, 30, tzinfo=UTC)
    assert one["status"] == "CONFIRMED"
    assert one["sequence"] == 0
    assert one["location"] == "Community hall, Point Reyes Station"
    assert one["geo"].to_ical() == "38.069;-122.807"
    assert one["url"] == f"{served.url}/events/spring-day"


async def test_a_change_keeps_the_uid_and_raises_the_sequence(served: Served) -> None:
    now = served.clock.now()
    await served.node.database.write(
        lambda session: edit_event(
            session, "spring-day", {"end_local": "2027-04-17T17:00:00"}, now=now
        )
    )
    await served.node.database.write(
        lambda session: cancel_event(session, "spring-day", "Storm", now=now)
    )
    one = await entry(served, "spring-day")
    assert one["sequence"] == 2
    assert one["status"] == "CANCELLED"
    assert one["summary"].startswith("Cancelled: ")
    assert "Storm" in one["description"]


async def test_a_cancelled_one_stays_and_one_without_a_date_has_no_entry(served: Served) -> None:
    assert (await entry(served, "called-off"))["status"] == "CANCELLED"
    assert "Song evening" not in (await served.browser.get("/calendar.ics")).text
    assert (await served.browser.get("/events/some-day.ics")).status == 404


async def test_hidden_places_are_areas(served: Served) -> None:
    one = await entry(served, "hidden-circle", "/events/hidden-circle.ics")
    assert one["location"] == "Near the station (place told after registration)"
    assert "geo" not in one
    assert "conference" not in one


async def test_series_carry_their_rule_and_exceptions(served: Served) -> None:
    one = await entry(served, "wednesdays")
    assert one["rrule"]["COUNT"] == [6]
    assert one["exdate"].dts[0].dt.astimezone(UTC) == datetime(2027, 3, 24, 18, tzinfo=UTC)
    assert one["rdate"].dts[0].dt.astimezone(UTC) == datetime(2027, 4, 21, 17, tzinfo=UTC)
    assert one["dtstart"].params["TZID"] == "Europe/Berlin"


async def test_open_ends_are_not_invented(served: Served) -> None:
    assert "dtend" not in await entry(served, "moved-walk")


async def test_atom(served: Served) -> None:
    answer = await served.browser.get("/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.text)
    for name in ("id", "title", "updated"):
        assert feed.findtext(ATOM + name)
    entries = feed.findall(ATOM + "entry")
    ids = [one.findtext(ATOM + "id") for one in entries]
    assert len(set(ids)) == len(ids) == 15
    for one in entries:
        for name in ("title", "updated", "published", "content"):
            assert one.findtext(ATOM + name), ElementTree.tostring(one)
        assert one.find(f"{ATOM}link[@rel='alternate']") is not None
    dates = [one.findtext(ATOM + "updated") for one in entries]
    assert dates == sorted(dates, reverse=True)


async def test_an_event_leads_with_when_and_where(served: Served) -> None:
    feed = json.loads((await served.browser.get("/feed.json")).text)
    items = {item["url"]: item for item in feed["items"]}
    spring = items[f"{served.url}/events/spring-day"]
    assert spring["summary"].startswith("Sat 17 Apr 2027, 10:00–16:30 PDT · Community hall")
    assert spring["content_html"].startswith("<p><strong>Sat 17 Apr 2027")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"


async def test_a_content_note_is_not_unfolded_in_a_reader(served: Served) -> None:
    feed = json.loads((await served.browser.get("/feed.json")).text)
    [grief] = [item for item in feed["items"] if item["url"].endswith("/what-does-not-rain")]
    assert "loss of a family member" in grief["content_html"]
    assert "tinajas" not in grief["content_html"]


async def test_hostile_text_is_escaped_in_feeds(served: Served) -> None:
    for path in ("/feed.atom", "/feed.json"):
        text = (await served.browser.get(path)).text
        assert "<script>alert" not in text.replace("\\u003c", "<") or path == "/feed.json"
    feed = json.loads((await served.browser.get("/feed.json")).text)
    [hostile] = [item for item in feed["items"] if item["url"].endswith("/hostile")]
    assert "<script" not in hostile["content_html"]
    assert "<img" not in hostile["content_html"]


async def test_empty_feeds_are_valid(empty: Served) -> None:
    feed = ElementTree.fromstring((await empty.browser.get("/feed.atom")).text)
    assert feed.findtext(ATOM + "updated") == "2027-03-14T16:00:00Z"
    assert json.loads((await empty.browser.get("/feed.json")).text)["items"] == []
    assert not (await calendar(empty)).walk("VEVENT")
