"""Changes and who hears of them: everyone, unless the form says nobody."""

from typing import Any

import pytest

from node.services.events import add_event
from node.store import series
from tests.web.served import Browser, Served
from tests.web.test_desk import form_of

WEEKLY = {
    "id": "tuesdays",
    "kind": "practice_circle",
    "title": "Tuesdays",
    "format": "in_person",
    "location": {"visibility": "public", "name": "Old mill"},
    "start_local": "2027-05-04T19:00",
    "end_local": "2027-05-04T21:00",
    "timezone": "America/Los_Angeles",
    "series": {"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=6"},
}


async def pending(served: Served) -> set[str]:
    """Of which gatherings a notice is still to come."""

    def look(session) -> set[str]:
        return {row["event_slug"] for row in session.rows("SELECT event_slug FROM pending_change")}

    return await served.node.database.read(look)


async def updates(served: Served) -> int:
    def count(session) -> int:
        return session.value("SELECT count(*) FROM outbox_entry WHERE kind = 'update_event'")

    return await served.node.database.read(count)


def later(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"start_time": ["11:00"]}


async def test_everyone_is_told_of_a_move_unless_nobody_is_to_be(
    served: Served, steward: Browser
) -> None:
    path = "/desk/events/spring-day"
    fields = await form_of(steward, path)
    assert fields["tell"] == ["everyone"]
    before = await updates(served)
    answer = await steward.post(path, later(fields) | {"tell": ["nobody"]})
    assert answer.headers["Location"].endswith("?done=changed-quietly")
    assert await pending(served) == set()
    assert await updates(served) == before + 1  # other servers have the new version all the same
    assert "11:00" in (await served.browser.get("/events/spring-day")).text

    fields = await form_of(steward, path)
    await steward.post(path, fields | {"start_time": ["12:00"], "tell": ["everyone"]})
    assert await pending(served) == {"spring-day"}


async def test_a_quiet_correction_takes_back_nothing_that_is_still_to_be_told(
    served: Served, steward: Browser
) -> None:
    path = "/desk/events/spring-day"
    await steward.post(path, later(await form_of(steward, path)))
    fields = await form_of(steward, path)
    await steward.post(path, fields | {"start_time": ["11:30"], "tell": ["nobody"]})
    assert await pending(served) == {"spring-day"}


@pytest.mark.parametrize("tell", ["everyone", "nobody"])
async def test_calling_off_tells_everyone_or_nobody(
    served: Served, steward: Browser, tell: str
) -> None:
    page = (await steward.get("/desk/events/spring-day/cancel")).text
    assert 'value="everyone" checked' in page
    await steward.post("/desk/events/spring-day/cancel", {"reason": "Storm", "tell": tell})
    assert await pending(served) == ({"spring-day"} if tell == "everyone" else set())
    assert "Storm" in (await served.browser.get("/events/spring-day")).text


@pytest.mark.parametrize("tell", ["everyone", "nobody"])
async def test_a_session_and_all_that_follow_are_moved_with_a_word_or_without(
    served: Served, steward: Browser, tell: str
) -> None:
    now = served.clock.now()

    def begin(session) -> list[str]:
        add_event(session, WEEKLY, now=now)
        return [one.event.slug for one in series.sessions(session, "tuesdays")]

    first, *_ = await served.node.database.write(begin)
    path = f"/desk/events/{first}/following"
    fields = await form_of(steward, path)
    answer = await steward.post(path, fields | {"start_time": ["18:00"], "tell": [tell]})
    assert answer.status == 303, answer.text
    assert await pending(served) == ({first} if tell == "everyone" else set())


async def test_one_date_alone_is_moved_with_a_word_or_without(
    served: Served, steward: Browser
) -> None:
    now = served.clock.now()

    def begin(session) -> list[str]:
        add_event(session, WEEKLY, now=now)
        return [one.event.slug for one in series.sessions(session, "tuesdays")]

    first, second, *_ = await served.node.database.write(begin)
    path = f"/desk/events/{first}"
    fields = await form_of(steward, path)
    await steward.post(path, fields | {"start_time": ["18:30"], "tell": ["nobody"]})
    assert await pending(served) == set()
    fields = await form_of(steward, path)
    answer = await steward.post(path, fields | {"start_time": ["18:00"]})
    assert answer.headers.get("Location", "").endswith("?done=changed"), answer.text
    assert await pending(served) == {first}
    assert "19:00" in (await steward.get(f"/desk/events/{second}")).text
