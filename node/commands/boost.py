"""`boost`, `unboost`, `boosts`: neighbours' gatherings that the group passes on to its followers."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import boosts as services
from node.store import boosts as store

_WHO = "command line"


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """One of the three. Raises what the services raise."""
    del stdin
    now, verb = node.clock.now(), arguments["verb"]
    if verb == "boosts":
        found = await node.database.read(store.every)
        listed = [{"id": one.object_id, "url": one.url, "title": one.title} for one in found]
        if arguments["json"]:
            return Outcome(stdout=as_json(listed))
        rows = [(one["title"], one["url"] or one["id"]) for one in listed]
        return Outcome(stdout=columns(rows, "The group passes nothing on."))
    target = arguments["target"]
    if verb == "boost":
        post = await node.database.write(
            lambda session: services.boost(session, target, who=_WHO, now=now)
        )
        about, title, said = post.id, post.title, "Passed on to followers"
    else:
        one = await node.database.write(
            lambda session: services.unboost(session, target, who=_WHO, now=now)
        )
        about, title, said = one.object_id, one.title, "No longer passed on"
    if arguments["json"]:
        return Outcome(stdout=as_json({"id": about, "title": title}))
    return Outcome(stdout=f"{said}: {title or about}\n")
