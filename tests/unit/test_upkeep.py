"""What is forgotten with time."""

from datetime import timedelta

import pytest

from node.clock import to_ms
from node.store.database import Database, Session
from node.upkeep import UpkeepWorker
from tests.conftest import TurnableClock


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
