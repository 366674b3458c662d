"""Signed-in stewards: a random cookie here, its hash in the database; deleting the row signs out.

Over https the cookie is `__Host-roughweather`: Secure, no Domain, whole site (RFC 6265bis §4.1.3).
Plain http (this machine, a local network) cannot carry that prefix and gets `roughweather`.
"""

import ipaddress
import re
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web

from node.ids import new_token
from node.keys import CLOCK, DATABASE, URLS
from node.store import sessions
from node.store.database import Session
from node.store.sessions import StewardSession
from node.urls import Urls

IDLE: Final = timedelta(days=14)
ABSOLUTE: Final = timedelta(days=90)
# Writing “last seen” at every click would cost a commit each; an hour is exact enough for 14 days.
_TOUCH_AFTER = timedelta(hours=1)
# What a browser calls itself, most telling first: others put “Safari” or “Chrome” in, too.
_BROWSERS = ("Firefox", "Edg", "OPR", "Vivaldi", "SamsungBrowser", "Chrome", "Safari", "curl")
_PROPER = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "CrOS": "ChromeOS"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
_ASKED = web.RequestKey("steward_session", StewardSession)


def signed_in(request: web.Request) -> StewardSession | None:
    """The steward who is asking, or None; without a cookie it costs nothing."""
    if hdrs.COOKIE not in request.headers:
        return None
    token = request.cookies.get(cookie_name(request.app[URLS]))
    if not token:
        return None
    if _ASKED in request:
        return request[_ASKED]
    held = request.app[DATABASE].peek(lambda session: sessions.find(session, token))
    now = request.app[CLOCK].now()
    if held and (now - held.last_seen > IDLE or now - held.created > ABSOLUTE):
        held = None
    if held is not None:
        request[_ASKED] = held
    return held


async def require(request: web.Request) -> StewardSession:
    """The steward who is asking; anybody else is sent to sign in and comes back afterwards."""
    held = signed_in(request)
    if held is None:
        raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs)}")
    now = request.app[CLOCK].now()
    if now - held.last_seen > _TOUCH_AFTER:
        await request.app[DATABASE].write(
            lambda session: sessions.touch(session, held.token_hash, now)
        )
    return held


def begin(session: Session, steward_id: int, request: web.Request) -> str:
    """Begin a new session, in the caller's transaction; the cookie's value.

    Whatever session the browser brought along ends: a planted cookie is worth nothing.
    """
    now = request.app[CLOCK].now()
    old = request.cookies.get(cookie_name(request.app[URLS]))
    if old:
        sessions.remove(session, sessions.token_hash(old))
    sessions.sweep(session, created_before=now - ABSOLUTE, seen_before=now - IDLE)
    token = new_token()
    browser = browser_name(request.headers.get(hdrs.USER_AGENT, ""))
    sessions.add(session, token, steward_id, new_token(), now, browser=browser)
    return token


def browser_name(user_agent: str) -> str:
    """`Firefox, Android`: enough to tell one's browsers apart, and too little to know one by."""
    found = []
    for names in (_BROWSERS, _SYSTEMS):
        name = next((one for one in names if re.search(rf"\b{one}", user_agent)), "")
        found.append(_PROPER.get(name, name))
    return ", ".join(filter(None, found))


def give_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Hand the session's cookie over."""
    urls = request.app[URLS]
    response.set_cookie(
        cookie_name(urls),
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=urls.secure,
        httponly=True,
        samesite="Lax",
    )


def take_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Ask the browser to forget the cookie."""
    urls = request.app[URLS]
    response.del_cookie(
        cookie_name(urls), path="/", secure=urls.secure, httponly=True, samesite="Lax"
    )


def cookie_name(urls: Urls) -> str:
    """What the cookie is called under this origin."""
    return "__Host-roughweather" if urls.secure else "roughweather"


def passwords_are_safe(urls: Urls) -> bool:
    """Whether a password may travel: over https, or to this very machine."""
    host = urlsplit(urls.origin).hostname or ""
    if urls.secure or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_path(target: str) -> str:
    """`target` if it is a path of ours to go on to, else the desk: never another site.

    Browsers read `//evil`, `/\\evil` and paths with control characters as other sites.
    """
    plain = target.isascii() and target.isprintable() and "\\" not in target
    if plain and target.startswith("/") and not target.startswith("//"):
        return target
    return "/desk"
