"""Calendar files of many programs become documents of the exchange format that are in order."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from node.calendars.gathering import Gathering, Manner
from node.calendars.reading import Reading, read_calendar
from node.calendars.zones import zone_named
from node.exchange.check import check_event
from tests.calendars import shapes
from tests.calendars.shapes import calendar, entry, file

SINCE = date(2027, 3, 14)


def read(data: bytes, *, open_places: bool = False, since: date = SINCE) -> Reading:
    manner = Manner(open_places=open_places, timezone="America/Los_Angeles")
    return read_calendar(data, manner, lambda _: since)


def one(data: bytes, **how: Any) -> Gathering:
    [found] = read(data, **how).gatherings
    return found


def told(data: bytes, **how: Any) -> Mapping[str, Any]:
    document = one(data, **how).document
    assert document is not None
    return document


@pytest.mark.parametrize(
    "text",
    [
        shapes.GOOGLE,
        shapes.OUTLOOK,
        shapes.APPLE,
        shapes.NEXTCLOUD,
        shapes.MOBILIZON,
        shapes.GANCIO,
        shapes.WORDPRESS,
    ],
    ids=["google", "outlook", "apple", "nextcloud", "mobilizon", "gancio", "wordpress"],
)
@pytest.mark.parametrize("open_places", [True, False], ids=["open", "hidden"])
def test_what_they_write_makes_documents_in_order(text: str, open_places: bool) -> None:
    found = read(file(text), open_places=open_places)
    assert found.gatherings
    for gathering in found.gatherings:
        assert gathering.document is not None
        assert check_event({"id": "x", **gathering.document}, ["en"]) == []


def test_google_is_read_without_people_and_without_the_way_into_calls() -> None:
    found = read(file(shapes.GOOGLE))
    assert found.name == "River circle"
    weekly, days = (one.document for one in found.gatherings)
    assert weekly is not None
    assert weekly["start_local"] == "2027-03-17T19:00:00"
    assert weekly["timezone"] == "Europe/Berlin"
    assert weekly["series"] == {
        "rrule": "FREQ=WEEKLY;WKST=MO;BYDAY=WE",
        "excluded_local": ["2027-03-24T19:00:00"],
        "sessions": {
            "2027-03-31T19:00:00": {
                "title": "Practice circle, on a Thursday",
                "description": None,
                "format": "in_person",
                "online": None,
                "start_local": "2027-04-01T18:30:00",
                "end_local": "2027-04-01T20:30:00",
            }
        },
    }
    assert weekly["description"] == "We sit by the river.\nBring tea & a cup."
    assert weekly["location"] == {
        "visibility": "on_registration",
        "private": {"name": "Garden house, Uferweg 3, 12345 Stadt"},
    }
    assert weekly["online"] == {
        "url": "https://us02web.zoom.us/j/8912345?pwd=x",
        "url_visibility": "on_registration",
    }
    assert weekly["registration"] == {"mode": "approval"}
    assert "Private" not in str(found)
    assert "example.org" not in str(found)
    assert days is not None
    assert (days["start_local"], days["end_local"]) == (
        "2027-04-02T00:00:00",
        "2027-04-03T23:59:00",
    )
    assert days["status"] == "tentative"
    [left] = found.left_out
    assert (left.title, left.why) == ("", "It is marked as private there.")


def test_places_that_are_public_already_are_taken_as_they_are() -> None:
    document = told(file(shapes.APPLE), open_places=True)
    assert document["location"] == {
        "visibility": "public",
        "name": "Meeting house, 1 Main St, Town NY 01234",
        "lat": 42.1,
        "lon": -73.2,
    }
    assert document["description"] == "https://circle.example/grief"
    assert "registration" not in document


def test_outlooks_zones_and_its_html_are_understood() -> None:
    monthly, day = (one.document for one in read(file(shapes.OUTLOOK)).gatherings)
    assert monthly is not None
    assert day is not None
    assert (monthly["timezone"], day["timezone"]) == ("Europe/Berlin", "Europe/Berlin")
    assert monthly["description"] == "Wir treffen uns."
    assert monthly["start_local"] == "2027-04-14T19:00:00"
    assert monthly["online"]["url"].startswith("https://teams.microsoft.com/")


def test_nextclouds_dates_tags_and_folds() -> None:
    document = told(file(shapes.NEXTCLOUD))
    assert document["title"].endswith("der gefaltet wird, weil er sonst zu lang wäre")
    assert document["series"] == {"added_local": ["2027-05-08T10:00:00", "2027-05-15T10:00:00"]}
    assert document["timezone"] == "Europe/Vienna"
    assert document["end_local"] == "2027-05-01T16:00:00"
    assert (document["kind"], document["tags"]) == ("walk_outdoors", ["Wald, nass"])


def test_a_time_in_utc_is_told_by_the_groups_clocks() -> None:
    document = told(file(shapes.GANCIO))
    assert document["timezone"] == "America/Los_Angeles"
    assert (document["start_local"], document["start_utc"]) == (
        "2027-04-11T10:00:00",
        "2027-04-11T17:00:00Z",
    )


def test_a_time_without_a_zone_is_the_calendars_or_the_groups() -> None:
    assert told(calendar(entry("a", "20270401T190000")))["timezone"] == "America/Los_Angeles"
    stated = calendar("X-WR-TIMEZONE:Asia/Tokyo", entry("a", "20270401T190000"))
    assert told(stated)["timezone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("/mozilla.org/20050126_1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Paris", "Europe/Paris"),
        ('"Europe/Madrid"', "Europe/Madrid"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Romance Standard Time", "Europe/Paris"),
        ("../../etc/passwd", None),
        ("Middle Earth", None),
        ("", None),
    ],
)
def test_a_zone_by_any_name(name: str, zone: str | None) -> None:
    assert zone_named(name) == zone


def test_a_zone_that_nobody_knows_leaves_its_entry_out() -> None:
    found = read(calendar(entry("a", "20270401T190000").replace(":2027", ";TZID=Nowhere:2027")))
    assert [left.why for left in found.left_out] == ["“Nowhere” is not a known time zone"]


def test_southern_clocks_are_told_from_northern_ones() -> None:
    zone = (
        shapes.OUTLOOK_ZONE.format(name="Ours").replace("+0100", "+1000").replace("+0200", "+1100")
    )
    zone = zone.replace("BYMONTH=10", "BYMONTH=4").replace(
        "BYDAY=-1SU;BYMONTH=3", "BYDAY=1SU;BYMONTH=10"
    )
    document = told(
        calendar(
            zone.strip(), entry("a", "20270401T190000").replace("DTSTART:", "DTSTART;TZID=Ours:")
        )
    )
    assert document["timezone"] in ("Australia/Sydney", "Australia/Hobart")


def test_several_languages_stay_side_by_side() -> None:
    text = entry("a", "20270401T190000", "x").replace(
        "SUMMARY:x", "SUMMARY;LANGUAGE=de:Kreis\nSUMMARY;LANGUAGE=en:Circle"
    )
    assert told(calendar(text))["title"] == {"de": "Kreis", "en": "Circle"}


def test_a_rule_that_does_not_begin_on_its_first_day_keeps_both() -> None:
    text = entry("a", "20270401T190000", "x", "RRULE:FREQ=WEEKLY;BYDAY=SA")  # a Thursday
    document = told(calendar(text))
    assert document["start_local"] == "2027-04-03T19:00:00"
    assert document["series"]["added_local"] == ["2027-04-01T19:00:00"]


def test_what_was_counted_before_is_taken_off_the_count() -> None:
    text = entry("a", "20270303T190000", "x", "RRULE:FREQ=WEEKLY;COUNT=4")
    document = told(calendar(text))
    assert document["series"]["rrule"] == "FREQ=WEEKLY;COUNT=2"
    assert document["start_local"] == "2027-03-17T19:00:00"


def test_a_series_that_is_over_has_no_document() -> None:
    text = entry("a", "20250303T190000", "x", "RRULE:FREQ=WEEKLY;COUNT=4")
    assert one(calendar(text)).document is None


def test_a_cancelled_date_is_a_cancelled_session() -> None:
    series = entry("a", "20270317T190000", "x", "RRULE:FREQ=WEEKLY;COUNT=4")
    off = entry("a", "20270324T190000", "x", "RECURRENCE-ID:20270324T190000", "STATUS:CANCELLED")
    document = told(calendar(series, off))
    assert document["series"]["sessions"] == {"2027-03-24T19:00:00": {"status": "cancelled"}}


def test_the_later_revision_counts() -> None:
    old = entry("a", "20270317T190000", "Old", "SEQUENCE:1")
    new = entry("a", "20270318T190000", "New", "SEQUENCE:2")
    assert one(calendar(new, old)).title == "New"


def test_hours_that_do_not_exist_or_come_twice_are_settled_as_the_standard_says() -> None:
    gap = told(calendar(entry("a", "20280312T023000")))  # Los Angeles goes forward at two
    assert (gap["start_local"], gap["start_utc"]) == ("2028-03-12T03:30:00", "2028-03-12T10:30:00Z")
    twice = told(calendar(entry("a", "20271107T013000")))
    assert twice["start_utc"] == "2027-11-07T08:30:00Z"


def test_a_message_that_calls_off_says_so() -> None:
    assert told(calendar("METHOD:CANCEL", entry("a", "20270401T190000")))["status"] == "cancelled"


def test_an_open_end_stays_open() -> None:
    found = one(calendar(entry("a", "20270401T190000", "x", "DTEND:20270401T190000")))
    assert found.document is not None
    assert "end_local" not in found.document
    assert found.ends == datetime(2027, 4, 2, 4, tzinfo=UTC)


def test_the_text_does_not_tell_a_hidden_door() -> None:
    text = entry(
        "a", "20270401T190000", "x", "LOCATION:Garden house\\, Uferweg 3\\, Stadt",
        "DESCRIPTION:Come as you are.\\nWe meet at Uferweg 3\\, ring twice.",
    )  # fmt: skip
    assert told(calendar(text))["description"] == "Come as you are."
    assert "ring twice" in told(calendar(text), open_places=True)["description"]
