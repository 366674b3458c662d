"""Who is coming, as the hosts keep the list: places given, refused, and noted by hand."""

from aiohttp import web

from node.domain.rsvp import Answer, Refusal
from node.errors import NotFoundError, RefusedError
from node.keys import CLOCK, DATABASE
from node.services import rsvps as service
from node.store import rsvps
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import go
from web.posting import Values

_BY_HAND = "phone"
_LONGEST_NAME = 80
_MOST_GUESTS = 20


async def decide(request: web.Request, _: StewardSession, values: Values) -> web.Response:
    """Give a place, take somebody off the list, or note somebody who called. Raises RefusedError."""
    slug, who, decision = request.match_info["slug"], values["who"], values["decision"]
    now = request.app[CLOCK].now()

    def work(session: Session) -> str:
        if decision == "add":
            return _add(session, slug, values)
        rsvp = rsvps.find(session, slug, who)
        if rsvp is None:
            return "same"
        if decision == "confirm":
            service.confirm(session, rsvp, now=now)
            return "place"
        service.decline(session, rsvp, now=now)
        return "no-place"

    def _add(session: Session, slug: str, values: Values) -> str:
        if rsvps.find(session, slug, who) is not None:
            return "same"
        guests = read_guests(values["guests"])
        result = service.answer(
            session,
            slug,
            read_name(who),
            Answer.GOING,
            via=_BY_HAND,
            guests=guests,
            by_hosts=True,
            now=now,
        )
        if isinstance(result, Refusal):
            raise RefusedError(f"They cannot be put on the list: {result}.")
        return "noted"

    if decision not in ("add", "confirm", "decline"):
        raise NotFoundError("There is no such decision.")
    return go(f"/desk/events/{slug}/people", await request.app[DATABASE].write(work))


def read_name(text: str) -> str:
    """A name or pseudonym on one line. Raises RefusedError for an empty or overlong one."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or "://" in name:
        raise RefusedError(f"A name has 1 to {_LONGEST_NAME} letters.")
    return name


def read_guests(text: str) -> int:
    """How many others somebody brings, 0 to 20. Raises RefusedError."""
    if not text:
        return 0
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None
    if number is None or number > _MOST_GUESTS:
        raise RefusedError(f"One person can bring 0 to {_MOST_GUESTS} others.")
    return number
