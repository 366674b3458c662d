"""Small files with fixed names: robots.txt, security.txt, favicon.svg, embed.js."""

import re
from datetime import timedelta

from aiohttp import web

from node.clock import rfc3339
from node.http import READABLE, Prebuilt, respond
from node.store.database import Session
from web.assets import file_bytes
from web.contact import is_web_address, phone_number
from web.site import Asked, site_of

_TEXT = "text/plain; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_VALID_FOR = timedelta(days=180)
# Collectors of texts for training. Reflections were given to readers, not to them.
_COLLECTORS = (
    "AI2Bot",
    "Amazonbot",
    "anthropic-ai",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ChatGPT-User",
    "ClaudeBot",
    "cohere-ai",
    "Diffbot",
    "FacebookBot",
    "Google-Extended",
    "GPTBot",
    "ImagesiftBot",
    "Meta-ExternalAgent",
    "OAI-SearchBot",
    "Omgilibot",
    "PerplexityBot",
    "PetalBot",
    "Timpibot",
    "YouBot",
)
# Search engines may read grief reflections just far enough to see that they must not index them:
# whoever is kept out here never sees the header that says so.
_ROBOTS = "\n".join(
    [
        *(f"User-agent: {name}" for name in _COLLECTORS),
        "Disallow: /reflections",
        "Disallow: /feed",
        "",
        "User-agent: *",
        "Disallow: /desk",
        "Disallow: /rsvp",
        "Disallow: /sign-in",
        "Disallow: /*.pdf$",
        "",
    ]
)
_icon: list[Prebuilt] = []
_element: list[Prebuilt] = []


async def robots_txt(request: web.Request) -> web.Response:
    """Who may collect what (RFC 9309), and where the list of pages is."""
    return await site_of(request).prebuilt(request, "robots.txt", _robots, per_reader=False)


async def favicon(request: web.Request) -> web.Response:
    """The spiral, small."""
    if not _icon:
        _icon.append(Prebuilt(file_bytes("favicon.svg"), "image/svg+xml", vary=""))
    return respond(request, _icon[0])


async def embed_js(request: web.Request) -> web.Response:
    """The element `<roughweather-calendar>`, for other websites; a module, so they must be let read it."""
    if not _element:
        made = Prebuilt(file_bytes("embed.js"), _SCRIPT, vary="", compress=True, headers=READABLE)
        _element.append(made)
    return respond(request, _element[0])


async def security_txt(request: web.Request) -> web.Response:
    """Whom to tell of a hole (RFC 9116)."""
    return await site_of(request).prebuilt(request, "security.txt", _security, per_reader=False)


def _robots(_: Session, asked: Asked) -> Prebuilt:
    body = f"{_ROBOTS}\nSitemap: {asked.urls.origin}/sitemap.xml\n"
    return Prebuilt(body.encode(), _TEXT, vary="")


def _security(_: Session, asked: Asked) -> Prebuilt:
    lines = [
        f"Contact: {_contact_uri(asked)}",
        f"Expires: {rfc3339((asked.now + _VALID_FOR).replace(hour=0, minute=0, second=0))}",
        f"Preferred-Languages: {', '.join(asked.group.languages)}",
        f"Canonical: {asked.urls.origin}/.well-known/security.txt",
        "",
    ]
    return Prebuilt("\n".join(lines).encode(), _TEXT, vary="")


def _contact_uri(asked: Asked) -> str:
    contact = (asked.group.contact or "").strip()
    if phone := phone_number(contact):
        return f"tel:{phone}"
    if re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+", contact):
        return f"mailto:{contact}"
    return contact if is_web_address(contact) else f"{asked.urls.origin}/about"
