"""`audit`: the log of decisions, who did what to what, when and why."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.clock import rfc3339
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.store import audit


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """The latest decisions, latest first; of one person or kind where that is asked for."""
    found = await node.database.read(
        lambda session: audit.find(
            session,
            who=arguments["who"] or "",
            action=arguments["action"] or "",
            limit=arguments["limit"],
        )
    )
    if arguments["json"]:
        listed = [
            {
                "at": rfc3339(one.at),
                "who": one.who,
                "action": one.action,
                "about": one.about,
                "reason": one.reason,
            }
            for one in found
        ]
        return Outcome(stdout=as_json(listed))
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M}", one.who, one.action, one.about, one.reason or "")
        for one in found
    ]
    return Outcome(stdout=columns(rows, "Nothing was decided yet."))
