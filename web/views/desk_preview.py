"""What a draft will look like, everywhere it goes: as a page, a post, a letter, and on paper.

It is published in a transaction that is undone, and made by the code that makes the real thing, so it
cannot differ from it (docs/adr/0020-drafts-and-previews.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from node.config import Config
from node.domain.change import Known, change_lines
from node.domain.event import RegistrationMode
from node.domain.reflection import Reflection
from node.domain.rsvp import Answer, Refusal
from node.errors import NotFoundError, RefusedError
from node.ids import new_token
from node.keys import CONFIG, DATABASE, POSTS
from node.letters import composed
from node.services import letters, rsvps
from node.store import events, reflections, series
from node.store import letters as letter_store
from node.store.database import Session
from node.store.drafts import Draft
from node.store.events import StoredEvent
from node.store.letters import Reader
from node.store.sessions import StewardSession
from web.advice import advice
from web.desk import desk_page, go
from web.form_problems import FormProblems
from web.labels import N_
from web.site import Asked, Page, site_of
from web.views.desk_drafts import own_draft, writing_of
from web.views.desk_events import QUIETLY
from web.views.events import describe, gather_event
from web.views.paper import Sheet, gather_poster, gather_zine
from web.views.reflections import gather_reflection
from web.words import words_of
from web.writing import Writing, refused, values_of

_TITLE = N_("Preview")
_NOTE = N_("This is a preview. Nobody else can see it, and its links lead nowhere yet.")
_SOMEBODY: Final = "\N{BULLET} preview"  # nobody's name: their answer is undone at once
_THEIRS: Final = "you@example.org"
_ANSWERED = (RegistrationMode.OPEN, RegistrationMode.APPROVAL)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter as it would be sent."""

    subject: str
    words: str


async def preview(request: web.Request, held: StewardSession) -> web.Response:
    """All of it in one page, with what is not said yet. Where the draft cannot be published, its form says why.

    Raises NotFoundError, ForbiddenError.
    """
    draft = await own_draft(request, held)
    writing, values = writing_of(draft, held), values_of(draft)
    if draft.became:
        return go(writing.page_of(draft.became))
    problems = FormProblems(writing.order)
    made = _of_reflection if draft.form == "reflection" else _of_event
    parts = await _rehearsed(request, held, draft, problems, partial(made, request))
    if parts is None:
        return await writing.page(request, held, values, problems, status=422)

    def context(_: Session, asked: Asked) -> dict[str, Any]:
        seven = advice(values, len(asked.group.languages)) if draft.form != "reflection" else []
        return {"tab": "drafts", "draft": draft, "advice": seven, **parts}

    return await desk_page(request, held, "preview.html", _TITLE, context)


async def page(request: web.Request, held: StewardSession) -> web.Response:
    """The page as visitors will see it. Raises as `preview`, and RefusedError for what is not ready."""
    draft = await own_draft(request, held)
    mail = request.app[CONFIG].sends_mail

    def gather(session: Session, slug: str, asked: Asked) -> Page:
        if draft.form == "reflection":
            return gather_reflection(session, asked, slug, all_of_it=True)
        return gather_event(session, asked, slug, mail, all_of_it=True)

    return await _shown(request, held, draft, gather)


async def poster(request: web.Request, held: StewardSession) -> web.Response:
    """The poster of a gathering. Raises as `page`, and NotFoundError for a reflection."""
    draft = await own_draft(request, held)
    if draft.form == "reflection":
        raise NotFoundError("There is no such page.")

    def gather(session: Session, slug: str, asked: Asked) -> Page:
        return gather_poster(session, asked, Sheet.asked_for(request, slug), all_of_it=True)

    return await _shown(request, held, draft, gather)


async def zine(request: web.Request, held: StewardSession) -> web.Response:
    """The zine of this month with a reflection in it. Raises as `page`, and NotFoundError for a gathering."""
    draft = await own_draft(request, held)
    if draft.form != "reflection":
        raise NotFoundError("There is no such page.")

    def gather(session: Session, slug: str, asked: Asked) -> Page:
        published = reflections.get(session, slug).reflection.published or asked.now
        month = published.astimezone(ZoneInfo(asked.group.timezone))
        return gather_zine(session, asked, month.year * 12 + month.month)

    return await _shown(request, held, draft, gather)


async def _shown(
    request: web.Request,
    held: StewardSession,
    draft: Draft,
    gather: Callable[[Session, str, Asked], Page],
) -> web.Response:
    """One page of ours as it will be, with a word that it is not yet."""
    problems = FormProblems()
    made = await _rehearsed(request, held, draft, problems, gather)
    if made is None:
        raise RefusedError("This draft cannot be published as it is. Open it to see why.")
    site = site_of(request)
    asked = site.asked(request)
    told = {
        "audience_note": words_of(asked.reader.locale).say(_NOTE),
        "sheet_of": f"/desk/drafts/{draft.id}",
        "pdf": False,
    }
    quiet = replace(
        made, context={**made.context, **told}, private=True, alternate=None, webmention=None
    )
    return site.response(quiet, asked)


async def _rehearsed(
    request: web.Request,
    held: StewardSession,
    draft: Draft,
    problems: FormProblems,
    look: Callable[[Session, str, Asked], T],
) -> T | None:
    """What `look` finds once the draft is published, which is then undone; None where it cannot be."""
    writing, asked = writing_of(draft, held), site_of(request).asked(request)
    values = values_of(draft)

    def work(session: Session) -> T | None:
        before = _known(session, writing)
        done = writing.publish(session, values, problems, held, asked.now)
        if done is None:
            return None
        found = look(session, done.slug, asked)
        if before is not None and isinstance(found, dict):
            after = events.get(session, done.slug).event
            found["news"] = [] if values["tell"] == QUIETLY else change_lines(before, after)
        return found

    try:
        return await request.app[DATABASE].rehearse(work)
    except RefusedError as error:
        refused(error, problems, writing)
        return None


def _known(session: Session, writing: Writing) -> Known | None:
    """What people know of the gathering that is being changed, as far as they will be told of the change."""
    if writing.form != "event" or not writing.about:
        return None
    event = events.get(session, writing.about).event
    return None if event.recurs else Known.of(event)


def _of_event(request: web.Request, session: Session, slug: str, asked: Asked) -> dict[str, Any]:
    whole = events.get(session, slug)
    one = _told_first(session, whole, asked)
    return {
        "name": whole.event.title.best(asked.reader.wanted)[1],
        "post": request.app[POSTS].of_event(one, asked.group, asked.now)
        if one.event.federated
        else None,
        "mail": _letter(session, one, asked, request.app[CONFIG]),
        "sends_mail": request.app[CONFIG].sends_mail,
        "passed_on": f"{describe(whole.event, asked)}\n\n{asked.urls.event(slug)}",
        "news": [],
        "printed": True,
    }


def _of_reflection(
    request: web.Request, session: Session, slug: str, asked: Asked
) -> dict[str, Any]:
    stored = reflections.get(session, slug)
    title = stored.reflection.title
    words = words_of(asked.reader.locale)
    return {
        "name": title.text if title else words.reflection_kind(stored.reflection.kind),
        "post": request.app[POSTS].of_reflection(stored, asked.group)
        if stored.reflection.federated
        else None,
        "mail": None,
        "news": [],
        "printed": _is_printed(stored.reflection),
    }


def _is_printed(reflection: Reflection) -> bool:
    return reflection.listed and bool(reflection.consent.reuse)


def _told_first(session: Session, whole: StoredEvent, asked: Asked) -> StoredEvent:
    """Of a series its next session, which is what goes out; else the gathering itself."""
    turn = series.next_session(session, whole.event.slug, asked.now) if whole.event.recurs else None
    return events.get(session, turn.event.slug) if turn else whole


def _letter(session: Session, stored: StoredEvent, asked: Asked, config: Config) -> Mail | None:
    """The letter to somebody who says that they come: written as ever, to nobody. None where none is written."""
    event = stored.event
    if event.registration.mode not in _ANSWERED:
        return None
    result = rsvps.answer(session, event.slug, _SOMEBODY, Answer.GOING, via="web", now=asked.now)
    if isinstance(result, Refusal):
        return None
    reader = Reader(
        event_slug=event.slug, who=_SOMEBODY, address=_THEIRS, language=asked.reader.locale
    )
    letters.welcome(session, event, reader, result, new_token(), now=asked.now)
    for letter in letter_store.waiting(session, event.slug, _SOMEBODY):
        message = composed(letter, config["mail.from"], asked.urls)
        return Mail(subject=str(message["Subject"]), words=message.get_content())
    return None
