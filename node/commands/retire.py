"""`retire`: the group says farewell to every other server."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from node.app import Node
from node.commands.follow import WHO
from node.control import Outcome
from node.errors import RefusedError
from node.services import identity


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Delete the group on every other server, if that is really meant. Raises RefusedError."""
    if not arguments["yes"]:
        raise RefusedError(
            "This deletes the group and all its posts on every other server, for good."
            " Make a backup; then say “roughweather retire --yes”."
        )
    await node.database.write(partial(identity.retire, now=node.clock.now(), who=WHO))
    return Outcome(
        stdout="Every server that knows the group is told. Keep the node up until “queue” is empty.\n"
    )
