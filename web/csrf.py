"""Forms come from our own pages only: the browser says so, and signed-in forms carry a token.

Both must hold. `Sec-Fetch-Site` (Fetch Metadata) is what every current browser sends over https and
to localhost; where it is missing (plain http, old browsers) `Origin`, then `Referer` must be ours.
"""

import hmac
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from node.errors import ForbiddenError
from node.keys import URLS
from node.store.sessions import StewardSession

FIELD = "csrf"
_REFUSED = "This form did not come from our own page. Open the page again and try from there."


def check_origin(request: web.Request) -> None:
    """Refuse a request that another site started. Raises ForbiddenError."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForbiddenError(_REFUSED)
        return
    source = request.headers.get(hdrs.ORIGIN) or request.headers.get(hdrs.REFERER)
    if source is None or not _is_ours(request, source):
        raise ForbiddenError(_REFUSED)


def check_token(held: StewardSession, given: str) -> None:
    """Refuse a form without the session's own token. Raises ForbiddenError."""
    if not hmac.compare_digest(held.csrf_token.encode(), given.encode("utf-8", "replace")):
        raise ForbiddenError(_REFUSED)


def _is_ours(request: web.Request, source: str) -> bool:
    """Whether `source` lies under the public origin, or under the address the node was asked by."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin == request.app[URLS].origin or (
        parts.scheme in ("http", "https") and parts.netloc == request.headers.get(hdrs.HOST)
    )
