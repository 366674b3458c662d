"""The front page, which is also the group's page for people."""

from aiohttp import web

from node.store import events, groups, neighbours, reflections
from node.store.database import Session
from web.around import siblings_of
from web.prose import first_lines
from web.site import Asked, Page, site_of

_GATHERINGS = 4
_REFLECTIONS = 3
_AROUND_US = 3


async def home(request: web.Request) -> web.Response:
    """Who we are, what comes next, what was offered, how to follow."""
    return await site_of(request).page(request, "home", _gather)


async def page_group(request: web.Request) -> web.Response:
    """The group's id as a page: the front page."""
    return await home(request)


def _gather(session: Session, asked: Asked) -> Page:
    name = asked.group.name.best(asked.reader.wanted)[1]
    about = asked.group.about.best(asked.reader.wanted)[1] if asked.group.about else name
    near = neighbours.upcoming_events(session, asked.now, _AROUND_US)
    return Page(
        template="home.html",
        alternate=asked.urls.group,
        context={
            "section": "home",
            "is_home": True,
            "whereabouts": groups.whereabouts(session),
            "title": name,
            "description": first_lines(about, 200),
            "events": events.upcoming(session, asked.now, _GATHERINGS),
            "reflections": reflections.listed(session, _REFLECTIONS),
            "neighbour_events": near,
            "siblings_of": siblings_of(session, near, asked),
            "names": neighbours.names(session),
        },
    )
