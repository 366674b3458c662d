"""Fetches: closed doors, what is for followers, and a node that shows nothing to who does not sign (S16)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from federation.signatures import load_public_pem
from tests.federation.peer import Peer, PeerActor, Received
from tests.interop.asking import AS2, BROWSER, Asker
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS = [
    {
        "id": "open-day",
        "title": "Open day",
        "start_local": "2031-06-14T15:00:00",
        "timezone": "Europe/Berlin",
    },
    {
        "id": "quiet-day",
        "title": "Quiet day",
        "start_local": "2031-06-15T15:00:00",
        "timezone": "Europe/Berlin",
        "visibility": "followers_and_link",
    },
    {
        "id": "ours-alone",
        "title": "Ours alone",
        "start_local": "2031-06-16T15:00:00",
        "timezone": "Europe/Berlin",
        "visibility": "local_only",
    },
]
GUARDED = (
    "/events/open-day",
    "/group/outbox",
    "/group/outbox?page=true",
    "/group/featured",
    "/group/upcoming",
    "/group/followers",
    "/events/open-day/replies",
    "/events/never-was",
)


async def published(node: RunningNode) -> None:
    for event in EVENTS:
        await node.command("event", "add", "-", stdin=event)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """A node that shows nothing to who does not sign."""
    folder = tmp_path_factory.mktemp("strict")
    async with running_node(folder, "yew", serve=False) as node:
        with (node.data / "node.toml").open("a") as settings:
            settings.write("\n[federation]\nauthorized_fetch = true\n")
        await node.start()
        await published(node)
        yield node


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def usual(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path_factory.mktemp("usual"), "oak") as node:
        await published(node)
        yield node


@pytest_asyncio.fixture(loop_scope="module")
async def visitor() -> AsyncIterator[Peer]:
    async with Peer.start() as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def follow(node: RunningNode, peer: Peer, actor: PeerActor) -> None:
    activity = actor.activity("Follow", f"{node.url}/group")
    answer = await peer.post_signed(f"{node.url}/inbox", activity, actor=actor)
    assert answer.status == 202
    await peer.delivery("Accept", path=f"/users/{actor.name}/inbox")


async def get(node: RunningNode, path: str, peer: Peer, actor: PeerActor) -> Received:
    return await peer.get_signed(node.url + path, actor=actor)


# ------------------------------------------------------------------------------------ S16: strict


async def test_s16_without_a_signature_there_is_nothing(
    strict: RunningNode, web: aiohttp.ClientSession
) -> None:
    look = Asker(web, strict.url)
    for path in GUARDED:
        answer = await look(path)
        assert answer.status == 401, path
        assert answer.json == {"error": "Fetches must be signed here."}
        assert answer.headers["Cache-Control"] == "no-store"


async def test_s16_the_group_shows_what_it_takes_to_meet(
    strict: RunningNode, web: aiohttp.ClientSession, visitor: Peer
) -> None:
    stub = await Asker(web, strict.url)("/group")
    assert stub.status == 200
    assert load_public_pem(stub.json["publicKey"]["publicKeyPem"])
    assert stub.json["inbox"] == f"{strict.url}/group/inbox"
    assert not {"name", "summary", "outbox", "followers", "attachment"} & stub.json.keys()
    assert stub.headers["Vary"] == "Accept, Signature"

    full = await get(strict, "/group", visitor, visitor.actor("ana"))
    assert json.loads(full.body)["name"] == "Circle yew"
    assert full.headers["Cache-Control"] == "private, no-store"
    assert full.headers["Vary"] == "Accept, Signature"


async def test_s16_what_leads_to_us_stays_open(
    strict: RunningNode, web: aiohttp.ClientSession
) -> None:
    look = Asker(web, strict.url)
    name = strict.address[1:]
    for path in (
        f"/.well-known/webfinger?resource=acct:{name}",
        "/.well-known/host-meta",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.1",
        "/api/v1/instance",
        "/instance",
    ):
        assert (await look(path)).status == 200, path
    for path in ("/", "/events", "/events/open-day", "/events/quiet-day"):
        assert (await look(path, BROWSER)).status == 200, path


async def test_s16_who_signs_is_shown_everything_public(strict: RunningNode, visitor: Peer) -> None:
    ana = visitor.actor("ana")
    for path in GUARDED[:-1]:
        answer = await get(strict, path, visitor, ana)
        assert answer.status == 200, path
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Vary"] == "Accept, Signature"
    for path in ("/events/never-was", "/events/quiet-day", "/events/ours-alone"):
        assert (await get(strict, path, visitor, ana)).status == 404


async def test_s16_a_bad_signature_is_none(strict: RunningNode, visitor: Peer) -> None:
    ana, bob = visitor.actor("ana"), visitor.actor("bob")
    ana.key = bob.key
    assert (await get(strict, "/events/open-day", visitor, ana)).status == 401


async def test_two_strict_nodes_can_meet(
    strict: RunningNode, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each needs the other's key to show its own: the nodes' own actors are open, so both come by it."""
    async with running_node(tmp_path_factory.mktemp("other"), "fir", serve=False) as fir:
        with (fir.data / "node.toml").open("a") as settings:
            settings.write("\n[federation]\nauthorized_fetch = true\n")
        await fir.start()
        await fir.command("follow", strict.address)

        async def friends() -> bool:
            found = await fir.json("following", "--json")
            return [one["state"] for one in found] == ["accepted"]

        await eventually(friends, seconds=10)


# -------------------------------------------------------------------------------- closed doors


@pytest.mark.parametrize("mode", ["usual", "strict"])
async def test_a_blocked_server_reads_nothing_in_its_own_name(
    usual: RunningNode, strict: RunningNode, mode: str
) -> None:
    node = usual if mode == "usual" else strict
    async with Peer.start() as blocked:
        mallory = blocked.actor("mallory")
        await node.command("block", blocked.host)
        answers = [
            await get(node, path, blocked, mallory) for path in ("/group", *GUARDED, "/events/no")
        ]
        assert {one.status for one in answers} == {403}
        assert len({one.body for one in answers}) == 1
        assert not blocked.requests
        await node.command("unblock", blocked.host)


# ------------------------------------------------------------------------- what is for followers


@pytest.mark.parametrize("mode", ["usual", "strict"])
async def test_followers_and_their_servers_read_what_is_for_them(
    usual: RunningNode, strict: RunningNode, web: aiohttp.ClientSession, mode: str
) -> None:
    node = usual if mode == "usual" else strict
    path = "/events/quiet-day"
    async with Peer.start() as home, Peer.start() as stranger:
        ana, neighbour = home.actor("ana"), home.actor("neighbour")
        server = home.actor("server", type="Application")
        strange = stranger.actor("server", type="Application")
        await follow(node, home, ana)

        for actor in (ana, server):
            answer = await get(node, path, home, actor)
            assert answer.status == 200, answer.body
            event: dict[str, Any] = json.loads(answer.body)
            assert event["id"] == node.url + path
            assert event["to"] == [f"{node.url}/group/followers"]
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert answer.headers["Vary"] == "Accept, Signature"
        assert (await get(node, path, home, neighbour)).status == 404
        assert (await get(node, path, stranger, strange)).status == 404
        assert (await Asker(web, node.url)(path)).status == (404 if mode == "usual" else 401)
        for hidden in ("/events/ours-alone", "/events/never-was"):
            answer = await get(node, hidden, home, ana)
            assert answer.status == 404
        undo = ana.activity("Undo", ana.activity("Follow", f"{node.url}/group"))
        await home.post_signed(f"{node.url}/inbox", undo, actor=ana)


async def test_whoever_only_asked_to_follow_is_no_follower_yet(
    usual: RunningNode, visitor: Peer
) -> None:
    """Nobody reads what is for followers by a claim alone."""
    ana = visitor.actor("ana", type="Application")
    assert (await get(usual, "/events/quiet-day", visitor, ana)).status == 404


async def test_the_public_face_is_cached_as_ever_in_the_usual_mode(
    usual: RunningNode, web: aiohttp.ClientSession
) -> None:
    answer = await Asker(web, usual.url)("/events/open-day", AS2)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Vary"] == "Accept"
