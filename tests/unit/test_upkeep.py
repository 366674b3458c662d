"""What is forgotten with time."""

from datetime import timedelta

import pytest

from federation.outbox import OutboxWorker
from node.clock import to_ms
from node.domain.rsvp import Answer
from node.ports import RemoteActor
from node.services import invitations, rsvps
from node.services.events import add_event
from node.store import actors, clock_state
from node.store.database import Database, Session
from node.upkeep import UpkeepWorker
from node.urls import Urls
from tests.conftest import TurnableClock

GATHERING = {
    "id": "circle",
    "title": "River circle",
    "start_local": "2027-04-14T10:00:00",
    "end_local": "2027-04-14T12:00:00",
    "timezone": "UTC",
    "registration": {"mode": "open"},
}


def arrived(session: Session, activity_id: str, days_ago: int, clock: TurnableClock) -> None:
    session.run(
        "INSERT INTO inbound (origin, activity_id, actor_id, type, state, received_at)"
        " VALUES ('https://peer.example', :id, 'https://peer.example/u', 'Like', 'applied', :at)",
        {"id": activity_id, "at": to_ms(clock.now() - timedelta(days=days_ago))},
    )


async def test_old_inbound_rows_go_and_young_ones_stay(
    database: Database, clock: TurnableClock
) -> None:
    await database.write(lambda session: arrived(session, "old", 40, clock))
    await database.write(lambda session: arrived(session, "young", 10, clock))
    worker = UpkeepWorker(database, clock)
    while await worker.step():
        pass
    left = database.peek(lambda session: session.rows("SELECT activity_id FROM inbound"))
    assert [row["activity_id"] for row in left] == ["young"]


async def test_it_rests_for_an_hour_between_two_rounds(
    database: Database, clock: TurnableClock
) -> None:
    worker = UpkeepWorker(database, clock)
    await worker.step()
    await database.write(lambda session: arrived(session, "old", 40, clock))
    assert not await worker.step()
    clock.advance(minutes=61)
    assert await worker.step()


@pytest.mark.parametrize(("days", "told"), [(None, 0), (1, 0), (8, 1)])
async def test_a_week_without_contact_ends_with_a_hello(
    database: Database, clock: TurnableClock, days: int | None, told: int
) -> None:
    if days is not None:
        await database.write(lambda session: arrived(session, "last", days, clock))
    worker = UpkeepWorker(database, clock)
    await worker.step()
    clock.advance(hours=2)
    await worker.step()
    entries = database.peek(lambda session: session.rows("SELECT kind FROM outbox_entry"))
    kinds = [row["kind"] for row in entries]
    assert kinds.count("update_group") == told
    assert kinds.count("featured") == 2


async def test_thirty_days_after_a_gathering_nothing_tells_who_came(
    database: Database, clock: TurnableClock
) -> None:
    """Its answers, links, invitations and the messages about it, with what was kept for delivery."""
    ann = RemoteActor(
        id="https://peer.example/ann",
        type="Person",
        handle="ann@peer.example",
        name="Ann",
        summary="",
        url=None,
        inbox="https://peer.example/ann/inbox",
        shared_inbox=None,
        outbox=None,
        upcoming=None,
        featured=None,
    )
    urls = Urls("https://ours.example")

    def come(session: Session) -> None:
        now = clock.now()
        actors.put(session, ann, now)
        add_event(session, GATHERING, now=now)
        invitations.invite(session, "circle", ann, urls=urls, now=now, who="sam")
        rsvps.answer(session, "circle", ann.id, Answer.GOING, now=now)
        rsvps.overtaken(session, "circle", ann.id, now)

    await database.write(come)
    outbox = OutboxWorker(database, clock, urls)
    while await outbox.step():
        pass
    tables = ("rsvp", "rsvp_link", "rsvp_said", "invitation", "direct_message")
    assert [rows(database, table) for table in tables] == [1] * 5
    assert links(database) == 1
    for days, left in ((31 + 29, 1), (2, 0)):
        clock.advance(days=days)
        worker = UpkeepWorker(database, clock)
        while await worker.step():
            pass
        assert [rows(database, table) for table in tables if table != "rsvp_said"] == [left] * 4
    assert rows(database, "rsvp_said") == 0
    assert links(database) == 0


def links(database: Database) -> int:
    """How many activities kept for delivery hold a private link."""
    count: int = database.peek(
        lambda session: session.value(
            "SELECT count(*) FROM activity WHERE instr(CAST(body AS TEXT), '/rsvp/')"
        )
    )
    return count


def rows(database: Database, table: str) -> int:
    count: int = database.peek(lambda session: session.value(f"SELECT count(*) FROM {table}"))
    return count


async def test_nothing_is_forgotten_by_a_clock_that_is_in_doubt(
    database: Database, clock: TurnableClock
) -> None:
    await database.write(lambda session: arrived(session, "old", 40, clock))
    await database.write(lambda session: clock_state.note(session, clock.now(), "off"))
    await UpkeepWorker(database, clock).step()
    count = "SELECT count(*) FROM inbound"
    assert database.peek(lambda session: session.value(count)) == 1
    await database.write(lambda session: clock_state.note(session, clock.now(), None))
    await UpkeepWorker(database, clock).step()
    assert database.peek(lambda session: session.value(count)) == 0
