"""One line in the log for each request that is refused: who was asked for what, and why not.

    refused status=401 method=POST route=/inbox from=evil.example reason="No signature."

A line holds no address of a visitor, no query, no body and no name that came in a path: `route` is the
pattern of the address. How many lines a flood leaves is bounded in `node.logs`.
"""

import json
import logging
from typing import Final

from aiohttp import web

CLAIMED: Final = web.RequestKey("CLAIMED", str)
"""The host an activity says it is from, once it could be read."""

_LONGEST: Final = 200
# What is simply not there is asked for all day, and is no refusal.
_ORDINARY: Final = frozenset({404, 410})

log = logging.getLogger(__name__)


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


def tell_unreadable(kind: str) -> None:
    """Log that something came that is no HTTP request; `kind` is our own word for what is wrong with it."""
    log.info("refused status=400 method=- route=- from=- reason=%s", json.dumps(kind))
