"""A group that lets followers in one by one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.federation.peer import Peer, PeerActor
from tests.interop.asking import Asker
from tests.interop.reader import WORD
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNode]:
    """A node whose stewards let in each follower."""
    async with running_node(tmp_path_factory.mktemp("one-by-one"), "alder") as node:
        group = {"slug": "alder", "name": "Circle alder", "approves_followers": True}
        await node.command("import", "-", stdin={"groups": [group]})
        yield node


async def asks(node: RunningNode, peer: Peer, name: str) -> tuple[PeerActor, str]:
    """Somebody asks to follow and waits; the actor and the id of the Follow."""
    one = peer.actor(name, shared_inbox=False)
    follow = one.activity("Follow", f"{node.url}/group")
    answer = await peer.post_signed(f"{node.url}/group/inbox", follow, actor=one)
    assert answer.status == 202
    await in_state(node, one, "pending")
    return one, follow["id"]


async def in_state(node: RunningNode, one: PeerActor, state: str | None) -> None:
    async def so() -> bool:
        listed = {found["id"]: found["state"] for found in await node.json("followers", "--json")}
        return listed.get(one.id) == state

    await eventually(so)


async def test_s28_who_waits_hears_nothing_before_a_steward_says_yes(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    actor = (await ask("/group")).json
    assert actor["manuallyApprovesFollowers"] is True
    robin, asked = await asks(alder, peer, "robin")
    await alder.command("reflection", "add", "-", stdin=WORD | {"id": "unheard"})
    assert (await ask("/group/followers")).json["totalItems"] == 0

    await alder.command("followers", "--accept", robin.id)

    accept = await peer.delivery("Accept", path="/users/robin/inbox")
    assert accept["object"]["id"] == asked
    await in_state(alder, robin, "accepted")
    await alder.command("reflection", "add", "-", stdin=WORD | {"id": "heard"})
    create = await peer.delivery("Create", path="/users/robin/inbox")
    assert create["object"]["id"].endswith("/heard")
    assert [one["type"] for one in peer.deliveries("/users/robin/inbox")] == ["Accept", "Create"]


async def test_s28_who_is_declined_is_told_and_may_ask_again(
    alder: RunningNode, peer: Peer
) -> None:
    wren, asked = await asks(alder, peer, "wren")

    await alder.command("followers", "--decline", f"@{wren.handle}")

    reject = await peer.delivery("Reject", path="/users/wren/inbox")
    assert reject["object"]["id"] == asked
    await in_state(alder, wren, None)
    again = wren.activity("Follow", f"{alder.url}/group")
    await peer.post_signed(f"{alder.url}/group/inbox", again, actor=wren)
    await in_state(alder, wren, "pending")


async def test_s28_who_takes_the_question_back_waits_no_more(
    alder: RunningNode, peer: Peer
) -> None:
    wren, asked = await asks(alder, peer, "wren")
    undo = wren.activity("Undo", asked)
    await peer.post_signed(f"{alder.url}/group/inbox", undo, actor=wren)
    await in_state(alder, wren, None)


async def test_s28_a_follower_who_is_sent_away_hears_no_more(
    alder: RunningNode, peer: Peer
) -> None:
    robin, _ = await asks(alder, peer, "robin")
    await alder.command("followers", "--accept", robin.id)
    await peer.delivery("Accept", path="/users/robin/inbox")
    # Who follows already is accepted again without asking anybody.
    again = robin.activity("Follow", f"{alder.url}/group")
    await peer.post_signed(f"{alder.url}/group/inbox", again, actor=robin)
    await eventually(lambda: _heard(peer, again["id"]))

    await alder.command("followers", "--decline", robin.id)

    await peer.delivery("Reject", path="/users/robin/inbox")
    await in_state(alder, robin, None)
    refused = await alder.command("followers", "--decline", robin.id, code=1)
    assert refused == ""


async def _heard(peer: Peer, follow_id: str) -> bool:
    return any(
        one["type"] == "Accept" and one["object"]["id"] == follow_id
        for one in peer.deliveries("/users/robin/inbox")
    )


async def test_s28_whose_server_is_blocked_waits_no_more(alder: RunningNode, peer: Peer) -> None:
    wren, _ = await asks(alder, peer, "wren")
    await alder.command("block", peer.host)
    await in_state(alder, wren, None)
