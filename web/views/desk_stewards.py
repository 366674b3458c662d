"""Who is at the desk: inviting, changing what somebody does there, a new link, parting."""

from typing import Any

from aiohttp import web

from node.domain.role import Role
from node.errors import ConflictError, NotFoundError, RefusedError
from node.keys import CLOCK, DATABASE, URLS
from node.services import stewards as service
from node.store.database import Session
from node.store.sessions import StewardSession
from web import reauth
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.sessions import passwords_are_safe
from web.site import Asked

_NO_ROLE = N_("Choose what they do at the desk.")


async def stewards(request: web.Request, held: StewardSession) -> web.Response:
    """Who may sign in, with which role, and a form to invite somebody."""
    return await _page(request, held)


async def invite(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Invite a steward; their link is shown this once."""
    name, now = values["name"], request.app[CLOCK].now()
    try:
        role = read_role(values["role"] or Role.STEWARD)
        await reauth.confirm(request, held, values)
        token = await request.app[DATABASE].write(
            lambda session: service.invite(session, name, role=role, who=held.steward_name, now=now)
        )
    except (RefusedError, ConflictError) as error:
        return await _page(request, held, problem=error.sentence, name=name)
    return await _page(request, held, token=token, name=name)


async def change(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Give somebody another role or a new link, or part with them. Raises NotFoundError."""
    name, who, now = values["name"], held.steward_name, request.app[CLOCK].now()
    decision = values["decision"]

    def work(session: Session) -> str:
        if decision == "reset":
            return service.reset(session, name, who=who, now=now)
        if decision == "remove":
            service.remove(session, name, who=who, now=now)
        elif not service.change_role(session, name, read_role(values["role"]), who=who, now=now):
            return "same"
        return ""

    if decision not in ("role", "reset", "remove"):
        raise NotFoundError("There is no such decision.")
    try:
        await reauth.confirm(request, held, values)
        made = await request.app[DATABASE].write(work)
    except (RefusedError, ConflictError) as error:
        return await _page(request, held, problem=error.sentence, about=name)
    if decision == "reset":
        return await _page(request, held, token=made, name=name)
    return go("/desk/stewards", made or {"role": "role", "remove": "removed"}[decision])


def read_role(text: str) -> Role:
    """The role of that name. Raises RefusedError."""
    try:
        return Role(text)
    except ValueError:
        raise RefusedError(_NO_ROLE) from None


async def _page(
    request: web.Request,
    held: StewardSession,
    *,
    problem: str = "",
    token: str = "",
    name: str = "",
    about: str = "",
) -> web.Response:
    """The page; `about` is whose form the problem belongs to, nobody's where it is the invitation's."""

    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {
            "tab": "stewards",
            "stewards": service.stewards(session),
            "problem": problem,
            "about": about,
            "link": f"{request.app[URLS].origin}/sign-in/{token}" if token else "",
            "name": name,
            "asks_password": passwords_are_safe(request.app[URLS]),
        }

    status = 422 if problem else 200
    return await desk_page(request, held, "stewards.html", N_("Stewards"), context, status=status)
