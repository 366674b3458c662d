"""Taking a calendar in and keeping it in step: what is published, followed, left alone and called off."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from federation.calendar_fetcher import CalendarFetcher
from node import imported_calendars
from node.control import perform
from node.domain.outbox import OutboxKind
from node.errors import ConflictError, RefusedError, RoughweatherError
from node.imported_calendars import CalendarWorker, Desk, Wishes
from node.services.events import add_event, edit_event, remove_event
from node.store import events, neighbours
from node.store import imported_calendars as store
from node.store.imported_calendars import Became, ImportedCalendar, State
from tests.calendars.shapes import GOOGLE, calendar, entry, file
from tests.federation.peer import Peer, Reply
from tests.web.content import GROUP
from tests.web.served import Served
from tests.web.test_neighbours import POST

WEEKLY = entry("weekly", "20270317T190000", "Weekly", "RRULE:FREQ=WEEKLY", "LOCATION:Hall")
FIRST = entry("first", "20270320T190000", "First", "DESCRIPTION:Come")
SECOND = entry("second", "20270327T190000", "Second")
THIRD = entry("third", "20270403T190000", "Third")


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer.start() as running:
        yield running


@pytest.fixture
def desk(empty: Served) -> Desk:
    node = empty.node
    return Desk(
        database=node.database,
        fetcher=CalendarFetcher(node.client),
        clock=node.clock,
        urls=node.urls,
    )


@pytest.fixture
def worker(desk: Desk) -> CalendarWorker:
    return CalendarWorker(desk.database, desk.fetcher, desk.clock, desk.urls)


async def take(desk: Desk, data: bytes, **wishes: bool) -> ImportedCalendar:
    number = await imported_calendars.look_at_file(
        desk, data, "file.ics", Wishes(**wishes), who="Ana"
    )
    return await imported_calendars.take(desk, number, keep=False, who="Ana")


async def keep(desk: Desk, address: str) -> int:
    number = await imported_calendars.look_at_address(desk, address, Wishes(), who="Ana")
    await imported_calendars.take(desk, number, keep=True, who="Ana")
    return number


async def read(served: Served, worker: CalendarWorker, desk: Desk, number: int) -> dict[str, Any]:
    """The report after the next reading, by title, a day later."""
    served.clock.advance(days=1)
    assert await worker.step()
    found = await desk.database.read(lambda session: store.get(session, number))
    return {line.title: line for line in found.report}


async def document(desk: Desk, slug: str) -> dict[str, Any]:
    return await desk.database.read(lambda session: events.get_document(session, slug))


async def slugs(desk: Desk) -> set[str]:
    found = await desk.database.read(events.every)
    return {one.event.slug for one in found}


async def test_looking_publishes_nothing_and_taking_does_what_was_shown(desk: Desk) -> None:
    data = calendar(WEEKLY, FIRST, entry("old", "20200101T190000", "Old"))
    number = await imported_calendars.look_at_file(desk, data, "x.ics", Wishes(), who="Ana")
    looked = await desk.database.read(lambda session: store.get(session, number))
    assert looked.state is State.PROPOSED
    assert await slugs(desk) == set()
    taken = await imported_calendars.take(desk, number, keep=False, who="Ana")
    assert taken.report == looked.report
    assert [(one.title, one.became, one.why) for one in taken.report] == [
        ("Weekly", Became.MADE, ""),
        ("First", Became.MADE, ""),
        ("Old", Became.LEFT_OUT, "It is over."),
    ]
    assert await slugs(desk) == {"weekly", "first"}
    with pytest.raises(ConflictError):
        await imported_calendars.take(desk, number, keep=False, who="Ana")


async def test_a_hidden_place_stays_hidden(desk: Desk) -> None:
    await take(desk, calendar(WEEKLY))
    stored = await desk.database.read(lambda session: events.get(session, "weekly"))
    assert stored.event.place is not None
    assert stored.event.place.hidden
    assert "Hall" not in repr(stored)


async def test_the_same_file_again_makes_no_second_copy(desk: Desk) -> None:
    await take(desk, file(GOOGLE))
    before = await slugs(desk)
    again = await take(desk, file(GOOGLE))
    assert {one.became for one in again.report} == {Became.SAME, Became.LEFT_OUT}
    assert await slugs(desk) == before


async def test_our_own_calendar_comes_back_as_itself(served: Served) -> None:
    node = served.node
    desk = Desk(
        database=node.database,
        fetcher=CalendarFetcher(node.client),
        clock=node.clock,
        urls=node.urls,
    )
    exported = await served.browser.get("/calendar.ics")
    before = await slugs(desk)
    taken = await take(desk, exported.body)
    assert len(taken.report) > 3
    assert {(one.became, one.why) for one in taken.report} == {
        (Became.LEFT_OUT, "It is published here.")
    }
    assert await slugs(desk) == before


async def test_what_is_over_is_taken_if_wished_and_told_to_nobody(desk: Desk) -> None:
    await take(desk, calendar(entry("old", "20270301T190000", "Old")), with_past=True)
    assert await slugs(desk) == {"old"}
    told = await desk.database.read(lambda session: session.rows("SELECT kind FROM outbox_entry"))
    assert OutboxKind.CREATE_EVENT not in {row["kind"] for row in told}


async def test_a_change_there_is_followed(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    address = peer.serve("/a.ics", calendar(WEEKLY, FIRST), ETag='"1"')
    number = await keep(desk, address)
    moved = FIRST.replace("20270320T19", "20270321T18").replace("Come", "Come early")
    off = SECOND
    peer.serve("/a.ics", calendar(WEEKLY, moved, off))
    report = await read(empty, worker, desk, number)
    assert {title: line.became for title, line in report.items()} == {
        "Weekly": Became.SAME,
        "First": Became.CHANGED,
        "Second": Became.MADE,
    }
    changed = await document(desk, "first")
    assert changed["start_local"] == "2027-03-21T18:00:00"
    assert changed["description"] == "Come early"
    peer.serve(
        "/a.ics", calendar(WEEKLY, moved.replace("END:VEVENT", "STATUS:CANCELLED\nEND:VEVENT"))
    )
    report = await read(empty, worker, desk, number)
    assert report["First"].became is Became.CANCELLED
    assert (await document(desk, "first"))["status"] == "cancelled"


async def test_what_was_changed_here_stays_and_the_report_says_so(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST, SECOND)))
    now = empty.clock.now()
    await desk.database.write(
        lambda session: edit_event(session, "first", {"title": "Ours"}, now=now)
    )
    theirs = FIRST.replace("SUMMARY:First", "SUMMARY:Theirs").replace("Come", "Come early")
    peer.serve("/a.ics", calendar(theirs, SECOND))
    report = await read(empty, worker, desk, number)
    assert report["Theirs"].became is Became.CHANGED
    assert report["Theirs"].ours == ("title",)
    kept = await document(desk, "first")
    assert (kept["title"], kept["description"]) == ("Ours", "Come early")


async def test_what_was_removed_here_does_not_come_back(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST, SECOND)))
    now = empty.clock.now()
    await desk.database.write(lambda session: remove_event(session, "first", now=now))
    peer.serve("/a.ics", calendar(FIRST.replace("Come", "Again"), SECOND))
    report = await read(empty, worker, desk, number)
    assert (report["First"].became, report["First"].why) == (
        Became.LEFT_OUT,
        "It was removed here.",
    )
    assert await slugs(desk) == {"second"}


async def test_one_that_is_missing_twice_is_called_off_and_comes_back(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST, SECOND, THIRD), ETag='"1"'))
    peer.serve("/a.ics", calendar(FIRST, SECOND), ETag='"2"')
    report = await read(empty, worker, desk, number)
    assert report["Third"].became is Became.MISSING
    assert (await document(desk, "third"))["status"] == "scheduled"
    report = await read(empty, worker, desk, number)
    assert report["Third"].became is Became.CANCELLED
    assert (await document(desk, "third"))["status"] == "cancelled"
    peer.serve("/a.ics", calendar(FIRST, SECOND, THIRD))
    report = await read(empty, worker, desk, number)
    assert report["Third"].became is Became.CHANGED
    assert (await document(desk, "third"))["status"] == "scheduled"


async def test_when_more_than_half_is_missing_nothing_is_called_off(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST, SECOND, THIRD)))
    peer.serve("/a.ics", calendar(FIRST))
    for _ in range(3):
        report = await read(empty, worker, desk, number)
        assert report["Third"].became is Became.MISSING
    assert (await document(desk, "third"))["status"] == "scheduled"


async def test_the_next_ten_of_many_say_nothing_about_those_after_them(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    many = [entry(f"e{n}", f"202704{n + 1:02}T190000", f"E{n}") for n in range(12)]
    number = await keep(desk, peer.serve("/a.ics", calendar(*many)))
    peer.serve("/a.ics", calendar(*many[:10]))
    for _ in range(3):
        report = await read(empty, worker, desk, number)
    assert report["E11"].became is Became.MISSING
    assert (await document(desk, "e11"))["status"] == "scheduled"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(body=calendar()), "holds no gathering at all"),
        (Reply(body=b"<html>Sign in</html>"), "no calendar file"),
        (Reply(body=b"BEGIN:VCALENDAR\n" + bytes(1024 * 1024)), "too large"),
        (Reply(status=500), "in trouble"),
        (Reply(status=404), "knows nothing"),
        (Reply(status=410), "withdrawn"),
        (Reply(status=302, headers={"Location": "/a.ics"}), "redirect"),
    ],
    ids=["empty", "page", "huge", "trouble", "lost", "gone", "loop"],
)
async def test_a_calendar_that_fails_changes_nothing_and_says_why(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer, answer: Reply, words: str
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST, SECOND)))
    before = [await document(desk, slug) for slug in ("first", "second")]
    peer.script("/a.ics", answer)
    report = await read(empty, worker, desk, number)
    assert set(report) == {"First", "Second"}
    found = await desk.database.read(lambda session: store.get(session, number))
    assert words in found.problem
    assert (found.attempts, found.state) == (1, State.KEPT)
    assert found.not_before is not None
    assert found.not_before > empty.clock.now() + timedelta(minutes=30)
    assert [await document(desk, slug) for slug in ("first", "second")] == before
    peer.serve("/a.ics", calendar(FIRST, SECOND))
    empty.clock.advance(days=10)
    assert await worker.step()
    found = await desk.database.read(lambda session: store.get(session, number))
    assert (found.problem, found.attempts) == ("", 0)


async def test_an_address_is_asked_gently(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST), ETag='"1"'))
    assert not await worker.step()  # not again so soon
    await read(empty, worker, desk, number)
    peer.serve("/a.ics", status=304)
    await read(empty, worker, desk, number)
    assert peer.asked("/a.ics")[-1].header("If-None-Match") == '"1"'
    assert peer.asked("/a.ics")[-1].header("Signature") is None
    found = await desk.database.read(lambda session: store.get(session, number))
    assert found.problem == ""


async def test_stopped_it_is_read_no_more_until_it_goes_on(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(FIRST)))
    now = empty.clock.now()
    await desk.database.write(
        lambda session: imported_calendars.stop(session, number, who="Ana", now=now)
    )
    empty.clock.advance(days=3)
    assert not await worker.step()
    await desk.database.write(
        lambda session: imported_calendars.go_on(session, number, who="Ana", now=now)
    )
    assert await worker.step()
    await desk.database.write(
        lambda session: imported_calendars.forget(session, number, who="Ana", now=now)
    )
    assert await slugs(desk) == {"first"}
    again = await take(desk, calendar(FIRST))
    assert [one.became for one in again.report] == [Became.SAME]


async def test_an_address_is_kept_once_and_its_gatherings_are_not_anothers(
    desk: Desk, peer: Peer
) -> None:
    address = peer.serve("/a.ics", calendar(FIRST))
    await keep(desk, address)
    with pytest.raises(ConflictError):
        await keep(desk, address)
    other = await take(desk, calendar(FIRST, SECOND))
    assert [(one.title, one.became, one.why) for one in other.report] == [
        ("First", Became.LEFT_OUT, "Another calendar brought it."),
        ("Second", Became.MADE, ""),
    ]
    number = await imported_calendars.look_at_file(desk, calendar(THIRD), "x", Wishes(), who="Ana")
    with pytest.raises(RefusedError, match="cannot be kept"):
        await imported_calendars.take(desk, number, keep=True, who="Ana")


async def test_a_series_that_became_one_evening_is_left_for_the_hosts(
    desk: Desk, worker: CalendarWorker, empty: Served, peer: Peer
) -> None:
    number = await keep(desk, peer.serve("/a.ics", calendar(WEEKLY, FIRST)))
    peer.serve("/a.ics", calendar(WEEKLY.replace("RRULE:FREQ=WEEKLY\n", ""), FIRST))
    report = await read(empty, worker, desk, number)
    assert report["Weekly"].became is Became.LEFT_OUT
    assert "cannot become a single gathering" in report["Weekly"].why


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org/a.ics",
        "ftp://example.org/a.ics",
        "file:///etc/passwd",
        "https://",
        "data:,x",
    ],
)
async def test_what_is_no_address_is_refused(desk: Desk, address: str) -> None:
    with pytest.raises(RoughweatherError, match="Give an address"):
        await imported_calendars.look_at_address(desk, address, Wishes(), who="Ana")


async def test_the_report_and_the_problem_survive_a_restart_as_sentences(desk: Desk) -> None:
    taken = await take(
        desk, calendar(FIRST, entry("x", "20270401T190000", "X", "RRULE:FREQ=HOURLY"))
    )
    [left] = [one for one in taken.report if one.became is Became.LEFT_OUT]
    assert left.why.endswith("FREQ=HOURLY")
    assert getattr(left.why, "values", {}) == {"rule": "FREQ=HOURLY"}


async def command(served: Served, name: str, stdin: bytes = b"", **arguments: Any) -> Any:
    """What a command prints as JSON, on the open node; its refusal where it is refused."""
    given = {"open_places": False, "past": False, "dry_run": False, "keep": False, "json": True}
    outcome = await perform(served.node, name, given | arguments, stdin)
    return json.loads(outcome.stdout) if outcome.exit == 0 else outcome.stderr


async def test_the_commands_look_take_keep_read_stop_and_forget(
    empty: Served, desk: Desk, peer: Peer
) -> None:
    looked = await command(empty, "import-ics", calendar(FIRST), source="-", dry_run=True)
    assert looked["state"] == "proposed"
    assert [one["became"] for one in looked["entries"]] == ["made"]
    assert await slugs(desk) == set()
    address = peer.serve("/a.ics", calendar(FIRST))
    kept = await command(empty, "import-ics", source=address, keep=True)
    assert (kept["state"], kept["address"], kept["problem"]) == ("kept", address, None)
    number = kept["id"]
    peer.serve("/a.ics", calendar(FIRST.replace("Come", "Come early")))
    read = await command(empty, "calendar", action="read", id=number)
    assert [one["became"] for one in read["entries"]] == ["changed"]
    peer.serve("/a.ics", b"<html>")
    refused = await command(empty, "calendar", action="read", id=number)
    assert "no calendar file" in refused
    [listed] = await command(empty, "calendar", action="list")
    assert "no calendar file" in listed["problem"]
    [stopped] = await command(empty, "calendar", action="stop", id=number)
    assert (stopped["state"], stopped["next_read"]) == ("stopped", None)
    assert "not kept" in await command(empty, "calendar", action="read", id=number)
    [resumed] = await command(empty, "calendar", action="resume", id=number)
    assert resumed["state"] == "kept"
    await command(empty, "calendar", action="forget", id=number)
    assert await command(empty, "calendar", action="list") == []
    assert "no such calendar" in await command(empty, "calendar", action="show", id=number)
    assert await slugs(desk) == {"first"}


async def test_a_neighbours_gathering_is_not_taken_from_it(desk: Desk) -> None:
    await desk.database.write(lambda session: neighbours.put(session, POST))
    theirs = entry(POST.id, "20270402T160000Z", "Kreis")
    taken = await take(desk, calendar(theirs))
    assert [(one.became, one.why) for one in taken.report] == [
        (Became.LEFT_OUT, "A neighbour publishes it; it stands in the shared calendar.")
    ]
    assert await slugs(desk) == set()


async def test_what_somebody_typed_already_is_not_taken_a_second_time(desk: Desk) -> None:
    now = desk.clock.now()
    typed = {"title": "FIRST", "start_local": "2027-03-20T19:00:00", "timezone": GROUP["timezone"]}
    await desk.database.write(lambda session: add_event(session, typed, now=now))
    taken = await take(desk, calendar(FIRST, SECOND))
    assert [one.became for one in taken.report] == [Became.LEFT_OUT, Became.MADE]
    assert "of this name" in taken.report[0].why


async def test_what_was_looked_at_and_left_is_forgotten(
    desk: Desk, worker: CalendarWorker, empty: Served
) -> None:
    number = await imported_calendars.look_at_file(desk, calendar(FIRST), "x", Wishes(), who="Ana")
    empty.clock.advance(days=3)
    assert not await worker.step()
    assert await desk.database.read(lambda session: store.body(session, number)) is None
