"""Background work goes on: woken by commits, through errors, until it is told to stop."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from node.errors import DiskError
from node.store.database import Database
from node.workers import Supervisor, run


class Counting:
    """A worker that does as many steps as are left, and then what it is told."""

    name = "counting"

    def __init__(self, left: int = 0, do: Callable[[], None] = lambda: None) -> None:
        self.left = left
        self.steps = 0
        self.do = do
        self.stepped = asyncio.Event()
        self.closed: float | None = None

    async def step(self) -> bool:
        self.steps += 1
        self.stepped.set()
        self.do()
        self.left -= 1
        return self.left > 0

    async def close(self, timeout: float) -> None:
        self.closed = timeout

    async def next_step(self) -> None:
        self.stepped.clear()
        async with asyncio.timeout(5):
            await self.stepped.wait()


async def test_a_worker_steps_until_nothing_is_left_and_again_when_woken(
    database: Database,
) -> None:
    worker = Counting(left=3)
    supervisor = Supervisor([worker], database)
    supervisor.start(idle=60)
    while worker.steps < 3:
        await worker.next_step()
    await database.write(lambda session: session.wake("counting"))
    await worker.next_step()
    assert worker.steps == 4
    await supervisor.stop(2)
    assert worker.closed is not None


async def test_a_commit_during_a_step_is_not_missed() -> None:
    wake = asyncio.Event()
    worker = Counting()
    worker.do = lambda: wake.set() if worker.steps == 1 else None
    running = asyncio.create_task(run(worker, wake, idle=60))
    async with asyncio.timeout(5):
        while worker.steps < 2:
            await worker.next_step()
    running.cancel()
    await asyncio.wait([running])


async def test_a_worker_looks_by_itself_after_a_while() -> None:
    worker = Counting()
    running = asyncio.create_task(run(worker, asyncio.Event(), idle=0.01))
    for _ in range(3):
        await worker.next_step()
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize("error", [ValueError("a bug"), DiskError("the disk is full")], ids=str)
async def test_an_error_in_a_step_is_logged_and_the_work_goes_on(
    database: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr("node.workers._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("node.workers._DISK_PAUSE", 0.01)
    worker = Counting()

    def fail_twice() -> None:
        if worker.steps <= 2:
            raise error

    worker.do = fail_twice
    supervisor = Supervisor([worker], database)
    supervisor.start(idle=0.01)
    while worker.steps < 4:
        await worker.next_step()
    assert not supervisor.failed.done()
    assert str(error) in caplog.text
    assert len(caplog.records) == (1 if isinstance(error, DiskError) else 2)
    await supervisor.stop(2)


class FatalError(BaseException):
    """What no loop may survive."""


async def test_the_death_of_a_loop_is_made_known(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def die() -> None:
        raise FatalError

    healthy, dying = Counting(), Counting(do=die)
    dying.name = "dying"
    supervisor = Supervisor([healthy, dying], database)
    supervisor.start()
    async with asyncio.timeout(5):
        assert await supervisor.failed == "dying"
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    await supervisor.stop(2)
    assert healthy.closed is not None


async def test_a_cancelled_loop_is_a_dead_one(database: Database) -> None:
    supervisor = Supervisor([Counting()], database)
    supervisor.start()
    next(task for task in asyncio.all_tasks() if task.get_name() == "worker counting").cancel()
    async with asyncio.timeout(5):
        assert await supervisor.failed == "counting"
    await supervisor.stop(2)


async def test_a_step_that_hangs_is_cancelled_at_the_stop_and_the_rest_is_still_closed(
    database: Database,
) -> None:
    class Hanging(Counting):
        async def step(self) -> bool:
            self.stepped.set()
            await asyncio.Event().wait()
            return False

    worker, other = Hanging(), Counting()
    other.name = "other"
    supervisor = Supervisor([worker, other], database)
    supervisor.start()
    await worker.next_step()
    async with asyncio.timeout(5):
        await supervisor.stop(0.2)
    assert worker.closed is not None
    assert other.closed is not None
    assert not supervisor.failed.done()
