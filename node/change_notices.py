"""The worker that tells of changes once the hosts are quiet, so that two edits in a minute are one notice."""

from datetime import timedelta
from functools import partial

from node.clock import Clock
from node.services.event_news import tell_next_change
from node.store import pending_changes
from node.store.database import Database


class ChangeNoticeWorker:
    """Tells of one event after the other whose last important change is `quiet` seconds old."""

    name = pending_changes.WORKER

    def __init__(self, database: Database, clock: Clock, quiet: float) -> None:
        self._database = database
        self._clock = clock
        self._quiet = timedelta(seconds=quiet)

    async def step(self) -> bool:
        """Tell of one event; False when none is due."""
        now = self._clock.now()
        return await self._database.write(
            partial(tell_next_change, since=now - self._quiet, now=now)
        )

    async def idle_seconds(self) -> float:
        """Until the next event is due, in seconds."""
        changed = self._database.peek(pending_changes.first_at)
        if changed is None:
            return 3600.0
        return max(0.0, (changed + self._quiet - self._clock.now()).total_seconds())
