"""Following the groups of a list in one step: give the list, look at it, choose, follow."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from node import starter_lists
from node.domain.starter_list import Entry
from node.errors import RoughweatherError
from node.keys import CLOCK, DATABASE, FINDER, LISTS, URLS
from node.starter_lists import Asked as AskedGroup
from node.starter_lists import Standing
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page
from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values
from web.site import Asked

_EMPTY = N_("Give the address of a list, the list itself, or its file.")
_TOO_LONG = N_("That is too long for a list of groups.")
_STANDINGS = {
    Standing.NEW: N_("new to you"),
    Standing.FOLLOWED: N_("you follow it, or have asked"),
    Standing.OURS: N_("this is you"),
    Standing.BLOCKED: N_("blocked here"),
}


async def list_form(request: web.Request, held: StewardSession) -> web.Response:
    """A field for the list."""
    return await _page(request, held, Values())


async def look_at_list(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Who is on the list, and how each stands to us; nobody is asked yet."""
    given: bytes | None = values["list"].encode()
    if not given and values.upload is not None:
        given = values.upload.data
    if given is None:
        return await _page(request, held, values, problem=_TOO_LONG)
    if not given:
        return await _page(request, held, values, problem=_EMPTY)
    try:
        found = await starter_lists.read(request.app[LISTS], given)
    except RoughweatherError as error:
        return await _page(request, held, values, problem=error.sentence)
    standings = await request.app[DATABASE].read(
        lambda session: starter_lists.standings(session, found.entries, request.app[URLS])
    )
    entries = list(zip(found.entries, standings, strict=True))
    return await _page(request, held, values, name=found.name, entries=entries)


async def follow_chosen(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Ask those that were chosen, and say what became of each."""
    app = request.app
    # An address has no spaces: what follows the first one is how the list calls the group.
    given = (one.partition(" ") for one in values.every("group"))
    chosen = [Entry(address, name or address) for address, _, name in given]
    asked = await starter_lists.follow_all(
        app[FINDER],
        app[DATABASE],
        chosen,
        clock=app[CLOCK],
        urls=app[URLS],
        who=held.steward_name,
    )
    return await _page(request, held, Values(), asked=asked, left=chosen[len(asked) :])


async def _page(
    request: web.Request,
    held: StewardSession,
    values: Values,
    *,
    problem: str = "",
    name: str = "",
    entries: Sequence[tuple[Entry, Standing]] = (),
    asked: Sequence[AskedGroup] = (),
    left: Sequence[Entry] = (),
) -> web.Response:
    problems = FormProblems(("list",))
    if problem:
        problems.add("list", problem)

    def context(_: Session, __: Asked) -> dict[str, Any]:
        return {
            "tab": "neighbours",
            "values": values,
            "problems": problems,
            "name": name,
            "entries": entries,
            "standings": _STANDINGS,
            "asked": asked,
            "left": left,
        }

    status = 422 if problem else 200
    return await desk_page(
        request, held, "group_list.html", N_("Follow a list of groups"), context, status=status
    )
