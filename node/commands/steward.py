"""`steward add|reset|role|remove|list`: people who may sign in at the desk, and what they may do there."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.domain.role import Role
from node.services import stewards
from node.services.stewards import COMMAND_LINE as WHO
from node.store.database import Session


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Do what `arguments["action"]` says; raises what the services raise."""
    match arguments["action"]:
        case "list":
            return await _list(node, json=arguments["json"])
        case "role":
            return await _change_role(node, arguments["name"], Role(arguments["role"]))
        case "remove":
            return await _remove(node, arguments["name"])
        case action:
            return await _give_link(node, arguments, anew=action == "reset")


async def _give_link(node: Node, arguments: Mapping[str, Any], *, anew: bool) -> Outcome:
    name, now = arguments["name"], node.clock.now()

    def work(session: Session) -> str:
        if anew:
            return stewards.reset(session, name, now=now)
        return stewards.invite(session, name, role=Role(arguments["role"]), now=now)

    token = await node.database.write(work)
    link = f"{node.urls.origin}/sign-in/{token}"
    if arguments["json"]:
        return Outcome(stdout=as_json({"name": name, "link": link}))
    return Outcome(stdout=f"“{name}” signs in, once, within 72 hours, with this link:\n{link}\n")


async def _change_role(node: Node, name: str, role: Role) -> Outcome:
    now = node.clock.now()
    changed = await node.database.write(
        lambda session: stewards.change_role(session, name, role, who=WHO, now=now)
    )
    said = "has the role" if changed else "had the role already:"
    return Outcome(stdout=f"“{name}” {said} {role}.\n")


async def _remove(node: Node, name: str) -> Outcome:
    now = node.clock.now()
    await node.database.write(lambda session: stewards.remove(session, name, who=WHO, now=now))
    return Outcome(stdout=f"“{name}” is signed out everywhere, and can sign in no more.\n")


async def _list(node: Node, *, json: bool) -> Outcome:
    found = await node.database.read(stewards.stewards)
    if json:
        listed = [
            {"name": one.name, "role": one.role, "has_password": one.has_password} for one in found
        ]
        return Outcome(stdout=as_json(listed))
    rows = [
        (one.name, one.role, "has a password" if one.has_password else "has not signed in yet")
        for one in found
    ]
    return Outcome(stdout=columns(rows, "There are no stewards yet."))
