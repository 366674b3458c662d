"""Calendars from elsewhere, at the desk: look at one, take it in, keep it in step, see what became of it."""

from functools import partial
from typing import Any

from aiohttp import web

from node import imported_calendars
from node.domain.sentence import Sentence
from node.errors import MalformedError, NotFoundError, RoughweatherError, TooLargeError
from node.imported_calendars import Desk, Wishes
from node.keys import CALENDARS, CLOCK, DATABASE, URLS
from node.store import imported_calendars as store
from node.store.database import Session
from node.store.imported_calendars import Became, State
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values
from web.site import Asked

_HERE = "/desk/calendars"
_GIVE = N_("Give the address of a calendar, or choose its file.")
_TOO_LARGE = Sentence("The calendar is larger than 1 MiB.")
_FIELDS = ("address", "places", "past", "calendar")
_ORDER = (
    Became.MISSING,
    Became.CANCELLED,
    Became.MADE,
    Became.CHANGED,
    Became.LEFT_OUT,
    Became.SAME,
)
_BECAME = {
    Became.MADE: N_("New"),
    Became.CHANGED: N_("Changed there"),
    Became.CANCELLED: N_("Called off"),
    Became.MISSING: N_("Missing there"),
    Became.LEFT_OUT: N_("Left out"),
    Became.SAME: N_("As it was"),
}
_STATES = {
    State.PROPOSED: N_("not taken in yet"),
    State.TAKEN: N_("taken in once"),
    State.KEPT: N_("kept in step"),
    State.STOPPED: N_("no longer read"),
}
_PARTS = {
    "title": N_("title"),
    "text": N_("description"),
    "time": N_("time"),
    "place": N_("place"),
    "status": N_("whether it is held"),
    "kind": N_("kind and tags"),
    "registration": N_("registration"),
}


async def calendar_list(request: web.Request, held: StewardSession) -> web.Response:
    """Which calendars were taken in, and a form for another one."""
    return await _list_page(request, held, Values())


async def look(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Look at a calendar: nothing is published yet."""
    problems = FormProblems(_FIELDS)
    if values["places"] not in ("hidden", "open"):
        problems.add("places", N_("Say who may know the places."))
    elif not values["address"] and values.upload is None:
        problems.add("address", _GIVE)
    if problems:
        return await _list_page(request, held, values, problems)
    try:
        number = await _look(request, held, values)
    except RoughweatherError as error:
        field = "calendar" if values.upload is not None else "address"
        problems.add(field, error.sentence)
        return await _list_page(request, held, values, problems)
    return go(f"{_HERE}/{number}")


async def one_calendar(request: web.Request, held: StewardSession) -> web.Response:
    """What becomes, or became, of each entry of a calendar. Raises NotFoundError."""
    return await _page(request, held)


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Take it in, keep it, stop, go on, read now or forget. Raises NotFoundError, MalformedError."""
    number, who, now = _number(request), held.steward_name, request.app[CLOCK].now()
    database, decision = request.app[DATABASE], values["decision"]
    if decision not in _DONE:
        raise MalformedError("The form could not be read.")
    try:
        match decision:
            case "take" | "keep":
                await imported_calendars.take(
                    _desk(request), number, keep=decision == "keep", who=who
                )
            case "read":
                await database.write(partial(store.read_soon, number=number, now=now))
            case _:
                await database.write(
                    lambda session: _DECISIONS[decision](session, number, who=who, now=now)
                )
    except NotFoundError:
        raise
    except RoughweatherError as error:
        return await _page(request, held, problem=error.sentence)
    here = _HERE if decision == "forget" else f"{_HERE}/{number}"
    return go(here, _DONE[decision])


_DECISIONS = {
    "stop": imported_calendars.stop,
    "go-on": imported_calendars.go_on,
    "forget": imported_calendars.forget,
}
_DONE = {
    "take": "calendar-taken",
    "keep": "calendar-kept",
    "read": "trying",
    "stop": "calendar-stopped",
    "go-on": "calendar-kept",
    "forget": "calendar-forgotten",
}


async def _look(request: web.Request, held: StewardSession, values: Values) -> int:
    desk, who = _desk(request), held.steward_name
    wishes = Wishes(open_places=values["places"] == "open", with_past=values.has("past"))
    if values.upload is None:
        return await imported_calendars.look_at_address(desk, values["address"], wishes, who=who)
    if values.upload.data is None:
        raise TooLargeError(_TOO_LARGE)
    return await imported_calendars.look_at_file(
        desk, values.upload.data, "calendar.ics", wishes, who=who
    )


def _desk(request: web.Request) -> Desk:
    app = request.app
    return Desk(database=app[DATABASE], fetcher=app[CALENDARS], clock=app[CLOCK], urls=app[URLS])


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError("There is no such page.")
    return int(text)


async def _list_page(
    request: web.Request,
    held: StewardSession,
    values: Values,
    problems: FormProblems | None = None,
) -> web.Response:
    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {
            "tab": "events",
            "values": values if values["places"] else values.also({"places": "hidden"}),
            "problems": problems or FormProblems(_FIELDS),
            "calendars": store.every(session),
            "states": _STATES,
        }

    return await desk_page(
        request,
        held,
        "calendars.html",
        N_("Calendars from elsewhere"),
        context,
        status=422 if problems else 200,
    )


async def _page(request: web.Request, held: StewardSession, *, problem: str = "") -> web.Response:
    number = _number(request)

    def context(session: Session, _: Asked) -> dict[str, Any]:
        calendar = store.get(session, number)
        by_kind = {kind: [one for one in calendar.report if one.became is kind] for kind in _ORDER}
        return {
            "tab": "events",
            "calendar": calendar,
            "kinds": {kind: lines for kind, lines in by_kind.items() if lines},
            "ours": [one for one in calendar.report if one.ours],
            "became": _BECAME,
            "states": _STATES,
            "parts": _PARTS,
            "problem": problem,
            "proposed": calendar.state is State.PROPOSED,
        }

    return await desk_page(
        request,
        held,
        "calendar.html",
        N_("A calendar from elsewhere"),
        context,
        status=422 if problem else 200,
    )
