"""The two servers find and read each other, and follow, leave and block each other."""

from pathlib import Path

import aiohttp
import pytest

from tests.fedify.living import CAVAGE, RFC_9421, Living
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def states(alder: RunningNode, what: str) -> dict[str, str]:
    """Id → state of those whom alder follows, or who follow it."""
    return {one["id"]: one["state"] for one in await alder.json(what, "--json")}


async def settled(alder: RunningNode, what: str, expected: dict[str, str]) -> None:
    async def so() -> bool:
        return await states(alder, what) == expected

    await eventually(so)


async def test_fedify_finds_the_group_by_its_handle_and_reads_it(
    alder: RunningNode, fedify: Living
) -> None:
    found = await fedify.order("webfinger", what=f"acct:{alder.address[1:]}")
    assert found["subject"] == f"acct:{alder.address[1:]}"

    group = await fedify.order("lookup", what=alder.address)
    assert (group["type"], group["id"]) == ("Group", f"{alder.url}/group")
    assert group["name"] == "Circle alder"
    assert group["endpoints"]["sharedInbox"] == f"{alder.url}/inbox"
    assert "PUBLIC KEY" in group["publicKey"]["publicKeyPem"]

    node = await fedify.order("lookup", what=f"{alder.url}/instance")
    assert node["type"] == "Application"


async def test_fedify_reads_what_the_node_says_about_itself(
    alder: RunningNode, fedify: Living, session: aiohttp.ClientSession
) -> None:
    for version in ("2.0", "2.1"):
        async with session.get(f"{alder.url}/nodeinfo/{version}") as answer:
            read = await fedify.order("nodeinfo", document=await answer.json())
        assert read["software"]["name"] == "roughweather"
        assert read["protocols"] == ["activitypub"]


async def test_each_follows_the_other_and_hears_that_it_is_welcome(
    alder: RunningNode, fedify: Living
) -> None:
    glade, fern, group = fedify.actor("glade"), fedify.actor("fern"), f"{alder.url}/group"

    await alder.command("follow", fedify.address("glade"))
    await settled(alder, "following", {glade: "accepted"})
    assert await fedify.order("followers") == [group]
    [follow] = await fedify.received("Follow")
    assert (follow["actor"], follow["object"]) == (group, glade)

    knocks = await fedify.send(group, fedify.activity("fern", "Follow", object=group))
    assert knocks == [RFC_9421]
    assert (await fedify.heard("Accept"))["object"]["actor"] == fern
    assert await states(alder, "followers") == {fern: "accepted"}

    await alder.command("unfollow", fedify.address("glade"))
    undo = await fedify.heard("Undo")
    assert undo["object"]["id"] == follow["id"]
    assert await fedify.order("followers") == []


async def test_a_follow_is_taken_back(alder: RunningNode, fedify: Living) -> None:
    group = f"{alder.url}/group"
    follow = fedify.activity("fern", "Follow", object=group)
    await fedify.send(group, follow)
    await settled(alder, "followers", {fedify.actor("fern"): "accepted"})
    await fedify.send(group, fedify.activity("fern", "Undo", object=follow))
    await settled(alder, "followers", {})


async def test_the_older_signature_opens_the_door_as_well(
    alder: RunningNode, fedify: Living
) -> None:
    group = f"{alder.url}/group"
    knocks = await fedify.send(
        group, fedify.activity("glade", "Follow", object=group), knock=CAVAGE
    )
    assert knocks == [CAVAGE]
    await settled(alder, "followers", {fedify.actor("glade"): "accepted"})
    await fedify.send(group, fedify.activity("glade", "Block", object=group), knock=CAVAGE)
    await settled(alder, "followers", {})


async def test_who_is_blocked_knocks_in_vain(alder: RunningNode, fedify: Living) -> None:
    group = f"{alder.url}/group"
    await fedify.send(group, fedify.activity("fern", "Follow", object=group))
    await settled(alder, "followers", {fedify.actor("fern"): "accepted"})
    await alder.command("block", fedify.host)
    await settled(alder, "followers", {})
    await fedify.send(group, fedify.activity("fern", "Follow", object=group), status=403)
    assert await states(alder, "followers") == {}


async def test_a_server_with_a_certificate_of_nobody_we_know_is_not_asked(
    tmp_path: Path, fedify: Living
) -> None:
    async with running_node(tmp_path, "birch", serve=False) as birch:
        await birch.command("follow", fedify.actor("glade"), code=1)
        assert await birch.json("following", "--json") == []
    assert await fedify.received("Follow") == []
