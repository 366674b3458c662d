"""`cohost`: hold a gathering together with another group: offer, agree, end, list."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import cohosting
from node.store import actors
from node.store import cohosting as store
from node.store.cohosting import Cohosting

_WHO = "command line"


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says. Raises what finding an actor and the services raise."""
    del stdin
    now = node.clock.now()
    match arguments["action"]:
        case "offer":
            slug, actor = arguments["slug"], await node.resolver.find(arguments["target"])
            one = await node.database.write(
                lambda session: cohosting.offer(
                    session, slug, actor, urls=node.urls, now=now, who=_WHO
                )
            )
            said = f"Asked {one.name} to hold it together.\n"
        case "agree":
            event = arguments["event"]
            one = await node.database.write(
                lambda session: cohosting.agree(session, event, now=now, who=_WHO)
            )
            said = f"Held together with {one.name}.\n"
        case "end":
            one = await _end(node, arguments["event"], arguments["target"])
            said = f"No longer held together with {one.name}.\n"
        case _:
            found = await node.database.read(store.every)
            if arguments["json"]:
                return Outcome(stdout=as_json([_document(one) for one in found]))
            rows = [(one.event, one.name, one.state.value) for one in found]
            return Outcome(stdout=columns(rows, "Nothing is held together with another group."))
    return Outcome(stdout=as_json(_document(one)) if arguments["json"] else said)


async def _end(node: Node, event: str, target: str | None) -> Cohosting:
    now = node.clock.now()
    known = None
    if target is not None:
        known = await node.database.read(lambda session: actors.find_by_name(session, target))
    actor_id = known.actor.id if known is not None else target
    return await node.database.write(
        lambda session: cohosting.end(session, event, actor_id, now=now, who=_WHO)
    )


def _document(one: Cohosting) -> dict[str, Any]:
    return {
        "event": one.event,
        "group": one.actor_id,
        "name": one.name,
        "ours": one.ours,
        "state": one.state,
    }
