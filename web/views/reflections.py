"""Reflections: by stage of the Spiral and in time; one page each."""

from zoneinfo import ZoneInfo

from aiohttp import web

from node.domain.reflection import Reflection, SpiralStage
from node.errors import GoneError, NotFoundError
from node.store import comments, events, pictures, published, reflections, replies
from node.store.database import Session
from web import pages
from web.labels import N_
from web.prose import first_lines
from web.sessions import signed_in
from web.site import Asked, Page, site_of
from web.views.events import audience_note
from web.words import Words, words_of

_WAITING = N_("This waits for a steward to read it. Only stewards can see this page.")
_OWN_LICENCES = {"group-permission": ""}


async def reflection_list(request: web.Request) -> web.Response:
    """Listed reflections, latest first; `?stage=gratitude` shows one stage of the Spiral."""
    stage, number = stage_of(request), pages.number(request)
    return await site_of(request).page(
        request,
        ("reflections", stage, number),
        lambda session, asked: _gather_list(session, asked, stage, number),
    )


def stage_of(request: web.Request) -> str:
    """The stage of the Spiral that is asked for; empty: all, also where there is no such stage."""
    asked_for = request.query.get("stage", "")
    return asked_for if asked_for in list(SpiralStage) else ""


async def page_reflection(request: web.Request) -> web.Response:
    """One reflection. Raises NotFoundError, GoneError once withdrawn."""
    slug = request.match_info["slug"]
    site = site_of(request)
    if signed_in(request) is not None:
        return await site.fresh(
            request, lambda session, asked: gather_reflection(session, asked, slug, all_of_it=True)
        )
    return await site.page(
        request,
        ("reflection", slug),
        lambda session, asked: gather_reflection(session, asked, slug),
    )


def _gather_list(session: Session, asked: Asked, stage: str, number: int) -> Page:
    found = reflections.listed(session, pages.MOST)
    shown = [one for one in found if stage in ("", one.reflection.spiral_stage)]
    part = pages.part(shown, number)
    words = words_of(asked.reader.locale)
    return Page(
        template="reflections.html",
        unindexed=stage == SpiralStage.HONORING_PAIN,
        query=[*([("stage", stage)] if stage else []), *part.query],
        context={
            "section": "reflections",
            "title": words.stage(stage) if stage else words.say(N_("Reflections")),
            "stage": stage,
            "noindex": stage == SpiralStage.HONORING_PAIN,
            "zine": asked.now.astimezone(ZoneInfo(asked.group.timezone)).strftime("%Y-%m"),
            "part": part,
        },
    )


def gather_reflection(
    session: Session, asked: Asked, slug: str, *, all_of_it: bool = False
) -> Page:
    """The page of one reflection; with `all_of_it` of whatever there is. Raises NotFoundError, GoneError."""
    stored = reflections.get(session, slug) if all_of_it else published.reflection(session, slug)
    reflection = stored.reflection
    words = words_of(asked.reader.locale)
    title = reflection.title.text if reflection.title else words.reflection_kind(reflection.kind)
    license_name = reflection.license or ""
    return Page(
        template="reflection.html",
        alternate=asked.urls.reflection(slug),
        private=not reflection.listed,
        unindexed=not reflection.indexed,
        context={
            "section": "reflections",
            "title": title,
            "description": _describe(reflection, words),
            "reflection": reflection,
            "weights": pictures.weights(
                session, [one.image.own for one in reflection.media if one.image and one.image.own]
            ),
            "titles": list(reflection.title) if reflection.title else [],
            "noindex": not reflection.indexed,
            "event": _event(session, reflection),
            "license": _OWN_LICENCES.get(license_name, license_name),
            "replies": replies.shown(session, [asked.urls.reflection(slug)]),
            "comments": comments.under(session, [asked.urls.reflection(slug)]),
            "audience_note": _note(reflection, words),
        },
    )


def _describe(reflection: Reflection, words: Words) -> str:
    """What a preview may show: never the text of something that carries a content note."""
    if reflection.content_notes:
        return f"{words.say(N_('Content note:'))} {', '.join(reflection.content_notes)}"
    return first_lines(reflection.body.text.replace("\n", " / "), 200)


def _note(reflection: Reflection, words: Words) -> str:
    if not reflection.shown:
        return words.say(_WAITING)
    return audience_note(reflection.visibility, words.say)


def _event(session: Session, reflection: Reflection) -> object:
    """The gathering it came out of, where everyone may know of it."""
    if reflection.event is None:
        return None
    try:
        event = events.get(session, reflection.event).event
    except (NotFoundError, GoneError):
        return None
    return event if event.listed else None
