"""Publishing, changing and cancelling gatherings at the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from node.domain.event import Event
from node.domain.series import OF_THE_SERIES
from node.errors import ConflictError, InvalidDocumentError
from node.exchange.check import check_event
from node.keys import CLOCK, DATABASE
from node.services.events import add_event, cancel_event, edit_event
from node.store import events, groups, series
from node.store.database import Session
from node.store.sessions import StewardSession
from web import picture_form
from web.desk import desk_page, go
from web.event_changes import changes, twin
from web.event_fields import blank, from_document
from web.event_form import FACILITATORS, IN_WORDS, ORDER, ambiguous, field_of, to_document
from web.form_problems import FormProblems, place
from web.i18n import locales
from web.labels import N_
from web.posting import Values
from web.recurrence_form import REPEATS
from web.site import Asked, site_of
from web.zones import COMMON_ZONES

_NEW = N_("New gathering")
_CHANGE = N_("Change the gathering")


async def event_list(request: web.Request, held: StewardSession) -> web.Response:
    """Every gathering, whatever its visibility."""

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        found = events.every(session)
        over = {one.event.slug for one in found if _is_over(session, one.event, asked.now)}
        return {
            "tab": "events",
            "ahead": [one for one in found if one.event.slug not in over],
            "past": [one for one in reversed(found) if one.event.slug in over],
        }

    return await desk_page(request, held, "events.html", N_("Gatherings"), context)


def _is_over(session: Session, event: Event, now: datetime) -> bool:
    """Whether it has ended; a series, whether it has no session ahead."""
    if event.recurs:
        return series.next_session(session, event.slug, now) is None
    return event.ends is not None and event.ends.utc < now


async def new_event(request: web.Request, held: StewardSession) -> web.Response:
    """An empty form."""
    values = blank(site_of(request).group())
    return await event_form(request, held, values, FormProblems(ORDER))


async def create_event(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Publish a gathering. A second tap on the button finds the one that the first tap made."""
    problems = FormProblems(ORDER)
    values, status = await picture_form.take(request, values, problems, "event", "")
    document = _plain(to_document(values, problems))
    now = request.app[CLOCK].now()

    def work(session: Session) -> str:
        return twin(session, document) or add_event(session, document, now=now).event.slug

    if not problems:
        try:
            slug = await request.app[DATABASE].write(work)
            return go(f"/desk/events/{slug}/people", "published")
        except InvalidDocumentError as error:
            place(error.problems, problems, field_of)
    else:
        await _check(request, document, problems)
    return await event_form(request, held, values, problems, status=status)


async def change_event(request: web.Request, held: StewardSession) -> web.Response:
    """The form with what the gathering says now. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    document = await request.app[DATABASE].read(lambda session: events.get_document(session, slug))
    values = from_document(document, site_of(request).group())
    return await event_form(request, held, values, FormProblems(ORDER), slug=slug)


async def save_event(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Change a gathering; only what is different is changed, and followers hear of it."""
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    problems = FormProblems(ORDER)
    values, status = await picture_form.take(request, values, problems, "event", slug)

    def work(session: Session) -> bool:
        before = events.get_document(session, slug)
        after = to_document(values, problems, before)
        found = changes(before, after, values, groups.get(session).languages)
        if events.get(session, slug).event.occurrence is not None:
            found = {key: value for key, value in found.items() if key not in OF_THE_SERIES}
        if problems or not found:
            return False
        edit_event(session, slug, found, now=now)
        return True

    try:
        changed = await request.app[DATABASE].write(work)
    except InvalidDocumentError as error:
        place(error.problems, problems, field_of)
        changed = False
    if problems:
        return await event_form(request, held, values, problems, slug=slug, status=status)
    return go(f"/desk/events/{slug}/people", "changed" if changed else "same")


async def ask_cancel(request: web.Request, held: StewardSession) -> web.Response:
    """Whether it shall really be called off, and why. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    return await desk_page(
        request,
        held,
        "cancel.html",
        N_("Cancel the gathering"),
        lambda session, _: {"tab": "events", "event": events.get(session, slug).event},
    )


async def cancel(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Call a gathering off; calling it off twice does no harm. Raises NotFoundError, GoneError."""
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    try:
        await request.app[DATABASE].write(
            lambda session: cancel_event(session, slug, values["reason"] or None, now=now)
        )
    except ConflictError:
        return go(f"/desk/events/{slug}/people", "same")
    return go(f"/desk/events/{slug}/people", "cancelled")


async def event_form(
    request: web.Request,
    held: StewardSession,
    values: Values,
    problems: FormProblems,
    *,
    slug: str = "",
    following: bool = False,
    status: int = 422,
) -> web.Response:
    """The form for a gathering, new or as it is; with `following` for a session and all after it."""

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        event = events.get(session, slug).event if slug else None
        return {
            "event": event,
            "following": following,
            "single": event is not None and event.occurrence is not None and not following,
            "repeats": _choices(recurring=following or (event is not None and event.recurs)),
            "tab": "events" if slug else "new-event",
            "values": values,
            "problems": problems,
            "slug": slug,
            "languages": _languages(values, asked),
            "zones": COMMON_ZONES,
            "twice": ambiguous(values),
            "rows": FACILITATORS,
            "in_words": IN_WORDS,
            **picture_form.context(values),
        }

    title = _CHANGE if slug else _NEW
    shown = status if problems else 200
    return await desk_page(request, held, "event_form.html", title, context, status=shown)


def _choices(*, recurring: bool) -> dict[str, str]:
    """How it can come again: what comes again cannot be made to come once, and only it can stay as it is."""
    left_out = "" if recurring else "kept"
    return {code: words for code, words in REPEATS.items() if code != left_out}


async def _check(request: web.Request, document: Mapping[str, Any], problems: FormProblems) -> None:
    """Find whatever else is wrong, so that nobody has to send the form once per mistake."""
    known = dict(problems.by_field)
    group = site_of(request).group()
    found = FormProblems()
    place(check_event(document, group.languages), found, field_of)
    for name, messages in found.by_field.items():
        if name not in known:
            problems.by_field[name] = messages


def _languages(values: Values, asked: Asked) -> list[str]:
    given = [values["language"], values["language_2"], *values.every("languages")]
    found = [*asked.group.languages, *given, *locales()]
    return [tag for tag in dict.fromkeys(found) if tag]


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [], "")}
