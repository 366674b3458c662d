"""Series at the desk: a rule picked, one date changed, what follows changed, dates left out and taken in."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from node.domain.rsvp import Answer
from node.services import rsvps
from node.store import events, series
from tests.web.served import Browser, Served

CIRCLE = {
    "title": "Tuesday circle",
    "language": "en",
    "languages": "en",
    "kind": "practice_circle",
    "start_date": "2027-04-13",
    "start_time": "19:00",
    "end_time": "21:00",
    "timezone": "America/Los_Angeles",
    "format": "in_person",
    "place_visibility": "public",
    "place_name": "The barn",
    "registration_mode": "open",
    "visibility": "public",
    "repeat": "weekly",
    "repeat_count": "4",
}


async def publish(steward: Browser, **fields: str) -> str:
    answer = await steward.post("/desk/new-event", CIRCLE | fields)
    assert answer.status == 303, answer.text
    found = re.match(r"/desk/events/([^/]+)/people", answer.headers["Location"])
    assert found
    return found[1]


async def document(served: Served, slug: str) -> dict[str, Any]:
    return await served.node.database.read(lambda session: events.get_document(session, slug))


async def days(served: Served, slug: str) -> list[str]:
    found = await served.node.database.read(lambda session: series.kept(session, slug))
    return [one.document["start_local"][5:16] for one in found]


def fields(text: str) -> dict[str, Any]:
    """What a browser would send if nothing were touched."""
    form = BeautifulSoup(text, "html.parser").select_one("form.long")
    assert form is not None
    sent: dict[str, Any] = {}
    for one in form.select("input[name], select[name], textarea[name]"):
        name = str(one["name"])
        if one.name == "select":
            chosen = one.select_one("option[selected]") or one.select_one("option")
            sent[name] = chosen["value"] if chosen else ""
        elif one.name == "textarea":
            sent[name] = one.get_text().strip()
        elif one.get("type") == "checkbox" and one.has_attr("checked"):
            sent.setdefault(name, []).append(one.get("value", "on"))
        elif one.get("type") not in ("checkbox", "radio") or one.has_attr("checked"):
            sent[name] = one.get("value", "")
    del sent["csrf"]
    return sent


@pytest.mark.parametrize(
    ("choice", "rule"),
    [
        ("weekly", "FREQ=WEEKLY;BYDAY=TU;COUNT=4"),
        ("fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=4"),
        ("monthly", "FREQ=MONTHLY;BYDAY=2TU;COUNT=4"),
        ("monthly_date", "FREQ=MONTHLY;BYMONTHDAY=13;COUNT=4"),
    ],
)
async def test_a_rule_is_picked_by_the_first_day(
    served: Served, steward: Browser, choice: str, rule: str
) -> None:
    slug = await publish(steward, repeat=choice)
    assert (await document(served, slug))["series"] == {"rrule": rule}
    form = (await steward.get(f"/desk/events/{slug}")).text
    assert re.search(rf'<option value="{choice}" selected', form)
    assert '<option value=""' not in form.split('name="repeat"')[1].split("</select>")[0]


async def test_an_end_is_a_number_or_a_day_but_not_both(served: Served, steward: Browser) -> None:
    slug = await publish(
        steward,
        repeat="monthly_last",
        start_date="2027-04-27",
        repeat_count="",
        repeat_until="2027-07-31",
    )
    assert (await document(served, slug))["series"][
        "rrule"
    ] == "FREQ=MONTHLY;BYDAY=-1TU;UNTIL=20270731"
    assert await days(served, slug) == ["04-27T19:00", "05-25T19:00", "06-29T19:00", "07-27T19:00"]
    for wrong in (
        {"repeat_until": "2027-07-31"},
        {"repeat_count": "many"},
        {"repeat_until": "soon", "repeat_count": ""},
    ):
        answer = await steward.post("/desk/new-event", CIRCLE | wrong)
        assert answer.status == 422  # fmt: skip


async def test_an_untouched_form_changes_nothing(served: Served, steward: Browser) -> None:
    slug = await publish(steward)
    before = await document(served, slug)
    for path in (slug, f"{slug}-2027-04-20", f"{slug}-2027-04-20/following"):
        form = fields((await steward.get(f"/desk/events/{path}")).text)
        answer = await steward.post(f"/desk/events/{path}", form)
        assert answer.headers["Location"].endswith("?done=same"), path
    assert await document(served, slug) == before


async def test_one_session_is_changed_and_no_other(served: Served, steward: Browser) -> None:
    slug = await publish(steward)
    form = fields((await steward.get(f"/desk/events/{slug}-2027-04-20")).text)
    assert "repeat" not in form
    await steward.post(
        f"/desk/events/{slug}-2027-04-20",
        form | {"start_date": "2027-04-21", "reason": "The barn is taken"},
    )
    assert await days(served, slug) == ["04-13T19:00", "04-21T19:00", "04-27T19:00", "05-04T19:00"]
    told = (await document(served, slug))["series"]["sessions"]["2027-04-20T19:00:00"]
    assert (told["start_local"], told["status"], told["reason"]) == (
        "2027-04-21T19:00:00", "rescheduled", {"en": "The barn is taken"},
    )  # fmt: skip


async def test_the_whole_series_moves_to_another_day(served: Served, steward: Browser) -> None:
    slug = await publish(steward)
    await steward.post(
        f"/desk/events/{slug}-2027-04-27",
        fields((await steward.get(f"/desk/events/{slug}-2027-04-27")).text)
        | {"title": "With guests"},
    )
    form = fields((await steward.get(f"/desk/events/{slug}")).text)
    answer = await steward.post(
        f"/desk/events/{slug}",
        form | {"start_date": "2027-04-14", "start_time": "18:00", "end_time": "20:00"},
    )
    assert answer.status == 303, re.findall(r'(?s)role="alert".*?</div>', answer.text)
    assert answer.headers["Location"].endswith("?done=changed")
    assert await days(served, slug) == ["04-14T18:00", "04-21T18:00", "04-28T18:00", "05-05T18:00"]
    kept = await document(served, slug)
    assert kept["series"]["rrule"] == "FREQ=WEEKLY;BYDAY=WE;COUNT=4"
    assert kept["series"]["sessions"] == {"2027-04-28T18:00:00": {"title": {"en": "With guests"}}}
    assert "status" not in kept or kept["status"] == "scheduled"


async def test_what_follows_goes_on_as_a_series_of_its_own(
    served: Served, steward: Browser
) -> None:
    slug = await publish(steward)
    path = f"/desk/events/{slug}-2027-04-27/following"
    form = fields((await steward.get(path)).text)
    assert form["repeat"] == "weekly"
    answer = await steward.post(path, form | {"place_name": "The library"})
    later = f"{slug}-from-2027-04-27"
    assert answer.headers["Location"] == f"/desk/events/{later}/people?done=changed"
    assert (await days(served, slug), await days(served, later)) == (
        ["04-13T19:00", "04-20T19:00"], ["04-27T19:00", "05-04T19:00"],
    )  # fmt: skip
    page = (await served.browser.get(f"/events/{slug}")).text
    assert f'It goes on as: <a href="/events/{later}">' in page
    assert (
        f'It goes on from: <a href="/events/{slug}">'
        in (await served.browser.get(f"/events/{later}")).text
    )


async def test_a_date_is_left_out_and_taken_in_again(served: Served, steward: Browser) -> None:
    slug = await publish(steward)
    answer = await steward.post(f"/desk/events/{slug}-2027-04-27/skip")
    assert answer.headers["Location"] == f"/desk/events/{slug}/people?done=left-out"
    assert await days(served, slug) == ["04-13T19:00", "04-20T19:00", "05-04T19:00"]
    for day, time in (("2027-04-27", "19:00"), ("2027-05-08", "10:00")):
        await steward.post(f"/desk/events/{slug}/dates", {"day": day, "time": time})
    assert await days(served, slug) == [
        "04-13T19:00",
        "04-20T19:00",
        "04-27T19:00",
        "05-04T19:00",
        "05-08T10:00",
    ]
    assert (
        await steward.post(f"/desk/events/{slug}/dates", {"day": "soon", "time": ""})
    ).status == 422
    assert (
        await steward.post("/desk/events/spring-day/dates", {"day": "2027-05-08", "time": "10:00"})
    ).status == 422


async def test_the_desk_lists_the_sessions_with_what_is_special(
    served: Served, steward: Browser
) -> None:
    slug = await publish(steward)
    await steward.post(f"/desk/events/{slug}-2027-04-20/cancel", {"reason": "Storm"})
    now = served.clock.now()

    def come(session: Any) -> None:
        for name in ("Ana", "Ben", "Cleo"):
            rsvps.answer(session, f"{slug}-2027-04-27", name, Answer.GOING, via="web", now=now)

    await served.node.database.write(come)
    text = (await steward.get(f"/desk/events/{slug}/people")).text
    for words in (
        "Every week: Tuesday · 4 sessions in all",
        "announced",
        "st-cancelled",
        "3 people are coming.",
    ):
        assert words in text
    assert "Who is coming" not in text
    form = fields((await steward.get(f"/desk/events/{slug}-2027-04-27")).text)
    await steward.post(f"/desk/events/{slug}-2027-04-27", form | {"capacity": "2"})
    text = (await steward.get(f"/desk/events/{slug}-2027-04-27/people")).text
    assert "3 people have a place, and there is room for 2. Nobody loses their place." in text
    assert f"/desk/events/{slug}-2027-04-27/following" in text
    listed = (await steward.get("/desk/events")).text
    assert f"/desk/events/{slug}/people" in listed
    assert f"{slug}-2027-04-27" not in listed
