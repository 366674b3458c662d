"""Saying “I am coming” on the page of a gathering: any name, no account, no cookie.

The form is part of a page that is the same for everyone, so what guards it is where it was sent
from, how often, and a field that only programs fill in.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from aiohttp import web

from node.domain.rsvp import Answer, Refusal
from node.errors import RefusedError
from node.keys import CLOCK, CONFIG, DATABASE
from node.services import letters
from node.services import rsvp_links as links
from node.services import rsvps as service
from node.store import published, rsvp_links, rsvps
from node.store.database import Session
from node.store.letters import Reader
from web.attempts import Attempts, asker
from web.desk import go
from web.form_problems import FormProblems
from web.labels import N_, REFUSALS
from web.posting import posted
from web.site import Asked, Page, missing, site_of
from web.views.desk_people import read_guests, read_name
from web.views.events import again
from web.views.my_answer import LONGEST_MESSAGE
from web.words import words_of

Read = TypeVar("Read")
COMING = web.AppKey("COMING", Attempts)
_VIA = "web"
_OUTCOMES = {
    "received": N_("The hosts have your request and will decide soon."),
    "taken": N_("Somebody of this name is on the list already. If it is not you, add a letter."),
}


def prepare(app: web.Application) -> None:
    """Give an application what answering needs; once, before it starts."""
    app[COMING] = Attempts(10, timedelta(minutes=10))


async def come(request: web.Request) -> web.Response:
    """Put a name on the list, then lead to the private page that says what came of it.

    What cannot be read is said beside its field. Raises RefusedError where there is no place to give,
    TooManyRequestsError.
    """
    values = await posted(request)
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    request.app[COMING].spend(asker(request), now)
    if values["website"]:
        return go(f"/events/{slug}/thanks", "received")
    problems = FormProblems(("name", "email", "guests"))
    name = _read(read_name, values["name"], "name", problems)
    guests = _read(read_guests, values["guests"], "guests", problems)
    reach = values["reach"][:LONGEST_MESSAGE]
    address = None
    if request.app[CONFIG].sends_mail:
        address = _read(letters.read_address, values["email"], "email", problems)
    if name is None or guests is None or problems:
        typed = {field: values[field] for field in ("name", "reach", "email", "guests")}
        return await again(request, slug, typed, problems)
    site = site_of(request)
    language = site.reader(request, site.group()).locale

    def work(session: Session) -> str:
        event = published.event(session, slug).event
        if rsvps.find(session, slug, name) is not None or rsvp_links.exists(session, slug, name):
            return ""
        result = service.answer(
            session, slug, name, Answer.GOING, via=_VIA, guests=guests, message=reach, now=now
        )
        if isinstance(result, Refusal):
            raise RefusedError(REFUSALS[result])
        token = links.give(session, slug, name, _VIA, now=now)
        if address:
            reader = Reader(event_slug=slug, who=name, address=address, language=language)
            letters.welcome(session, event, reader, result, token, now=now)
        return token

    token = await request.app[DATABASE].write(work)
    return go(f"/rsvp/{token}") if token else go(f"/events/{slug}/thanks", "taken")


def _read(
    read: Callable[[str], Read], text: str, field: str, problems: FormProblems
) -> Read | None:
    try:
        return read(text)
    except RefusedError as error:
        problems.add(field, error.sentence)
        return None


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
