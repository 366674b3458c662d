"""`move`: the group lives elsewhere now."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from node.app import Node
from node.commands.follow import WHO
from node.control import Outcome
from node.errors import RefusedError
from node.services import identity


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Tell followers where, or with `--cancel` that it is back. Raises what the services raise."""
    now = node.clock.now()
    if arguments["cancel"]:
        await node.database.write(partial(identity.come_back, now=now, who=WHO))
        return Outcome(stdout="The group lives here again.\n")
    if arguments["target"] is None:
        raise RefusedError("Say where the group moved: roughweather move @group@host")
    target = await node.resolver.find(arguments["target"])
    move = partial(identity.move, target=target, urls=node.urls, now=now, who=WHO)
    await node.database.write(move)
    return Outcome(stdout=f"Followers are told that the group lives at {target.id} now.\n")
