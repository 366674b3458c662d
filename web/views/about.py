"""The group in its own words: who, where, which agreements, whom to ask, and where the Work comes from."""

from aiohttp import web

from node.store.database import Session
from web.labels import N_
from web.prose import first_lines
from web.site import Asked, Page, site_of
from web.words import words_of


async def about(request: web.Request) -> web.Response:
    """Everything the group says of itself."""
    return await site_of(request).page(request, "about", _gather)


def _gather(_: Session, asked: Asked) -> Page:
    words = words_of(asked.reader.locale)
    text = asked.group.about or asked.group.name
    return Page(
        template="about.html",
        context={
            "section": "about",
            "title": words.say(N_("About us")),
            "description": first_lines(text.best(asked.reader.wanted)[1], 200),
        },
    )
