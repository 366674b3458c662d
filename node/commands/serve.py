"""`serve`: run the node in the foreground until SIGTERM or SIGINT."""

import argparse
import asyncio
import errno
import logging
from pathlib import Path

from node import logs
from node.app import open_node
from node.commands.migrate import bring_up
from node.config import Config, load
from node.control import Outcome
from node.errors import RefusedError
from node.lock import hold
from node.serve import serve
from node.store.snapshot import damage

_logger = logging.getLogger(__name__)


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Hold the node, bring its schema up to date, serve; the exit code is the server's.

    Raises RefusedError where another process keeps the node, or the schema is from the future.
    """
    config = load(data)
    logs.set_up(config["log.level"])
    with hold(data):
        _look_through(config)
        bring_up(config, allowed=not options.no_migrate)
        return Outcome(asyncio.run(_serve(config, options.host, options.port)))


def _look_through(config: Config) -> None:
    """After an end that was not in good order, say so in the log if the database was damaged by it.

    A server that stops as it should leaves no write-ahead log behind. Pages are worth having even then,
    so it serves all the same.
    """
    database = config.database_path
    if not database.with_name(f"{database.name}-wal").exists():
        return
    found = damage(database, quick=True)
    if found:
        _logger.error(
            "The database is damaged (%s): stop the node, put its directory aside, and restore the last backup",
            found[0],
        )


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
