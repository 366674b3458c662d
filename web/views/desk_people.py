"""Who is coming, as the hosts keep the list: places given, refused, noted by hand, and invitations."""

from datetime import datetime
from typing import Any

from aiohttp import web

from node.domain.rsvp import Answer, Refusal
from node.domain.sentence import Sentence
from node.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
)
from node.keys import CLOCK, DATABASE, FINDER, URLS
from node.services import invitations
from node.services import rsvps as service
from node.services.invitations import NotOpenError
from node.store import actors, audit, events, imported_calendars, letters, rsvps
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.labels import N_, REFUSALS
from web.posting import Values
from web.site import Asked
from web.views.desk_series import within

# How somebody told the hosts that they come; the first is what a form without this field means.
_BY_HAND = ("phone", "paper", "email")
_LONGEST_NAME = 80
_MOST_GUESTS = 20
_LONGEST_TARGET = 2048
_EMPTY_ROWS = 10
_WHOM = N_("Whom? Their address looks like @name@example.org.")


async def people(request: web.Request, held: StewardSession) -> web.Response:
    """One gathering as its hosts see it: where it stands, and who is coming."""
    return await _people(request, held)


async def paper_list(request: web.Request, held: StewardSession) -> web.Response:
    """The list to print and to take along, with empty rows for whoever comes unannounced."""
    slug = request.match_info["slug"]

    def context(session: Session, _: Asked) -> dict[str, Any]:
        found = rsvps.of_event(session, slug)
        return {
            "tab": "events",
            "event": events.get(session, slug).event,
            "rsvps": [one for one in found if one.answer is not Answer.NOT_GOING],
            "names": _names(session, [one.who for one in found]),
            "empty_rows": _EMPTY_ROWS,
        }

    return await desk_page(request, held, "paper_list.html", N_("The list on paper"), context)


async def invite(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Invite somebody of another server, or take that back; doing either twice does no harm."""
    slug, now, urls = request.match_info["slug"], request.app[CLOCK].now(), request.app[URLS]
    target, database = values["target"], request.app[DATABASE]
    who = held.steward_name
    try:
        if values["decision"] == "withdraw":
            await database.write(
                lambda session: invitations.withdraw(session, slug, target, now=now, who=who)
            )
            return go(f"/desk/events/{slug}/people", "uninvited")
        if not target or len(target) > _LONGEST_TARGET:
            return await _people(request, held, problem=_WHOM, target=target[:_LONGEST_TARGET])
        actor = await request.app[FINDER].find(target)
        await database.write(
            lambda session: invitations.invite(session, slug, actor, urls=urls, now=now, who=who)
        )
    except (NotFoundError, ConflictError, RefusedError, MalformedError, TryLaterError) as error:
        said = REFUSALS[error.refusal] if isinstance(error, NotOpenError) else error.sentence
        return await _people(request, held, problem=said, target=target)
    return go(f"/desk/events/{slug}/people", "invited")


async def _people(
    request: web.Request, held: StewardSession, *, problem: str = "", target: str = ""
) -> web.Response:
    slug = request.match_info["slug"]

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        event, found = events.get(session, slug).event, rsvps.of_event(session, slug)
        invited = [one.actor_id for one in invitations.of_event(session, slug)]
        return {
            "tab": "events",
            "event": event,
            "private": events.get_document(session, slug),
            "rsvps": found,
            "invited": invited,
            "undelivered": letters.undelivered(session, slug),
            "names": _names(session, [*invited, *(one.who for one in found)]),
            "ways": _BY_HAND,
            "problem": problem,
            "target": target,
            "calendar": imported_calendars.home_of(session, slug),
            **within(session, event, asked),
        }

    status = 422 if problem else 200
    return await desk_page(request, held, "event.html", N_("Gathering"), context, status=status)


def _names(session: Session, who: list[str]) -> dict[str, str]:
    """How each is called: `@name@host` for whom we know by an account, else as the list has them."""
    known = {one: actors.find(session, one) for one in who if "://" in one}
    return {one: f"@{found.actor.handle}" if (found := known.get(one)) else one for one in who}


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Give a place, take somebody off the list, or note somebody who called. Raises RefusedError."""
    slug, decision = request.match_info["slug"], values["decision"]
    now, by = request.app[CLOCK].now(), held.steward_name
    if decision not in ("add", "confirm", "decline"):
        raise NotFoundError("There is no such decision.")

    def work(session: Session) -> str:
        if decision == "add":
            done = _note(session, slug, values, now)
        else:
            done = _decide(session, slug, values["who"], decision, now)
        if done != "same":  # whose place it is stays out of the log: the list itself is deleted
            audit.note(session, by, f"{decision} place", slug, now)
        return done

    return go(f"/desk/events/{slug}/people", await request.app[DATABASE].write(work))


def _decide(session: Session, slug: str, who: str, decision: str, now: datetime) -> str:
    rsvp = rsvps.find(session, slug, who)
    if rsvp is None:
        return "same"
    if decision == "confirm":
        service.confirm(session, rsvp, now=now)
        return "place"
    service.decline(session, rsvp, now=now)
    return "no-place"


def _note(session: Session, slug: str, values: Values, now: datetime) -> str:
    if rsvps.find(session, slug, values["who"]) is not None:
        return "same"
    result = service.answer(
        session,
        slug,
        read_name(values["who"]),
        Answer.GOING,
        via=values["via"] if values["via"] in _BY_HAND else _BY_HAND[0],
        guests=read_guests(values["guests"]),
        by_hosts=True,
        now=now,
    )
    if isinstance(result, Refusal):
        raise RefusedError(REFUSALS[result])
    return "noted"


def read_name(text: str) -> str:
    """A name or pseudonym on one line. Raises RefusedError for an empty or overlong one."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or "://" in name:
        raise RefusedError(Sentence("A name has 1 to %(limit)s letters.", limit=_LONGEST_NAME))
    return name


def read_guests(text: str) -> int:
    """How many others somebody brings, 0 to 20. Raises RefusedError."""
    if not text:
        return 0
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None
    if number is None or number > _MOST_GUESTS:
        raise RefusedError(
            Sentence("One person can bring 0 to %(limit)s others.", limit=_MOST_GUESTS)
        )
    return number
