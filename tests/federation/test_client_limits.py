"""Answers that are too large, too slow or not to be trusted."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from federation.client import Limits, Unfetchable, Unreachable
from tests.conftest import TurnableClock
from tests.federation.asking import asking
from tests.federation.peer import ACTIVITY_JSON, Handler, Peer, rsa_key

MIB = 1024 * 1024
QUICK = Limits(total=0.3, read=0.2, connect=0.2)


async def test_an_answer_of_exactly_the_limit_is_read_and_one_more_byte_is_not(
    clock: TurnableClock,
) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        assert len((await client.get(peer.serve("/a", b"x" * MIB), accept="*/*")).body) == MIB
        with pytest.raises(Unfetchable, match="large"):
            await client.get(peer.serve("/a", b"x" * (MIB + 1)), accept="*/*")


async def test_an_endless_answer_is_cut_off(clock: TurnableClock) -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    async with Peer.start() as peer, asking(clock) as client:
        with pytest.raises(Unfetchable, match="large"):
            await client.get(peer.script("/a", _until_hung_up(endless)), accept="*/*")


async def test_a_compressed_bomb_is_cut_off_before_it_unfolds(clock: TurnableClock) -> None:
    folding = zlib.compressobj(9, wbits=31)
    bomb = b"".join(folding.compress(b" " * MIB) for _ in range(200)) + folding.flush()
    async with Peer.start() as peer, asking(clock) as client:
        url = peer.serve("/a", bomb, Content_Encoding="gzip", content_type=ACTIVITY_JSON)
        tracemalloc.start()
        with pytest.raises(Unfetchable, match="large"):
            await client.get_json(url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20 * MIB


async def test_compressed_documents_are_read(clock: TurnableClock) -> None:
    async with Peer.start() as peer, asking(clock) as client:
        body = gzip.compress(b'{"id":"%s"}' % peer.url("/a").encode())
        url = peer.serve("/a", body, Content_Encoding="gzip", content_type=ACTIVITY_JSON)
        assert await client.get_json(url) == {"id": url}
        broken = peer.serve("/b", b"no gzip", Content_Encoding="gzip", content_type=ACTIVITY_JSON)
        with pytest.raises(Unreachable):
            await client.get_json(broken)


async def test_a_dripping_answer_ends_at_the_deadline(clock: TurnableClock) -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        loop = asyncio.get_running_loop()
        while True:
            await response.write(b" ")
            tick = loop.create_future()
            loop.call_later(0.05, tick.set_result, None)
            await tick

    async with Peer.start() as peer, asking(clock, limits=QUICK) as client:
        with pytest.raises(Unreachable, match="too long"):
            await client.get(peer.script("/a", _until_hung_up(drip)), accept="*/*")


async def test_silence_ends_at_the_deadline_for_fetches_and_deliveries(
    clock: TurnableClock,
) -> None:
    never = asyncio.Event()

    async def silent(_: web.BaseRequest) -> web.Response:
        await never.wait()
        return web.Response()

    async with Peer.start() as peer, asking(clock, limits=QUICK) as client:
        url = peer.script("/a", silent)
        with pytest.raises(Unreachable, match="too long"):
            await client.get(url, accept="*/*")
        with pytest.raises(Unreachable, match="too long"):
            await client.post(url, b"{}", {})
        never.set()


async def test_a_caller_may_wait_for_less_long_for_everything_together(
    clock: TurnableClock,
) -> None:
    never = asyncio.Event()

    async def silent(_: web.BaseRequest) -> web.Response:
        await never.wait()
        return web.Response()

    async with Peer.start() as peer, asking(clock) as client:
        peer.script("/b", silent)
        with pytest.raises(Unreachable):
            await client.get_json(peer.serve("/a", {"id": peer.url("/b")}), timeout=0.2)
        never.set()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"A%d: x\r\n" % n for n in range(10_000)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"",
    ],
)
async def test_broken_answers_are_passing_trouble(clock: TurnableClock, answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, asking(clock) as client:
        with pytest.raises(Unreachable):
            await client.get(
                f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", accept="*/*"
            )


@pytest.mark.parametrize("expired", [False, True])
async def test_a_certificate_that_cannot_be_trusted_is_passing_trouble(
    clock: TurnableClock, tmp_path: Path, expired: bool
) -> None:
    async with (
        Peer.start(tls=_self_signed(tmp_path, expired=expired)) as peer,
        asking(clock) as client,
    ):
        with pytest.raises(Unreachable, match="certificate"):
            await client.get(peer.serve("/a", "hello"), accept="*/*")
        assert peer.requests == []


def _until_hung_up(handler: Handler) -> Handler:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except ConnectionError:
            return web.Response()

    return serve


def _self_signed(folder: Path, *, expired: bool) -> ssl.SSLContext:
    key = rsa_key(8).key
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30 if expired else 36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_text(rsa_key(8).private_pem())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
