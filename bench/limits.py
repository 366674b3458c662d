"""The limits of this machine, right now: what a hello, a signature, a POST and a row cost."""

import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import jinja2
from aiohttp import web

from bench.load import get, hammer
from bench.process import cpu_seconds
from bench.stub import Stub
from federation.signatures import (
    SignedRequest,
    SigningKey,
    load_public_pem,
    read_signature,
    sign_cavage,
    verify,
)
from node.store import migrations
from node.store.database import Database

_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Limits:
    """CPU milliseconds per operation, and the rate of the hello server.

    `page` is a wall-clock time: a bare template of 50 rows, rendered once after a pause.
    """

    hello_rps: float
    hello: float
    sign: float
    verify: float
    loads: float
    post: float
    row: float
    page: float


async def measure(key: SigningKey, stub: Stub) -> Limits:
    """All limits, one after the other (about ten seconds)."""
    rps, hello = await _hello()
    body = json.dumps({"type": "Create", "content": "x" * 2800}).encode()
    url = "http://127.0.0.1:1/inbox"
    now = datetime.now(UTC)
    headers = sign_cavage(
        method="POST", url=url, body=body, key=key, key_id="https://k.example/k#main-key", date=now
    )
    request = SignedRequest(
        method="POST", target="/inbox", headers=tuple(headers.items()), body=body
    )
    claim = read_signature(request)
    public = load_public_pem(key.public_pem())
    hosts = frozenset({"127.0.0.1:1"})
    return Limits(
        hello_rps=rps,
        hello=hello,
        sign=_cpu(
            300,
            lambda: sign_cavage(
                method="POST",
                url=url,
                body=body,
                key=key,
                key_id="https://k.example/k#main-key",
                date=now,
            ),
        ),
        verify=_cpu(2000, lambda: verify(request, claim, public, now=now, hosts=hosts)),
        loads=_cpu(5000, lambda: json.loads(body)),
        post=await _post(stub, body),
        row=await _row(body),
        page=_after_a_pause(_page()),
    )


def _cpu(times: int, work: Callable[[], object]) -> float:
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * _MS


@contextmanager
def hello_server() -> Iterator[tuple[str, int]]:
    """The URL and process id of a bare aiohttp server that says hello, until the context ends."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_hello_server, args=(theirs,), daemon=True
    )
    process.start()
    try:
        port = ours.recv()
        assert process.pid is not None
        yield f"http://127.0.0.1:{port}/", process.pid
    finally:
        process.terminate()
        process.join()


async def _hello() -> tuple[float, float]:
    with hello_server() as (url, pid):
        await hammer(url, [get(url)] * 500, 16)
        before = cpu_seconds(pid)
        load = await hammer(url, [get(url)] * 8000, 16)
        return load.per_second, (cpu_seconds(pid) - before) / load.count * _MS


def _hello_server(pipe: Connection) -> None:
    async def main() -> None:
        app = web.Application()

        async def hello(_: web.Request) -> web.Response:
            return web.Response(text="hello")

        app.router.add_get("/", hello)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


def _after_a_pause(work: Callable[[], object]) -> float:
    """Milliseconds that `work` takes when nothing of it is warm in the processor's caches any more."""
    took = []
    for _ in range(9):
        time.sleep(0.2)  # what is measured is the work after a pause
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * _MS)
    return statistics.median(took)


async def _post(stub: Stub, body: bytes) -> float:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def send(times: int) -> None:
            for _ in range(times):
                async with session.post(f"{stub.origin(0)}/inbox", data=body) as answer:
                    await answer.read()

        await send(50)
        began = time.process_time()
        await asyncio.gather(*(send(100) for _ in range(16)))
        return (time.process_time() - began) / 1600 * _MS


async def _row(body: bytes) -> float:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bench.sqlite3"
        migrations.create(path)
        async with await Database.open(path) as database:

            async def add(number: int) -> None:
                await database.write(
                    lambda session: session.run(
                        "INSERT INTO inbound (origin, activity_id, actor_id, type, body, state, received_at)"
                        " VALUES ('o', :id, 'a', 'Create', :body, 'ignored', 1)",
                        {"id": str(number), "body": body},
                    )
                )

            async def some(start: int) -> None:
                for number in range(start, start + 250):
                    await add(number)

            began = time.process_time()
            await asyncio.gather(*(some(number * 250) for number in range(16)))
            return (time.process_time() - began) / 4000 * _MS


def _page() -> Callable[[], str]:
    template = jinja2.Environment(autoescape=True).from_string(
        "<html><body>{% for row in rows %}<article lang={{ row.l }}><h2><a href={{ row.u }}>{{ row.t }}</a></h2>"
        "<p><time datetime={{ row.d }}>{{ row.w }}</time> {{ row.p }}</p><p>{{ row.s }}</p>"
        "<ul>{% for tag in row.g %}<li>{{ tag|upper }}</li>{% endfor %}</ul></article>{% endfor %}</body></html>"
    )
    row = {
        "l": "en",
        "u": "/events/x",
        "t": "A title & more",
        "d": "2027",
        "w": "Sat",
        "p": "Hall",
        "s": "text " * 20,
    }
    rows = [row | {"g": ["one", "two", "three", "four"]}] * 50
    return lambda: template.render(rows=rows)
