"""`export FILE`: the whole public content as one document of the exchange format."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json
from node.control import Outcome
from node.services import transfer


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """The document on stdout; the process of the command writes it to the file."""
    document = await node.database.read(
        lambda session: transfer.export_document(session, public_only=arguments["public_only"])
    )
    return Outcome(stdout=as_json(document))
