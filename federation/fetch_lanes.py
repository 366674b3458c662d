"""Fetching for many actors at once: each has a lane of its own, so that whoever is slow keeps nobody else waiting.

The lanes of the inbox worker and of the reading of neighbours' gatherings; those of deliveries are in `lanes`.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from functools import partial

Lane = tuple[str, str]  # the server something came from, and the actor


class FetchLanes:
    """The lanes in use, each with what runs in it. `wake` is set whenever one comes free.

    There are `at_once`, and `of_one_server` of them for any one, so that none can take up all.
    """

    def __init__(self, wake: asyncio.Event, *, at_once: int, of_one_server: int) -> None:
        self._wake = wake
        self._at_once = at_once
        self._of_one_server = of_one_server
        self._running: dict[Lane, asyncio.Task[None]] = {}
        self._failure: BaseException | None = None

    @property
    def taken(self) -> list[Lane]:
        """The lanes in use."""
        return list(self._running)

    @property
    def full(self) -> list[str]:
        """The servers that have as many lanes as one can have."""
        used = _used(self._running)
        return [server for server, number in used.items() if number >= self._of_one_server]

    def has_room(self, server: str, more: Iterable[Lane] = ()) -> bool:
        """Whether there is a lane for somebody on that server, once those of `more` are taken, too."""
        used = _used((*self._running, *more))
        return used.total() < self._at_once and used[server] < self._of_one_server

    def begin(self, lane: Lane, work: Coroutine[None, None, None]) -> None:
        """Run something in a lane that is free."""
        running = self._running[lane] = asyncio.create_task(work)
        running.add_done_callback(partial(self._ended, lane))

    def raise_failure(self) -> None:
        """Raise what ended a lane since this was asked last."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def settle(self) -> None:
        """Wait until all lanes are free. Raises what ended one."""
        while self._running:
            await asyncio.wait(self._running.values())
        self.raise_failure()

    async def close(self, timeout: float) -> None:
        """Wait for `timeout` seconds until all are free, then end what still runs."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=timeout)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _ended(self, lane: Lane, running: asyncio.Task[None]) -> None:
        del self._running[lane]
        if not running.cancelled():
            self._failure = running.exception() or self._failure
        self._wake.set()


def _used(lanes: Iterable[Lane]) -> Counter[str]:
    return Counter(server for server, _ in lanes)
