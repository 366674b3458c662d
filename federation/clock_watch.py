"""Can our own clock be believed? A machine without a battery for its clock wakes up in the past. Pure.

A wrong clock makes every server refuse what we sign, and makes us refuse what they sign. So while ours is in
doubt, one delivery at a time goes out to learn the time from whoever answers, no refusal counts as an
attempt, and signatures of others are judged by the best guess there is of the time.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

# Nothing of this program was ever run before.
RELEASED = datetime(2026, 11, 28, tzinfo=UTC)
MAY_BE_OFF = timedelta(minutes=5)
_ENOUGH_HOSTS = 3
_MOST_HOSTS = 50
_STEP = timedelta(seconds=30)  # by which the clock may run ahead of, or behind, the steady one
_BACK = timedelta(minutes=1)


class ClockTrouble(StrEnum):
    """Why our clock is in doubt."""

    BEFORE_RELEASE = "before_release"
    BACKWARDS = "backwards"
    OFF = "off"


class ClockWatch:
    """What other servers' clocks say of ours. `seen`: the latest moment our clock has shown, ever before.

    Three servers that agree with us within five minutes (or all of fewer) end any doubt; three that do not
    are a doubt. A clock that is set meanwhile is judged anew. `steady`: seconds that nobody can set.
    """

    def __init__(
        self,
        now: datetime,
        seen: datetime | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seen = seen
        self._steady = steady
        self._ahead: dict[str, timedelta] = {}
        self._last = (now, steady())

    def told(self, host: str, ahead: timedelta, now: datetime) -> None:
        """A server's answer bore a date: our clock is `ahead` of it (behind, where negative)."""
        self._follow(now)
        self._ahead.pop(host, None)
        self._ahead[host] = ahead
        if len(self._ahead) > _MOST_HOSTS:
            del self._ahead[next(iter(self._ahead))]

    def trouble(self, now: datetime) -> ClockTrouble | None:
        """Why our clock cannot be believed at `now`; None while it can."""
        self._follow(now)
        if self._ahead:
            if abs(self._median) <= MAY_BE_OFF:
                self._seen = now
                return None
            if len(self._ahead) >= _ENOUGH_HOSTS:
                return ClockTrouble.OFF
        if now < RELEASED:
            return ClockTrouble.BEFORE_RELEASE
        if self._seen is not None and now < self._seen - _BACK:
            return ClockTrouble.BACKWARDS
        self._seen = now
        return None

    def best_guess(self, now: datetime) -> datetime:
        """The time by which others are to be judged: ours, corrected where it is in doubt."""
        if self.trouble(now) is None:
            return now
        if self._ahead:
            return now - self._median
        return max(now, RELEASED, self._seen or RELEASED)

    @property
    def _median(self) -> timedelta:
        return timedelta(seconds=median(one.total_seconds() for one in self._ahead.values()))

    def _follow(self, now: datetime) -> None:
        """Forget what was measured before somebody set the clock."""
        steady = self._steady()
        was, was_steady = self._last
        self._last = (now, steady)
        if abs((now - was) - timedelta(seconds=steady - was_steady)) > _STEP:
            self._ahead.clear()
