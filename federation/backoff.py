"""When a delivery is tried again, and when it is given up. Pure: (answer, attempts) to verdict.

    attempt   1    2     3      4       5       6    7    8    9     10 …       39
    after     0    30 s  2 min  10 min  30 min  1 h  3 h  6 h  12 h  each day   given up

Every step is spread by a fifth either way, so that a server that was away is not met by all of its
rows at once. `base` is `federation.retry_base_seconds`: it stretches or shrinks the first four steps.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

USUAL_BASE = timedelta(seconds=30)
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)  # also the most that a Retry-After is honoured

_EARLY = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
)
_LATE = (timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=12))
_DAYS = 29
MOST_ATTEMPTS = 1 + len(_EARLY) + len(_LATE) + _DAYS

# A refused signature or an unknown inbox may be our peer's passing mistake (a cached key, a move).
_REFUSALS = (timedelta(minutes=30), timedelta(hours=12))
_REFUSED = frozenset({401, 403, 404})
_PASSING = frozenset({408, 425, 429})

BREAKER_FAILURES = 5
_BREAKER_FIRST = timedelta(minutes=10)
_BREAKER_LONGEST = timedelta(hours=6)


class Fate(StrEnum):
    """What becomes of a delivery after an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate, and for a retry the time to wait from now."""

    fate: Fate
    wait: timedelta = timedelta(0)


_DELIVERED = Verdict(Fate.DELIVERED)
_DEAD = Verdict(Fate.DEAD)


def classify(
    status: int | None,
    attempts: int,
    *,
    base: timedelta = USUAL_BASE,
    retry_after: timedelta | None = None,
    chance: float = 0.5,
) -> Verdict:
    """What to do after the attempt number `attempts` (from 1) was answered with `status`.

    None is no answer at all: DNS, TLS, connection, timeout. `chance` (0 to 1, from a random source)
    places the retry within its spread. 2xx is delivered; 410 and every other final 4xx is dead;
    401, 403 and 404 are dead after three; all else is tried for about a month.
    """
    if status is not None and 200 <= status < 300:
        return _DELIVERED
    if status in _REFUSED:
        if attempts > len(_REFUSALS):
            return _DEAD
        return Verdict(
            Fate.RETRY,
            _at_least(retry_after, _spread(_scaled(_REFUSALS[attempts - 1], base), chance)),
        )
    if status is not None and 400 <= status < 500 and status not in _PASSING:
        return _DEAD
    if attempts >= MOST_ATTEMPTS:
        return _DEAD
    return Verdict(Fate.RETRY, _at_least(retry_after, _spread(delay(attempts, base), chance)))


def delay(attempts: int, base: timedelta = USUAL_BASE) -> timedelta:
    """The middle of the wait after `attempts` failures (from 1): never shorter than the one before."""
    early = tuple(min(_scaled(step, base), LONGEST_WAIT) for step in _EARLY)
    if attempts <= len(early):
        return early[max(attempts, 1) - 1]
    later = attempts - len(early)
    step = _LATE[later - 1] if later <= len(_LATE) else LONGEST_WAIT
    return max(step, early[-1])


def is_trouble(status: int | None) -> bool:
    """Whether this speaks of the whole server being in trouble: no answer, or a 5xx."""
    return status is None or status >= 500


def breaker_pause(failures: int, base: timedelta = USUAL_BASE) -> timedelta | None:
    """How long to leave a server alone after that many failures in a row; None: not yet.

    Five close it for ten minutes; each failed probe doubles that, up to six hours. Waiting for a
    breaker is no attempt.
    """
    if failures < BREAKER_FAILURES:
        return None
    doublings = min(failures - BREAKER_FAILURES, 10)
    return _scaled(min(_BREAKER_FIRST * 2**doublings, _BREAKER_LONGEST), base)


def _scaled(step: timedelta, base: timedelta) -> timedelta:
    return step * (base / USUAL_BASE)


def _spread(step: timedelta, chance: float) -> timedelta:
    return step * (1 - JITTER + 2 * JITTER * chance)


def _at_least(retry_after: timedelta | None, wait: timedelta) -> timedelta:
    if retry_after is None:
        return wait
    return max(wait, min(retry_after, LONGEST_WAIT))
