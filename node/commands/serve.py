"""`serve`: run the node in the foreground until SIGTERM or SIGINT."""

import argparse
import asyncio
import errno
from pathlib import Path

from node.app import open_node
from node.commands.migrate import bring_up
from node.config import Config, load
from node.control import Outcome
from node.errors import RefusedError
from node.lock import hold
from node.serve import serve


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Hold the node, bring its schema up to date, serve; the exit code is the server's.

    Raises RefusedError where another process keeps the node, or the schema is from the future.
    """
    config = load(data)
    with hold(data):
        bring_up(config, allowed=not options.no_migrate)
        return Outcome(asyncio.run(_serve(config, options.host, options.port)))


async def _serve(config: Config, host: str, port: int) -> int:
    async with open_node(config) as node:
        try:
            return await serve(node, host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise RefusedError(f"The node cannot listen on {host}:{port}: {error}.") from error
            raise RefusedError(
                f"Port {port} is in use by another program: choose another with --port."
            ) from error
