"""`steward add|reset|list`: people who may sign in at the desk."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import stewards


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    if arguments["action"] == "list":
        return await _list(node, json=arguments["json"])
    service = stewards.invite if arguments["action"] == "add" else stewards.reset
    name, now = arguments["name"], node.clock.now()
    token = await node.database.write(lambda session: service(session, name, now=now))
    link = f"{node.urls.origin}/sign-in/{token}"
    if arguments["json"]:
        return Outcome(stdout=as_json({"name": name, "link": link}))
    return Outcome(stdout=f"“{name}” signs in, once, within 72 hours, with this link:\n{link}\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    found = await node.database.read(stewards.stewards)
    if json:
        listed = [{"name": one.name, "has_password": one.has_password} for one in found]
        return Outcome(stdout=as_json(listed))
    rows = [
        (one.name, "has a password" if one.has_password else "has not signed in yet")
        for one in found
    ]
    return Outcome(stdout=columns(rows, "There are no stewards yet."))
