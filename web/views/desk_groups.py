"""Groups found through our neighbours, at the desk: whom to follow, who is not for us, who may know."""

from typing import Any

from aiohttp import web

from node.domain.known_group import Spot
from node.errors import MalformedError, NotFoundError, RefusedError, TryLaterError
from node.keys import CLOCK, DATABASE, FINDER, URLS
from node.services import follows, known_groups
from node.store import known_groups as known_group_store
from node.store.database import Session
from node.store.sessions import StewardSession
from web import found_groups, world_map
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_HERE = "/desk/groups"
_HIDDEN = 50


async def suggestions(request: web.Request, held: StewardSession) -> web.Response:
    """Groups that we might follow, and why; chosen by language and distance."""
    return await _page(request, held)


async def follow(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Ask to follow a group that was suggested."""
    try:
        actor = await request.app[FINDER].find(values["id"])
        now, urls = request.app[CLOCK].now(), request.app[URLS]
        await request.app[DATABASE].write(
            lambda session: follows.request(
                session, actor, urls=urls, now=now, who=held.steward_name
            )
        )
    except (NotFoundError, RefusedError, MalformedError, TryLaterError) as error:
        return await _page(request, held, problem=error.sentence)
    return go(_HERE, "asked")


async def hide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """A group is not for us. Raises NotFoundError."""
    now = request.app[CLOCK].now()
    await request.app[DATABASE].write(
        lambda session: known_groups.hide(session, values["id"], now=now, who=held.steward_name)
    )
    return go(_HERE, "hidden")


async def show_again(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """It is, after all. Raises NotFoundError."""
    now = request.app[CLOCK].now()
    await request.app[DATABASE].write(
        lambda session: known_groups.show_again(
            session, values["id"], now=now, who=held.steward_name
        )
    )
    return go(_HERE, "shown-again")


async def tell(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Decide whether everyone may know which groups we stand with."""
    now, publicly = request.app[CLOCK].now(), values["answer"] == "yes"
    await request.app[DATABASE].write(
        lambda session: known_groups.tell_publicly(
            session, publicly, now=now, who=held.steward_name
        )
    )
    return go(_HERE, "told" if publicly else "not-told")


async def _page(request: web.Request, held: StewardSession, *, problem: str = "") -> web.Response:
    values = Values((name, request.query.get(name, "")[:20]) for name in found_groups.FIELDS)

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        found = known_groups.suggestions(session, asked.now)
        every = found_groups.shown(found, asked.group)
        chosen = found_groups.chosen(every, values)
        return {
            "tab": "neighbours",
            "groups": chosen,
            "map": world_map.drawn(chosen, Spot.of(asked.group.latitude, asked.group.longitude)),
            "hidden": known_group_store.hidden(session, _HIDDEN),
            "problem": problem,
            **found_groups.choice(every, values, asked),
        }

    status = 422 if problem else 200
    return await desk_page(
        request, held, "groups.html", N_("Groups around us"), context, status=status
    )
