"""Every server we know, start to end: it finds the group, follows, hears, answers, and leaves again."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from federation.signatures import load_public_pem
from tests.federation.peer import Peer
from tests.federation.universal_event import check
from tests.interop.asking import LD, PUBLIC
from tests.interop.reader import WALK, Reader
from tests.interop.shapes import GANCIO, PIXELFED, SERVERS, Member, Software
from tests.running_node import RunningNode, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s1_s6_s17_s20_s21_s22_s30_s31_every_server_finds_follows_hears_and_leaves(
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

    await reader.known()
    about = await reader.publish("event", WALK)
    told = about if software.reads_events else f"{about}/note"
    creates = [await reader.came("Create", told), await reader.reflection()]
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
    if software.reads_events:
        check({"@context": creates[0]["@context"]} | event)
    else:
        assert "Sat 10 May 2031, 10:00–12:00" in event["content"]
    assert (event["type"], note["type"]) == ("Event" if software.reads_events else "Note", "Note")
    for thing in (event, note):
        assert (await robin.get(thing["id"])).json["id"] == thing["id"]

    for again, bare in ((follow, False), (robin.follow(group_id), True)):
        assert (await robin.post(group["inbox"], again)).status == 202
        await accepted(peer, robin, again["id"])
        assert (await followers(alder)).count(robin.id) == 1
        assert (await robin.post(group["inbox"], robin.undo(again, bare=bare))).status == 202

        async def gone() -> bool:
            return robin.id not in await followers(alder)

        await eventually(gone)


async def followers(alder: RunningNode) -> list[str]:
    return [one["id"] for one in await alder.json("followers", "--json")]


async def accepted(peer: Peer, robin: Member, follow_id: str) -> None:
    async def so() -> bool:
        found = [one for one in peer.deliveries(robin.inbox) if one["type"] == "Accept"]
        return bool(found) and found[-1]["object"]["id"] == follow_id

    await eventually(so)


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s25_s27_s77_a_neighbour_on_every_server_is_followed_read_and_left(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    group = software.name in ("lemmy", "mobilizon")
    fern = software.member(peer, "fern", kind="Group" if group else None)
    words = f"Words from {software.name}"
    await alder.command("follow", fern.id)
    follow = await peer.delivery("Follow", path=fern.inbox)
    assert (follow["actor"], follow["object"]) == (f"{alder.url}/group", fern.id)
    note = fern.note(words)
    newer = note | {"content": f"<p>{words}, again</p>", "updated": "2025-06-01T12:00:00Z"}

    async def send(activity: Any) -> None:
        answer = await fern.post(f"{alder.url}/inbox", activity)
        assert answer.status == 202, answer.body

    async def shown(text: str) -> None:
        async def so() -> bool:
            return text in await page(f"{alder.url}/neighbours")

        await eventually(so)

    await send(fern.answer("Accept", follow))
    await send(fern.create(note))
    await shown(f"{words}</p>")
    await send(fern.update(newer))
    await shown(f"{words}, again</p>")
    await send(fern.delete(note["id"]))

    async def gone() -> bool:
        return words not in await page(f"{alder.url}/neighbours")

    await eventually(gone)
    [state] = [
        one["state"] for one in await alder.json("following", "--json") if one["id"] == fern.id
    ]
    assert state == "accepted"
    await alder.command("unfollow", fern.id)
    undo = await peer.delivery("Undo", path=fern.inbox)
    assert undo["object"]["id"] == follow["id"]


@pytest.mark.parametrize("software", [GANCIO, PIXELFED], ids=str)
async def test_s17_a_follow_whose_host_has_no_port(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    """Both sign and send the bare host name; on their own networks nodes have other ports than 443."""
    robin = software.member(peer)
    follow = robin.follow(f"{alder.url}/group")
    body, sent = json.dumps(follow).encode(), {"Content-Type": LD, "User-Agent": "x"}
    bare = "http://127.0.0.1/inbox"
    signed = software.signing.headers(
        robin.actor.key, robin.actor.key_id, "POST", bare, sent, body, datetime.now(UTC)
    )
    assert signed["Host"] == "127.0.0.1"
    answer = await peer.send("POST", f"{alder.url}/inbox", sent | signed, body)
    assert answer.status == 202, answer.body
    await accepted(peer, robin, follow["id"])
