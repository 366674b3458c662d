"""What pages and federation share of HTTP: negotiation, ready-made answers, and a cache of them.

A document is rendered once per version of what it shows and kept as bytes. Answering a request for
it then costs one point read (is it still true?) and one response object, some tens of microseconds.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, MutableMapping
from enum import Enum
from functools import lru_cache

from aiohttp import hdrs, web
from multidict import CIMultiDict

# A reader always asks again whether its copy is fresh; the answer is a 304 that costs nothing.
REVALIDATE = "public, no-cache"
# Small texts gain nothing from gzip.
_WORTH_COMPRESSING = 1000
_LONGEST_CACHED_ACCEPT = 500
_LONGEST_READ_ACCEPT = 4000

_ACTIVITY_TYPES = frozenset({"application/activity+json", "application/json"})
_LINKED_DATA = "application/ld+json"
_AS2_PROFILE = "https://www.w3.org/ns/activitystreams"
_HTML_RANGES = (
    frozenset({"text/html", "application/xhtml+xml"}),
    frozenset({"text/*"}),
    frozenset({"*/*"}),
)

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self';"
    " form-action 'self'{leading}; frame-ancestors 'none'; base-uri 'none'"
)
# For a page whose form leads elsewhere: browsers hold `form-action` against redirects, too.
LEADING_OUT: Mapping[str, str] = {
    hdrs.CONTENT_SECURITY_POLICY: _POLICY.format(leading=" https: http:")
}
# For what is made to stand inside other sites: any of them, and nothing but pictures and our style sheet.
EMBEDDABLE: Mapping[str, str] = {
    hdrs.CONTENT_SECURITY_POLICY: "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'none'; frame-ancestors *; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}
# For what programs inside other sites may read: it is public, and asked for without cookies.
READABLE: Mapping[str, str] = {
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_ALWAYS = {
    "Server": "Roughweather",
    "X-Content-Type-Options": "nosniff",
    hdrs.CONTENT_SECURITY_POLICY: _POLICY.format(leading=""),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(),"
    " gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
}
_SHARING = "Cross-Origin-Resource-Policy"
_OURS_ONLY = ("text/html", "text/css", "text/javascript")


class Representation(Enum):
    """What one of our addresses can answer with."""

    ACTIVITY = "activity"
    HTML = "html"


def negotiate(accept: str) -> Representation:
    """What a reader who sends `Accept: accept` wants; HTML where it does not ask for JSON.

    Reads q-values, any case, `application/ld+json` with or without the ActivityStreams profile (RFC
    9110 §12.5.1); `*/*` alone is HTML; on a tie whoever names JSON gets it. Never raises.
    """
    if len(accept) <= _LONGEST_CACHED_ACCEPT:
        return _negotiate_cached(accept)
    return _negotiate(accept[:_LONGEST_READ_ACCEPT])


def _negotiate(accept: str) -> Representation:
    activity = 0.0
    html: dict[str, float] = {}
    for media_type, parameters in _media_ranges(accept):
        quality = _quality(parameters.get("q", "1"))
        if _is_activity(media_type, parameters):
            activity = max(activity, quality)
        else:
            html[media_type] = max(html.get(media_type, 0.0), quality)
    if activity > 0 and activity >= _html_quality(html):
        return Representation.ACTIVITY
    return Representation.HTML


_negotiate_cached = lru_cache(maxsize=256)(_negotiate)


def _media_ranges(accept: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each media range in lower case, with its parameters. Commas inside quotes do not occur."""
    for part in accept.lower().split(","):
        media_type, *parameters = part.split(";")
        pairs = (parameter.partition("=") for parameter in parameters)
        yield media_type.strip(), {name.strip(): value.strip(' \t"') for name, _, value in pairs}


def _quality(text: str) -> float:
    """A q-value; 0 for what is none, so that nonsense never wins."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def _is_activity(media_type: str, parameters: Mapping[str, str]) -> bool:
    if media_type == _LINKED_DATA:
        return parameters.get("profile", _AS2_PROFILE) == _AS2_PROFILE
    return media_type in _ACTIVITY_TYPES


def _html_quality(found: Mapping[str, float]) -> float:
    """The most specific range that covers text/html decides."""
    for ranges in _HTML_RANGES:
        matching = [quality for media_type, quality in found.items() if media_type in ranges]
        if matching:
            return max(matching)
    return 0.0


class Prebuilt:
    """An answer as bytes, ready to be sent any number of times.

    `etag` is the opaque part, without quotes. `compress` allows a gzip form, which is made when the
    first reader asks for it. Give `headers` for what every answer carries besides.
    """

    __slots__ = ("_compress", "_gzipped", "_headers", "_not_modified", "body", "etag", "status")

    def __init__(
        self,
        body: bytes,
        content_type: str,
        *,
        status: int = 200,
        vary: str = "Accept",
        cache_control: str = REVALIDATE,
        compress: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.body = body
        self.status = status
        self.etag = hashlib.sha256(body).hexdigest()[:20]
        self._compress = compress and len(body) > _WORTH_COMPRESSING
        self._gzipped: tuple[bytes, CIMultiDict[str]] | None = None
        if compress:
            vary = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
        self._not_modified = CIMultiDict(
            {hdrs.ETAG: f'W/"{self.etag}"', hdrs.CACHE_CONTROL: cache_control}
        )
        if vary:
            self._not_modified[hdrs.VARY] = vary
        self._not_modified.update(headers or {})
        self._headers = self._not_modified.copy()
        self._headers[hdrs.CONTENT_TYPE] = content_type
        self._headers[hdrs.CONTENT_LENGTH] = str(len(body))
        secure(self._headers)
        self._not_modified[_SHARING] = self._headers[_SHARING]

    @property
    def size(self) -> int:
        """Bytes it takes to keep it, its gzip form included."""
        return len(self.body) + (len(self._gzipped[0]) if self._gzipped else 0)

    def response(self, if_none_match: str | None, accept_encoding: str) -> web.Response:
        """The answer for one reader: 304 if its copy is still true, else the body, gzipped or not."""
        if if_none_match and self.status == 200 and _matches(if_none_match, self.etag):
            return web.Response(status=304, headers=self._not_modified)
        if self._compress and _takes_gzip(accept_encoding):
            body, headers = self._gzip()
            return web.Response(body=body, status=self.status, headers=headers)
        return web.Response(body=self.body, status=self.status, headers=self._headers)

    def _gzip(self) -> tuple[bytes, CIMultiDict[str]]:
        if self._gzipped is None:
            body = gzip.compress(self.body, compresslevel=6, mtime=0)
            headers = self._headers.copy()
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            headers[hdrs.CONTENT_LENGTH] = str(len(body))
            self._gzipped = body, headers
        return self._gzipped


def secure(headers: MutableMapping[str, str]) -> None:
    """Put the headers on that every answer carries, once; pages are ours only, documents are open."""
    if _SHARING in headers and "Server" in headers:
        return
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    kind = headers.get(hdrs.CONTENT_TYPE, "text/html")
    sharing = "same-origin" if kind.startswith(_OURS_ONLY) else "cross-origin"
    headers.setdefault(_SHARING, sharing)


def respond(request: web.Request, prebuilt: Prebuilt) -> web.Response:
    """Answer GET or HEAD with `prebuilt`: 304, gzip or plain as the request's headers allow."""
    headers = request.headers
    return prebuilt.response(headers.get(hdrs.IF_NONE_MATCH), headers.get(hdrs.ACCEPT_ENCODING, ""))


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 §8.8.3.2): `*`, or a list that holds our tag."""
    if if_none_match.strip() == "*":
        return True
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return f'"{etag}"' in tags


@lru_cache(maxsize=64)
def _takes_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.lower().split(","):
        coding, *parameters = part.split(";")
        if coding.strip() in ("gzip", "x-gzip"):
            weights = [
                text.partition("=")[2] for text in parameters if text.strip().startswith("q")
            ]
            return not weights or _quality(weights[0].strip()) > 0
    return False


class PageCache:
    """Answers by key, each with the version of what it was made from; the longest unused go first.

    The version is whatever the caller compares, usually `node.store.pages.versions`, joined by the
    current minute where an answer depends on the time.
    """

    def __init__(self, *, entries: int = 512, size: int = 8 * 1024 * 1024) -> None:
        self._entries = entries
        self._size = size
        self._held = 0
        self._pages: OrderedDict[Hashable, tuple[Hashable, Prebuilt, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable, version: Hashable) -> Prebuilt | None:
        """The answer kept under `key`, if it was made from this very version."""
        entry = self._pages.get(key)
        if entry is None or entry[0] != version:
            return None
        self._pages.move_to_end(key)
        return entry[1]

    def put(self, key: Hashable, version: Hashable, page: Prebuilt) -> Prebuilt:
        """Keep an answer and give it back; an older one under the same key goes."""
        self._drop(key)
        # Room for a gzip form that may be made later.
        weight = len(page.body) * 5 // 4
        self._pages[key] = (version, page, weight)
        self._held += weight
        while len(self._pages) > self._entries or (
            self._held > self._size and len(self._pages) > 1
        ):
            self._drop(next(iter(self._pages)))
        return page

    def _drop(self, key: Hashable) -> None:
        entry = self._pages.pop(key, None)
        if entry is not None:
            self._held -= entry[2]


PAGE_CACHE = web.AppKey("PAGE_CACHE", PageCache)
