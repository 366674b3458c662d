"""`export FILE`: the group's record as one document of the exchange format."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json
from node.control import Outcome
from node.services import transfer

_SECTIONS = ("events", "reflections", "practices")


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """The document on stdout; the process of the command writes it to the file (0600).

    An import gives back what it was made from, so it holds hidden places and links as well, and says
    so; with `--public-only` it holds what everyone may see.
    """
    public = await node.database.read(
        lambda session: transfer.export_document(session, public_only=True)
    )
    if arguments["public_only"]:
        return Outcome(stdout=as_json(public))
    whole = await node.database.read(transfer.export_document)
    hidden = any(whole[section] != public[section] for section in _SECTIONS)
    note = "It holds what is not public; --public-only leaves that out.\n" if hidden else ""
    return Outcome(stdout=as_json(whole), stderr=note)
