"""A steward's own account: where they are signed in, their password, leaving."""

from typing import Any

from aiohttp import web

from node.errors import ConflictError, NotFoundError, RefusedError
from node.keys import CLOCK, DATABASE, URLS
from node.services import stewards as service
from node.store import audit, sessions
from node.store.database import Session
from node.store.sessions import StewardSession
from web import passwords, reauth
from web.desk import desk_page, go
from web.labels import N_
from web.passwords import PASSWORDS
from web.posting import Values
from web.sessions import begin, give_cookie, passwords_are_safe, take_cookie
from web.site import Asked
from web.views.sign_in import TWICE

_HERE = "/desk/account"


async def account(request: web.Request, held: StewardSession) -> web.Response:
    """Where they are signed in, and forms to change the password and to leave."""
    return await _page(request, held)


async def sign_out_elsewhere(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Sign one other browser out, or all others. Raises NotFoundError."""
    now, chosen = request.app[CLOCK].now(), values["session"]

    def work(session: Session) -> bool:
        if values["decision"] == "others":
            gone = sessions.remove_of(session, held.steward_id, but=held.token_hash) > 0
        else:
            gone = sessions.remove_one_of(session, held.steward_id, chosen)
        if gone:
            audit.note(session, held.steward_name, "sign out elsewhere", held.steward_name, now)
        return gone

    if values["decision"] not in ("one", "others"):
        raise NotFoundError("There is no such decision.")
    gone = await request.app[DATABASE].write(work)
    return go(_HERE, "signed-out" if gone else "same")


async def change_password(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Choose another password: every other browser is signed out, this one gets a new session."""
    if not passwords_are_safe(request.app[URLS]):
        raise NotFoundError("There are no passwords here.")
    password, now = values.exact("password"), request.app[CLOCK].now()
    try:
        await reauth.confirm(request, held, values)
        problem = passwords.problem(password, held.steward_name)
        if problem or password != values.exact("again"):
            raise RefusedError(problem or TWICE)
    except RefusedError as error:
        return await _page(request, held, problem=error.sentence, about="password")
    hashed = await request.app[PASSWORDS].hashed(password)

    def work(session: Session) -> str:
        service.change_password(session, held.steward_id, hashed, now=now)
        return begin(session, held.steward_id, request)

    token = await request.app[DATABASE].write(work)
    response = go(_HERE, "password")
    give_cookie(request, response, token)
    return response


async def leave(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Stop being a steward; the last full one cannot."""
    name, now = held.steward_name, request.app[CLOCK].now()
    try:
        await reauth.confirm(request, held, values)
        await request.app[DATABASE].write(
            lambda session: service.remove(session, name, who=name, now=now)
        )
    except (RefusedError, ConflictError) as error:
        return await _page(request, held, problem=error.sentence, about="leave")
    response = go("/")
    take_cookie(request, response)
    return response


async def _page(
    request: web.Request, held: StewardSession, *, problem: str = "", about: str = ""
) -> web.Response:
    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {
            "tab": "account",
            "sessions": sessions.of_steward(session, held.steward_id),
            "this": held.token_hash,
            "role": held.role,
            "problem": problem,
            "about": about,
            "asks_password": passwords_are_safe(request.app[URLS]),
        }

    status = 422 if problem else 200
    return await desk_page(
        request, held, "account.html", N_("Your account"), context, status=status
    )
