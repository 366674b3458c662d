"""Servers that follow as servers: Mobilizon lists a gathering only once an actor it follows announces it."""

from typing import Any

import pytest

from tests.federation.peer import Peer
from tests.interop.asking import PUBLIC, Asker
from tests.interop.reader import Reader
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


async def test_nobody_else_follows_the_node_itself(reader: Reader) -> None:
    robin = reader.peer.actor("robin")
    await reader.send(robin.activity("Follow", f"{reader.node.url}/instance"), robin)
    reject = await reader.peer.delivery("Reject", path="/users/robin/inbox")
    assert reject["actor"] == f"{reader.node.url}/instance"
