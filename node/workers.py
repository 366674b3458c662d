"""The node's background work: each worker is a loop of steps, woken by commits, watched by one supervisor."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from node.errors import DiskError
from node.store.database import Database

log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0  # workers look for work this often even when nobody woke them
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_DISK_PAUSE = 5.0
_CANCEL_SECONDS = 1.0


class Worker(Protocol):
    """One kind of background work.

    A worker may also have `async idle_seconds() -> float`, how long it may sleep when nobody wakes
    it, and `async close(timeout: float) -> None`, to finish or put back what it has in hand.
    """

    @property
    def name(self) -> str:
        """The name under which commits wake it (`Session.wake`)."""
        ...

    async def step(self) -> bool:
        """Do one piece of work; False when there is nothing more to do at the moment."""
        ...


async def run(
    worker: Worker,
    wake: asyncio.Event,
    idle: float = IDLE_SECONDS,
    stop: asyncio.Event | None = None,
) -> None:
    """Let `worker` work until `stop` is set (set `wake` too, so that it looks).

    An exception in a step is logged and the next step waits, longer each time up to a minute:
    one bad piece of work must not end all of it. While the disk takes nothing it looks every five
    seconds, and says so once. `idle` is the longest sleep in seconds. A worker
    that has `gather_seconds` begins each step that much later, so that a burst becomes one step.
    """
    stop = stop or asyncio.Event()
    failures = 0
    while not stop.is_set():
        wake.clear()  # before the step: what is committed during it wakes us again
        try:
            more = await worker.step()
            pause = 0.0 if more else min(idle, await _idle_seconds(worker))
        except DiskError as error:
            failures += 1
            if failures == 1:  # a line each time would fill what is full
                log.warning("worker %s waits for the disk: %s", worker.name, error)
            await _wait(stop, _DISK_PAUSE)
        except Exception:
            failures += 1
            pause = min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE)
            log.exception(
                "worker %s: a step failed, %d in a row; the next in %.1f s",
                worker.name,
                failures,
                pause,
            )
            await _wait(stop, pause)
        else:
            failures = 0
            if not more:
                await _wait(wake, pause)
            await asyncio.sleep(getattr(worker, "gather_seconds", 0.0))


async def _idle_seconds(worker: Worker) -> float:
    ask = getattr(worker, "idle_seconds", None)
    return IDLE_SECONDS if ask is None else float(await ask())


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


class Supervisor:
    """Owns the workers' tasks. `failed` is done, with the worker's name, when one ends unasked.

    Plain tasks and a future, not a TaskGroup: a group that spans the `yield` of a context manager
    would cancel whatever task entered it (PEP 789). Whoever serves awaits `failed`.
    """

    def __init__(self, workers: Sequence[Worker], database: Database) -> None:
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._workers = workers
        self._database = database
        self._stop = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, idle: float = IDLE_SECONDS) -> None:
        """Run every worker; commits wake them, and `idle` seconds are their longest sleep."""
        for worker in self._workers:
            wake = self._database.wake_event(worker.name)
            task = asyncio.create_task(
                run(worker, wake, idle, self._stop), name=f"worker {worker.name}"
            )
            task.add_done_callback(partial(self._ended, worker.name))
            self._tasks[worker.name] = task

    async def stop(self, timeout: float = 8.0) -> None:
        """End every worker: each finishes its step, then what it has in hand, in `timeout` seconds."""
        self._stop.set()
        for name in self._tasks:
            self._database.wake_event(name).set()
        deadline = asyncio.get_running_loop().time() + timeout
        await asyncio.gather(*(self._stop_one(worker, deadline) for worker in self._workers))

    async def _stop_one(self, worker: Worker, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        task = self._tasks.get(worker.name)
        if task is not None:
            await asyncio.wait([task], timeout=(deadline - loop.time()) / 2)
            if not task.done():
                log.warning("worker %s does not end its step: cancelled", worker.name)
                task.cancel()
                await asyncio.wait([task], timeout=_CANCEL_SECONDS)
        close = getattr(worker, "close", None)
        if close is None:
            return
        try:
            await close(max(_CANCEL_SECONDS, deadline - loop.time()))
        except Exception:
            log.exception("worker %s: what it had in hand was not put away", worker.name)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if self._stop.is_set() or self.failed.done():
            return
        log.critical("worker %s ended unasked", name, exc_info=error)
        self.failed.set_result(name)
