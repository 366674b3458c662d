"""Running a command in this process, where no server runs on the node; the caller holds the lock."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node.app import open_node
from node.commands import migrate
from node.config import Config, load
from node.control import Outcome, perform


def run(data: Path, command: str, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """The outcome of one command on the node in `data`.

    Raises RefusedError where its database has another schema than this program.
    """
    config = load(data)
    if command == "migrate":
        return migrate.here(config)
    migrate.bring_up(config, allowed=False)
    return asyncio.run(_perform(config, command, arguments, stdin))


async def _perform(
    config: Config, command: str, arguments: Mapping[str, Any], stdin: bytes
) -> Outcome:
    async with open_node(config) as node:
        return await perform(node, command, arguments, stdin)
