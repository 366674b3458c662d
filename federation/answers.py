"""What comes back from other servers, and what goes wrong on the way, as plain values and errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import aiohttp

from federation.addresses import BlockedAddress
from federation.signatures.requests import parse_http_date
from node.errors import GoneError, NotFoundError, RefusedError, RoughweatherError, TryLaterError
from node.sanitize import one_line

_TRANSIENT: Final = frozenset({408, 425, 429})
_EXCERPT_BYTES: Final = 2048
_EXCERPT: Final = 200
_LONGEST_RETRY_AFTER: Final = 7 * 24 * 3600.0


class Unfetchable(RefusedError):  # noqa: N818 - names the finding, not the mechanism
    """An answer came and cannot be used: wrong type, wrong id, too large, a refusal. Final (422)."""


class Unreachable(TryLaterError):  # noqa: N818
    """No answer came, or one that speaks of passing trouble: ask again later (503)."""


class RefusedSocketError(OSError):
    """Raised where a socket would be made for an address that may not be connected to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The answer to a GET, always a 200, or a 304 where an `etag` was sent along.

    `url` is the canonical one it came from in the end; `etag` names the edition, to ask with next time.
    """

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    etag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a POST: `retry_after` in seconds, the body's first words, two of its headers."""

    status: int
    retry_after: float | None
    excerpt: str
    date: datetime | None
    accept_signature: str | None = None


def retry_after(text: str, now: Callable[[], datetime]) -> float | None:
    """Seconds from a Retry-After header, which is a number or a date (RFC 9110 §10.2.3)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), _LONGEST_RETRY_AFTER)
    moment = parse_http_date(text)
    if moment is None:
        return None
    return min(max((moment - now()).total_seconds(), 0.0), _LONGEST_RETRY_AFTER)


async def excerpt(response: aiohttp.ClientResponse) -> str:
    """The first words of a body on one line; the connection stays usable if that is all of it."""
    found = b""
    try:
        while len(found) <= _EXCERPT_BYTES and not response.content.at_eof():
            found += await response.content.readany()
    except (aiohttp.ClientError, OSError):
        response.close()  # the status has been read: what goes wrong after it changes nothing
    return one_line(found[:_EXCERPT_BYTES].decode("utf-8", "replace"), _EXCERPT)


def refusal(status: int, wait: float | None) -> RoughweatherError:
    """What a status other than 200 means for a fetch; `wait` are the seconds of Retry-After."""
    if status == 404:
        return NotFoundError("The other server knows nothing by that address.")
    if status == 410:
        return GoneError("It was withdrawn from the other server.")
    if status >= 500 or status in _TRANSIENT:
        seconds = 60 if wait is None else max(1, int(wait))
        return Unreachable(
            f"The other server is in trouble (status {status}).", retry_after=seconds
        )
    return Unfetchable(f"The other server does not show it (status {status}).")


def trouble(error: Exception) -> RoughweatherError:
    """An error of the network in our words."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, RefusedSocketError
    ):
        return BlockedAddress("The address belongs to no public server.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable("The other server's name is not known at the moment.")
    if isinstance(error, aiohttp.ClientSSLError):
        return Unreachable("The other server's certificate cannot be trusted.")
    if isinstance(error, TimeoutError):
        return Unreachable("The other server takes too long to answer.")
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unreachable("The other server's answer broke off or cannot be decoded.")
    return Unreachable("The other server cannot be reached.")
