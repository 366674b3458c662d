"""Signing in and out: one-time links, then name and password.

A link is only shown by GET, never used up: programs that look into mail open links before people
do. Over plain http, save on this very machine, no password is ever asked for; the link itself signs in.
"""

import json
from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from node.errors import RefusedError
from node.keys import CLOCK, DATABASE, URLS
from node.services import stewards as service
from node.store import audit, sessions, stewards
from node.store.database import Session
from web import csrf, passwords
from web.attempts import AT_THE_DESK, BY_ADDRESS, BY_NAME, FAILURES, Attempts, Failures, asker
from web.labels import N_
from web.passwords import PASSWORDS, Passwords
from web.posting import Values, posted, read_kept
from web.sessions import (
    begin,
    give_cookie,
    own_path,
    passwords_are_safe,
    signed_in,
    take_cookie,
)
from web.site import Asked, Page, site_of
from web.words import words_of

_WRONG = N_("This name and password do not fit together.")
TWICE = N_("The two passwords are not the same.")


def prepare(app: web.Application) -> None:
    """Give an application what signing in needs; once, before it starts."""
    app[PASSWORDS] = Passwords()
    app[BY_ADDRESS] = Attempts(5, timedelta(minutes=1))
    app[FAILURES] = Failures()
    app[AT_THE_DESK] = Attempts(25, timedelta(hours=1))
    app[BY_NAME] = Attempts(25, timedelta(hours=1))


async def sign_in(request: web.Request) -> web.Response:
    """The form for name and password."""
    if signed_in(request) is not None:
        raise web.HTTPSeeOther(own_path(request.query.get("next", "")))
    return await _form(request, Values.of({"next": own_path(request.query.get("next", ""))}))


async def check_sign_in(request: web.Request) -> web.Response:
    """Name and password: the same answer, in the same time, whether the name exists or not."""
    values = await posted(request)
    if not passwords_are_safe(request.app[URLS]):
        return await _form(request, values, status=403)
    name, password = values["name"], values.exact("password")
    now = request.app[CLOCK].now()
    request.app[BY_ADDRESS].spend(asker(request), now)
    request.app[BY_NAME].spend(name.casefold(), now)

    def look(session: Session) -> tuple[int, str | None]:
        found = stewards.by_name(session, name)
        return (found.id, stewards.password_hash(session, found.id)) if found else (0, None)

    steward_id, kept = await request.app[DATABASE].read(look)
    too_long = passwords.is_too_long(password)
    if too_long or not await request.app[PASSWORDS].fits(kept, password):
        request.app[FAILURES].number += 1
        return await _form(request, values, problem=_WRONG, status=422)
    request.app[BY_NAME].forgive(name.casefold())
    renewed = await request.app[PASSWORDS].renewed(kept, password)

    def enter(session: Session) -> int:
        # Between reading and here somebody may have changed the password or parted with the steward.
        if stewards.password_hash(session, steward_id) != kept:
            raise RefusedError(_WRONG)
        if renewed:
            stewards.set_password(session, steward_id, renewed)
        return steward_id

    return await _enter(request, enter, values)


async def link(request: web.Request) -> web.Response:
    """What a one-time link leads to. Raises GoneError for a used or old one."""
    return await _link_page(request)


async def use_link(request: web.Request) -> web.Response:
    """Use a one-time link up: set the password, sign in. Raises GoneError."""
    values = await posted(request)
    token, now = request.match_info["token"], request.app[CLOCK].now()
    request.app[BY_ADDRESS].spend(asker(request), now)
    invited = await request.app[DATABASE].read(
        lambda session: service.invited(session, token, now=now)
    )
    hashed: str | None = None
    if passwords_are_safe(request.app[URLS]):
        password, again = values.exact("password"), values.exact("again")
        problem = passwords.problem(password, invited.name) or (
            TWICE if password != again else None
        )
        if problem:
            return await _link_page(request, problem=problem, status=422)
        hashed = await request.app[PASSWORDS].hashed(password)

    def redeem(session: Session) -> int:
        return service.redeem(session, token, password_hash=hashed, now=now).id

    return await _enter(request, redeem, Values())


async def sign_out(request: web.Request) -> web.Response:
    """End this browser's session."""
    values = await posted(request)
    held = signed_in(request)
    if held is not None:
        csrf.check_token(held, values[csrf.FIELD])
        await request.app[DATABASE].write(lambda session: sessions.remove(session, held.token_hash))
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    take_cookie(request, response)
    return response


async def keep_and_sign_in(request: web.Request, values: Values) -> web.Response:
    """A form came after the session ran out: sign in, and nothing that was typed is lost.

    A picture that came along is: nobody may leave files with us who is not signed in.
    """
    kept = values if values.upload is None else values.also({"picture_lost": "on"})
    return await _form(
        request, Values.of({"kept": kept.kept(), "kept_path": request.path}), status=401
    )


async def _enter(
    request: web.Request, steward: Callable[[Session], int], values: Values
) -> web.Response:
    """Begin a session for whoever `steward` finds, then go on to where they were going."""
    now, failed = request.app[CLOCK].now(), request.app[FAILURES].number

    def work(session: Session) -> str:
        steward_id = steward(session)
        if failed:
            audit.note(session, "node", "failed sign-ins", "desk", now, reason=str(failed))
        audit.note(session, stewards.by_id(session, steward_id).name, "sign in", "desk", now)
        return begin(session, steward_id, request)

    token = await request.app[DATABASE].write(work)
    request.app[FAILURES].number -= failed
    kept = read_kept(values["kept"])
    if kept is None:
        target = own_path(values["next"])
        response = web.Response(status=303, headers={"Location": target})
    else:
        response = await _resume(request, token, kept, own_path(values["kept_path"]))
    give_cookie(request, response, token)
    return response


async def _resume(request: web.Request, token: str, kept: Values, path: str) -> web.Response:
    """The form that waited, to be sent again with one press."""

    def gather(session: Session, asked: Asked) -> Page:
        held = sessions.find(session, token)
        return Page(
            template="desk/resume.html",
            context={
                "section": "desk",
                "title": words_of(asked.reader.locale).say(N_("You are signed in again")),
                "pairs": json.loads(kept.without("picture_lost").kept()),
                "picture_lost": kept.has("picture_lost"),
                "has_steps": kept.has("then"),
                "action": path,
                "csrf_token": held.csrf_token if held else "",
            },
        )

    return await site_of(request).fresh(request, gather)


async def _form(
    request: web.Request, values: Values, *, problem: str = "", status: int = 200
) -> web.Response:
    safe = passwords_are_safe(request.app[URLS])

    def gather(_: Session, asked: Asked) -> Page:
        words = words_of(asked.reader.locale)
        return Page(
            template="sign_in.html",
            context={
                "section": "sign-in",
                "title": words.say(N_("Sign in")),
                "values": values,
                "problem": words.say(problem),
                "safe": safe,
            },
        )

    return await site_of(request).fresh(request, gather, status=status)


async def _link_page(request: web.Request, *, problem: str = "", status: int = 200) -> web.Response:
    token, now = request.match_info["token"], request.app[CLOCK].now()
    safe = passwords_are_safe(request.app[URLS])

    def gather(session: Session, asked: Asked) -> Page:
        steward = service.invited(session, token, now=now)
        words = words_of(asked.reader.locale)
        return Page(
            template="sign_in_link.html",
            context={
                "section": "sign-in",
                "title": words.say(N_("Welcome, steward")),
                "name": steward.name,
                "problem": words.say(problem),
                "safe": safe,
            },
        )

    return await site_of(request).fresh(request, gather, status=status)
