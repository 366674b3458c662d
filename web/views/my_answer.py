"""Somebody's own answer to a gathering, behind a private link: see it, change it, take it back, erase it.

The link is all that is needed, so it is asked for nothing else: no cookie, no token, and from wherever
the form came, since the address itself is the secret. The first page shows no name and none of
somebody's own words, in case the link was passed on; the place and the call it shows only while they
have a place.
"""

from datetime import timedelta
from typing import Any

from aiohttp import hdrs, web

from node.clock import rfc3339
from node.domain.for_guests import ForGuests
from node.domain.rsvp import Answer, Refusal, Rsvp, RsvpState, takes_answers
from node.domain.walltime import Moment
from node.errors import NotFoundError, RefusedError
from node.ids import short_code
from node.keys import CLOCK, DATABASE
from node.services import letters, rsvp_links
from node.services import rsvps as service
from node.store import events, invitations, rsvps
from node.store import letters as letter_store
from node.store.database import Session
from node.store.rsvp_links import Holder
from web.attempts import Attempts, asker
from web.desk import go
from web.labels import N_, REFUSALS
from web.posting import Values, posted
from web.site import Asked, Page, site_of
from web.views.desk_people import read_guests
from web.words import words_of

CODES = web.AppKey("CODES", Attempts)
CODES_OF_ALL = web.AppKey("CODES_OF_ALL", Attempts)
CHANGES = web.AppKey("CHANGES", Attempts)
LONGEST_MESSAGE = 1000
_STATES = {
    "nothing": N_("You are not on the list of this gathering."),
    "place": N_("You have a place. We look forward to you!"),
    "offered": N_("A place is kept for you. Say that you are coming, and it is yours."),
    "lapsed": N_("A place was kept for you, and has gone on to somebody else. You can ask again."),
    "waiting": N_("It is full at the moment, and you are on the waiting list."),
    "pending": N_("The hosts have your request and will decide soon."),
    "maybe": N_("You said that you may come."),
    "not_going": N_("You said that you cannot come."),
}
_DONE = {
    "saved": N_("Saved."),
    "renewed": N_("This is your new link. The old ones lead nowhere any more."),
}
_NO_CODE = N_("Nothing is kept under this code. Look at it once more, letter by letter.")


def prepare(app: web.Application) -> None:
    """Give an application what these pages need; once, before it starts."""
    app[CODES] = Attempts(10, timedelta(minutes=10))
    app[CODES_OF_ALL] = Attempts(500, timedelta(hours=1))
    app[CHANGES] = Attempts(60, timedelta(minutes=10))


async def code_form(request: web.Request) -> web.Response:
    """Where a short code is typed."""
    return await _code_page(request)


async def use_code(request: web.Request) -> web.Response:
    """Lead whoever knows a short code to their answer. Raises TooManyRequestsError."""
    values, now = await posted(request), request.app[CLOCK].now()
    request.app[CODES].spend(asker(request), now)
    request.app[CODES_OF_ALL].spend("", now)
    code = values["code"]
    try:
        token = await request.app[DATABASE].write(
            lambda session: rsvp_links.redeem(session, code, now=now)
        )
    except NotFoundError:
        return await _code_page(request, problem=_NO_CODE, status=422)
    return go(f"/rsvp/{token}")


async def my_answer(request: web.Request) -> web.Response:
    """The private page; a page of its own, with 404, where nothing is kept (any more)."""
    token = request.match_info["token"]
    done = request.query.get("done", "")

    def gather(session: Session, asked: Asked) -> Page:
        holder = rsvp_links.holder(session, token)
        return _page(
            "my_answer.html", N_("Your answer"), asked, _shown(session, holder, token, done, asked)
        )

    return await _private(request, gather)


async def my_data(request: web.Request) -> web.Response:
    """All that is kept of somebody and this gathering, in plain words."""
    token = request.match_info["token"]

    def gather(session: Session, asked: Asked) -> Page:
        holder = rsvp_links.holder(session, token)
        rsvp = rsvps.find(session, holder.event_slug, holder.who)
        context = {
            "event": events.get(session, holder.event_slug).event,
            "rsvp": rsvp,
            "holder": holder,
            "letters_to": letter_store.reader(session, holder.event_slug, holder.who),
            "path": f"/rsvp/{token}",
        }
        return _page("my_data.html", N_("What is kept about you"), asked, context)

    return await _private(request, gather)


async def not_me(request: web.Request) -> web.Response:
    """Where whoever gets letters that they never asked for ends them: opening it changes nothing."""
    token = request.match_info["token"]

    def gather(session: Session, asked: Asked) -> Page:
        holder = rsvp_links.holder(session, token)
        context = {"event": events.get(session, holder.event_slug).event, "path": f"/rsvp/{token}"}
        return _page("not_me.html", N_("Letters you did not ask for"), asked, context)

    return await _private(request, gather)


async def my_data_json(request: web.Request) -> web.Response:
    """The same for taking along. Raises NotFoundError."""
    token = request.match_info["token"]

    def gather(session: Session) -> dict[str, Any]:
        holder = rsvp_links.holder(session, token)
        reader = letter_store.reader(session, holder.event_slug, holder.who)
        kept = _exported(holder, rsvps.find(session, holder.event_slug, holder.who))
        return kept | ({"email": reader.address} if reader else {})

    document = await request.app[DATABASE].read(gather)
    return _hidden(web.json_response(document))


async def change_answer(request: web.Request) -> web.Response:
    """Change the answer, make a new link, or erase all. Raises RefusedError, TooManyRequestsError."""
    values = await posted(request, secret_address=True)
    token, now = request.match_info["token"], request.app[CLOCK].now()
    request.app[CHANGES].spend(asker(request), now)

    def work(session: Session) -> tuple[str, str]:
        holder = rsvp_links.holder(session, token)
        if values["do"] == "not_me":
            letters.refuse(session, holder.event_slug, holder.who)
        if values["do"] in ("erase", "not_me"):
            service.erase(session, holder.event_slug, holder.who, now=now)
            return "/rsvp?done=erased", ""
        if values["do"] == "renew":
            return f"/rsvp/{rsvp_links.renew(session, token, now=now)}", "renewed"
        _answer(session, holder, values, now)
        return f"/rsvp/{token}", "saved"

    try:
        path, done = await request.app[DATABASE].write(work)
    except NotFoundError:
        return await _nothing_kept(request)
    return _hidden(go(path, done))


def _answer(session: Session, holder: Holder, values: Values, now: Any) -> None:
    slug, who = holder.event_slug, holder.who
    if values["answer"] not in tuple(Answer):
        raise RefusedError("Say whether you are coming.")
    before = rsvps.find(session, slug, who)
    result = service.answer(
        session,
        slug,
        who,
        Answer(values["answer"]),
        via=holder.via,
        guests=read_guests(values["guests"]) if values.has("guests") else None,
        activity_id=before.activity_id if before else None,
        message=values["message"][:LONGEST_MESSAGE] or None,
        now=now,
    )
    if isinstance(result, Refusal):
        raise RefusedError(REFUSALS[result])


def _shown(session: Session, holder: Holder, token: str, done: str, asked: Asked) -> dict[str, Any]:
    event = events.get(session, holder.event_slug).event
    rsvp = rsvps.find(session, holder.event_slug, holder.who)
    words = words_of(asked.reader.locale)
    told = None
    if rsvp is not None and rsvp.has_place:
        document = events.get_document(session, holder.event_slug)
        told = ForGuests.from_document(document, event.language)
    wanted = invitations.find(session, holder.event_slug, holder.who) is not None
    offered = rsvp.offered_until if rsvp else None
    return {
        "event": event,
        "rsvp": rsvp,
        "state": words.say(_STATES[_state(rsvp)]),
        "kept_until": Moment.at(offered, event.timezone) if offered else None,
        "told": told,
        "open": takes_answers(event, asked.now, wanted=wanted),
        "address": asked.urls.rsvp(token),
        "code": short_code(token),
        "path": f"/rsvp/{token}",
        "done": words.say(_DONE.get(done, "")),
    }


def _state(rsvp: Rsvp | None) -> str:
    if rsvp is None:
        return "nothing"
    if rsvp.has_place:
        return "place"
    if rsvp.answer is Answer.NOT_GOING:
        return "not_going"
    if rsvp.state is RsvpState.PENDING:
        return "pending"
    if rsvp.answer is Answer.MAYBE:
        return "maybe"
    if rsvp.lapsed:
        return "lapsed"
    return "offered" if rsvp.offered_until else "waiting"


def _exported(holder: Holder, rsvp: Rsvp | None) -> dict[str, Any]:
    kept: dict[str, Any] = {"event": holder.event_slug, "who": holder.who, "via": holder.via}
    if rsvp is not None:
        kept |= {
            "answer": rsvp.answer,
            "state": rsvp.state,
            "guests": rsvp.guests,
            "message": rsvp.message,
            "on_the_list_since": rfc3339(rsvp.created),
            "last_changed": rfc3339(rsvp.updated),
        }
    return kept


def _page(template: str, title: str, asked: Asked, context: dict[str, Any]) -> Page:
    frame = {"section": "events", "title": words_of(asked.reader.locale).say(title)}
    return Page(template=template, context=frame | context, private=True)


async def _private(request: web.Request, gather: Any) -> web.Response:
    try:
        return _hidden(await site_of(request).fresh(request, gather))
    except NotFoundError:
        return await _nothing_kept(request)


async def _nothing_kept(request: web.Request) -> web.Response:
    def gather(_: Session, asked: Asked) -> Page:
        return _page("my_answer_gone.html", N_("Nothing is kept here"), asked, {})

    return _hidden(await site_of(request).fresh(request, gather, status=404))


async def _code_page(request: web.Request, *, problem: str = "", status: int = 200) -> web.Response:
    erased = request.query.get("done", "") == "erased"

    def gather(_: Session, asked: Asked) -> Page:
        context = {"problem": words_of(asked.reader.locale).say(problem), "erased": erased}
        return _page("my_code.html", N_("Find your answer"), asked, context)

    response = await site_of(request).fresh(request, gather, status=status)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response


def _hidden(response: web.Response) -> web.Response:
    """The address is a secret: no other site hears of it, and no cache keeps what it shows."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response
