"""Saying “I am coming” on the page of a gathering: any name, no account, no cookie.

The form is part of a page that is the same for everyone, so what guards it is where it was sent
from, how often, and a field that only programs fill in.
"""

from datetime import timedelta
from typing import Any

from aiohttp import web

from node.domain.rsvp import Answer, Refusal, RsvpState
from node.errors import RefusedError
from node.keys import CLOCK, DATABASE
from node.services import rsvps as service
from node.store import published, rsvps
from node.store.database import Session
from web.attempts import Attempts, asker
from web.desk import go
from web.labels import N_
from web.posting import posted
from web.site import Asked, Page, missing, site_of
from web.views.desk_people import read_guests, read_name
from web.words import words_of

COMING = web.AppKey("COMING", Attempts)
_LONGEST_MESSAGE = 1000
_OUTCOMES = {
    RsvpState.CONFIRMED: N_("You have a place. We look forward to you!"),
    RsvpState.WAITING: N_("It is full at the moment, and you are on the waiting list."),
    RsvpState.PENDING: N_("The hosts have your request and will decide soon."),
    "taken": N_("Somebody of this name is on the list already. If it is not you, add a letter."),
}
_REFUSALS = {
    Refusal.NO_REGISTRATION: N_("This gathering takes no registration here."),
    Refusal.CANCELLED: N_("This gathering is cancelled."),
    Refusal.OVER: N_("This gathering is over."),
    Refusal.TOO_LATE: N_("Registration is closed."),
    Refusal.FULL: N_("All places are taken, and there is no waiting list."),
    Refusal.SERIES: N_("This is a series: choose one of its sessions."),
    Refusal.CIRCLE_CLOSED: N_("Registration is for the whole series, with its first session."),
}


def prepare(app: web.Application) -> None:
    """Give an application what answering needs; once, before it starts."""
    app[COMING] = Attempts(10, timedelta(minutes=10))


async def come(request: web.Request) -> web.Response:
    """Put a name on the list, then say what became of it. Raises RefusedError, TooManyRequestsError."""
    values = await posted(request)
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    request.app[COMING].spend(asker(request), now)
    if values["website"]:
        return go(f"/events/{slug}/thanks", RsvpState.PENDING)
    name, guests = read_name(values["name"]), read_guests(values["guests"])
    reach = values["reach"][:_LONGEST_MESSAGE]

    def work(session: Session) -> str:
        published.event(session, slug)
        if rsvps.find(session, slug, name) is not None:
            return "taken"
        result = service.answer(
            session, slug, name, Answer.GOING, via="web", guests=guests, message=reach, now=now
        )
        if isinstance(result, Refusal):
            raise RefusedError(_REFUSALS[result])
        return result.value

    return go(f"/events/{slug}/thanks", await request.app[DATABASE].write(work))


async def thanks(request: web.Request) -> web.Response:
    """What became of an answer, and how to go on. Raises NotFoundError, GoneError."""
    slug, outcome = request.match_info["slug"], request.query.get("done", "")

    def gather(session: Session, asked: Asked) -> Page:
        event = published.event(session, slug).event
        if outcome not in _OUTCOMES:
            raise missing("event")
        words = words_of(asked.reader.locale)
        context: dict[str, Any] = {
            "section": "events",
            "title": words.say(N_("Thank you")),
            "event": event,
            "outcome": words.say(_OUTCOMES[outcome]),
            "taken": outcome == "taken",
        }
        return Page(template="thanks.html", context=context)

    return await site_of(request).fresh(request, gather)
