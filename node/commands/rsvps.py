"""`rsvps SLUG`: who is coming to an event, however they answered."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.services import rsvps


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """The attendee list of one event; raises NotFoundError, GoneError."""
    found = await node.database.read(lambda session: rsvps.of_event(session, arguments["slug"]))
    answers = [
        {
            "who": one.who,
            "via": one.via,
            "answer": one.answer,
            "state": one.state,
            "guests": one.guests,
        }
        for one in found
    ]
    if arguments["json"]:
        return Outcome(stdout=as_json(answers))
    return Outcome(stdout=columns([[*one.values()] for one in answers], "Nobody has answered yet."))
