"""Connections that ask nothing or read nothing are dropped; all others are left alone."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from node.listening import Patience, listening
from node.logs import OneLine, escaped

SHORT = Patience(head=0.2, unread=0.2, look=0.02, idle=30.0)
LARGE = bytes(8 * 1024 * 1024)


@asynccontextmanager
async def served(patience: Patience = SHORT) -> AsyncIterator[int]:
    """A server with a small page and a large one; its port."""

    async def page(request: web.Request) -> web.Response:
        if request.path == "/reads":
            await request.read()
        return web.Response(body=LARGE if request.path == "/large" else b"well")

    app = web.Application()
    app.router.add_get("/{name}", page)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    async with listening(runner, "127.0.0.1", 0, patience=patience) as port:
        yield port
    await runner.cleanup()


@asynccontextmanager
async def connected(
    port: int, **options: int
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to it, closed at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def closed(reader: asyncio.StreamReader, within: float = 5.0) -> bytes:
    """What comes until the server closes; fails when it does not."""
    async with asyncio.timeout(within):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("sent", [b"", b"GET /small HTTP/1.1\r\nHost: here\r\nX-Slow: "])
async def test_who_never_finishes_a_head_is_dropped(sent: bytes) -> None:
    async with served() as port, connected(port) as (reader, writer):
        writer.write(sent)
        assert await closed(reader) == b""


async def test_who_drips_is_dropped_all_the_same() -> None:
    async with served() as port, connected(port) as (reader, writer):
        writer.write(b"GET /small HTTP/1.1\r\nHost: here\r\nX-Slow: ")
        end = asyncio.create_task(closed(reader))
        while not end.done():
            writer.write(b"G")
            await asyncio.wait([end], timeout=0.01)
        assert await end == b""


async def test_who_was_answered_has_no_more_time_for_the_next_head() -> None:
    async with served() as port, connected(port) as (reader, writer):
        writer.write(b"GET /small HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"well")
        writer.write(b"GET /small HTTP/1.1\r\nX-Slow: ")
        assert await closed(reader) == b""


async def test_a_body_and_what_comes_after_it_are_no_head_that_dawdles() -> None:
    async with served() as port, connected(port) as (reader, writer):
        writer.write(b"GET /reads HTTP/1.1\r\nHost: here\r\nContent-Length: 30\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(SHORT.head / 5)  # a body that dawdles is for its reader to end
            writer.write(b"abc")
        assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
        with pytest.raises(TimeoutError):
            await closed(reader, within=2 * SHORT.head)


async def test_who_asked_may_rest() -> None:
    async with served() as port, connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET /small HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
            with pytest.raises(TimeoutError):
                await closed(reader, within=2 * SHORT.head)


async def test_who_never_reads_is_dropped() -> None:
    async with served() as port, connected(port, limit=1024) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n" * 3)
        await asyncio.sleep(4 * SHORT.unread)  # the attack itself: nothing is read meanwhile
        assert len(await closed(reader)) < len(LARGE)


async def test_many_who_wait_are_dropped_sooner() -> None:
    patience = Patience(head=30.0, hurried=0.1, look=0.02, many=3)
    async with served(patience) as port, contextlib.AsyncExitStack() as stack:
        held = [await stack.enter_async_context(connected(port)) for _ in range(5)]
        assert await closed(held[0][0]) == b""


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01 hello", b"GET / HTTP/9\r\n\r\n", b"GET /a HTTP/1.1\r\nA\x01: b\r\n\r\n"]
)
async def test_what_is_no_http_is_answered_in_few_words(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with served() as port, connected(port) as (reader, writer):
        writer.write(sent)
        answer = await closed(reader)
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert answer.endswith(b"\r\n\r\nThe request cannot be read.\n")
    assert b"aiohttp" not in answer
    [line] = [one.getMessage() for one in caplog.records if one.name == "node.refusals"]
    assert re.fullmatch(r'refused status=400 method=- route=- from=- reason="\w+"', line)


def test_a_record_is_one_line_whatever_is_in_it() -> None:
    record = logging.LogRecord(
        "node", logging.INFO, "", 0, "no %s", ("a\nERROR b\x1b[2J\u202e\ud800",), None
    )
    text = OneLine().format(record)
    assert text.endswith("INFO node: no a\\x0aERROR b\\x1b[2J\\u202e\\ud800")
    text.encode()


def test_a_trace_cannot_pass_for_a_record() -> None:
    try:
        raise ValueError("a\n2027-01-01 00:00:00,000 ERROR node: forged")
    except ValueError as error:
        record = logging.LogRecord(
            "node", logging.ERROR, "", 0, "x", (), (type(error), error, error.__traceback__)
        )
    first, *others = OneLine().format(record).split("\n")
    assert first.endswith("ERROR node: x")
    assert all(line.startswith("  ") for line in others)


def test_other_languages_are_left_as_they_are() -> None:
    assert escaped("Círculo · دائرة · 円 🌱") == "Círculo · دائرة · 円 🌱"
