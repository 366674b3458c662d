"""The HTTP socket: connections that ask nothing, or never read what they asked for, are dropped.

aiohttp has no such limits of its own. A proxy in front usually has; without one, a few thousand
half-open connections of one machine would be all that it takes to keep everybody else out. What is
read of a body has its own deadline (`node.body`); what is idle between two requests is closed by
aiohttp itself.
"""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from node.http import secure
from node.refusals import tell_unreadable

_logger = logging.getLogger(__name__)
_BACKLOG = 1024
_MOST_FILES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: for a whole request head, for unread answers, between two looks, while idle.

    Who dawdles is gone after `head` and `look` at the latest. Where more than `many` connections are open, a
    head must come within `hurried`.
    """

    head: float = 10.0
    unread: float = 60.0
    look: float = 4.0
    idle: float = 75.0  # longer than proxies keep a connection they might use again
    many: int = 1000
    hurried: float = 3.0


class Connection(web.RequestHandler):
    """One connection, which knows since when it waits for a request head that is not whole yet.

    That is when it was opened, and later when the first byte of another request came: who was answered
    once has no more time for the next head than for the first.
    """

    __slots__ = ("begun", "unread_since")

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self.begun: float | None = asyncio.get_running_loop().time()
        self.unread_since: float | None = None

    def data_received(self, data: bytes) -> None:
        """Note when a request begins, and when its head is whole."""
        if self.begun is None and not self._has_request:
            self.begun = asyncio.get_running_loop().time()
        super().data_received(data)
        if self._messages:
            self.begun = None

    @property
    def _has_request(self) -> bool:
        """Whether a request is being answered, or has come and is next."""
        return bool(self._messages) or self._current_request is not None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP in few words; strangers do not fill our log with traces."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        if request.writer.output_size > 0:
            raise ConnectionError("An answer is on its way already.")
        tell_unreadable(type(exc).__name__)
        response = web.Response(status=400, text="The request cannot be read.\n")
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        secure(response.headers)
        response.force_close()
        return response

    def drop_if_due(self, now: float, patience: Patience, head: float) -> None:
        """Cut the connection off once it has had its time."""
        transport = self.transport
        if transport is not None and self._is_due(transport, now, patience, head):
            transport.abort()

    def _is_due(
        self, transport: asyncio.Transport, now: float, patience: Patience, head: float
    ) -> bool:
        if self.begun is not None and not self._has_request:
            return now - self.begun > head
        if not transport.get_write_buffer_size():
            self.unread_since = None
            return False
        if self.unread_since is None:
            self.unread_since = now
        return now - self.unread_since > patience.unread


@asynccontextmanager
async def listening(
    runner: web.AppRunner, host: str, port: int, *, patience: Patience | None = None
) -> AsyncIterator[int]:
    """Serve a runner that is set up at `host`:`port` until the block is left; yields the port.

    New connections are refused after that; those that are open are for `runner.cleanup` to end.
    Raises OSError when the port is taken.
    """
    patience = patience or Patience()
    server = runner.server
    if server is None:
        raise RuntimeError("The runner must be set up first.")
    _note_whole_heads(server)
    loop = asyncio.get_running_loop()
    made = partial(
        Connection,
        server,
        loop=loop,
        access_log=None,  # costs as much as the rest of the request; the proxy keeps one
        keepalive_timeout=patience.idle,
        auto_decompress=False,  # nothing we take is compressed, and so nothing can unfold
    )
    listener = await loop.create_server(made, host, port, backlog=_BACKLOG, reuse_address=True)
    watch = asyncio.create_task(_watch(server, patience))
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        watch.cancel()
        listener.close()


def allow_many_files() -> None:
    """Take all the open files this process may have: a socket is one, and 1024 are soon used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _note_whole_heads(server: web.Server) -> None:
    handler = server.request_handler

    def noted(request: Any) -> Any:
        request.protocol.begun = None  # what comes now is its body
        return handler(request)

    server.request_handler = noted


async def _watch(server: web.Server, patience: Patience) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(patience.look)
        now, found = loop.time(), server.connections
        head = patience.hurried if len(found) > patience.many else patience.head
        for connection in found:
            if isinstance(connection, Connection):
                connection.drop_if_due(now, patience, head)
