"""Servers that are slow, away, badly set up or silent; and a clock of ours that is wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.certificates import Certificates
from tests.federation.peer import Peer, Reply
from tests.interop.inside import befriend
from tests.interop.reader import WORD, Reader
from tests.interop.shapes import MASTODON
from tests.interop.shapes.signing import http_date
from tests.running_node import ENVIRONMENT, RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_s118_a_key_server_that_hangs_is_503(alder: RunningNode, peer: Peer) -> None:
    """Those who deliver wait five to ten seconds for our answer: it comes before they give up."""
    robin = MASTODON.member(peer)
    awake = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await awake.wait()
        return web.Response(status=503)

    path = robin.id.removeprefix(peer.origin)
    peer.script(path, hang)
    like = robin.like(f"{alder.url}/reflections/moss")
    async with asyncio.timeout(5):
        answer = await robin.post(f"{alder.url}/inbox", like)
    awake.set()
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    peer.serve(path, robin.actor.document)
    assert (await robin.post(f"{alder.url}/inbox", like)).status == 202


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def birch(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> AsyncIterator[RunningNode]:
    """A node that trusts the authority of the tests."""
    environment = ENVIRONMENT | {"SSL_CERT_FILE": str(certificates.authority)}
    directory = tmp_path_factory.mktemp("tls")
    async with running_node(directory, "birch", environment=environment) as node:
        yield node


def tls(certificates: Certificates, certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificates.key)
    return context


async def test_s144_a_certificate_that_ran_out_is_passing_trouble(
    birch: RunningNode, certificates: Certificates
) -> None:
    good, expired = (
        tls(certificates, one) for one in (certificates.certificate, certificates.expired)
    )
    async with Peer.start(tls=good) as peer:
        port = int(peer.host.rpartition(":")[2])
        await Reader(birch, peer).follower()
    async with Peer.start(tls=expired, port=port) as peer:
        reader = Reader(birch, peer)
        about = await reader.publish("reflection", WORD)

        async def waits() -> bool:
            queue = await birch.json("queue", "--json")
            assert queue["dead"] == 0
            return bool(queue["retrying"])

        await eventually(waits)
        assert not peer.requests
        async with Peer.start() as other:
            wren = MASTODON.member(other, "wren")
            key_id = f"{peer.origin}/users/wren#main-key"
            answer = await wren.post(f"{birch.url}/inbox", wren.like(about), key_id=key_id)
            assert answer.status == 503
    async with Peer.start(tls=good, port=port) as peer:
        peer.actor("robin")
        create = await peer.delivery("Create")
        assert create["object"]["id"] == about


async def test_s143_a_wrong_clock_is_told_to_the_stewards(birch: RunningNode) -> None:
    """The others say in every answer what time it is; where most say another than ours, the desk tells."""
    async with (
        Peer.start() as one,
        Peer.start() as two,
        Peer.start() as three,
        signed_in(birch) as steward,
    ):
        peers = (one, two, three)
        readers = [Reader(birch, peer) for peer in peers]
        for reader in readers:
            await reader.follower()
        assert "The clock of this node" not in await desk(steward, birch)
        later = http_date(datetime.now(UTC) + timedelta(hours=2))
        for peer in peers:
            peer.serve("/inbox", status=401, Date=later)
        await readers[0].publish("reflection", WORD)

        async def told() -> bool:
            return "is 120 minutes off" in await desk(steward, birch)

        await eventually(told)
        for peer in peers:
            peer.accept("/inbox")
        await readers[1].publish("reflection", WORD)

        async def right_again() -> bool:
            return "The clock of this node" not in await desk(steward, birch)

        await eventually(right_again)


@asynccontextmanager
async def signed_in(alder: RunningNode) -> AsyncIterator[aiohttp.ClientSession]:
    """The session of a steward."""
    link = (await alder.json("steward", "add", "Ana", "--json"))["link"]
    words = {"password": "river and fire and moss", "again": "river and fire and moss"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post(link, data=words, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        yield session


async def desk(session: aiohttp.ClientSession, alder: RunningNode) -> str:
    async with session.get(f"{alder.url}/desk") as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_s145_either_generation_of_addresses_is_reached(
    alder: RunningNode, address: str
) -> None:
    async with Peer.start(host=address) as peer:
        reader = Reader(alder, peer)
        await reader.follower()
        create = await reader.reflection()
        assert create["object"]["type"] == "Note"
        await befriend(alder, peer, peer.actor("fern"))
        await alder.command("block", peer.host)
        await alder.command("unblock", peer.host)


async def test_s152_a_server_that_only_says_it_heard(alder: RunningNode, peer: Peer) -> None:
    """202 is no Accept: the follow stays open, and a steward who asks again is heard."""
    fern = peer.actor("fern")
    for count in (1, 2):
        await alder.command("follow", fern.id)

        async def asked(count: int = count) -> bool:
            return [one["type"] for one in peer.deliveries()].count("Follow") == count

        await eventually(asked)
        [state] = [
            one["state"] for one in await alder.json("following", "--json") if one["id"] == fern.id
        ]
        assert state == "pending"
    *_, follow = peer.deliveries()
    answer = await peer.post_signed(
        f"{alder.url}/inbox", fern.activity("Accept", follow), actor=fern
    )
    assert answer.status == 202

    async def accepted() -> Any:
        found = {one["id"]: one["state"] for one in await alder.json("following", "--json")}
        return found[fern.id] == "accepted"

    await eventually(accepted)


async def test_s117_whoever_is_overloaded_says_when(alder: RunningNode, peer: Peer) -> None:
    reader = Reader(alder, peer)
    await reader.follower()
    loop = asyncio.get_running_loop()
    peer.script("/inbox", Reply(status=503, headers={"Retry-After": "1"}), Reply(status=202))
    about = await reader.publish("reflection", WORD)
    await reader.came("Create", about)
    begun = loop.time()
    await reader.came("Create", about, count=2)
    assert loop.time() - begun > 0.8
