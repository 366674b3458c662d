"""A series on our pages: in words, with all its sessions, once in calendars and lists."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from dateutil.rrule import rruleset, rrulestr

from node.services import series as service
from node.services.events import add_event, cancel_event, edit_event
from node.store import series as store
from tests.web.content import EVENTS
from tests.web.served import Served

SLUG = "wednesdays"
WEDNESDAYS: dict[str, Any] = next(one for one in EVENTS if one["id"] == SLUG)


async def change(served: Served, slug: str, **changes: Any) -> None:
    now = served.clock.now()
    await served.node.database.write(lambda session: edit_event(session, slug, changes, now=now))


async def add(served: Served, slug: str, **changes: Any) -> None:
    document, now = WEDNESDAYS | {"id": slug} | changes, served.clock.now()
    await served.node.database.write(lambda session: add_event(session, document, now=now))


async def page(served: Served, path: str, language: str = "en") -> str:
    answer = await served.browser.get(path, Accept_Language=language)
    assert answer.status == 200, path
    return re.sub(r"\s+", " ", answer.text)


async def test_the_page_of_a_series_tells_the_rule_and_every_session(served: Served) -> None:
    text = await page(served, f"/events/{SLUG}")
    assert "Every week: Wednesday · 6 sessions in all" in text
    assert "Berlin time" in text
    assert "Say that you are coming" not in text
    days = re.findall(rf'href="/events/{SLUG}-(2027-\d\d-\d\d)"', text)
    assert days == [
        "2027-03-17",
        "2027-03-31",
        "2027-04-07",
        "2027-04-14",
        "2027-04-21",
        "2027-03-10",
    ]
    assert "1 earlier session" in text
    assert '"@type":"EventSeries"' in text.replace(" ", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "Cada semana: miércoles · 6 sesiones en total"),
        ("ar", "كل أسبوع: الأربعاء · 6 جلسات في المجموع"),
    ],
)
async def test_the_rule_is_told_in_the_language_of_the_reader(
    served: Served, language: str, words: str
) -> None:
    assert words in await page(served, f"/events/{SLUG}", language)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;INTERVAL=2", "Every 2 days"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR", "Every 2 weeks: Wednesday, Friday"),
        ("FREQ=MONTHLY;BYDAY=2WE;UNTIL=20271231", "Every month: second Wednesday · until 31 December 2027"),
        ("FREQ=WEEKLY;UNTIL=20270407T165959Z", "Every week: Wednesday · until 6 April 2027"),
        ("FREQ=WEEKLY;UNTIL=20270407T170000Z", "Every week: Wednesday · until 7 April 2027"),
        ("FREQ=MONTHLY", "Every month: on day 10"),
        ("FREQ=MONTHLY;BYDAY=WE;BYSETPOS=2", "Every month"),
        ("FREQ=YEARLY", "Every year"),
    ],
)  # fmt: skip
async def test_rules_in_words(served: Served, rule: str, words: str) -> None:
    await add(served, "by-rule", series={"rrule": rule})
    assert f"<dd>{words}<br>" in await page(served, "/events/by-rule")


async def test_a_session_knows_its_series_and_what_is_before_and_after(served: Served) -> None:
    text = await page(served, f"/events/{SLUG}-2027-03-17")
    assert f'<a href="/events/{SLUG}">Series: ' in text
    assert f'<a href="/events/{SLUG}-2027-03-10" rel="prev">' in text
    assert f'<a href="/events/{SLUG}-2027-03-31" rel="next">' in text
    assert "Wednesday 17 March 2027" in text


async def test_what_differs_on_a_date_stands_beside_it(served: Served) -> None:
    await change(
        served,
        f"{SLUG}-2027-04-07",
        start_local="2027-04-08T18:00:00",
        title={"de": "Mit Feuer"},
        reason={"de": "Der Saal ist belegt."},
    )
    text = await page(served, f"/events/{SLUG}")
    row = re.search(rf'href="/events/{SLUG}-2027-04-07">.*?</li>', text)
    assert row
    for words in (
        "Thursday 8 April 2027",
        "18:00–20:00",
        "Mit Feuer",
        "New date",
        "Saal ist belegt",
    ):
        assert words in row[0]


async def test_lists_and_feeds_hold_the_session_whose_turn_it_is(served: Served) -> None:
    for path in ("/events", "/feed.atom", "/feed.json"):
        text = await page(served, path)
        found = {*re.findall(rf"/events/({SLUG}[a-z0-9-]*)", text)} - {SLUG}
        assert found == {f"{SLUG}-2027-03-17"}, path
    served.clock.advance(days=4)
    now = served.clock.now()
    await served.node.database.write(lambda session: service.keep_all(session, now))
    text = await page(served, "/feed.json")
    assert f"{SLUG}-2027-03-31" in text


async def test_later_sessions_of_a_closed_circle_say_where_one_registers(served: Served) -> None:
    closed = WEDNESDAYS["series"] | {"closed_after_first": True}
    await add(served, "closed", series=closed, registration={"mode": "open"})
    text = await page(served, "/events/closed-2027-03-17")
    assert "Registration is for the whole series, with its first session." in text
    assert "Say that you are coming" not in text
    answer = await served.browser.post(
        "/events/closed-2027-03-17/come", {"name": "Mo", "guests": "0"}
    )
    assert answer.status == 422
    assert "with its first session" in answer.text


async def test_siblings_are_told_with_their_own_hour(served: Served) -> None:
    await change(served, SLUG, siblings=["spring-day", "https://sydney.example/events/dawn"])
    text = await page(served, f"/events/{SLUG}-2027-03-17")
    assert "Saturday 17 April 2027 10:00–16:30 Los Angeles time" in text
    assert (
        '<a href="https://sydney.example/events/dawn" rel="noopener noreferrer">sydney.example</a>'
        in text
    )


async def test_a_link_only_series_shows_no_session_to_the_world(served: Served) -> None:
    await add(served, "set-apart", visibility="link_only")
    for path in ("/events", "/calendar.ics", "/feed.json", "/feed.atom"):
        assert "set-apart" not in await page(served, path)
    assert "set-apart-2027-03-17" in await page(served, "/events/set-apart")


def expanded(calendar: icalendar.Calendar, uid: str) -> dict[datetime, str]:
    """What a calendar program shows of a series: moment → status, worked out by dateutil alone."""
    entries = [one for one in calendar.walk("VEVENT") if str(one["uid"]) == uid]
    [master] = [one for one in entries if "recurrence-id" not in one]
    dates = rruleset()
    start = master["dtstart"].dt
    if "rrule" in master:
        dates.rrule(rrulestr(master["rrule"].to_ical().decode(), dtstart=start))
    for name, put in (("exdate", dates.exdate), ("rdate", dates.rdate)):
        lists = master.get(name) or []
        for one in lists if isinstance(lists, list) else [lists]:
            for date in one.dts:
                put(date.dt)
    shown = {date.astimezone(UTC): str(master["status"]) for date in dates}
    for one in entries:
        if "recurrence-id" in one:
            assert shown.pop(one["recurrence-id"].dt.astimezone(UTC))  # it is a date of the rule
            shown[one["dtstart"].dt.astimezone(UTC)] = str(one["status"])
    return shown


async def test_calendar_programs_show_what_our_pages_show(served: Served) -> None:
    def edit(session: Any) -> None:
        now = served.clock.now()
        cancel_event(session, f"{SLUG}-2027-03-31", None, now=now)
        edit_event(session, f"{SLUG}-2027-04-07", {"start_local": "2027-04-08T18:00:00"}, now=now)
        edit_event(session, f"{SLUG}-2027-04-14", {"title": {"de": "Zu Gast"}}, now=now)
        gone = store.sessions(session, SLUG)[1].event.occurrence  # was announced
        assert gone is not None
        service.leave_out(session, gone, now=now)

    await served.node.database.write(edit)
    for path in ("/calendar.ics", f"/events/{SLUG}.ics"):
        calendar = icalendar.Calendar.from_ical((await served.browser.get(path)).text)
        uid = f"{served.url}/events/{SLUG}"
        assert expanded(calendar, uid) == {
            datetime(2027, 3, 10, 18, tzinfo=UTC): "CONFIRMED",
            datetime(2027, 3, 17, 18, tzinfo=UTC): "CANCELLED",
            datetime(2027, 3, 31, 17, tzinfo=UTC): "CANCELLED",
            datetime(2027, 4, 8, 16, tzinfo=UTC): "CONFIRMED",
            datetime(2027, 4, 14, 17, tzinfo=UTC): "CONFIRMED",
            datetime(2027, 4, 21, 17, tzinfo=UTC): "CONFIRMED",
        }
        uids = [str(one["uid"]) for one in calendar.walk("VEVENT")]
        assert not [one for one in uids if one.startswith(f"{uid}-")]
    alone = icalendar.Calendar.from_ical(
        (await served.browser.get(f"/events/{SLUG}-2027-04-07.ics")).text
    )
    [entry] = alone.walk("VEVENT")
    assert str(entry["uid"]) == f"{served.url}/events/{SLUG}-2027-04-07"


async def test_a_rule_that_ends_is_told_to_calendars_in_utc(served: Served) -> None:
    await add(served, "ends", series={"rrule": "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270407"})
    text = (await served.browser.get("/events/ends.ics")).text
    assert "RRULE:FREQ=WEEKLY;UNTIL=20270407T215959Z;BYDAY=WE" in text
    calendar = icalendar.Calendar.from_ical(text)
    assert max(expanded(calendar, f"{served.url}/events/ends")) == datetime(
        2027, 4, 7, 17, tzinfo=UTC
    )


async def test_the_revision_of_a_moved_session_counts_on(served: Served) -> None:
    async def entry() -> Any:
        text = (await served.browser.get(f"/events/{SLUG}.ics")).text
        found = icalendar.Calendar.from_ical(text).walk("VEVENT")
        return next(one for one in found if "recurrence-id" in one)

    await change(served, f"{SLUG}-2027-04-07", start_local="2027-04-08T18:00:00")
    before = await entry()
    await change(served, f"{SLUG}-2027-04-07", start_local="2027-04-09T18:00:00")
    after = await entry()
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt - before["dtstart"].dt == timedelta(days=1)
    assert after["recurrence-id"].dt == before["recurrence-id"].dt


AS2 = "application/activity+json"


async def test_other_servers_find_a_collection_where_the_series_is(served: Served) -> None:
    answer = await served.browser.get(f"/events/{SLUG}", Accept=AS2)
    found = json.loads(answer.text)
    assert (answer.status, found["type"]) == (200, "OrderedCollection")
    assert found["orderedItems"] == [
        f"{served.url}/events/{SLUG}-{day}"
        for day in ("2027-03-10", "2027-03-17", "2027-03-31", "2027-04-07", "2027-04-14", "2027-04-21")
    ]  # fmt: skip
    last = json.loads((await served.browser.get(f"/events/{SLUG}-2027-04-21", Accept=AS2)).text)
    assert (last["type"], last["series"]) == ("Event", f"{served.url}/events/{SLUG}")
    upcoming = json.loads((await served.browser.get("/group/upcoming", Accept=AS2)).text)
    ids = [one["id"] for one in upcoming["orderedItems"]]
    assert f"{served.url}/events/{SLUG}-2027-03-17" in ids
    assert not {f"{served.url}/events/{SLUG}", last["id"]} & set(ids)


@pytest.mark.parametrize("changes", [{"visibility": "link_only"}, {"federate": False}])
async def test_a_series_that_is_not_for_other_servers_is_nowhere(
    served: Served, changes: dict[str, Any]
) -> None:
    await add(served, "set-apart", **changes)
    for path in ("/events/set-apart", "/events/set-apart-2027-03-17"):
        assert (await served.browser.get(path, Accept=AS2)).status == 404
    assert "set-apart" not in (await served.browser.get("/group/featured", Accept=AS2)).text
