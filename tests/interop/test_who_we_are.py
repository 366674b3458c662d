"""Our own identity over time: other names, moving away, new keys, farewell; by the command, over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from federation.signatures import (
    PublicKey,
    SignatureRefused,
    load_public_pem,
    read_signature,
    verify,
)
from tests.federation.peer import Peer, PeerActor, Recorded, Reply
from tests.interop.asking import BROWSER, Asker
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def cedar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """A node of its own for each test: what is done here cannot be undone."""
    async with running_node(tmp_path_factory.mktemp("who"), "cedar") as node:
        yield node


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere() -> AsyncIterator[Peer]:
    async with Peer.start() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def look(cedar: RunningNode) -> AsyncIterator[Asker]:
    async with aiohttp.ClientSession() as session:
        yield Asker(session, cedar.url)


async def befriend(cedar: RunningNode, peer: Peer, name: str = "ana") -> PeerActor:
    """A follower."""
    ana = peer.actor(name)
    follow = ana.activity("Follow", f"{cedar.url}/group")
    assert (await peer.post_signed(f"{cedar.url}/group/inbox", follow, actor=ana)).status == 202
    await peer.delivery("Accept", path=f"/users/{name}/inbox")
    return ana


async def published(cedar: RunningNode, name: str) -> None:
    event = {
        "id": name,
        "title": name.capitalize(),
        "start_local": "2031-06-14T15:00:00",
        "timezone": "Europe/Berlin",
    }
    await cedar.command("event", "add", "-", stdin=event)


def carrying(peer: Peer, kind: str) -> list[Recorded]:
    return [one for one in peer.asked(method="POST") if one.json["type"] == kind]


def is_signed_with(request: Recorded, key: PublicKey, host: str) -> bool:
    signed = request.signed()
    claim = read_signature(signed)
    try:
        verify(signed, claim, key, now=datetime.now(UTC), hosts=frozenset({host}), scheme="http")
    except SignatureRefused:
        return False
    return True


async def key_of(look: Asker) -> tuple[str, PublicKey]:
    shown = (await look.document("/group"))["publicKey"]
    return shown["id"], load_public_pem(shown["publicKeyPem"])


# ------------------------------------------------------------------------------------------ names


async def test_other_names_are_shown_and_taken_back(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    await befriend(cedar, elsewhere)
    old = elsewhere.actor("old-home", type="Group")
    gone = "https://gone.example/users/cedar"

    await cedar.command("alias", "add", old.handle)
    await cedar.command("alias", "add", gone)
    await cedar.command("alias", "add", gone, code=1)
    await cedar.command("alias", "add", f"{cedar.url}/group", code=1)

    assert await cedar.json("alias", "list", "--json") == [old.id, gone]
    assert (await look.document("/group"))["alsoKnownAs"] == [old.id, gone]

    async def told() -> bool:
        updates = [one.json["object"] for one in carrying(elsewhere, "Update")]
        return any(one.get("alsoKnownAs") == [old.id, gone] for one in updates)

    await eventually(told)
    await cedar.command("alias", "remove", gone)
    await cedar.command("alias", "remove", gone, code=1)
    await cedar.command("alias", "remove", old.handle)
    assert "alsoKnownAs" not in await look.document("/group")


# ------------------------------------------------------------------------------------------ moving


async def test_s72_a_move_is_told_once_and_only_with_consent_of_the_new_home(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    await befriend(cedar, elsewhere)
    home = elsewhere.actor("new-home", type="Group")

    await cedar.command("move", home.id, code=1)
    assert "movedTo" not in await look.document("/group")

    home.document["alsoKnownAs"] = [f"{cedar.url}/group"]
    await cedar.command("move", home.handle)

    assert (await look.document("/group"))["movedTo"] == home.id
    move = await elsewhere.delivery("Move")
    group = f"{cedar.url}/group"
    assert (move["actor"], move["object"], move["target"]) == (group, group, home.id)
    [update] = [one.json["object"] for one in carrying(elsewhere, "Update")]
    assert update["movedTo"] == home.id
    assert "We have moved" in (await look("/", BROWSER)).text

    other = elsewhere.actor("third-home", type="Group", alsoKnownAs=[group])
    for target in (home.id, other.id):
        await cedar.command("move", target, code=1)
    await published(cedar, "after")
    await elsewhere.delivery("Create")
    assert len(carrying(elsewhere, "Move")) == 1

    await cedar.command("move", "--cancel")
    await cedar.command("move", "--cancel", code=1)
    assert "movedTo" not in await look.document("/group")
    assert "We have moved" not in (await look("/", BROWSER)).text
    await cedar.command("move", other.id, code=1)  # the seven days are not over


async def test_a_move_to_a_node_of_ours_brings_the_neighbours_along(
    cedar: RunningNode, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both directions at once: cedar moves to birch, and aspen, which follows cedar, goes along."""
    folder = tmp_path_factory.mktemp("moving")
    async with running_node(folder, "birch") as birch, running_node(folder, "aspen") as aspen:
        await aspen.command("follow", cedar.address)

        async def following() -> list[tuple[str, str]]:
            return [(one["id"], one["state"]) for one in await aspen.json("following", "--json")]

        async def accepted() -> bool:
            return await following() == [(f"{cedar.url}/group", "accepted")]

        await eventually(accepted)
        await birch.command("alias", "add", cedar.address)
        await cedar.command("move", birch.address)

        async def went_along() -> bool:
            return await following() == [(f"{birch.url}/group", "accepted")]

        await eventually(went_along)

        async def left() -> bool:
            return await cedar.json("followers", "--json") == []

        await eventually(left)


# -------------------------------------------------------------------------------------------- keys


async def test_new_keys_are_announced_with_the_old_one_and_used_after_that(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    ana = await befriend(cedar, elsewhere)
    old_id, old = await key_of(look)

    printed = await cedar.command("keys", "rotate")

    new_id, new = await key_of(look)
    assert printed.split() == [f"{cedar.url}/group#main-key-2", f"{cedar.url}/group#ed25519-key-2"]
    assert new_id == f"{cedar.url}/group#main-key-2"
    await published(cedar, "after")
    create = await elsewhere.delivery("Create")
    update, later = (carrying(elsewhere, kind)[0] for kind in ("Update", "Create"))
    assert update.json["object"]["publicKey"]["id"] == new_id
    assert update.key_id == old_id
    assert is_signed_with(update, old, elsewhere.host)
    assert later.key_id == new_id
    assert is_signed_with(later, new, elsewhere.host)
    assert create["proof"]["verificationMethod"] == f"{cedar.url}/group#ed25519-key-2"
    keys = {one["id"]: one["state"] for one in await cedar.json("keys", "list", "--json")}
    assert keys[new_id] == "in use"
    assert ana.id in {one["id"] for one in await cedar.json("followers", "--json")}


async def test_nothing_overtakes_the_news_of_a_new_key(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    """Not even through a crash: a server that takes no post at first hears it in the right order."""
    await befriend(cedar, elsewhere)
    _, old = await key_of(look)
    elsewhere.script("/inbox", *[Reply(status=503)] * 3, Reply(status=202))
    await cedar.command("keys", "rotate")
    await published(cedar, "meanwhile")
    await cedar.stop(9)
    await cedar.start()

    await elsewhere.delivery("Create", timeout=30)

    kinds = [one.json["type"] for one in elsewhere.asked("/inbox")]
    assert set(kinds[: kinds.index("Create")]) == {"Update"}
    for one in carrying(elsewhere, "Update"):
        assert is_signed_with(one, old, elsewhere.host)
    _, new = await key_of(look)
    assert is_signed_with(carrying(elsewhere, "Create")[0], new, elsewhere.host)


async def test_two_of_our_nodes_stay_friends_through_new_keys(
    cedar: RunningNode, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with running_node(tmp_path_factory.mktemp("keys"), "aspen") as aspen:
        await aspen.command("follow", cedar.address)

        async def accepted() -> bool:
            found = await aspen.json("following", "--json")
            return [one["state"] for one in found] == ["accepted"]

        await eventually(accepted)
        for number in range(3):
            await cedar.command("keys", "rotate")
            await cedar.command("keys", "rotate", "--actor", "instance")
            await published(cedar, f"gathering-{number}")

        async def arrived() -> bool:
            async with aiohttp.ClientSession() as session:
                shown = (await Asker(session, aspen.url)("/neighbours", BROWSER)).text
            return all(f"Gathering-{number}" in shown for number in range(3))

        await eventually(arrived, seconds=20)


async def test_the_nodes_own_keys_are_replaced_without_a_word(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    await befriend(cedar, elsewhere)
    await cedar.command("keys", "rotate", "--actor", "instance")

    shown = (await look.document("/instance"))["publicKey"]
    assert shown["id"] == f"{cedar.url}/instance#main-key-2"
    bob = elsewhere.actor("bob")
    await cedar.command("follow", bob.id)
    [asked] = elsewhere.asked("/users/bob")
    assert asked.key_id == shown["id"]
    assert is_signed_with(asked, load_public_pem(shown["publicKeyPem"]), elsewhere.host)
    assert carrying(elsewhere, "Update") == []


# ---------------------------------------------------------------------------------------- farewell


async def test_s5_s55_a_farewell_reaches_every_server_and_leaves_nothing_but_the_key(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    await published(cedar, "last-one")
    await befriend(cedar, elsewhere)
    async with Peer.start() as acquaintance:
        carl = acquaintance.actor("carl")
        like = carl.activity("Like", f"{cedar.url}/events/last-one")
        answer = await acquaintance.post_signed(f"{cedar.url}/inbox", like, actor=carl)
        assert answer.status == 202
        _, key = await key_of(look)

        await cedar.command("retire", code=1)
        assert (await look("/group")).status == 200
        await cedar.command("retire", "--yes")

        for server in (elsewhere, acquaintance):
            delete = await server.delivery("Delete")
            group = f"{cedar.url}/group"
            assert (delete["actor"], delete["object"]) == (group, group)
            assert is_signed_with(carrying(server, "Delete")[0], key, server.host)

    left = await look("/group")
    assert left.status == 410
    assert (left.json["type"], left.json["id"]) == ("Tombstone", f"{cedar.url}/group")
    assert load_public_pem(left.json["publicKey"]["publicKeyPem"]).pem() == key.pem()
    for path in ("/group/outbox", "/group/featured", "/events/last-one", "/group/followers"):
        assert (await look(path)).status == 410, path
    name = cedar.address[1:]
    assert (await look(f"/.well-known/webfinger?resource=acct:{name}")).status == 410
    assert (await look("/instance")).status == 200
    assert "said farewell" in (await look("/", BROWSER)).text


async def test_after_a_farewell_nothing_more_is_said_and_nobody_is_let_in(
    cedar: RunningNode, elsewhere: Peer, look: Asker
) -> None:
    await cedar.command("retire", "--yes")
    for words in (("retire", "--yes"), ("keys", "rotate"), ("alias", "add", "https://a.example/b")):
        await cedar.command(*words, code=1)
    ana = elsewhere.actor("ana")
    follow = ana.activity("Follow", f"{cedar.url}/group")
    answer = await elsewhere.post_signed(f"{cedar.url}/group/inbox", follow, actor=ana)
    assert answer.status == 202
    await published(cedar, "too-late")

    async def worked_off() -> bool:
        queue: dict[str, Any] = await cedar.json("queue", "--json")
        return queue["pending"] == 0 and bool(elsewhere.asked("/users/ana"))

    await eventually(worked_off)
    assert await cedar.json("followers", "--json") == []
    assert elsewhere.asked(method="POST") == []
