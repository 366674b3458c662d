"""`picture add FILE`: clean a picture and keep it, for documents to show by the name that is printed."""

from collections.abc import Mapping
from typing import Any

from node.app import Node
from node.commands.printing import as_json
from node.control import Outcome


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Keep what came on standard input; raises what `Pictures.take` raises.

    Nothing shows it yet: where no document names it within a day, it goes.
    """
    taken = await node.pictures.take(stdin, picture_id=arguments.get("id") or "")
    said = {"file": taken.file, "width": taken.width, "height": taken.height}
    return Outcome(stdout=as_json(said))
