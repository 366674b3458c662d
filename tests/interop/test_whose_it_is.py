"""Whose a thing is: forwarded by communities, said for groups, under other ids, too early, too late, in private."""

import json
from typing import Any

import pytest

from tests.federation.peer import AS2, Peer, PeerActor, rsa_key
from tests.interop.asking import BROWSER, PUBLIC, Asker
from tests.interop.inside import became, befriend, neighbours, rows, send, settled
from tests.interop.shapes import LEMMY, MASTODON, MOBILIZON, PLEROMA, Member
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")


def note(author: PeerActor, words: str, **changes: Any) -> dict[str, Any]:
    """A note for everyone by `author`."""
    author.sent += 1
    return {
        "@context": AS2,
        "id": f"{author.id}/notes/{author.sent}",
        "type": "Note",
        "attributedTo": author.id,
        "content": f"<p>{words}</p>",
        "to": [PUBLIC],
    } | changes


def serve(peer: Peer, thing: dict[str, Any], at: str | None = None) -> str:
    """Serve a document at its id, or elsewhere on the peer. Its address."""
    return peer.serve((at or thing["id"]).removeprefix(peer.origin), thing)


async def last(alder: RunningNode, actor: PeerActor) -> str:
    """What came of the last thing an actor sent."""
    await settled(alder)
    return (became(alder, actor.id) or ["forgotten"])[-1]


# --------------------------------------------------------------------------- Lemmy, Mobilizon


async def test_s122_lemmy_reads_us_as_a_community(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    """What its Group needs to be one; it follows, and gets no posts of ours: FEDERATION.md says so."""
    robin = LEMMY.member(peer)
    answer = await robin.get(f"{alder.url}/group")
    assert answer.headers["Content-Type"] == "application/activity+json"
    group = answer.json
    assert group["type"] == "Group"
    for name in ("id", "inbox", "outbox", "followers", "preferredUsername"):
        assert isinstance(group[name], str), name
    assert isinstance(group["publicKey"]["publicKeyPem"], str)
    assert isinstance(group["endpoints"]["sharedInbox"], str)
    for name in ("attributedTo", "featured", "summary", "updated"):
        assert isinstance(group.get(name, ""), str), name
    for name in ("icon", "image"):
        assert isinstance(group.get(name, {}), dict), name
    outbox = await ask.document(group["outbox"])
    assert outbox["type"] == "OrderedCollection"
    assert isinstance(outbox["totalItems"], int)

    follow = robin.follow(group["id"])
    assert (await robin.post(group["endpoints"]["sharedInbox"], follow)).status == 202
    accept = await peer.delivery("Accept", path=robin.inbox)
    assert accept["object"]["id"] == follow["id"]


@pytest.mark.parametrize("where", ["its own server", "another server"])
async def test_s123_the_inner_post_is_fetched_and_a_forged_one_not_believed(
    alder: RunningNode, peer: Peer, where: str
) -> None:
    community = LEMMY.member(peer, "fern", kind="Group")
    await befriend(alder, peer, community.actor)
    async with Peer.start() as elsewhere:
        server = peer if where == "its own server" else elsewhere
        author = LEMMY.member(server, "wren")
        page = {
            "@context": AS2,
            "id": server.url("/post/7"),
            "type": "Page",
            "attributedTo": author.id,
            "name": f"Really said on {where}",
            "to": [community.id, PUBLIC],
        }
        serve(server, page)
        forged = page | {"name": "Never said", "content": "Never said"}
        create = {"type": "Create", "id": server.url("/create/7"), "actor": author.id}
        announce = community.announce("") | {"object": create | {"object": forged}}
        await send(alder, peer, community.actor, announce)
        assert await last(alder, community.actor) == "applied"
    shown = await neighbours(alder)
    assert f"Really said on {where}" in shown
    assert "Never said" not in shown


async def test_s123_what_nobody_serves_is_dropped(alder: RunningNode, peer: Peer) -> None:
    community = LEMMY.member(peer, "fern", kind="Group")
    await befriend(alder, peer, community.actor)
    forged = {"id": peer.url("/post/8"), "type": "Page", "name": "Out of thin air", "to": [PUBLIC]}
    create = {"type": "Create", "id": peer.url("/c/8"), "actor": community.id, "object": forged}
    await send(alder, peer, community.actor, community.announce("") | {"object": create})
    assert await last(alder, community.actor) == "ignored"
    assert "Out of thin air" not in await neighbours(alder)


def gathering(peer: Peer, person: Member, group: str, name: str) -> dict[str, Any]:
    return {
        "@context": AS2,
        "id": peer.url(f"/events/{name.replace(' ', '-').lower()}"),
        "type": "Event",
        "actor": person.id,
        "attributedTo": group,
        "name": name,
        "startTime": "2031-09-12T08:00:00Z",
        "location": {"type": "Place", "name": "Mill"},
        "published": "2026-08-01T10:00:00Z",
        "to": [PUBLIC],
    }


@pytest.mark.parametrize("followed", ["group", "person"])
async def test_s124_a_person_speaks_for_the_group(
    alder: RunningNode, peer: Peer, followed: str
) -> None:
    group = MOBILIZON.member(peer, "fern", kind="Group")
    person = MOBILIZON.member(peer, "ann")
    await befriend(alder, peer, (group if followed == "group" else person).actor)
    event = gathering(peer, person, group.id, f"Walk by {followed}")
    serve(peer, event)
    await send(alder, peer, person.actor, person.create(event) | {"attributedTo": group.id})
    assert await last(alder, person.actor) == "applied"
    assert f"Walk by {followed}" in await neighbours(alder)

    later = event | {"name": f"Later walk by {followed}", "updated": "2026-10-01T10:00:00Z"}
    serve(peer, later)
    await send(alder, peer, person.actor, person.update(later))
    assert await last(alder, person.actor) == "applied"
    assert f"Later walk by {followed}" in await neighbours(alder)


async def test_s124_only_on_one_host_and_where_the_server_says_so(
    alder: RunningNode, peer: Peer
) -> None:
    group = MOBILIZON.member(peer, "fern", kind="Group")
    person = MOBILIZON.member(peer, "ann")
    await befriend(alder, peer, group.actor)
    unconfirmed = gathering(peer, person, group.id, "Unconfirmed walk") | {"actor": group.id}
    await send(alder, peer, person.actor, person.create(unconfirmed))
    assert await last(alder, person.actor) == "refused"
    async with Peer.start() as elsewhere:
        stranger = MOBILIZON.member(elsewhere, "bob")
        event = gathering(elsewhere, stranger, group.id, "Foreign walk")
        serve(elsewhere, event)
        await send(alder, elsewhere, stranger.actor, stranger.create(event))
        assert await last(alder, stranger.actor) != "applied"
    shown = await neighbours(alder)
    assert "Unconfirmed walk" not in shown
    assert "Foreign walk" not in shown


# ------------------------------------------------------------------------------ ids and hosts


async def test_s137_a_thing_that_lives_elsewhere_is_asked_for_there(
    alder: RunningNode, peer: Peer
) -> None:
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    async with Peer.start() as elsewhere:
        wren = elsewhere.actor("wren")
        real = note(wren, "Said by wren herself")
        forged = real | {"content": "Put into her mouth", "attributedTo": fern.id}
        await send(alder, peer, fern, fern.activity("Create", forged, to=[PUBLIC]))
        assert await last(alder, fern) == "refused"
        assert "Put into her mouth" not in await neighbours(alder)
        serve(elsewhere, real)
        await send(alder, peer, fern, fern.activity("Announce", forged, to=[PUBLIC]))
        assert await last(alder, fern) == "applied"
    shown = await neighbours(alder)
    assert "Said by wren herself" in shown
    assert "Put into her mouth" not in shown


async def test_s138_another_id_is_asked_for_once(alder: RunningNode, peer: Peer) -> None:
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    thing = note(fern, "Known by two names")
    serve(peer, thing)
    await send(alder, peer, fern, fern.activity("Announce", serve(peer, thing, "/alias")))
    assert await last(alder, fern) == "applied"
    assert rows(alder, "SELECT 1 FROM neighbour_post WHERE id = ?", thing["id"])

    lost = note(fern, "Never where it says")
    serve(peer, lost | {"id": peer.url("/third")}, lost["id"])
    serve(peer, lost, "/first")
    await send(alder, peer, fern, fern.activity("Announce", peer.url("/first")))
    assert await last(alder, fern) == "ignored"
    for path in ("/first", lost["id"].removeprefix(peer.origin)):
        assert len(peer.asked(path, "GET")) == 1
    assert not peer.asked("/third")
    assert "Never where it says" not in await neighbours(alder)


async def test_s138_another_server_does_not_answer_for_an_id(
    alder: RunningNode, peer: Peer
) -> None:
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    async with Peer.start() as elsewhere:
        wren = elsewhere.actor("wren")
        thing = note(wren, "Under a foreign address")
        serve(elsewhere, thing)
        peer.serve("/mine", thing)
        await send(alder, peer, fern, fern.activity("Announce", peer.url("/mine")))
        assert await last(alder, fern) == "ignored"


async def test_s139_an_inbox_elsewhere(alder: RunningNode, peer: Peer) -> None:
    async with Peer.start() as elsewhere:
        robin = peer.actor("robin", inbox=elsewhere.accept("/inbox"))
        await alder.command("follow", robin.id, code=1)
        await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))
        assert await last(alder, robin) == "refused"
        assert robin.id not in [one["id"] for one in await alder.json("followers", "--json")]
        assert not elsewhere.requests


async def test_s141_one_actor_in_several_spellings(alder: RunningNode) -> None:
    async with Peer.start(name="localhost") as peer:
        robin = peer.actor("robin")
        for spelled in (robin.id, robin.id.replace("localhost", "LOCALHOST"), "H" + robin.id[1:]):
            follow = robin.activity("Follow", f"{alder.url}/group") | {"actor": spelled}
            await send(alder, peer, robin, follow)
        await settled(alder)
        followers = [one["id"] for one in await alder.json("followers", "--json")]
        assert followers.count(robin.id) == 1
        assert not [one for one in followers if one.lower() == robin.id and one != robin.id]
        for name in (f"@robin@{peer.host}", f"@ROBIN@{peer.host.upper()}"):
            await alder.command("follow", name)
        assert [one["id"] for one in await alder.json("following", "--json")].count(robin.id) == 1
        await alder.command("unfollow", robin.id)
        await alder.command("block", peer.host)
        await alder.command("unblock", peer.host)


async def test_s142_one_key_is_one_actors(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    thief = peer.actor("thief", key=rsa_key(5))
    thief.document["publicKey"] = robin.document["publicKey"] | {"owner": thief.id}
    thief.key, thief.key_id = robin.key, robin.key_id
    like = thief.activity("Like", f"{alder.url}/reflections/moss")
    answer = await peer.post_signed(f"{alder.url}/inbox", like, actor=thief)
    assert answer.status == 401
    assert not became(alder, thief.id)
    await send(alder, peer, robin, robin.activity("Like", f"{alder.url}/reflections/moss"))
    assert await last(alder, robin) == "applied"


# ------------------------------------------------------------------------------ order and time


async def test_s148_an_update_signed_with_the_old_key_brings_the_new_one(
    alder: RunningNode, peer: Peer
) -> None:
    robin = MASTODON.member(peer)
    inbox, about = f"{alder.url}/inbox", f"{alder.url}/reflections/moss"
    assert (await robin.post(inbox, robin.like(about))).status == 202
    old, robin.actor.key = robin.actor.key, rsa_key(6)
    robin.actor.document["publicKey"]["publicKeyPem"] = robin.actor.key.public_pem()
    update = robin.update(robin.actor.document)
    assert (await robin.post(inbox, update, key=old)).status == 202
    await settled(alder)
    path = robin.id.removeprefix(peer.origin)
    asked = len(peer.asked(path, "GET"))
    assert (await robin.post(inbox, robin.write("Like", about))).status == 202
    assert len(peer.asked(path, "GET")) == asked
    assert (await robin.post(inbox, robin.write("Like", about), key=old)).status == 401


async def test_s149_an_edit_of_what_nobody_saw(alder: RunningNode, peer: Peer) -> None:
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    dates = {"published": "2020-01-01T10:00:00Z", "updated": "2020-02-01T10:00:00Z"}
    old = note(fern, "Long before your time", **dates)
    await send(alder, peer, fern, fern.activity("Update", old, to=[PUBLIC]))
    assert await last(alder, fern) == "ignored"
    assert "Long before your time" not in await neighbours(alder)


async def test_s150_an_undo_that_comes_first(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    first = robin.activity("Follow", f"{alder.url}/group")
    await send(alder, peer, robin, robin.activity("Undo", first))
    await settled(alder)
    for follow in (first, robin.activity("Follow", f"{alder.url}/group")):
        await send(alder, peer, robin, follow)
    await peer.delivery("Accept", path="/users/robin/inbox")
    assert robin.id in [one["id"] for one in await alder.json("followers", "--json")]


async def test_s150_an_undo_and_the_follow_right_after_it(alder: RunningNode, peer: Peer) -> None:
    """Both are on disk before the first of them has its turn."""
    for name in ("wren", "finch", "heron"):
        actor = peer.actor(name)
        follow = actor.activity("Follow", f"{alder.url}/group")
        await send(alder, peer, actor, actor.activity("Undo", follow))
        await send(alder, peer, actor, follow)
        await peer.delivery("Accept", path=f"/users/{name}/inbox")


# --------------------------------------------------------------------------------- in private


async def test_s151_what_is_not_for_everyone_is_on_no_page(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    """A direct message, an answer for followers, and Pleroma's Create with readers trimmed to us."""
    robin, fern = MASTODON.member(peer), PLEROMA.member(peer, "fern")
    await befriend(alder, peer, fern.actor)
    moss, group = f"{alder.url}/reflections/moss", f"{alder.url}/group"
    said = [
        (robin, robin.note("Secret number one", to=(group,), cc=[])),
        (robin, robin.note("Secret number two", to=(robin.id + "/followers",), inReplyTo=moss)),
        (fern, fern.note("Secret number three", to=(fern.id + "/followers",), cc=[])),
    ]
    for member, thing in said:
        trimmed = member.create(thing) | {
            "to": [PUBLIC] if member is fern else thing["to"],
            "cc": [],
        }
        await send(alder, peer, member.actor, trimmed)
    await settled(alder)
    pages = ("/", "/neighbours", "/reflections", "/reflections/moss", "/feed.atom", "/feed.json")
    for path in (*pages, "/calendar.ics"):
        assert "Secret number" not in (await ask(path, BROWSER)).text, path
    document = await ask.document("/reflections/moss")
    for name in ("replies", "likes", "shares", "context"):
        address = document.get(name)
        if isinstance(address, str):
            assert "Secret number" not in json.dumps((await ask(address)).json)
            assert robin.id not in json.dumps((await ask(f"{address}?page=1")).text)
