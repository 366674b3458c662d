"""`neighbours`: how each group we follow is doing: last contact, what waits for it, what went wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.app import Node
from node.clock import rfc3339
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services.neighbour_health import Condition, conditions
from node.store.neighbour_health import NeighbourHealth


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """All neighbours, those that need somebody first; as JSON a list."""
    del stdin
    now = node.clock.now()
    found = await node.database.read(lambda session: conditions(session, now))
    listed = [_document(one, condition) for one, condition in found]
    if arguments["json"]:
        return Outcome(stdout=as_json(listed))
    names = ("handle", "condition", "last_contact", "error")
    rows = [[one[name] or "" for name in names] for one in listed]
    return Outcome(stdout=columns(rows, "The group follows nobody yet."))


def _document(one: NeighbourHealth, condition: Condition) -> dict[str, Any]:
    return {
        "id": one.neighbour.actor_id,
        "handle": f"@{one.neighbour.handle.removeprefix('@')}",
        "state": one.neighbour.state,
        "condition": condition,
        "last_contact": _text(one.heard),
        "failing_since": _text(one.failing_since),
        "next_try": _text(one.next_try),
        "waiting": one.waiting,
        "given_up": one.given_up,
        "status": one.status,
        "error": one.error,
        "moved_to": one.moved_to,
    }


def _text(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment is not None else None
