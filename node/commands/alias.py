"""`alias`: other names of the group on other servers, from which it may move here."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from federation.addresses import canonical
from node.app import Node
from node.commands.follow import WHO
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.errors import MalformedError, RoughweatherError
from node.services import identity
from node.store import groups


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    match arguments["action"]:
        case "add":
            return await _add(node, arguments["id"])
        case "remove":
            return await _remove(node, arguments["id"])
        case _:
            return await _list(node, json=arguments["json"])


async def _add(node: Node, name: str) -> Outcome:
    actor_id = await _meant(node, name)
    add = partial(
        identity.add_alias, actor_id=actor_id, urls=node.urls, now=node.clock.now(), who=WHO
    )
    await node.database.write(add)
    return Outcome(stdout=f"{actor_id} may move here now; say so there.\n")


async def _remove(node: Node, name: str) -> Outcome:
    known = (await node.database.read(groups.whereabouts)).also_known_as
    actor_id = name if name in known else await _meant(node, name)
    remove = partial(identity.remove_alias, actor_id=actor_id, now=node.clock.now(), who=WHO)
    await node.database.write(remove)
    return Outcome(stdout=f"{actor_id} is no other name of the group any more.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    known = (await node.database.read(groups.whereabouts)).also_known_as
    if json:
        return Outcome(stdout=as_json(list(known)))
    return Outcome(stdout=columns([(one,) for one in known], "The group has no other names."))


async def _meant(node: Node, name: str) -> str:
    """The id of an actor. A server that is gone can still have been the group's home."""
    try:
        return (await node.resolver.find(name)).id
    except RoughweatherError as error:
        if not name.startswith(("https://", "http://")):
            raise
        try:
            return canonical(name)
        except MalformedError:
            raise error from None
