"""A small HTTP/1.1 load generator on plain asyncio: keep-alive connections that send ready bytes."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a burst: answers by status, seconds in all, latencies in milliseconds."""

    statuses: dict[int, int]
    seconds: float
    latencies: tuple[float, ...]

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        if not self.latencies:
            return 0.0
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    @property
    def accepted(self) -> int:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)


def visit(url: str) -> bytes:
    """The bytes of a GET request for a page as browsers send it."""
    return get(url, "text/html\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en")


def get(url: str, accept: str = "application/activity+json") -> bytes:
    """The bytes of a GET request."""
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    return f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\n\r\n".encode()


def post(url: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of a POST request."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def hammer(url: str, requests: Sequence[bytes], connections: int) -> Load:
    """Send `requests` over `connections` kept-alive connections, each as fast as it is answered."""
    parts = urlsplit(url)
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(
                _connection(parts.hostname or "", parts.port or 80, waiting, latencies, statuses)
            )
    return Load(statuses, time.perf_counter() - started, tuple(latencies))


async def _connection(
    host: str, port: int, waiting: Iterator[bytes], latencies: list[float], statuses: dict[int, int]
) -> None:
    reader = writer = None
    for request in waiting:
        began = time.perf_counter()
        try:
            if writer is None or writer.is_closing():
                reader, writer = await asyncio.open_connection(host, port)
            assert reader is not None
            writer.write(request)
            status, keep = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            status, keep = 0, False
        latencies.append((time.perf_counter() - began) * 1000)
        statuses[status] = statuses.get(status, 0) + 1
        if not keep and writer is not None:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    length = _header(head, b"content-length")
    if length is not None:
        await reader.readexactly(int(length))
    elif b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return status, b"connection: close" not in head


def _header(head: bytes, name: bytes) -> bytes | None:
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    return head[at + len(name) + 3 : head.index(b"\r\n", at + 2)].strip()
