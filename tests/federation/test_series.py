"""A series as its followers live it: one post for each session, when its turn comes, and once."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.signatures import SigningKey
from node.domain.rsvp import Answer, Refusal, RsvpState
from node.domain.series import expand
from node.errors import ConflictError, InvalidDocumentError, RefusedError
from node.services import events as service
from node.services import rsvps, series, transfer
from node.store import events, groups, migrations
from node.store import series as store
from node.store.database import Database
from tests.conftest import GROUP, NOW, TurnableClock
from tests.federation.outbound import URLS, Outbound, outbound
from tests.federation.sink import Sink
from tests.unit.test_series import MITTWOCHSKREIS, a_series

SLUG = "mittwochskreis"
DAYS = ("2027-03-10", "2027-03-17", "2027-03-31", "2027-04-07", "2027-04-14", "2027-04-21")


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock(datetime(2027, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[Outbound]:
    async with Sink(1) as sink, outbound(database, clock, rsa_keys[0], sink) as parts:
        await parts.follow(sink.hosts[0])
        yield parts


async def publish(node: Outbound, **changes: Any) -> None:
    await node.publish(**a_series(**({"registration": {"mode": "open"}} | changes)))


async def time_passes(node: Outbound, *, days: float = 0, to: str = "") -> None:
    """The clock goes on, upkeep runs, the outbox is worked off."""
    if to:
        node.clock.set(datetime.fromisoformat(to).replace(tzinfo=UTC))
    node.clock.advance(days=days)
    now = node.clock.now()
    await node.database.write(lambda session: series.keep_all(session, now))
    await node.render()


async def told(node: Outbound, *kinds: str) -> list[tuple[str, str]]:
    """What went out, as (type, slug of the object)."""
    await node.render()
    rows = await node.rows("SELECT type, object_id FROM activity ORDER BY seq")
    pairs = [(row["type"], row["object_id"].rpartition("/")[2]) for row in rows]
    return [pair for pair in pairs if not kinds or pair[0] in kinds]


async def sessions(node: Outbound) -> dict[str, dict[str, Any]]:
    """The documents of all sessions, by slug."""
    rows = await node.rows(
        "SELECT slug, document FROM event WHERE series_slug IS NOT NULL AND document IS NOT NULL"
        " ORDER BY recurrence"
    )
    return {row["slug"]: json.loads(row["document"]) for row in rows}


async def do(node: Outbound, work: Any, *arguments: Any) -> Any:
    now = node.clock.now()
    return await node.database.write(lambda session: work(session, *arguments, now=now))


async def coming(node: Outbound, slug: str, who: str = "https://peer.example/ann") -> Any:
    return await do(node, rsvps.answer, slug, who, Answer.GOING)


async def test_followers_get_one_post_per_session_when_its_turn_comes(node: Outbound) -> None:
    await publish(node)
    assert [*await sessions(node)] == [f"{SLUG}-{day}" for day in DAYS]
    assert await told(node) == [("Create", f"{SLUG}-2027-03-10")]
    for number, day in enumerate(DAYS, start=1):
        await time_passes(node, to=f"{day}T23:00:00")
        await time_passes(node, days=0.1)
        created = [slug for _, slug in await told(node, "Create")]
        assert created == [f"{SLUG}-{one}" for one in DAYS[: number + 1]]
    assert {kind for kind, _ in await told(node)} == {"Create"}


async def test_a_delivered_session_is_a_plain_event_that_knows_its_series(node: Outbound) -> None:
    await publish(node, siblings=["https://elsewhere.example/circle", "not-here"])
    await time_passes(node, to="2027-03-11T00:00:00")
    [_, row] = await node.rows("SELECT body FROM activity ORDER BY seq")
    one = json.loads(row["body"])["object"]
    assert one["type"] == "Event"
    assert one["startTime"] == "2027-03-17T19:00:00+01:00" == one["originalStartTime"]
    assert one["series"] == URLS.event(SLUG)
    assert one["previousSession"] == URLS.event(f"{SLUG}-2027-03-10")
    assert one["nextSession"] == URLS.event(f"{SLUG}-2027-03-31")
    assert one["siblings"] == ["https://elsewhere.example/circle"]


async def test_lists_hold_the_session_whose_turn_it_is_and_not_the_series(node: Outbound) -> None:
    await publish(node)
    now = node.clock.now()
    found = await node.database.read(lambda session: events.upcoming(session, now))
    assert [one.event.slug for one in found] == [f"{SLUG}-2027-03-10"]


async def test_an_edit_of_one_session_leaves_the_others(node: Outbound) -> None:
    await publish(node)
    await node.edit(f"{SLUG}-2027-03-17", start_local="2027-03-18T19:00:00", reason="Saal belegt")
    assert await told(node) == [("Create", f"{SLUG}-2027-03-10")]  # nobody was told of it yet
    found = await sessions(node)
    assert found[f"{SLUG}-2027-03-17"]["start_local"] == "2027-03-18T19:00:00"
    assert found[f"{SLUG}-2027-03-17"]["status"] == "rescheduled"
    assert [one["start_local"][11:] for one in found.values()] == ["19:00:00"] * 6
    kept = await node.database.read(lambda session: events.get_document(session, SLUG))
    assert kept["series"]["sessions"] == {
        "2027-03-17T19:00:00": {"start_local": "2027-03-18T19:00:00", "reason": "Saal belegt"}
    }
    await node.edit(f"{SLUG}-2027-03-17", start_local="2027-03-17T19:00:00", reason=None)
    kept = await node.database.read(lambda session: events.get_document(session, SLUG))
    assert kept["series"] == MITTWOCHSKREIS["series"]


async def test_a_session_that_was_posted_and_moved_is_told_anew(node: Outbound) -> None:
    await publish(node)
    await node.edit(f"{SLUG}-2027-03-10", start_local="2027-03-11T19:00:00")
    await node.quiet()
    kinds = [kind for kind, _ in await told(node)]
    assert kinds == ["Create", "Update", "Create"]
    rows = await node.rows("SELECT content FROM notice")
    assert "11. März 2027" in rows[0]["content"]


async def test_a_date_that_was_posted_and_is_left_out_stays_and_says_cancelled(
    node: Outbound,
) -> None:
    await publish(node)
    changed = MITTWOCHSKREIS["series"] | {
        "excluded_local": ["2027-03-10T19:00:00", "2027-03-24T19:00:00", "2027-03-31T19:00:00"]
    }
    await node.edit(SLUG, series=changed)
    found = await sessions(node)
    assert found[f"{SLUG}-2027-03-10"]["status"] == "cancelled"
    assert f"{SLUG}-2027-03-31" not in found  # nobody had heard of it
    await node.quiet()
    assert (await told(node))[1:] == [
        ("Update", f"{SLUG}-2027-03-10"),
        ("Create", f"{SLUG}-2027-03-17"),
        ("Create", (await node.rows("SELECT id FROM notice"))[0]["id"]),
    ]
    await node.edit(SLUG, series=MITTWOCHSKREIS["series"])
    found = await sessions(node)
    assert [*found] == [f"{SLUG}-{day}" for day in DAYS]
    assert found[f"{SLUG}-2027-03-10"].get("status", "scheduled") == "scheduled"


async def test_a_cancelled_session_is_passed_over(node: Outbound) -> None:
    await publish(node)
    await do(node, service.cancel_event, f"{SLUG}-2027-03-17", "Streik")
    assert len(await told(node)) == 1
    await time_passes(node, to="2027-03-11T00:00:00")
    assert await told(node) == [
        ("Create", f"{SLUG}-2027-03-10"),
        ("Create", f"{SLUG}-2027-03-31"),
    ]


async def test_what_follows_goes_on_otherwise_with_its_addresses_and_people(node: Outbound) -> None:
    await publish(node)
    assert await coming(node, f"{SLUG}-2027-04-07") is RsvpState.CONFIRMED
    made = await do(
        node,
        service.edit_following,
        f"{SLUG}-2027-03-31",
        {"start_local": "2027-04-01T18:30:00", "title": {"de": "Donnerstagskreis"}},
    )
    assert made.event.slug == f"{SLUG}-from-2027-03-31"
    found = await sessions(node)
    assert [*found] == [f"{SLUG}-{day}" for day in DAYS]
    assert [one["start_local"] for one in found.values()] == [
        *("2027-03-10T19:00:00", "2027-03-17T19:00:00", "2027-04-01T18:30:00"),
        *("2027-04-08T18:30:00", "2027-04-15T18:30:00", "2027-04-22T18:30:00"),
    ]
    assert [one["title"]["de"][0] for one in found.values()] == ["M", "M", "D", "D", "D", "D"]
    seats = await node.rows("SELECT event_slug FROM rsvp")
    assert seats == [{"event_slug": f"{SLUG}-2027-04-07"}]
    assert [slug for _, slug in await told(node, "Create")] == [f"{SLUG}-{DAYS[0]}"]
    for number, day in enumerate(DAYS[1:4], start=2):
        await time_passes(node, to=f"{day}T00:00:00")
        created = [slug for _, slug in await told(node, "Create")]
        assert created == [f"{SLUG}-{one}" for one in DAYS[:number]]
    document = await node.database.read(lambda session: events.get_document(session, SLUG))
    assert document["series"]["rrule"] == "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270331T185959"


async def test_of_a_series_that_was_called_off_nothing_new_begins(node: Outbound) -> None:
    await publish(node, series={"rrule": "FREQ=WEEKLY;BYDAY=WE"})
    await node.render()
    await do(node, service.cancel_event, SLUG, "Wir sind müde")
    before = await sessions(node)
    assert {one["status"] for one in before.values()} == {"cancelled"}
    await time_passes(node, days=60)
    assert [*await sessions(node)] == [*before]
    assert [slug for _, slug in await told(node, "Create")] == [f"{SLUG}-{DAYS[0]}"]


async def test_what_follows_the_first_session_is_the_series(node: Outbound) -> None:
    await publish(node)
    made = await do(node, service.edit_following, f"{SLUG}-2027-03-10", {"title": "Neu"})
    assert made.event.slug == SLUG
    assert {one["title"] for one in (await sessions(node)).values()} == {"Neu"}


async def test_another_hour_keeps_the_ids_and_the_people(node: Outbound) -> None:
    await publish(node, sessions={"2027-03-17T19:00:00": {"title": {"de": "Mit Gästen"}}})
    await coming(node, f"{SLUG}-2027-03-17")
    await node.edit(SLUG, start_local="2027-03-10T18:00:00")
    found = await sessions(node)
    assert [*found] == [f"{SLUG}-{day}" for day in DAYS]
    assert {one["start_local"][11:] for one in found.values()} == {"18:00:00"}
    assert {one["end_local"][11:] for one in found.values()} == {"20:00:00"}
    assert found[f"{SLUG}-2027-03-17"]["title"] == {"de": "Mit Gästen"}
    assert len(await node.rows("SELECT * FROM rsvp")) == 1


async def test_another_rule_cancels_what_was_told_and_drops_the_rest(node: Outbound) -> None:
    await publish(node)
    await coming(node, f"{SLUG}-2027-04-07")
    rule = {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;COUNT=3"}
    await node.edit(SLUG, start_local="2027-03-17T19:00:00", end_local=None, series=rule)
    found = await sessions(node)
    state = {slug[-5:]: one.get("status", "scheduled") for slug, one in found.items()}
    assert state == {
        "03-10": "cancelled",  # posted
        "03-17": "scheduled",
        "03-31": "scheduled",
        "04-07": "cancelled",  # somebody was coming
        "04-14": "scheduled",
    }


async def test_a_session_that_is_removed_does_not_come_back(node: Outbound) -> None:
    await publish(node)
    await node.render()
    await do(node, service.remove_event, f"{SLUG}-2027-03-31")
    await do(node, service.remove_event, f"{SLUG}-2027-03-10")
    await time_passes(node)
    assert [*await sessions(node)] == [f"{SLUG}-{day}" for day in (*DAYS[1:2], *DAYS[3:])]
    assert await told(node) == [
        ("Create", f"{SLUG}-2027-03-10"),
        ("Delete", f"{SLUG}-2027-03-10"),
        ("Create", f"{SLUG}-2027-03-17"),
    ]
    await node.edit(SLUG, series=MITTWOCHSKREIS["series"])
    assert (
        next(iter(await sessions(node))) == f"{SLUG}-2027-03-10-1900"
    )  # what is gone is never revived


async def test_with_a_series_all_its_sessions_go(node: Outbound) -> None:
    await publish(node)
    await node.render()
    await node.remove(SLUG)
    assert await sessions(node) == {}
    assert await told(node, "Delete") == [("Delete", f"{SLUG}-2027-03-10")]


async def test_an_event_that_becomes_a_series_makes_room_for_its_sessions(node: Outbound) -> None:
    single = {key: value for key, value in MITTWOCHSKREIS.items() if key != "series"}
    await node.publish(**single, registration={"mode": "open"})
    await node.render()
    await coming(node, SLUG)
    await node.edit(SLUG, series=MITTWOCHSKREIS["series"])
    assert await told(node) == [
        ("Create", SLUG),
        ("Delete", SLUG),
        ("Create", f"{SLUG}-2027-03-10"),
    ]
    assert await node.rows("SELECT event_slug FROM rsvp") == [{"event_slug": f"{SLUG}-2027-03-10"}]
    with pytest.raises(RefusedError, match="cannot become a single gathering"):
        await node.edit(SLUG, series=None)


async def test_people_come_to_sessions_and_to_a_closed_circle_with_its_first(
    node: Outbound,
) -> None:
    await publish(node, registration={"mode": "open"}, closed_after_first=True)
    assert await coming(node, SLUG) is Refusal.SERIES
    assert await coming(node, f"{SLUG}-2027-03-10") is RsvpState.CONFIRMED
    assert await coming(node, f"{SLUG}-2027-03-17") is Refusal.CIRCLE_CLOSED


async def test_fewer_places_than_people_turn_nobody_away(node: Outbound) -> None:
    await publish(node, registration={"mode": "open", "capacity": 3})
    for who in ("ann", "bob", "cat"):
        await coming(node, f"{SLUG}-2027-03-10", f"https://peer.example/{who}")
    await node.edit(f"{SLUG}-2027-03-10", registration={"mode": "open", "capacity": 2})
    assert len(await node.rows("SELECT * FROM rsvp WHERE state = 'confirmed'")) == 3
    assert await coming(node, f"{SLUG}-2027-03-10", "https://peer.example/dan") is Refusal.FULL


async def test_what_belongs_to_the_whole_series_is_named(node: Outbound) -> None:
    await publish(node)
    with pytest.raises(InvalidDocumentError) as caught:
        await node.edit(f"{SLUG}-2027-03-17", visibility="local_only", price={"model": "x"})
    assert str(caught.value) == "visibility: belongs to the whole series: change it there"
    with pytest.raises(InvalidDocumentError) as caught:
        await node.edit(f"{SLUG}-2027-03-17", price={"model": "x"})
    assert str(caught.value).startswith("price.model: must be one of ")


async def test_a_date_its_series_has_left_behind_cannot_be_changed(node: Outbound) -> None:
    await publish(node)
    await do(node, series.leave_out, (await occurrence(node, f"{SLUG}-2027-03-10")))
    with pytest.raises(ConflictError, match="no longer in its series"):
        await node.edit(f"{SLUG}-2027-03-10", title="x")


async def occurrence(node: Outbound, slug: str) -> Any:
    return await node.database.read(lambda session: events.get(session, slug).event.occurrence)


async def test_what_is_over_stays_as_it_was(node: Outbound) -> None:
    await publish(node)
    await time_passes(node, to="2027-03-20T00:00:00")
    await node.edit(SLUG, title={"de": "Kreis im Hof"})
    titles = [one["title"]["de"] for one in (await sessions(node)).values()]
    assert titles == ["Mittwochskreis"] * 2 + ["Kreis im Hof"] * 4
    await node.edit(f"{SLUG}-2027-03-17", title={"de": "Der Abend mit dem Regen"})
    assert (await sessions(node))[f"{SLUG}-2027-03-17"]["title"]["de"] == "Der Abend mit dem Regen"


async def test_export_gives_back_the_series_and_import_makes_the_same_sessions(
    node: Outbound, database: Database
) -> None:
    document = {
        "groups": [GROUP],
        "events": [a_series(sessions={"2027-03-17T19:00:00": {"title": {"de": "Mit Gästen"}}})],
    }
    await do(node, transfer.import_document, document)
    exported = await database.read(transfer.export_document)
    assert exported["events"] == document["events"]
    found = await sessions(node)
    assert [*found] == [f"{SLUG}-{day}" for day in DAYS]
    again = await do(node, transfer.import_document, exported)
    assert (again.events.unchanged, await sessions(node)) == (1, found)
    stray = {"groups": [GROUP], "events": [found[f"{SLUG}-2027-03-17"]]}
    with pytest.raises(RefusedError, match="Sessions of a series here"):
        await do(node, transfer.import_document, stray)


async def test_a_failing_edit_changes_nothing_at_all(node: Outbound) -> None:
    await publish(node)
    before = await node.rows("SELECT slug, document, sequence FROM event ORDER BY slug")

    def breaks(session: Any, *, now: datetime) -> None:
        service.edit_event(
            session, SLUG, {"title": "x", "start_local": "2027-03-10T18:00:00"}, now=now
        )
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        await do(node, breaks)
    assert await node.rows("SELECT slug, document, sequence FROM event ORDER BY slug") == before


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 20)),
    st.tuples(st.just("edit"), st.integers(0, 30), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 30)),
    st.tuples(st.just("leave out"), st.integers(0, 30)),
    st.tuples(st.just("remove"), st.integers(0, 30)),
    st.tuples(st.just("following"), st.integers(0, 30), st.integers(0, 2)),
    st.tuples(st.just("hour"), st.integers(17, 20)),
    st.tuples(st.just("rule"), st.sampled_from(["FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"])),
    st.tuples(st.just("come"), st.integers(0, 30)),
)  # fmt: skip


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=1, max_size=12))
async def test_no_order_of_edits_loses_or_doubles_a_session(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]]
) -> None:
    path = tmp_path_factory.mktemp("series") / "node.sqlite3"
    migrations.create(path)
    async with await Database.open(path) as database:
        now = datetime(2027, 3, 1, 12, tzinfo=UTC)
        await database.write(lambda session: groups.create(session, "norcal", GROUP, NOW))
        await database.write(lambda session: service.add_event(session, a_series(), now=now))
        names: dict[str, str] = {}
        for step in steps:
            now += timedelta(days=step[1]) if step[0] == "wait" else timedelta(minutes=1)
            await database.write(lambda session: take(session, step, now))  # noqa: B023
            await database.write(lambda session: holds(session, now, names))  # noqa: B023


def take(session: Any, step: tuple[Any, ...], now: datetime) -> None:
    """One thing a host may do; what the rules refuse changes nothing."""
    found = session.rows(
        "SELECT slug FROM event WHERE series_slug IS NOT NULL AND document IS NOT NULL ORDER BY slug"
    )
    chosen = found[step[1] % len(found)]["slug"] if found and isinstance(step[1], int) else None
    work = {
        "wait": lambda: series.keep_all(session, now),
        "edit": lambda: service.edit_event(
            session,
            chosen,
            {"title": "x" * step[2], "description": "y"} if step[2] else {},
            now=now,
        ),
        "cancel": lambda: service.cancel_event(session, chosen, None, now=now),
        "leave out": lambda: series.leave_out(
            session, events.get(session, chosen).event.occurrence, now=now
        ),
        "remove": lambda: service.remove_event(session, chosen, now=now),
        "following": lambda: service.edit_following(
            session, chosen, [{"title": "z"}, {"description": "q"}, {}][step[2]], now=now
        ),
        "hour": lambda: service.edit_event(
            session, SLUG, {"start_local": f"2027-03-10T{step[1]}:00:00"}, now=now
        ),
        "rule": lambda: service.edit_event(session, SLUG, {"series": {"rrule": step[1]}}, now=now),
        "come": lambda: rsvps.answer(session, chosen, "ann", Answer.GOING, now=now),
    }[step[0]]
    if chosen is None and step[0] not in ("wait", "hour", "rule"):
        return
    try:
        session.alone(lambda _: work())
    except (ConflictError, RefusedError):
        return


def holds(session: Any, now: datetime, names: dict[str, str]) -> None:
    """What must be so after whatever happened; `names` remembers whose every slug was."""
    before = session.rows("SELECT slug, document, announced_at FROM event ORDER BY slug")
    series.keep_all(session, now)
    assert [tuple(row) for row in before] == [
        tuple(row)
        for row in session.rows("SELECT slug, document, announced_at FROM event ORDER BY slug")
    ], "keeping a series twice changes nothing"
    for slug in store.slugs(session):
        here = store.kept(session, slug)
        recurrences = [one.recurrence for one in here]
        assert len(set(recurrences)) == len(recurrences)
        expected = {
            one.recurrence
            for one in expand(events.get_document(session, slug), now)
            if datetime.fromisoformat(one.document["end_utc"]) > now
        }
        assert expected <= set(recurrences)
        for one in here:
            if not one.is_over(now) and one.recurrence not in expected:
                assert one.document["status"] == "cancelled"
    posts = session.rows(
        "SELECT subject, count(*) AS n FROM outbox_entry WHERE kind = 'create_event' GROUP BY subject"
    )
    assert {row["n"] for row in posts} <= {1}
    told = {
        row["slug"] for row in session.rows("SELECT slug FROM event WHERE announced_at IS NOT NULL")
    }
    assert {row["subject"] for row in posts} == told
