"""Publishing, changing and cancelling gatherings at the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from node.domain.event import Event
from node.domain.series import OF_THE_SERIES
from node.errors import ConflictError
from node.exchange.check import check_event
from node.keys import CLOCK, DATABASE
from node.services.event_news import quietly
from node.services.events import add_event, cancel_event, edit_event
from node.store import events, groups, series
from node.store.database import Session
from node.store.sessions import StewardSession
from web import picture_form
from web.advice import advice
from web.desk import desk_page, go
from web.event_changes import changes, twin
from web.event_fields import blank, from_document
from web.event_form import FACILITATORS, IN_WORDS, ORDER, ambiguous, field_of, to_document
from web.form_problems import FormProblems, place
from web.i18n import locales
from web.labels import ACCESS_GROUPS, N_
from web.posting import Values
from web.recurrence_form import REPEATS
from web.site import Asked, site_of
from web.versions import OTHERS, SLOTS
from web.writing import Published, Writing, receive
from web.zones import COMMON_ZONES

T = TypeVar("T")

QUIETLY = "nobody"
_NEW = N_("New gathering")
_CHANGE = N_("Change the gathering")
_ACCESS = (
    "access_contact",
    "access_notes",
    *(f"access_{key}" for facts in ACCESS_GROUPS.values() for key in facts),
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWriting(Writing):
    """A new gathering, or with `about` the change of one: of a single one, a session, or a whole series."""

    form = "event"
    source = "event"
    order = ORDER

    def field_of(self, path: str) -> str | None:
        """Which field a path of an event's document belongs to."""
        return field_of(path)

    def page_of(self, slug: str) -> str:
        """The gathering at the desk."""
        return f"/desk/events/{slug}/people"

    def publish(
        self,
        session: Session,
        values: Values,
        problems: FormProblems,
        held: StewardSession,
        now: datetime,
    ) -> Published | None:
        """Publish or change it. Of a change only what is different is told."""
        del held
        if not self.about:
            return self._begin(session, values, problems, now)
        before = events.get_document(session, self.about)
        after = to_document(values, problems, before)
        found = changes(before, after, values, groups.get(session).languages)
        if events.get(session, self.about).event.occurrence is not None:
            found = {key: value for key, value in found.items() if key not in OF_THE_SERIES}
        if problems:
            return None
        if not found:
            return Published(slug=self.about, word="same")
        told(session, values, partial(edit_event, session, self.about, found, now=now))
        return Published(slug=self.about, word=word_of("changed", values))

    def _begin(
        self, session: Session, values: Values, problems: FormProblems, now: datetime
    ) -> Published | None:
        document = plain(to_document(values, problems))
        if problems:  # whatever else is wrong, so that nobody has to send the form once per mistake
            others = FormProblems()
            place(check_event(document, groups.get(session).languages), others, field_of)
            problems.by_field = others.by_field | problems.by_field
            return None
        slug = twin(session, document) or add_event(session, document, now=now).event.slug
        return Published(slug=slug, word="published")

    async def page(
        self,
        request: web.Request,
        held: StewardSession,
        values: Values,
        problems: FormProblems,
        *,
        status: int = 200,
    ) -> web.Response:
        """Its form."""
        return await event_form(request, held, values, problems, slug=self.about, status=status)


def told(session: Session, values: Values, work: Callable[[], T]) -> T:
    """Change a gathering, and tell everyone of it or nobody, as the form says."""
    return quietly(session, work) if values["tell"] == QUIETLY else work()


def word_of(change: str, values: Values) -> str:
    """The word on what was done, by whether anybody was told."""
    return f"{change}-quietly" if values["tell"] == QUIETLY else change


async def new_event(request: web.Request, held: StewardSession) -> web.Response:
    """An empty form."""
    values = blank(site_of(request).group())
    return await EventWriting().page(request, held, values, FormProblems(ORDER))


async def create_event(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Publish a gathering, or keep it as a draft."""
    return await receive(request, held, values, EventWriting())


async def change_event(request: web.Request, held: StewardSession) -> web.Response:
    """The form with what the gathering says now. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    document = await request.app[DATABASE].read(lambda session: events.get_document(session, slug))
    values = from_document(document, site_of(request).group())
    return await EventWriting(about=slug).page(request, held, values, FormProblems(ORDER))


async def save_event(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Change a gathering, or keep the change as a draft. Raises NotFoundError, GoneError."""
    return await receive(request, held, values, EventWriting(about=request.match_info["slug"]))


async def ask_cancel(request: web.Request, held: StewardSession) -> web.Response:
    """Whether it shall really be called off, and why. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    return await desk_page(
        request,
        held,
        "cancel.html",
        N_("Cancel the gathering"),
        lambda session, _: {
            "tab": "events",
            "event": events.get(session, slug).event,
            "values": Values(),
        },
    )


async def cancel(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Call a gathering off; calling it off twice does no harm. Raises NotFoundError, GoneError."""
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    try:
        await request.app[DATABASE].write(
            lambda session: told(
                session,
                values,
                partial(cancel_event, session, slug, values["reason"] or None, now=now),
            )
        )
    except ConflictError:
        return go(f"/desk/events/{slug}/people", "same")
    return go(f"/desk/events/{slug}/people", word_of("cancelled", values))


async def event_form(
    request: web.Request,
    held: StewardSession,
    values: Values,
    problems: FormProblems,
    *,
    slug: str = "",
    following: bool = False,
    status: int = 200,
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
            "action": _action(slug, following=following),
            "others": OTHERS,
            "in_words": IN_WORDS,
            "advice": advice(values, len(asked.group.languages)) if values["draft"] else [],
            "access_names": _ACCESS,
            **picture_form.context(values),
        }

    title = _CHANGE if slug else _NEW
    return await desk_page(request, held, "event_form.html", title, context, status=status)


def _action(slug: str, *, following: bool) -> str:
    if not slug:
        return "/desk/new-event"
    return f"/desk/events/{slug}/following" if following else f"/desk/events/{slug}"


def _choices(*, recurring: bool) -> dict[str, str]:
    """How it can come again: what comes again cannot be made to come once, and only it can stay as it is."""
    left_out = "" if recurring else "kept"
    return {code: words for code, words in REPEATS.items() if code != left_out}


def _languages(values: Values, asked: Asked) -> list[str]:
    given = [*(values[f"language{slot}"] for slot in SLOTS), *values.every("languages")]
    found = [*asked.group.languages, *given, *locales()]
    return [tag for tag in dict.fromkeys(found) if tag]


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what says nothing."""
    return {key: value for key, value in document.items() if value not in (None, [], "")}
