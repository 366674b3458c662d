"""`import FILE [--group SLUG]`: take in a whole document of the exchange format."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.control import Outcome
from node.exchange.reading import read_json
from node.services import transfer


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Everything in one transaction; raises InvalidDocumentError naming each value it refuses."""
    document, now = read_json(stdin), node.clock.now()
    imported = await node.database.write(
        lambda session: transfer.import_document(
            session, document, group_slug=arguments["group"], now=now
        )
    )
    return Outcome(
        stdout=f"Imported {imported.events} events, {imported.reflections} reflections"
        f" and {imported.practices} practices.\n"
    )
