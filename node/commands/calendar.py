"""`calendar`: the calendars that were taken in from elsewhere: how they are doing, read, stop, forget."""

from collections.abc import Mapping
from typing import Any

from node import imported_calendars
from node.app import Node
from node.commands.import_ics import WHO, desk_of, document, told
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.errors import RefusedError
from node.store import imported_calendars as store
from node.store.imported_calendars import ImportedCalendar, State


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """One of the verbs; raises NotFoundError, RefusedError, ConflictError."""
    del stdin
    if arguments["action"] == "list":
        return _list(await node.database.read(store.every), json=arguments["json"])
    number, now = arguments["id"], node.clock.now()
    calendar = await node.database.read(lambda session: store.get(session, number))
    match arguments["action"]:
        case "read":
            await _read(node, calendar)
        case "stop":
            await node.database.write(
                lambda session: imported_calendars.stop(session, number, who=WHO, now=now)
            )
        case "resume":
            await node.database.write(
                lambda session: imported_calendars.go_on(session, number, who=WHO, now=now)
            )
        case "forget":
            await node.database.write(
                lambda session: imported_calendars.forget(session, number, who=WHO, now=now)
            )
            return Outcome(stdout=as_json(document(calendar)) if arguments["json"] else "")
        case _:  # show
            return told(calendar, json=arguments["json"])
    calendar = await node.database.read(lambda session: store.get(session, number))
    if arguments["action"] == "read":
        return told(calendar, json=arguments["json"])
    return _list([calendar], json=arguments["json"])


async def _read(node: Node, calendar: ImportedCalendar) -> None:
    """Read it here and now, so that what went wrong can be said."""
    if calendar.state is not State.KEPT:
        raise RefusedError("This calendar is not kept in step: resume it, or take it in once more.")
    if not await imported_calendars.read_again(desk_of(node), calendar):
        found = await node.database.read(lambda session: store.get(session, calendar.id))
        raise RefusedError(found.problem or "The calendar could not be read.")


def _list(calendars: list[ImportedCalendar], *, json: bool) -> Outcome:
    listed = [document(one) for one in calendars]
    if json:
        return Outcome(stdout=as_json(listed))
    rows = [
        (
            str(one["id"]),
            one["state"],
            one["name"],
            one["address"] or "",
            one["problem"] or "",
        )
        for one in listed
    ]
    return Outcome(stdout=columns(rows, "No calendar was taken in yet."))
