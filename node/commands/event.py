"""`event add|edit|cancel|remove|list|show`: the group's events."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.commands.reading import one_object
from node.control import Outcome
from node.services import events as services
from node.store import events as store
from node.store.events import StoredEvent


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    match arguments["action"]:
        case "add":
            return await _add(node, stdin)
        case "edit":
            return await _edit(node, arguments["slug"], stdin)
        case "cancel":
            return await _cancel(node, arguments["slug"], arguments["reason"])
        case "remove":
            return await _remove(node, arguments["slug"])
        case "list":
            return await _list(node, json=arguments["json"])
        case _:
            return await _show(node, arguments["slug"], json=arguments["json"])


async def _add(node: Node, stdin: bytes) -> Outcome:
    document, now = one_object(stdin), node.clock.now()
    stored = await node.database.write(
        lambda session: services.add_event(session, document, now=now)
    )
    return Outcome(stdout=as_json(_named(node, stored)))


async def _edit(node: Node, slug: str, stdin: bytes) -> Outcome:
    changes, now = one_object(stdin), node.clock.now()
    stored = await node.database.write(
        lambda session: services.edit_event(session, slug, changes, now=now)
    )
    return Outcome(stdout=as_json(_named(node, stored)))


async def _cancel(node: Node, slug: str, reason: str | None) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.cancel_event(session, slug, reason, now=now))
    return Outcome(stdout=f"Cancelled {slug}; followers are told.\n")


async def _remove(node: Node, slug: str) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.remove_event(session, slug, now=now))
    return Outcome(stdout=f"Removed {slug} for good.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    stored = await node.database.read(store.every)
    if json:
        return Outcome(stdout=as_json([_listed(node, one) for one in stored]))
    rows = [(one.event.slug, _when(one), one.event.status, one.event.title) for one in stored]
    return Outcome(stdout=columns(rows, "There are no events yet."))


async def _show(node: Node, slug: str, *, json: bool) -> Outcome:
    document = await node.database.read(lambda session: store.get_document(session, slug))
    if json:
        return Outcome(stdout=as_json(document))
    stored = await node.database.read(lambda session: store.get(session, slug))
    event = stored.event
    rows = [
        ("title", event.title),
        ("when", _when(stored)),
        ("status", event.status),
        ("visibility", event.visibility),
        ("changed", f"{stored.updated:%Y-%m-%d %H:%M} UTC, revision {stored.sequence}"),
        ("address", node.urls.event(slug)),
    ]
    if event.summary:
        rows.insert(1, ("summary", event.summary))
    return Outcome(stdout=columns(rows, ""))


def _named(node: Node, stored: StoredEvent) -> dict[str, str]:
    """How other programs know an event: our ids are also the addresses of pages."""
    address = node.urls.event(stored.event.slug)
    return {"slug": stored.event.slug, "id": address, "url": address}


def _listed(node: Node, stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    return _named(node, stored) | {
        "title": str(event.title),
        "status": event.status,
        "visibility": event.visibility,
        "start_local": event.start.local.isoformat() if event.start else None,
        "timezone": event.timezone,
    }


def _when(stored: StoredEvent) -> str:
    start = stored.event.start
    return f"{start.local:%Y-%m-%d %H:%M} {stored.event.timezone}" if start else "without a date"
