"""`reflection add|withdraw|list|show`: the group's reflections."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.commands.reading import one_object
from node.control import Outcome
from node.services import reflections as services
from node.store import reflections as store
from node.store.reflections import StoredReflection


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    match arguments["action"]:
        case "add":
            return await _add(node, stdin)
        case "withdraw":
            return await _withdraw(node, arguments["slug"])
        case "list":
            return await _list(node, json=arguments["json"])
        case _:
            return await _show(node, arguments["slug"], json=arguments["json"])


async def _add(node: Node, stdin: bytes) -> Outcome:
    document, now = one_object(stdin), node.clock.now()
    stored = await node.database.write(
        lambda session: services.add_reflection(session, document, now=now)
    )
    return Outcome(stdout=as_json(_named(node, stored)))


async def _withdraw(node: Node, slug: str) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: services.withdraw_reflection(session, slug, now=now))
    return Outcome(stdout=f"Withdrew {slug}; other servers are asked to delete it.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    stored = await node.database.read(store.every)
    if json:
        return Outcome(stdout=as_json([_listed(node, one) for one in stored]))
    rows = [
        (one.reflection.slug, one.reflection.status, one.reflection.title or "") for one in stored
    ]
    return Outcome(stdout=columns(rows, "There are no reflections yet."))


async def _show(node: Node, slug: str, *, json: bool) -> Outcome:
    document = await node.database.read(lambda session: store.get_document(session, slug))
    if json:
        return Outcome(stdout=as_json(document))
    stored = await node.database.read(lambda session: store.get(session, slug))
    rows = [*_listed(node, stored).items(), ("changed", f"{stored.updated:%Y-%m-%d %H:%M} UTC")]
    return Outcome(stdout=columns(rows, ""))


def _named(node: Node, stored: StoredReflection) -> dict[str, str]:
    address = node.urls.reflection(stored.reflection.slug)
    return {"slug": stored.reflection.slug, "id": address, "url": address}


def _listed(node: Node, stored: StoredReflection) -> dict[str, Any]:
    reflection = stored.reflection
    return _named(node, stored) | {
        "title": str(reflection.title) if reflection.title else None,
        "status": reflection.status,
        "visibility": reflection.visibility,
        "spiral_stage": reflection.spiral_stage,
    }
