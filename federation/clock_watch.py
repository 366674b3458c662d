"""Can our own clock be believed? A machine without a battery for its clock wakes up in the past. Pure.

A wrong clock makes every server refuse what we sign, and makes us refuse what they sign. So while ours is in
doubt, one delivery at a time goes out to learn the time from whoever answers, no refusal counts as an
attempt, and signatures of others are judged by what others say is the time. Until anybody has said it, they
may be from any time that it can be: better to take what is an hour too old, which is known by its id if it
comes twice, than to refuse everybody (our clock may be right now, and only have been ahead before).
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from node.clock import RELEASED

MAY_BE_OFF = timedelta(minutes=5)
_ENOUGH_HOSTS = 3
_MOST_HOSTS = 50
_STEP = timedelta(seconds=30)  # by which the clock may run ahead of, or behind, the steady one
_BACK = timedelta(minutes=1)
_LONGEST_OFF = timedelta(days=366)  # that a machine may have been without power


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
            if abs(self._median) <= MAY_BE_OFF or self._agreeing >= _ENOUGH_HOSTS:
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

    def may_be(self, now: datetime) -> tuple[datetime, datetime]:
        """Between which moments it is now: ours twice, corrected where it is in doubt.

        They differ only while our clock is in doubt and nobody has told us the time.
        """
        if self.trouble(now) is None:
            return now, now
        if self._ahead:
            told = now - self._median
            return told, told
        earliest = max(now, RELEASED)
        return earliest, max(earliest, self._seen or earliest) + _LONGEST_OFF

    @property
    def _agreeing(self) -> int:
        """How many servers show our time; strangers with clocks of their own making change nothing about that."""
        return sum(abs(one) <= MAY_BE_OFF for one in self._ahead.values())

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
