"""A node that knows nobody but one neighbour finds the others through it, if they agree, and only then."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.federation.peer import Peer
from tests.interop.inside import befriend
from tests.network.network import Network, network
from tests.running_node import RunningNode, document, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

BERLIN, BOGOTA = 1, 2
_LIST = "/users/boaster/stands-with"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def five(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """Five nodes; all but Bogotá say whom they stand with."""
    async with network(tmp_path_factory.mktemp("five"), 5) as found:
        await found.follow_each_other()
        for place, node in enumerate(found.nodes):
            if place != BOGOTA:
                await node.command("groups", "--tell", "yes")
        yield found


async def suggested(node: RunningNode) -> dict[str, Any]:
    """What a node has found, by id."""
    found = json.loads(await node.command("groups", "--json"))["groups"]
    return {one["id"]: one for one in found}


def group(node: RunningNode) -> str:
    return f"{node.url}/group"


async def test_a_sixth_node_finds_the_others_and_whom_they_were_named_by(
    five: Network, tmp_path: Path
) -> None:
    async with running_node(tmp_path, "sixth") as sixth:
        await sixth.command("follow", five.nodes[BERLIN].address)
        others = {group(node) for node in five.nodes if node is not five.nodes[BERLIN]}

        async def all_found() -> bool:
            return set(await suggested(sixth)) == others

        await eventually(all_found, seconds=20)
        found = await suggested(sixth)
        norcal = found[group(five.nodes[0])]
        assert norcal["languages"] == ["en", "es"]
        assert norcal["followed_by"]
        following = await sixth.json("following", "--json")
        assert [one["id"] for one in following] == [group(five.nodes[BERLIN])], "it only looks"


async def test_who_does_not_agree_names_nobody(five: Network, tmp_path: Path) -> None:
    async with running_node(tmp_path, "seventh") as seventh:
        await seventh.command("follow", five.nodes[BOGOTA].address)

        async def accepted() -> bool:
            return [one["state"] for one in await seventh.json("following", "--json")] == [
                "accepted"
            ]

        await eventually(accepted)
        await seventh.command("follow", five.nodes[3].address)

        async def some_found() -> bool:
            return bool(await suggested(seventh))

        await eventually(some_found, seconds=20)
        silent = await document(group(five.nodes[BOGOTA]))
        assert "standsWith" not in silent
        named = {name for one in (await suggested(seventh)).values() for name in one["followed_by"]}
        assert named
        assert silent["name"] not in named


async def test_a_neighbour_that_claims_thousands_takes_up_its_own_share(
    five: Network, tmp_path: Path
) -> None:
    async with Peer.start() as peer, running_node(tmp_path, "eighth") as eighth:
        boaster = peer.actor("boaster", type="Group")
        boaster.document["standsWith"] = peer.url(_LIST)
        claims = [peer.url(f"/users/invented-{number}") for number in range(5000)]
        peer.serve(
            _LIST,
            {
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": peer.url(_LIST),
                "type": "Collection",
                "attributedTo": boaster.id,
                "totalItems": len(claims),
                "items": claims,
            },
            content_type="application/activity+json",
        )
        await befriend(eighth, peer, boaster)
        await eighth.command("follow", five.nodes[BERLIN].address)

        async def berlin_is_heard() -> bool:
            return group(five.nodes[0]) in await suggested(eighth)

        await eventually(berlin_is_heard, seconds=20)
        assert peer.asked(_LIST, "GET"), "its list was read"
        asked = {one.path for one in peer.asked(method="GET") if "invented" in one.path}
        assert len(asked) <= 50
        assert not [name for name in await suggested(eighth) if "invented" in name]
