"""Doing a thing once for all who ask for it at the same time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from node.errors import TryLaterError

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one task per key; everybody who comes while it runs shares its outcome.

    The task belongs to nobody in particular: a caller who is cancelled does not take it down for
    the others. At most `limit` run at once, and at most `each` of one `share`, so that a flood is told
    to come later and one slow server does not keep all others waiting.
    """

    def __init__(self, limit: int = 256, *, each: int = 128) -> None:
        self._limit = limit
        self._each = each
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._shares: Counter[str] = Counter()

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]], *, share: str) -> T:
        """The outcome of `work`, or of the one already under way for `key`; raises as it does."""
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= self._limit or self._shares[share] >= self._each:
                raise TryLaterError("Too much is being fetched at the moment.", retry_after=30)
            task = asyncio.create_task(_awaited(work))
            self._tasks[key] = task
            self._shares[share] += 1
            task.add_done_callback(lambda done: self._landed(key, share, done))
        return await asyncio.shield(task)

    def under_way(self, key: Hashable) -> bool:
        """Whether something runs for `key`."""
        return key in self._tasks

    async def close(self) -> None:
        """Cancel what is under way and wait until it is gone."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: Hashable, share: str, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        self._shares[share] -= 1
        if not self._shares[share]:
            del self._shares[share]
        if not task.cancelled():
            task.exception()  # heard here, even if everybody who asked has left


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
