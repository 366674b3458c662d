"""`block`, `unblock`, `blocks`: doors closed to servers and actors."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.clock import rfc3339
from node.commands.follow import WHO
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import moderation
from node.store.blocks import Block


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """One of the three. Raises what the services raise."""
    match arguments["verb"]:
        case "block":
            return await _block(node, arguments["target"], arguments["reason"])
        case "unblock":
            return await _unblock(node, arguments["target"])
        case _:
            return await _list(node, json=arguments["json"])


async def _block(node: Node, target: str, reason: str | None) -> Outcome:
    name, now = await _meant(node, target), node.clock.now()
    block = await node.database.write(
        lambda session: moderation.block(session, name, reason, who=WHO, now=now)
    )
    return Outcome(stdout=f"Blocked {block.target}; what came from there is gone.\n")


async def _unblock(node: Node, target: str) -> Outcome:
    name, now = await _meant(node, target), node.clock.now()
    await node.database.write(lambda session: moderation.unblock(session, name, who=WHO, now=now))
    return Outcome(stdout=f"{name} may come in again; who followed before has to ask again.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    found = await node.database.read(moderation.blocks)
    if json:
        return Outcome(stdout=as_json([_as_document(one) for one in found]))
    rows = [(one.target, one.reason or "", f"{one.created:%Y-%m-%d}") for one in found]
    return Outcome(stdout=columns(rows, "Nothing is blocked."))


async def _meant(node: Node, target: str) -> str:
    """A handle becomes the id of its actor; a host name or an id is what it is."""
    if "@" in target and "://" not in target:
        return (await node.resolver.find(target)).id
    return target


def _as_document(block: Block) -> dict[str, str | None]:
    return {
        "target": block.target,
        "kind": block.kind,
        "reason": block.reason,
        "created": rfc3339(block.created),
    }
