"""One line in the log for each request that is refused: who was asked for what, and why not.

    refused status=401 method=POST route=/inbox from=evil.example reason="No signature."

A line holds no address of a visitor, no query, no body and no name that came in a path: `route` is the
pattern of the address. A flood leaves at most `_BURST` lines and then one a second, with the number of
those left out, so that nobody fills the disk with our own words.
"""

import json
import logging
from typing import Final

from aiohttp import web

CLAIMED: Final = web.RequestKey("CLAIMED", str)
"""The host an activity says it is from, once it could be read."""

_BURST: Final = 300
_PER_SECOND: Final = 1.0
_LONGEST: Final = 200
# What is simply not there is asked for all day, and is no refusal.
_ORDINARY: Final = frozenset({404, 410})

log = logging.getLogger(__name__)


class Bounded(logging.Filter):
    """Lets `_BURST` records through at once and `_PER_SECOND` in the long run, and counts the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = float(_BURST)
        self._filled = 0.0
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; the first after some that were not says how many."""
        elapsed = max(0.0, record.created - self._filled) if self._filled else 0.0
        self._tokens = min(float(_BURST), self._tokens + elapsed * _PER_SECOND)
        self._filled = record.created
        if self._tokens < 1:
            self._left_out += 1
            return False
        self._tokens -= 1
        if self._left_out:
            record.msg = f"{record.msg} left_out={self._left_out}"
            self._left_out = 0
        return True


def tell(request: web.Request, error: Exception, status: int, *, for_people: bool) -> None:
    """Log that `request` was refused. What a page says may repeat what was typed: only its kind is told."""
    if status in _ORDINARY or (status >= 500 and status != 503):
        return
    resource = request.match_info.route.resource
    reason = type(error).__name__ if for_people else str(error)[:_LONGEST]
    log.info(
        "refused status=%d method=%s route=%s from=%s reason=%s",
        status,
        request.method[:20],
        resource.canonical if resource else "-",
        request.get(CLAIMED, "-"),
        json.dumps(reason, ensure_ascii=False),
    )
