"""Calendar files as two programs read them: icalendar with dateutil, and ical.js, must show the same."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import pytest_asyncio
from dateutil.rrule import rruleset, rrulestr

from tests.judges.asking import judge
from tests.web.content import SECRETS, UNLISTED
from tests.web.judged import TITLE, open_site, text_of
from tests.web.served import Keys, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with open_site(tmp_path_factory.mktemp("judged"), node_keys) as running:
        yield running


UNTIL = "2028-02-01T00:00:00Z"
CALENDARS = (
    "/calendar.ics",
    "/calendar.ics?group=all",
    "/calendar.ics?tag=%23spiral",
    "/calendar.ics?language=ar",
)
FILES = tuple(
    f"/events/{slug}.ics" for slug in ("spring-day", "wednesdays", "overnight", "long-arabic")
)


def expanded(calendar: icalendar.Calendar) -> set[tuple[str, datetime, datetime, str, str]]:
    """What icalendar and dateutil make of a calendar: id, from, until, status, title."""
    entries = calendar.walk("VEVENT")
    apart = {
        (str(e["uid"]), e["recurrence-id"].dt.astimezone(UTC)): e
        for e in entries
        if "recurrence-id" in e
    }
    shown = set()
    for master in (e for e in entries if "recurrence-id" not in e):
        uid, start = str(master["uid"]), master["dtstart"].dt
        dates = rruleset()
        if "rrule" in master:
            dates.rrule(rrulestr(master["rrule"].to_ical().decode(), dtstart=start))
        else:
            dates.rdate(start)
        for name, put in (("exdate", dates.exdate), ("rdate", dates.rdate)):
            lists = master.get(name) or []
            for one in lists if isinstance(lists, list) else [lists]:
                for date in one.dts:
                    put(date.dt)
        for date in dates:
            one = apart.get((uid, date.astimezone(UTC)), master)
            begins = one["dtstart"].dt if one is not master else date
            length = one["dtend"].dt - one["dtstart"].dt if "dtend" in one else timedelta()
            wall_end = begins.replace(tzinfo=None) + length if one is master else None
            ends = (
                wall_end.replace(tzinfo=begins.tzinfo)
                if wall_end
                else one["dtend"].dt
                if "dtend" in one
                else begins
            )
            if "rrule" not in master and "dtend" in one:
                ends = one["dtend"].dt
            shown.add(
                (
                    uid,
                    begins.astimezone(UTC),
                    ends.astimezone(UTC),
                    str(one["status"]),
                    str(one["summary"]),
                )
            )
    return shown


def by_the_other(file: str) -> tuple[dict[str, Any], set[tuple[str, datetime, datetime, str, str]]]:
    """The same by ical.js, which knows no zones but those in the file."""
    said = judge("calendar", {"file": file, "until": UNTIL})
    moments = {
        (
            one["uid"],
            datetime.fromisoformat(one["start"]),
            datetime.fromisoformat(one["end"]),
            one["status"],
            one["summary"],
        )
        for one in said["shown"]
    }
    return said, moments


async def test_two_programs_show_the_same_gatherings_at_the_same_moments(site: Served) -> None:
    for path in (*CALENDARS, *FILES):
        file = await text_of(site, path)
        assert all(len(line.encode()) <= 75 for line in file.split("\r\n")), path
        calendar = icalendar.Calendar.from_ical(file)
        assert not calendar.errors
        assert not [one for one in calendar.walk("VEVENT") if one.errors]
        said, shown = by_the_other(file)
        assert shown == expanded(calendar), path
        assert said["name"] == str(calendar["name"])
        assert (said["color"], said["refresh"]) == ("forestgreen", "PT1H")
        used = {str(e["dtstart"].params.get("TZID")) for e in calendar.walk("VEVENT")} - {"None"}
        assert used == set(said["zones"]), path
        for text in (*SECRETS, *UNLISTED):
            assert text not in file.replace("\r\n ", ""), path


async def test_a_series_is_at_the_right_moments_over_a_clock_change(site: Served) -> None:
    uid = f"{site.url}/events/every-evening"
    _, shown = by_the_other(await text_of(site, "/calendar.ics"))
    assert {start for one, start, *_ in shown if one == uid} == {
        datetime(2027, 10, 20, 17, tzinfo=UTC),
        datetime(2027, 11, 3, 18, tzinfo=UTC),
        datetime(2027, 11, 11, 17, tzinfo=UTC),
        datetime(2027, 11, 13, 18, tzinfo=UTC),
    }
    assert {status for one, start, _, status, _ in shown if one == uid and start.day == 3} == {
        "CANCELLED"
    }
    night = f"{site.url}/events/long-arabic"
    [(start, end)] = [(start, end) for one, start, end, *_ in shown if one == night]
    assert end - start == timedelta(hours=4)  # the hour that comes twice


async def test_long_words_of_many_bytes_come_back_whole(site: Served) -> None:
    said, _ = by_the_other(await text_of(site, "/events/long-arabic.ics"))
    [one] = said["shown"]
    assert one["summary"] == TITLE
    assert one["description"].startswith("سطر أول\nسطر ثانٍ؛ مع فاصلة, و\\ خط مائل")


async def test_a_calendar_says_what_it_holds_and_where_it_lives(site: Served) -> None:
    for path, name, page in (
        ("/calendar.ics", "River Circle", "/events"),
        (
            "/calendar.ics?tag=spiral",
            "Shared calendar · River Circle (spiral)",
            "/calendar?tag=spiral",
        ),
        (
            "/events/spring-day.ics",
            "Spring Spiral: a day of practice · River Circle",
            "/events/spring-day",
        ),
    ):
        calendar = icalendar.Calendar.from_ical(await text_of(site, path))
        assert str(calendar["name"]) == name
        assert str(calendar["url"]) == site.url + page
        assert str(calendar["source"]) == site.url + path
    online = (await text_of(site, "/events/called-off.ics")).replace("\r\n ", "")
    assert "CONFERENCE;FEATURE=AUDIO,VIDEO;VALUE=URI:https://meet.example/open" in online


async def test_a_tag_finds_every_spelling_and_only_what_carries_it(site: Served) -> None:
    for query in ("spiral", "SPIRAL", "%23Spiral"):
        calendar = icalendar.Calendar.from_ical(await text_of(site, f"/calendar.ics?tag={query}"))
        assert [str(e["uid"]) for e in calendar.walk("VEVENT")] == [f"{site.url}/events/spring-day"]
    for query in ("river", "%23", "%25"):
        assert "VEVENT" not in await text_of(site, f"/calendar.ics?tag={query}")
    assert 'href="/calendar?tag=Spiral"' in await text_of(site, "/events/spring-day")
