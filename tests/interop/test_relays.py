"""Servers that follow as servers: Mobilizon lists a gathering only once an actor it follows announces it."""

from typing import Any
from unittest.mock import ANY

import pytest

from tests.federation.peer import Peer
from tests.interop.asking import PUBLIC, Asker
from tests.interop.reader import WALK, Reader
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
CIRCLE = "/events/listening-circle"


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


async def announced(reader: Reader, about: str) -> Any:
    return await reader.came("Announce", about)


@pytest.mark.parametrize("followed", ["group", "instance"])
async def test_d6_a_relay_hears_of_every_gathering_once_more(
    reader: Reader, ask: Asker, followed: str
) -> None:
    """Mobilizon takes the actor that NodeInfo names, which is the node, unless it is given the group."""
    ours = f"{reader.node.url}/{followed}"
    relay = reader.peer.actor("relay", type="Application")
    await reader.send(relay.activity("Follow", ours), relay)
    accept = await reader.peer.delivery("Accept", path="/users/relay/inbox")
    assert accept["actor"] == accept["object"]["object"] == ours

    coming = await announced(reader, reader.node.url + CIRCLE)
    assert (coming["actor"], coming["to"]) == (ours, [PUBLIC])

    create = await reader.event()
    about = create["object"]["id"]
    announce = await announced(reader, about)
    assert announce["actor"] == ours
    assert announce["object"] == about
    assert announce["published"]
    kinds = [one["type"] for one in reader.peer.deliveries("/inbox")]
    assert kinds == ["Create", "Announce"]
    for request in reader.peer.asked(method="POST"):
        signer = ours if request.json["type"] != "Create" else reader.group
        assert request.key_id == f"{signer}#main-key"
    assert (await ask.document(announce["id"]))["object"] == about
    assert (await reader.peer.get_signed(about, actor=relay)).status == 200


async def test_d6_people_do_not_see_everything_twice(reader: Reader) -> None:
    await reader.follower("robin")
    await reader.follower("gancio", type="Application")
    relay = reader.peer.actor("relay", type="Application", shared_inbox=False)
    await reader.send(relay.activity("Follow", reader.group), relay)
    await reader.peer.delivery("Accept", path="/users/relay/inbox")
    about = (await reader.event())["object"]["id"]
    await announced(reader, about)
    await reader.reflection()

    assert [
        one.path
        for one in reader.peer.asked(method="POST")
        if one.json["type"] == "Announce" and one.json["object"] == about
    ] == ["/users/relay/inbox"]


async def test_d6_an_edit_is_not_announced_again_and_a_relay_can_leave(reader: Reader) -> None:
    relay = reader.peer.actor("relay", type="Application")
    follow = relay.activity("Follow", f"{reader.node.url}/instance")
    await reader.send(follow, relay)
    await reader.peer.delivery("Accept")
    event = (await reader.event())["object"]
    await announced(reader, event["id"])
    slug = event["id"].rpartition("/")[2]
    await reader.node.command("event", "edit", slug, "-", stdin={"title": {"en": "Other"}})
    await reader.came("Update", event["id"])
    await reader.send(relay.activity("Undo", follow), relay)

    async def left() -> bool:
        followers = await reader.node.json("followers", "--json")
        return relay.id not in [one["id"] for one in followers]

    await eventually(left)
    assert len(reader.all("Announce", event["id"])) == 1


@pytest.mark.parametrize("followed", ["group", "instance"])
async def test_d6_a_mobilizon_server_lists_what_its_groups_follow(
    reader: Reader, followed: str
) -> None:
    """By NodeInfo: any actor there, not only the relay; and what was coming when it began to follow."""
    reader.runs("mobilizon")
    name = "relay" if followed == "instance" else "moulin"
    kind = "Application" if followed == "instance" else "Group"
    follower = reader.peer.actor(name, type=kind)
    await reader.send(follower.activity("Follow", f"{reader.node.url}/{followed}"), follower)
    await reader.peer.delivery("Accept", path=f"/users/{name}/inbox")
    coming = await announced(reader, reader.node.url + CIRCLE)
    assert coming["actor"] == f"{reader.node.url}/{followed}"
    event = (await reader.event())["object"]
    announce = await announced(reader, event["id"])
    assert announce["actor"] == f"{reader.node.url}/{followed}"
    assert len(reader.all("Announce", event["id"])) == 1
    assert len(reader.all("Announce", reader.node.url + CIRCLE)) == 1
    await reader.send(
        follower.activity("Undo", {"type": "Follow", "id": f"{follower.id}/follow/1"}), follower
    )


@pytest.mark.parametrize("software", ["mastodon", "gotosocial", "gancio", "misskey"])
async def test_d6_no_server_that_shows_events_gets_an_announce(
    reader: Reader, software: str
) -> None:
    reader.runs(software)
    await reader.follower()
    await reader.known()
    event = (await reader.event())["object"]
    await reader.reflection()
    assert reader.all("Announce") == []
    assert len(reader.all("Create", event["id"])) == 1


async def test_a_server_that_drops_events_gets_a_note_instead(reader: Reader, ask: Asker) -> None:
    reader.runs("pixelfed")
    await reader.follower()
    await reader.known()
    about = await reader.publish("event", WALK)
    note = (await reader.came("Create", f"{about}/note"))["object"]
    assert (note["type"], note["url"]) == ("Note", about)
    assert await ask.document(note["id"]) == {"@context": ANY} | note
    slug = about.rpartition("/")[2]
    later = {"start_local": "2031-05-10T11:00:00"}
    await reader.node.command("event", "edit", slug, "-", stdin=later)
    update = await reader.came("Update", note["id"])
    assert "11:00" in update["object"]["content"]
    await reader.node.command("event", "remove", slug)
    await reader.came("Delete", note["id"])
    assert (await ask(note["id"])).status == 410
    assert about not in [_id(one["object"]) for one in reader.peer.deliveries("/inbox")]


def _id(thing: Any) -> Any:
    return thing["id"] if isinstance(thing, dict) else thing


async def test_nobody_else_follows_the_node_itself(reader: Reader) -> None:
    robin = reader.peer.actor("robin")
    await reader.send(robin.activity("Follow", f"{reader.node.url}/instance"), robin)
    reject = await reader.peer.delivery("Reject", path="/users/robin/inbox")
    assert reject["actor"] == f"{reader.node.url}/instance"
