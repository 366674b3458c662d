"""A server that takes deliveries and writes down what came: many hosts, one loop, answers on demand.

Each port is a host of its own. It speaks just enough HTTP/1.1 with kept connections, and costs so
little that it can stand next to the node it measures.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from federation.signatures import SignedRequest

_RESET = struct.pack("ii", 1, 0)  # close at once, and say so (RST)
_REASONS = {200: "OK", 202: "Accepted", 410: "Gone", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Received:
    """One POST as it arrived; `host` is `127.0.0.1:PORT`."""

    host: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def signed(self) -> SignedRequest:
        return SignedRequest(
            method="POST", target=self.path, headers=tuple(self.headers.items()), body=self.body
        )

    @property
    def activity(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def inbox(self) -> str:
        return f"http://{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer; no status at all is a connection that is reset."""

    status: int | None = 202
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


Answering = Callable[[Received], Reply | Awaitable[Reply]]


class Sink:
    """An async context manager: listens on `hosts` ports until it ends."""

    def __init__(self, hosts: int = 1, answer: Answering | None = None) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.answer: Answering = answer or (lambda _: Reply())
        self.arrived = asyncio.Event()
        self.ended = asyncio.Event()
        self._count = hosts
        self._servers: list[asyncio.Server] = []
        self._open: set[_Connection] = set()
        self.hosts: list[str] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            server = await loop.create_server(
                lambda: _Connection(self), "127.0.0.1", 0, backlog=256
            )
            self._servers.append(server)
            self.hosts.append(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.close()
        for connection in tuple(self._open):
            connection.close()

    async def until(self, count: int, timeout: float = 20.0) -> list[Received]:
        """Wait for that many POSTs."""
        async with asyncio.timeout(timeout):
            while len(self.received) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.received

    async def quiet(self) -> None:
        """Wait until every connection has ended: nothing that was sent is still to be read."""
        while self._open:
            self.ended.clear()
            await self.ended.wait()

    def ids(self, host: str | None = None) -> list[str]:
        """The activity ids in the order they came, of one host or of all."""
        return [one.activity["id"] for one in self.received if host in (None, one.host)]


class _Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._data = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        self._sink.connections += 1
        self._sink._open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._open.discard(self)
        self._sink.ended.set()

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, blank, rest = self._data.partition(b"\r\n\r\n")
        if not blank:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._data = rest[length:]
        request = Received(self._host, first.split(" ")[1], headers, rest[:length])
        reply = self._sink.answer(request)
        if isinstance(reply, Reply):
            self._finish(request, reply)
        else:
            task = asyncio.create_task(self._later(request, reply))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _later(self, request: Received, reply: Awaitable[Reply]) -> None:
        self._finish(request, await reply)

    def _finish(self, request: Received, reply: Reply) -> None:
        self._sink.received.append(request)
        self._sink.arrived.set()
        if reply.status is None:
            peer = self._transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()
            return
        body = reply.body.encode()
        lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        self._transport.write("\r\n".join(lines).encode() + body)
