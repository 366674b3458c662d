"""One writing thread: whole transactions, shared commits, readers that never see half of one."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from node.errors import DiskFullError, TryLaterError
from node.store.database import Database, Session


def mark(name: str) -> str:
    return f"https://peer.example/{name}"


def add(session: Session, name: str) -> None:
    session.run("INSERT INTO remote_tombstone VALUES (:id, 1)", {"id": mark(name)})


def marks(database: Database) -> list[str]:
    rows = database.peek(
        lambda session: session.rows("SELECT id FROM remote_tombstone ORDER BY rowid")
    )
    return [row["id"] for row in rows]


async def test_a_failing_transaction_leaves_nothing_and_takes_nobody_with_it(
    database: Database,
) -> None:
    def half(session: Session) -> None:
        add(session, "half")
        raise ValueError("halfway")

    jobs = [
        database.write(lambda session: add(session, "before")),
        database.write(half),
        database.write(lambda session: add(session, "after")),
    ]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert marks(database) == [mark("before"), mark("after")]


async def test_a_cancelled_caller_cannot_split_a_transaction(database: Database) -> None:
    def both(session: Session) -> None:
        add(session, "one")
        add(session, "two")

    caller = asyncio.create_task(database.write(both))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await database.write(lambda session: add(session, "three"))
    assert marks(database) in ([mark("one"), mark("two"), mark("three")], [mark("three")])


async def test_a_wake_comes_after_the_commit_and_not_after_a_failure(database: Database) -> None:
    woken = database.wake_event("worker")

    def fails(session: Session) -> None:
        session.wake("worker")
        raise ValueError

    with pytest.raises(ValueError):
        await database.write(fails)
    assert not woken.is_set()
    await database.write(lambda session: session.wake("worker"))
    assert woken.is_set()


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await database.read(lambda session: add(session, "no"))
    with pytest.raises(sqlite3.OperationalError):
        database.peek(lambda session: add(session, "no"))


async def test_what_is_kept_is_asked_again_after_a_commit(database: Database) -> None:
    def count(session: Session) -> int:
        return int(session.value("SELECT count(*) FROM remote_tombstone"))

    assert database.peek_kept(count) == 0
    await database.write(lambda session: add(session, "one"))
    assert database.peek_kept(count) == 1


async def test_a_full_disk_is_passing_trouble_and_loses_nothing_that_was_acknowledged(
    database: Database,
) -> None:
    await database.write(lambda session: add(session, "kept"))

    def limit(session: Session) -> None:
        pages = session.value("PRAGMA page_count")
        session.value(f"PRAGMA max_page_count = {pages}")

    def fill(session: Session) -> None:
        session.run_many(
            "INSERT INTO remote_tombstone VALUES (:id, 1)",
            [{"id": mark("x" * 1000 + str(number))} for number in range(1000)],
        )

    await database.write(limit)
    with pytest.raises(DiskFullError):
        await database.write(fill)
    assert isinstance(database.trouble, DiskFullError)
    assert marks(database) == [mark("kept")]
    await database.write(lambda session: session.value("PRAGMA max_page_count = 1000000"))
    await database.write(lambda session: add(session, "again"))
    assert database.trouble is None
    assert marks(database) == [mark("kept"), mark("again")]


async def test_what_is_queued_at_the_end_is_still_written(
    tmp_path: Path, database: Database
) -> None:
    writing = asyncio.create_task(database.write(lambda session: add(session, "last")))
    await asyncio.sleep(0)
    await database.close()
    await writing
    with pytest.raises(TryLaterError):
        await database.write(lambda session: add(session, "too late"))
    connection = sqlite3.connect(tmp_path / "node.sqlite3")
    assert connection.execute("SELECT count(*) FROM remote_tombstone").fetchone() == (1,)
    connection.close()
