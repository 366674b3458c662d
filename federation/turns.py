"""Who may ask one server at the same time as others: a bounded number, the others in line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _Turn:
    semaphore: asyncio.Semaphore
    users: int = 0


class Turns:
    """At most `each` at once for one name; names nobody waits for are forgotten."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Wait for a turn with `name` and hold it."""
        turn = self._turns.get(name)
        if turn is None:
            turn = self._turns[name] = _Turn(asyncio.Semaphore(self._each))
        turn.users += 1
        try:
            async with turn.semaphore:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[name]
