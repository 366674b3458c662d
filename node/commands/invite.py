"""`invite SLUG TARGET`: invite somebody of another server to an event, or take that back."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json
from node.control import Outcome
from node.ports import RemoteActor
from node.services import invitations
from node.store import actors

WHO = "command line"  # in the log of decisions


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Invite, or withdraw. Raises what finding an actor and inviting raise."""
    slug, target, now = arguments["slug"], arguments["target"], node.clock.now()
    if arguments["withdraw"]:
        actor = await _known(node, target)
        await node.database.write(
            lambda session: invitations.withdraw(session, slug, actor.id, now=now, who=WHO)
        )
        said = f"@{actor.handle} is not invited any more.\n"
    else:
        actor = await node.resolver.find(target)
        await node.database.write(
            lambda session: invitations.invite(
                session, slug, actor, urls=node.urls, now=now, who=WHO
            )
        )
        said = f"Invited @{actor.handle}.\n"
    if arguments["json"]:
        invited = not arguments["withdraw"]
        document = {"id": actor.id, "handle": f"@{actor.handle}", "invited": invited}
        return Outcome(stdout=as_json(document))
    return Outcome(stdout=said)


async def _known(node: Node, target: str) -> RemoteActor:
    """Whom we know by this name; the network is asked only where we do not."""
    found = await node.database.read(lambda session: actors.find_by_name(session, target))
    return found.actor if found is not None else await node.resolver.find(target)
