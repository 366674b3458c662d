"""Who somebody is, over time: renamed, moved, with other words about themselves; ours and theirs."""

from typing import Any

import pytest

from tests.federation.peer import Peer
from tests.interop import desk
from tests.interop.asking import BROWSER, PUBLIC, Asker, Page
from tests.interop.inside import settled, tell
from tests.interop.reader import Reader
from tests.interop.shapes import GOTOSOCIAL, MASTODON, MISSKEY, PLEROMA, Member, Software
from tests.running_node import RunningNode, eventually, page
from tests.web.served import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


async def befriended(alder: RunningNode, member: Member) -> Member:
    """The member, once alder follows them and they accepted."""
    await alder.command("follow", member.id)
    follow = await member.peer.delivery("Follow", path=member.inbox)
    await tell(alder, member, member.answer("Accept", follow))

    async def accepted() -> bool:
        return await state(alder, member) == "accepted"

    await eventually(accepted)
    return member


async def state(alder: RunningNode, member: Member) -> str:
    found = await alder.json("following", "--json")
    return next((one["state"] for one in found if one["id"] == member.id), "none")


def moved(member: Member, target: Member) -> dict[str, Any]:
    return member.write("Move", member.id, target=target.id, to=member.followers)


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, MISSKEY, PLEROMA], ids=str)
async def test_s71_a_neighbour_that_moves_is_followed_there(
    alder: RunningNode, software: Software
) -> None:
    async with Peer.start() as old_server, Peer.start() as new_server:
        fern = await befriended(alder, software.member(old_server, "fern"))
        there = software.member(new_server, "fern", alsoKnownAs=[fern.id])
        fern.actor.document["movedTo"] = there.id
        await tell(alder, fern, moved(fern, there))

        follow = await new_server.delivery("Follow", path=there.inbox)
        assert follow["object"] == there.id
        undo = await old_server.delivery("Undo", path=fern.inbox)
        assert undo["object"]["type"] == "Follow"
        assert await state(alder, fern) == "none"
        assert await state(alder, there) == "pending"
        await tell(alder, there, there.answer("Accept", follow))
        for one in (old_server, new_server):
            await alder.command("block", one.host)
            await alder.command("unblock", one.host)


@pytest.mark.parametrize("aliases", [None, [], ["https://elsewhere.example/users/fern"]])
async def test_s71_a_move_that_only_one_side_tells_is_ignored(
    alder: RunningNode, peer: Peer, aliases: list[str] | None
) -> None:
    fern = await befriended(alder, MASTODON.member(peer, "fern"))
    thief = MASTODON.member(peer, "thief", alsoKnownAs=aliases)
    await tell(alder, fern, moved(fern, thief))
    await settled(alder)
    assert await state(alder, fern) == "accepted"
    assert await state(alder, thief) == "none"
    assert not [one for one in peer.deliveries(thief.inbox) if one["type"] == "Follow"]


async def test_s71_nobody_moves_somebody_else(alder: RunningNode, peer: Peer) -> None:
    fern = await befriended(alder, MASTODON.member(peer, "fern"))
    thief = MASTODON.member(peer, "thief", alsoKnownAs=[fern.id])
    await tell(alder, thief, thief.write("Move", fern.id, target=thief.id))
    await settled(alder)
    assert await state(alder, fern) == "accepted"
    assert await state(alder, thief) == "none"


async def test_s73_the_link_in_the_profile_is_verified(ask: Asker) -> None:
    """Mastodon ticks it where the text is the address, and the page there links back by `rel=me`."""
    group = await ask.document("/group")
    [field] = [one for one in group["attachment"] if "href" in one["value"]]
    [link] = [one for one in Page(field["value"]).links if one["tag"] == "a"]
    assert field["type"] == "PropertyValue"
    assert f">{link['href']}</a>" in field["value"]
    assert "me" in link["rel"].split()
    assert group["url"] in Page((await ask(link["href"], BROWSER)).text).linked("me")


@pytest.mark.parametrize("software", [MASTODON, MISSKEY], ids=str)
async def test_s75_followers_hear_the_new_name_of_the_group(
    alder: RunningNode, peer: Peer, reader: Reader, steward: Browser, software: Software
) -> None:
    robin = software.member(peer)
    await tell(alder, robin, robin.follow(reader.group))
    await peer.delivery("Accept", path=robin.inbox)
    before = await desk.fields(steward, "/desk/group")
    await desk.submit(steward, "/desk/group", before | {"name": f"Circle of {software.name}"})

    update = await reader.came("Update", reader.group)
    assert update["object"]["name"] == f"Circle of {software.name}"
    assert (update["actor"], update["to"]) == (reader.group, [PUBLIC])
    assert (await robin.get(reader.group)).json["name"] == f"Circle of {software.name}"
    await desk.submit(steward, "/desk/group", before)
    await reader.came("Update", reader.group, count=2)


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, PLEROMA], ids=str)
async def test_s78_a_neighbour_with_another_name_is_shown_by_it(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    fern = await befriended(alder, software.member(peer, "fern"))
    wren = software.member(peer, "wren")
    fern.actor.document["name"] = f"Fern of {software.name}"
    forged = fern.actor.document | {"name": "Somebody else"}
    await tell(alder, wren, wren.update(forged))
    await tell(alder, fern, fern.update(fern.actor.document | {"name": "As embedded"}))

    async def shown() -> bool:
        return f"Fern of {software.name}" in await page(f"{alder.url}/neighbours")

    await eventually(shown)
    text = await page(f"{alder.url}/neighbours")
    assert "Somebody else" not in text
    assert "As embedded" not in text
