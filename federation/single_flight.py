"""Doing a thing once for all who ask for it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from node.errors import TryLaterError

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one task per key; everybody who comes while it runs shares its outcome.

    The task belongs to nobody in particular: a caller who is cancelled does not take it down for
    the others. At most `limit` run at once, so that a flood of new keys is told to come later.
    """

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `work`, or of the one already under way for `key`; raises as it does."""
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= self._limit:
                raise TryLaterError("Too much is being fetched at the moment.", retry_after=30)
            task = asyncio.create_task(_awaited(work))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
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

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # heard here, even if everybody who asked has left


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
