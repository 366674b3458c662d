"""What others say, at the desk: what waits, what is shown, what the group answered, who may quote."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from node.domain.text import Localised
from node.errors import (
    ConflictError,
    GoneError,
    InvalidDocumentError,
    NotFoundError,
    RefusedError,
)
from node.keys import CLOCK, DATABASE, URLS
from node.services import conversation, sharing, stamps
from node.store import comments, events, notices, reflections, replies, witnesses
from node.store import stamps as stamp_store
from node.store.database import Session
from node.store.replies import Reply
from node.store.sessions import StewardSession
from node.store.stamps import StampState
from node.store.witnesses import Tally
from node.urls import Urls
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_WAITING = "/desk/replies"
_STANDING = "/desk/conversation"
_NO_DECISION = N_("Say what is to be done with it.")


async def reply_list(request: web.Request, held: StewardSession) -> web.Response:
    """Replies, mentions and messages that wait for a decision, and quotes that were asked for."""

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        return {
            "tab": "conversation",
            "replies": [_told(session, one, asked.urls) for one in replies.pending(session)],
            "quotes": stamp_store.quotes(session, StampState.PENDING),
        }

    return await desk_page(request, held, "replies.html", N_("Replies"), context)


async def standing(request: web.Request, held: StewardSession) -> web.Response:
    """What is shown, what the group answered, who may quote what, and who was touched by what."""
    return await _standing(request, held)


async def decide_reply(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Show a reply, pass it on, keep it hidden, or ask to share it. Raises NotFoundError, RefusedError."""
    now, urls, who = request.app[CLOCK].now(), request.app[URLS], held.steward_name
    decision, reply_id = values["decision"], values["id"]

    def work(session: Session) -> str:
        if decision == "ask":
            sharing.ask(session, reply_id, who=who, now=now)
            return "asked-to-share"
        if decision == "decline":
            conversation.decline(session, reply_id, who=who, urls=urls, now=now)
            return "reply-declined"
        pass_on = decision == "accept"
        reply = conversation.accept(session, reply_id, pass_on=pass_on, who=who, urls=urls, now=now)
        return "reply-passed-on" if reply.passed_on else "reply-accepted"

    if decision not in ("accept", "show", "decline", "ask"):
        raise RefusedError(_NO_DECISION)
    try:
        done = await request.app[DATABASE].write(work)
    except ConflictError:  # the other of two stewards was quicker
        done = "same"
    return go(_STANDING if values["from"] == "standing" else _WAITING, done)


async def decide_quote(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Let somebody quote, or not, or no longer. Raises NotFoundError, RefusedError, ConflictError."""
    now, who = request.app[CLOCK].now(), held.steward_name
    decision, stamp_id = values["decision"], values["id"]

    def work(session: Session) -> None:
        if decision == "revoke":
            stamps.revoke(session, stamp_id, who=who, now=now)
        else:
            stamps.decide(session, stamp_id, give=decision == "give", who=who, now=now)

    if decision not in ("give", "refuse", "revoke"):
        raise RefusedError(_NO_DECISION)
    try:
        await request.app[DATABASE].write(work)
    except ConflictError:  # the other of two stewards was quicker
        return go(_WAITING, "same")
    back = _STANDING if decision == "revoke" else _WAITING
    return go(back, f"quote-{decision}")


async def answer(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Answer a reply in the group's name, or take an answer back. Raises NotFoundError, RefusedError."""
    now, urls, who = request.app[CLOCK].now(), request.app[URLS], held.steward_name

    def work(session: Session) -> None:
        if values["decision"] == "take-back":
            conversation.take_back(session, values["id"], who=who, now=now)
        else:
            conversation.comment(session, values["id"], values["text"], who=who, urls=urls, now=now)

    try:
        await request.app[DATABASE].write(work)
    except InvalidDocumentError as error:
        return await _standing(request, held, problem=str(error.problems[0].message), values=values)
    return go(_STANDING, "withdrawn" if values["decision"] == "take-back" else "answered")


async def _standing(
    request: web.Request, held: StewardSession, *, problem: str = "", values: Values | None = None
) -> web.Response:
    def context(session: Session, asked: Asked) -> dict[str, Any]:
        return {
            "tab": "conversation",
            "replies": [
                _told(session, one, asked.urls) | {"answers": comments.answering(session, one.id)}
                for one in replies.accepted(session)
            ],
            "quotes": stamp_store.quotes(session, StampState.GIVEN),
            "touched": [
                _named(session, one, asked.urls)
                for one in witnesses.latest(session)
                if asked.urls.is_ours(one.object_id)
            ],
            "problem": problem,
            "written": values,
        }

    status = 422 if problem else 200
    return await desk_page(
        request, held, "conversation.html", N_("Conversation"), context, status=status
    )


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something of ours that others speak of; `kind` is that of a reflection, which may have no title."""

    address: str
    title: Localised | None = None
    kind: str = ""


def _told(session: Session, reply: Reply, urls: Urls) -> dict[str, Any]:
    """A reply with what it answers, stands under or quotes."""
    about = reply.root or reply.quotes
    return {
        "reply": reply,
        "asked": sharing.asked(session, reply),
        "about": _thing(session, about, urls) if about else None,
    }


def _named(session: Session, one: Tally, urls: Urls) -> dict[str, Any]:
    return {"tally": one, "about": _thing(session, one.object_id, urls)}


def _thing(session: Session, address: str, urls: Urls) -> _Thing:
    """What is at an address of ours; without a name where it has none, or is not here any more."""
    named = urls.identify(urls.original(address))
    if named is None:
        return _Thing(address)
    kind, name = named
    try:
        if kind == "notice":
            kind, name = "event", notices.get(session, name).event_slug
        if kind == "event":
            return _Thing(address, events.get(session, name).event.title)
        if kind == "reflection":
            reflection = reflections.get(session, name).reflection
            return _Thing(address, reflection.title, reflection.kind)
    except (NotFoundError, GoneError):
        pass
    return _Thing(address)
