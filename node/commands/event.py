"""`event add|edit|cancel|skip|remove|list|show`: the group's events, series and their sessions."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.commands.reading import one_object
from node.control import Outcome
from node.domain.series import written
from node.services import events as services
from node.store import events as store
from node.store import rsvps, series
from node.store.database import Session
from node.store.events import StoredEvent


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    match arguments["action"]:
        case "add":
            picture = arguments.get("image"), arguments.get("alt")
            return await _add(node, stdin, *picture)
        case "edit":
            return await _edit(node, arguments["slug"], stdin, following=arguments["following"])
        case "cancel":
            return await _cancel(node, arguments["slug"], arguments["reason"])
        case "skip":
            return await _skip(node, arguments["slug"])
        case "remove":
            return await _remove(node, arguments["slug"])
        case "list":
            return await _list(node, json=arguments["json"])
        case _:
            return await _show(node, arguments["slug"], json=arguments["json"])


async def _add(
    node: Node, stdin: bytes, image: str | None = None, alt: str | None = None
) -> Outcome:
    document, now = one_object(stdin), node.clock.now()
    if image:
        document["image"] = {"file": image, "alt": alt}
    stored = await node.database.write(
        lambda session: services.add_event(session, document, now=now)
    )
    return Outcome(stdout=as_json(_named(node, stored)))


async def _edit(node: Node, slug: str, stdin: bytes, *, following: bool) -> Outcome:
    changes, now = one_object(stdin), node.clock.now()
    edit = services.edit_following if following else services.edit_event
    stored, seats = await node.database.write(
        lambda session: _with_seats(session, edit(session, slug, changes, now=now))
    )
    capacity = stored.event.registration.capacity
    crowded = capacity is not None and seats > capacity
    said = f"{seats} people have a place, more than the {capacity} there are: they keep it.\n"
    return Outcome(stdout=as_json(_named(node, stored)), stderr=said if crowded else "")


def _with_seats(session: Session, stored: StoredEvent) -> tuple[StoredEvent, int]:
    """An event with how many have a place; of a series, at the fullest of its sessions."""
    slugs = [stored.event.slug]
    if stored.event.recurs:
        slugs += [one.slug for one in series.kept(session, stored.event.slug)]
    return stored, max(rsvps.seats_taken(session, slug) for slug in slugs)


async def _skip(node: Node, slug: str) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.skip_session(session, slug, now=now))
    return Outcome(stdout=f"Left out {slug}; who had heard of it is told.\n")


async def _cancel(node: Node, slug: str, reason: str | None) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.cancel_event(session, slug, reason, now=now))
    return Outcome(stdout=f"Cancelled {slug}; followers are told.\n")


async def _remove(node: Node, slug: str) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.remove_event(session, slug, now=now))
    return Outcome(stdout=f"Removed {slug} for good.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    found = await node.database.read(_every)
    if json:
        return Outcome(stdout=as_json([_told(node, one, within) for one, within in found]))
    rows = []
    for one, within in found:
        rows.append((one.event.slug, _when(one), one.event.status, str(one.event.title)))
        rows += [(f"· {s.event.slug}", _when(s), s.event.status, "") for s in within]
    return Outcome(stdout=columns(rows, "There are no events yet."))


def _every(session: Session) -> list[tuple[StoredEvent, list[StoredEvent]]]:
    """All events, each with its sessions where it is a series."""
    return [
        (one, series.sessions(session, one.event.slug) if one.event.recurs else [])
        for one in store.every(session)
    ]


def _told(node: Node, one: StoredEvent, within: list[StoredEvent]) -> dict[str, Any]:
    listed = _listed(node, one)
    if one.event.recurs:
        listed["sessions"] = [_listed(node, session) for session in within]
    return listed


async def _show(node: Node, slug: str, *, json: bool) -> Outcome:
    document = await node.database.read(lambda session: store.get_document(session, slug))
    stored = await node.database.read(lambda session: store.get(session, slug))
    event = stored.event
    if json:
        return Outcome(stdout=as_json(document | _session(stored)))
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
    if event.recurs and event.series:
        rows.append(("repeats", event.series.rrule or "on the dates added"))
    rows += _session(stored).items()
    return Outcome(stdout=columns(rows, ""))


def _named(node: Node, stored: StoredEvent) -> dict[str, str]:
    """How other programs know an event: our ids are also the addresses of pages."""
    address = node.urls.event(stored.event.slug)
    return {"slug": stored.event.slug, "id": address, "url": address}


def _listed(node: Node, stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    return (
        _named(node, stored)
        | _session(stored)
        | {
            "title": str(event.title),
            "status": event.status,
            "visibility": event.visibility,
            "start_local": event.start.local.isoformat() if event.start else None,
            "timezone": event.timezone,
        }
    )


def _session(stored: StoredEvent) -> dict[str, Any]:
    """Of a session: its series, the wall time the rule gives it, and whether it was announced."""
    occurrence = stored.event.occurrence
    if occurrence is None:
        return {}
    return {
        "session_of": occurrence.series,
        "recurrence_local": written(occurrence.recurrence),
        "announced": stored.announced is not None,
    }


def _when(stored: StoredEvent) -> str:
    start = stored.event.start
    return f"{start.local:%Y-%m-%d %H:%M} {stored.event.timezone}" if start else "without a date"
