"""A stub fediverse in a process of its own: many actors on many hosts, and a sink for deliveries.

Hosts are loopback addresses 127.1.x.y on one port. `/u/N` is an actor; every POST is counted and
answered 202. `/stats` tells what came, `/reset` starts counting anew. All actors share one key.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


def host(number: int) -> str:
    """The address of host `number`."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Stub:
    """Where the stub listens and what it has seen."""

    def __init__(self, port: int, hosts: int) -> None:
        self.port = port
        self.hosts = hosts

    def origin(self, number: int) -> str:
        """The origin of the host on which actor `number` lives."""
        return f"http://{host(number % self.hosts)}:{self.port}"

    def actor(self, number: int) -> str:
        """The id of an actor."""
        return f"{self.origin(number)}/u/{number}"


@contextmanager
def running(hosts: int, public_pem: str, *, shared_inbox: bool = False) -> Iterator[Stub]:
    """A stub with `hosts` hosts, until the context ends."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_main, args=(hosts, public_pem, shared_inbox, theirs), daemon=True
    )
    process.start()
    try:
        yield Stub(ours.recv(), hosts)
    finally:
        process.terminate()
        process.join()


def _main(hosts: int, pem: str, shared_inbox: bool, pipe: Connection) -> None:
    asyncio.run(_serve(hosts, pem, shared_inbox, pipe))


class _Counters:
    def __init__(self) -> None:
        self.posts = 0
        self.connections = 0
        self.first = 0.0
        self.last = 0.0
        self.ids: dict[str, int] = {}


async def _serve(hosts: int, pem: str, shared_inbox: bool, pipe: Connection) -> None:
    counters = [_Counters()]
    server = await asyncio.start_server(
        _handler(pem, shared_inbox, counters), host(0), 0, backlog=512
    )
    port = server.sockets[0].getsockname()[1]
    others = [
        await asyncio.start_server(
            _handler(pem, shared_inbox, counters), host(number), port, backlog=64
        )
        for number in range(1, hosts)
    ]
    pipe.send(port)
    await asyncio.gather(server.serve_forever(), *(other.serve_forever() for other in others))


def _handler(pem: str, shared_inbox: bool, counters: list[_Counters]) -> Any:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counters[0].connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ", 2)
                headers = {
                    k.lower(): v.strip() for k, _, v in (one.partition(":") for one in lines[1:])
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = _answer(method, target, headers, body, pem, shared_inbox, counters)
                writer.write(
                    f"HTTP/1.1 {status} OK\r\nContent-Type: application/activity+json\r\n"
                    f"Content-Length: {len(answer)}\r\n\r\n".encode()
                    + answer
                )
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    return handle


def _answer(
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    pem: str,
    shared: bool,
    counters: list[_Counters],
) -> tuple[int, bytes]:
    now = time.time()
    count = counters[0]
    if method == "POST":
        count.posts += 1
        count.first = count.first or now
        count.last = now
        return 202, b""
    if target == "/reset":
        counters[0] = _Counters()
        return 200, b"{}"
    if target == "/stats":
        seen = {
            "posts": count.posts,
            "connections": count.connections,
            "first": count.first,
            "last": count.last,
        }
        return 200, json.dumps(seen).encode()
    return 200, json.dumps(actor(f"http://{headers['host']}", target, pem, shared)).encode()


def actor(origin: str, path: str, pem: str, shared: bool) -> dict[str, Any]:
    """The actor document at `path`."""
    me = origin + path
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": me,
        "type": "Person",
        "preferredUsername": path.rpartition("/")[2],
        "name": "Somebody",
        "inbox": me + "/inbox",
        "outbox": me + "/outbox",
        "publicKey": {"id": me + "#main-key", "owner": me, "publicKeyPem": pem},
    } | ({"endpoints": {"sharedInbox": origin + "/inbox"}} if shared else {})
