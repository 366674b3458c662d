"""`import-ics FILE_OR_URL`: take in the gatherings of a calendar file, once or for good."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from federation.calendar_fetcher import CalendarFetcher
from node import imported_calendars
from node.app import Node
from node.clock import rfc3339
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.imported_calendars import Desk, Wishes
from node.store import imported_calendars as store
from node.store.imported_calendars import ImportedCalendar, Line

WHO = "command line"  # in the log of decisions


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Look at it, then take it unless it is a dry run; raises what looking and taking raise."""
    desk = desk_of(node)
    wishes = Wishes(open_places=arguments["open_places"], with_past=arguments["past"])
    source = arguments["source"]
    if source.startswith(("https://", "http://", "webcal://")):
        number = await imported_calendars.look_at_address(desk, source, wishes, who=WHO)
    else:
        name = PurePath(source).name if source != "-" else "calendar.ics"
        number = await imported_calendars.look_at_file(desk, stdin, name, wishes, who=WHO)
    try:
        if not arguments["dry_run"]:
            keep = arguments["keep"]
            calendar = await imported_calendars.take(desk, number, keep=keep, who=WHO)
            return told(calendar, json=arguments["json"])
        calendar = await node.database.read(lambda session: store.get(session, number))
    except BaseException:
        await node.database.write(lambda session: store.forget(session, number))
        raise
    await node.database.write(lambda session: store.forget(session, number))
    return told(calendar, json=arguments["json"])


def desk_of(node: Node) -> Desk:
    """What the taking in of calendars works with."""
    return Desk(
        database=node.database,
        fetcher=CalendarFetcher(node.client),
        clock=node.clock,
        urls=node.urls,
    )


def told(calendar: ImportedCalendar, *, json: bool) -> Outcome:
    """What became of each entry, one on a line; as JSON the calendar with its entries."""
    lines = [_line(one) for one in calendar.report]
    if json:
        return Outcome(stdout=as_json(document(calendar) | {"entries": lines}))
    rows = [(one["became"], one["start"] or "", one["title"], one["why"]) for one in lines]
    return Outcome(stdout=columns(rows, "Nothing is in it."))


def document(calendar: ImportedCalendar) -> dict[str, Any]:
    """A calendar as JSON; of one that was only looked at `state` is `proposed`."""
    return {
        "id": calendar.id,
        "name": calendar.name,
        "address": calendar.address,
        "state": calendar.state,
        "read": rfc3339(calendar.read) if calendar.read else None,
        "next_read": rfc3339(calendar.not_before) if calendar.not_before else None,
        "problem": calendar.problem or None,
    }


def _line(one: Line) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "title": one.title,
        "start": rfc3339(one.start) if one.start else None,
        "became": one.became,
        "why": one.why,
        "slug": one.slug or None,
        "changed_here": list(one.ours),
    }
