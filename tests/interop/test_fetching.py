"""What the node asks of others when strangers name addresses: nothing private, nothing without end."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import web

from tests.federation.peer import ACTIVITY_JSON, Peer
from tests.interop.shapes import MASTODON
from tests.running_node import RunningNode, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")
KIB = 1024

# {port} is where somebody listens, on every local address.
PRIVATE = (
    "http://127.0.0.1:{port}",
    "https://127.0.0.1:{port}",
    "https://127.0.0.1",
    "https://localhost:{port}",
    "https://localhost",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "https://192.168.0.1",
    "https://0.0.0.0",
    "https://2130706433",
    "https://0x7f.1",
    "https://birch.example",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def birch(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """A node as it is on the Internet: https is its address, and private networks are closed to it."""
    environment = {name: value for name, value in os.environ.items() if "ROUGHWEATHER" not in name}
    directory = tmp_path_factory.mktemp("public")
    async with running_node(
        directory, "birch", url="https://birch.example", environment=environment
    ) as node:
        yield node


async def post(birch: RunningNode, peer: Peer, origin: str) -> int:
    """Deliver something to birch whose key is said to be at `origin`; the status."""
    robin = MASTODON.member(peer)
    claimed = f"{origin}/users/robin"
    activity = robin.write("Like", "https://birch.example/group") | {
        "id": f"{claimed}#like",
        "actor": claimed,
    }
    body, sent = json.dumps(activity).encode(), {"Content-Type": ACTIVITY_JSON}
    url = "https://birch.example/inbox"
    signed = MASTODON.signing.headers(
        robin.actor.key, f"{claimed}#main-key", "POST", url, sent, body, datetime.now(UTC)
    )
    to = f"http://127.0.0.1:{birch.port}/inbox"
    return (await peer.send("POST", to, sent | signed, body)).status


async def test_s102_no_private_network_is_asked_for_a_key(birch: RunningNode) -> None:
    async with Peer.start() as peer:
        port = peer.origin.rpartition(":")[2]
        for origin in PRIVATE:
            status = await post(birch, peer, origin.format(port=port))
            assert status in (400, 401), origin
        assert not peer.requests


async def test_s102_nor_when_a_steward_is_talked_into_it(birch: RunningNode) -> None:
    async with Peer.start() as peer:
        port = peer.origin.rpartition(":")[2]
        for origin in PRIVATE:
            await birch.command("follow", f"{origin.format(port=port)}/users/robin", code=1)
        await birch.command("follow", f"@robin@127.0.0.1:{port}", code=1)
        await birch.command("follow", "@robin@localhost", code=1)
        assert not peer.requests


async def test_s102_a_huge_document_is_not_read_to_its_end(alder: RunningNode, peer: Peer) -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": ACTIVITY_JSON})
        await response.prepare(request)
        await response.write(b'{"id": "')
        for _ in range(320):
            await response.write(b"x" * 64 * KIB)
            sent += 64 * KIB
        return response

    robin = MASTODON.member(peer)
    peer.script("/users/robin", endless)
    answer = await robin.post(f"{alder.url}/inbox", robin.like(f"{alder.url}/group"))
    assert answer.status in (401, 503)
    assert sent < 8 * KIB * KIB  # of 20 MiB: what was under way when the node had had enough


async def test_s102_a_slow_document_is_not_waited_for(alder: RunningNode, peer: Peer) -> None:
    """Others wait 5 to 10 seconds for our answer."""

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": ACTIVITY_JSON})
        await response.prepare(request)
        await response.write(b'{"id": "')
        await asyncio.Event().wait()
        return response

    robin = MASTODON.member(peer)
    peer.script("/users/robin", slow)
    async with asyncio.timeout(4.8):
        answer = await robin.post(f"{alder.url}/inbox", robin.like(f"{alder.url}/group"))
    assert answer.status == 503
    assert answer.headers["Retry-After"]


async def test_s102_redirects_end(alder: RunningNode, peer: Peer) -> None:
    robin = MASTODON.member(peer)
    peer.redirect("/users/robin", peer.url("/users/robin"))
    answer = await robin.post(f"{alder.url}/inbox", robin.like(f"{alder.url}/group"))
    assert answer.status in (401, 503)
    assert len(peer.asked("/users/robin")) <= 4
