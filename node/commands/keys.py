"""`keys`: which keys sign what the node sends, and new ones in their place."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from federation import keypairs
from node.app import Node
from node.commands.follow import WHO
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import identity
from node.store import keypairs as key_store
from node.store.keypairs import Signer


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    if arguments["action"] == "rotate":
        return await _rotate(node, arguments["actor"])
    return await _list(node, json=arguments["json"])


async def _rotate(node: Node, actor: Signer) -> Outcome:
    pairs = (await asyncio.to_thread(keypairs.generate))[actor]
    rotate = partial(identity.rotate, actor=actor, pairs=pairs, now=node.clock.now(), who=WHO)
    made = await node.database.write(rotate)
    await node.reload_keys()
    owner = node.urls.group if actor == "group" else node.urls.instance
    ids = "\n".join(keypairs.key_id(owner, one.name) for one in made)
    return Outcome(stdout=f"{ids}\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    owners = {"group": node.urls.group, "instance": node.urls.instance}
    found = [
        {
            "id": keypairs.key_id(owners[one.actor], one.name),
            "kind": one.kind,
            "state": "in use" if one.in_use else "being replaced",
            "created": f"{one.created:%Y-%m-%d}",
        }
        for one in await node.database.read(key_store.every)
    ]
    if json:
        return Outcome(stdout=as_json(found))
    return Outcome(stdout=columns([list(one.values()) for one in found], "There are no keys."))
