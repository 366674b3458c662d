"""`/sitemap.xml`: what everyone may find, for search engines (sitemaps.org); without grief and what is unlisted."""

from datetime import datetime

from aiohttp import web
from markupsafe import Markup, escape

from node.clock import rfc3339
from node.http import REVALIDATE, Prebuilt
from node.store import events, practices, reflections
from node.store.database import Session
from web.site import Asked, site_of

_TYPE = "application/xml; charset=utf-8"
_PAST = 5000  # the format allows 50,000 addresses in a file
_PAGES = ("/", "/events", "/calendar", "/reflections", "/practices", "/archive", "/about")
_ENTRY = Markup("<url><loc>{}</loc>{}</url>")
_CHANGED = Markup("<lastmod>{}</lastmod>")


async def sitemap(request: web.Request) -> web.Response:
    """The addresses of all listed pages, with when each was last changed."""
    return await site_of(request).prebuilt(request, "sitemap", _sitemap, per_reader=False)


def _sitemap(session: Session, asked: Asked) -> Prebuilt:
    urls = asked.urls
    found: list[tuple[str, datetime | None]] = [(urls.origin + path, None) for path in _PAGES]
    gatherings = events.upcoming(session, asked.now) + events.past(session, asked.now, _PAST)
    found += [(urls.event(one.event.slug), one.updated) for one in gatherings]
    found += [
        (urls.reflection(one.reflection.slug), one.updated)
        for one in reflections.listed(session, _PAST)
        if one.reflection.indexed
    ]
    found += [
        (f"{urls.origin}/practices/{one.slug}", None)
        for one in practices.every(session, asked.group.language)
    ]
    entries = Markup("").join(
        _ENTRY.format(escape(address), _CHANGED.format(rfc3339(changed)) if changed else "")
        for address, changed in found
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )
    return Prebuilt(body.encode(), _TYPE, vary="", cache_control=REVALIDATE, compress=True)
