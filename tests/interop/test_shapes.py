"""Every server we know, start to end: it finds the group, follows, hears, answers, and leaves again."""

from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest

from federation.signatures import load_public_pem
from tests.federation.peer import Peer
from tests.federation.universal_event import check
from tests.interop.asking import PUBLIC
from tests.interop.reader import Reader
from tests.interop.shapes import SERVERS, Software
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_a_member_finds_follows_hears_and_leaves(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    robin = software.member(peer)
    reader = Reader(alder, peer)
    resource = quote("acct:" + alder.address[1:], safe="")
    jrd = await robin.get(
        f"{alder.url}/.well-known/webfinger?resource={resource}", accept="application/jrd+json"
    )
    [group_id] = [link["href"] for link in jrd.json["links"] if link["rel"] == "self"]
    group = (await robin.get(group_id)).json
    assert jrd.json["subject"] == f"acct:{group['preferredUsername']}@{urlsplit(group_id).netloc}"

    follow = robin.follow(group_id)
    answer = await robin.post(group["inbox"], follow)
    assert answer.status == 202, answer.body
    accept = await peer.delivery("Accept", path=robin.inbox)
    assert (accept["actor"], accept["object"]["id"]) == (group_id, follow["id"])
    assert (accept["object"]["actor"], accept["object"]["object"]) == (robin.id, group_id)

    creates = [await reader.event(), await reader.reflection()]
    public = load_public_pem(group["publicKey"]["publicKeyPem"])
    requests = [
        one for one in peer.asked(robin.delivered_at, "POST") if one.json["type"] == "Create"
    ]
    assert [one.json["id"] for one in requests] == [one["id"] for one in creates]
    for request in requests:
        assert request.key_id == group["publicKey"]["id"]
        request.verify(public, now=datetime.now(UTC), host=peer.host)
        assert (request.json["to"], request.json["cc"]) == ([PUBLIC], [group["followers"]])
        assert request.json["object"]["attributedTo"] == request.json["actor"] == group_id
    event, note = (one["object"] for one in creates)
    check({"@context": creates[0]["@context"]} | event)
    assert (event["type"], note["type"]) == ("Event", "Note")
    for thing in (event, note):
        assert (await robin.get(thing["id"])).json["id"] == thing["id"]

    assert (await robin.post(group["inbox"], robin.undo(follow))).status == 202

    async def gone() -> bool:
        return robin.id not in [one["id"] for one in await alder.json("followers", "--json")]

    await eventually(gone)
