"""The request as plain values, and the few readings of it that both signature styles share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from federation.signatures.errors import SignatureMalformed, SignatureRefused

DEFAULT_PORTS = {"https": ":443", "http": ":80"}

# Headers that two readers could take differently when they stand twice: refused, never merged.
SINGLETONS = frozenset(
    {"signature", "signature-input", "digest", "content-digest", "host", "date"}
    | {"content-type", "content-length"}
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}
_IMF_DATE = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request exactly as it came in: nothing decoded, nothing merged.

    `target` is the raw path and query from the request line; `headers` are the raw pairs in their
    order with duplicates visible; `body` is what was received after transfer decoding only.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an outgoing request goes: scheme, host (with a port that is not the default), target."""

    scheme: str
    host: str
    target: str


def combine(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header values by lower-case name, repeated fields joined by `, ` (RFC 9110 §5.2).

    Raises SignatureRefused if there are two signatures, SignatureMalformed if another header that must
    be single is not.
    """
    fields: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.lower()
        value = raw_value.strip(" \t")
        if name not in fields:
            fields[name] = value
        elif name in ("signature", "signature-input"):
            raise SignatureRefused(f"The header {name} must not be repeated.")
        elif name in SINGLETONS:
            raise SignatureMalformed(f"The header {name} must not be repeated.")
        else:
            fields[name] += ", " + value
    return fields


def check_request_line(request: SignedRequest) -> None:
    """Raise SignatureMalformed unless method and target are of the form servers are asked in.

    The absolute form (`POST https://other.example/inbox`) is refused: it names a second host.
    """
    method, target = request.method, request.target
    if not (method.isascii() and method.isalpha()):
        raise SignatureMalformed("The request method cannot be read.")
    if not target.startswith("/") or "#" in target or not _is_plain(target) or " " in target:
        raise SignatureMalformed("The request target must be a path with an optional query.")


def signed_line(name: str, value: str) -> str:
    """One `name: value` line of what is signed.

    Raises SignatureMalformed for a value that could be read as more than one line, or as other
    bytes by another reader (line folding, control characters, anything outside ASCII).
    """
    if not _is_plain(value):
        raise SignatureMalformed("A covered value holds characters that cannot be signed.")
    return f"{name}: {value}"


def normal_host(host: str, scheme: str) -> str:
    """A Host value as RFC 9421 §2.2.3 compares it: lower case, without the default port."""
    return host.lower().removesuffix(DEFAULT_PORTS.get(scheme, ":443"))


def destination(url: str) -> Destination:
    """Take an absolute http(s) URL apart without changing a character of its path and query.

    Raises ValueError for a URL that cannot stand on a request line as it is: spaces, characters
    outside ASCII, a user name, no host, another scheme.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("The URL names no http(s) host.")
    if not _is_plain(url) or " " in url:
        raise ValueError("The URL must be percent-encoded.")
    query = f"?{parts.query}" if parts.query else ""
    return Destination(scheme, normal_host(parts.netloc, scheme), (parts.path or "/") + query)


def http_date(moment: datetime) -> str:
    """`Sun, 06 Nov 1994 08:49:37 GMT`, whatever the locale; `moment` must be aware."""
    utc = moment.astimezone(UTC)
    month = _MONTHS[utc.month - 1]
    return f"{_DAYS[utc.weekday()]}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} GMT"


def parse_http_date(text: str) -> datetime | None:
    """The moment of an IMF-fixdate (RFC 9110 §5.6.7); None for anything else.

    The weekday is not compared with the date: published test vectors have it wrong.
    """
    match = _IMF_DATE.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    try:
        return datetime(
            int(year),
            _MONTH_NUMBERS[month],
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
