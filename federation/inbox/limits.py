"""How fast one server or one actor may send: token buckets, a bounded number of them."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from node.errors import TooManyRequestsError


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class Limiter:
    """Lets each name through `burst` times at once and `per_minute` times a minute in the long run.

    At most `names` are remembered; whoever was not seen for longest starts afresh.
    """

    def __init__(self, *, per_minute: float, burst: int, names: int = 10_000) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._names = names
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str, now: datetime) -> None:
        """Count one more of `name`; raises TooManyRequestsError with the seconds to wait."""
        moment = now.timestamp()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(self._burst, moment)
            if len(self._buckets) > self._names:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
            elapsed = max(0.0, moment - bucket.filled)
            bucket.tokens = min(self._burst, bucket.tokens + elapsed * self._per_second)
            bucket.filled = moment
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / self._per_second)
            raise TooManyRequestsError("You are sending too fast.", retry_after=wait)
        bucket.tokens -= 1
