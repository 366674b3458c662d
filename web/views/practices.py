"""The library of practices."""

from aiohttp import web

from node.store import practices
from node.store.database import Session
from web.labels import N_, STAGES
from web.prose import first_lines
from web.site import Asked, Page, site_of
from web.words import words_of


async def practice_list(request: web.Request) -> web.Response:
    """All practices, by stage of the Spiral."""
    return await site_of(request).page(request, "practices", _gather_list)


async def page_practice(request: web.Request) -> web.Response:
    """One practice. Raises NotFoundError."""
    slug = request.match_info["slug"]
    return await site_of(request).page(
        request, ("practice", slug), lambda session, asked: _gather(session, asked, slug)
    )


def _gather_list(session: Session, asked: Asked) -> Page:
    found = practices.every(session, asked.group.language)
    stages = [
        (code, [one for one in found if (one.spiral_stage or "") == code]) for code in (*STAGES, "")
    ]
    return Page(
        template="practices.html",
        context={
            "section": "practices",
            "title": words_of(asked.reader.locale).say(N_("Practices")),
            "by_stage": [(code, of_stage) for code, of_stage in stages if of_stage],
        },
    )


def _gather(session: Session, asked: Asked, slug: str) -> Page:
    practice = practices.get(session, slug, asked.group.language)
    return Page(
        template="practice.html",
        alternate=asked.urls.practice(slug),
        context={
            "section": "practices",
            "title": practice.title.best(asked.reader.wanted)[1],
            "description": first_lines(practice.body.best(asked.reader.wanted)[1], 200),
            "practice": practice,
        },
    )
