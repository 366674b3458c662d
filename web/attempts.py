"""How often something may be tried: a sliding window per key, in memory."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from aiohttp import web

from node.asker import asker
from node.errors import TooManyRequestsError

__all__ = ["AT_THE_DESK", "BY_ADDRESS", "BY_NAME", "Attempts", "asker"]

_MOST_KEYS = 10_000
_LONGEST_KEY = 200  # names come as strangers send them
_SLOWER = "There were too many tries. Please wait a little."


class Attempts:
    """At most `most` tries per key within `window`."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def spend(self, key: str, now: datetime) -> None:
        """Count one try. Raises TooManyRequestsError where there were too many."""
        key = key[:_LONGEST_KEY]
        tries = self._tries.setdefault(key, deque())
        self._tries.move_to_end(key)
        while tries and now - tries[0] >= self._window:
            tries.popleft()
        if len(tries) >= self._most:
            wait = self._window - (now - tries[0])
            raise TooManyRequestsError(_SLOWER, retry_after=int(wait.total_seconds()) + 1)
        tries.append(now)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the tries of a key, after one that was right."""
        self._tries.pop(key[:_LONGEST_KEY], None)


class Failures:
    """How many tries to sign in failed since anybody last got in; strangers write nothing on disk."""

    def __init__(self) -> None:
        self.number = 0


FAILURES = web.AppKey("FAILURES", Failures)
# Who guesses passwords: so often from one address, so often for one name, so often at an open desk. Strangers
# who guess a name do not keep its owner from confirming something there.
BY_ADDRESS = web.AppKey("BY_ADDRESS", Attempts)
BY_NAME = web.AppKey("BY_NAME", Attempts)
AT_THE_DESK = web.AppKey("AT_THE_DESK", Attempts)
