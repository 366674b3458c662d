"""What the delivery worker does about the clock: look at it, keep how it stands, learn from answers."""

import logging
from datetime import datetime, timedelta

from federation.clock_watch import ClockTrouble, ClockWatch
from node.store import clock_state
from node.store.database import Database

log = logging.getLogger(__name__)


class ClockKeeper:
    """Keeps for stewards, and for the next start, whether our clock can be believed."""

    def __init__(self, database: Database, watch: ClockWatch | None) -> None:
        self._database = database
        self._watch = watch
        self._trouble: ClockTrouble | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether the clock could not be believed at the last look."""
        return self._trouble is not None

    def told(self, host: str, ahead: timedelta, now: datetime) -> None:
        """An answer bore a date."""
        if self._watch is not None:
            self._watch.told(host, ahead, now)

    async def look(self, now: datetime) -> bool:
        """Look at the clock; True where that changed what we think of it."""
        trouble = self._watch.trouble(now) if self._watch is not None else None
        if trouble is self._trouble:
            return False
        if trouble is not None:
            log.warning("our clock is in doubt (%s): what waits is held until it is right", trouble)
        else:
            log.info("our clock is right again: what was held goes out")
        self._trouble = trouble
        await self.note(now)
        return True

    async def note(self, now: datetime) -> None:
        """Keep the latest moment that the clock has shown, or why it is in doubt."""
        if self._watch is None:
            return
        trouble = self._trouble
        await self._database.write(lambda session: clock_state.note(session, now, trouble))
