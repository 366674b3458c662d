"""`queue`: deliveries to other servers by state."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.store import deliveries


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Numbers of deliveries, and the age in seconds of the oldest one that waits."""
    now = node.clock.now()
    counts = await node.database.read(lambda session: deliveries.counts(session, now))
    if arguments["json"]:
        return Outcome(stdout=as_json(counts))
    return Outcome(stdout=columns([*counts.items()], ""))
