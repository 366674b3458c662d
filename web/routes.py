"""The addresses of the pages. Those that also speak ActivityStreams are routed by `node.app`."""

from aiohttp import web

from web.assets import static_file
from web.site import prepare
from web.views.about import about
from web.views.events import event_list, page_event
from web.views.home import home, page_group
from web.views.neighbours import neighbour_list
from web.views.plain import favicon, robots_txt, security_txt
from web.views.practices import page_practice, practice_list
from web.views.reflections import page_reflection, reflection_list
from web.views.subscriptions import calendar_ics, event_ics, feed_atom, feed_json

__all__ = ["page_event", "page_group", "page_reflection", "prepare", "routes"]


def routes() -> list[web.RouteDef]:
    """Every page, form and file of this package."""
    return [
        web.get("/", home),
        web.get("/about", about),
        web.get("/events", event_list),
        # Before /events/{slug}, which node.app adds: a slug has no dot, so the two never meet.
        web.get("/events/{slug:[a-z0-9-]+}.ics", event_ics),
        web.get("/reflections", reflection_list),
        web.get("/practices", practice_list),
        web.get("/practices/{slug}", page_practice),
        web.get("/neighbours", neighbour_list),
        web.get("/calendar.ics", calendar_ics),
        web.get("/feed.atom", feed_atom),
        web.get("/feed.json", feed_json),
        web.get("/robots.txt", robots_txt),
        web.get("/.well-known/security.txt", security_txt),
        web.get("/favicon.svg", favicon),
        web.get("/static/{name}", static_file),
    ]
