"""Running a node in the foreground: HTTP, the workers, the control socket, until a signal."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from node.app import Node, create_app, workers
from node.control import ControlServer
from node.listening import allow_many_files, listening
from node.store.database import faulty_sqlite
from node.workers import Supervisor

_logger = logging.getLogger(__name__)

# Together well under the ten seconds a service manager is promised.
_HTTP_GRACE_SECONDS = 3.0
_WORKER_GRACE_SECONDS = 5.0


async def serve(node: Node, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; 0 after an orderly stop, 1 when a worker died.

    Whatever was taken in hand is finished or put back. Raises OSError when the port is taken.
    """
    allow_many_files()
    if version := faulty_sqlite():
        _logger.warning(
            "SQLite %s has a bug that hits databases with two writers: let no other program write to ours",
            version,
        )
    runner = web.AppRunner(
        create_app(node), shutdown_timeout=_HTTP_GRACE_SECONDS, handle_signals=False
    )
    supervisor = Supervisor(workers(node), node.database)
    await runner.setup()
    try:
        with _stop_signal() as stop:
            async with listening(runner, host, port), ControlServer(node):
                supervisor.start()
                _logger.info("Serving %s on %s:%d", node.urls.origin, host, port)
                ends: set[asyncio.Future[Any]] = {stop, supervisor.failed}
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await runner.cleanup()
        await supervisor.stop(_WORKER_GRACE_SECONDS)
    if supervisor.failed.done() and not stop.done():
        _logger.error("A worker died; stopping so that the service manager starts us afresh")
        return 1
    return 0


@contextlib.contextmanager
def _stop_signal() -> Iterator[asyncio.Future[None]]:
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def received() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
