"""`queue`: deliveries to other servers by state, and another try for those that were given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.store import deliveries
from node.store.database import Session


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Numbers of deliveries, and the age in seconds of the oldest one that waits.

    With `retry`, what was given up or parked waits again first, with a fresh count of attempts.
    """
    now = node.clock.now()
    if arguments.get("retry"):
        await node.database.write(lambda session: _retry(session, now))
    counts = await node.database.read(lambda session: deliveries.counts(session, now))
    if arguments["json"]:
        return Outcome(stdout=as_json(counts))
    return Outcome(stdout=columns([*counts.items()], ""))


def _retry(session: Session, now: datetime) -> None:
    deliveries.retry_dead(session, now)
    deliveries.unpark(session)
