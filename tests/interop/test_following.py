"""Following in both directions, in the dialects of other servers."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.federation.peer import Peer, PeerActor, rsa_key
from tests.interop.asking import Asker
from tests.interop.shapes import GOTOSOCIAL, LEMMY, MASTODON, MISSKEY, PLEROMA, Software
from tests.running_node import RunningNode, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")

AS2_URI = "https://www.w3.org/ns/activitystreams"
NOTE = {"language": "en", "title": "Word", "body": "Rain at last."}


async def send(alder: RunningNode, peer: Peer, actor: PeerActor, activity: Any) -> None:
    """Post to the group's inbox as the actor; it must be taken."""
    answer = await peer.post_signed(f"{alder.url}/group/inbox", activity, actor=actor)
    assert answer.status == 202, answer.body


async def followers(alder: RunningNode) -> list[str]:
    return [one["id"] for one in await alder.json("followers", "--json")]


async def follows(alder: RunningNode, actor: PeerActor, *, yes: bool = True) -> None:
    async def so() -> bool:
        return (actor.id in await followers(alder)) is yes

    await eventually(so)


async def accepts(peer: Peer, path: str, count: int) -> list[Any]:
    """The Accepts that came to a path, once there are that many."""

    async def there() -> list[Any]:
        found = [one for one in peer.deliveries(path) if one["type"] == "Accept"]
        return found if len(found) >= count else []

    found: list[Any] = await eventually(there)
    assert len(found) == count
    return found


# Being followed: b5 to b7, b9.


@pytest.mark.parametrize("inbox", ["/group/inbox", "/inbox"])
@pytest.mark.parametrize("object_", ["{group}", {"id": "{group}", "type": "Group"}])
async def test_s17_a_follow_is_accepted_at_the_personal_inbox(
    alder: RunningNode, peer: Peer, inbox: str, object_: Any
) -> None:
    robin = peer.actor("robin")
    group = f"{alder.url}/group"
    about = group if isinstance(object_, str) else object_ | {"id": group}
    follow = robin.activity("Follow", about)
    answer = await peer.post_signed(alder.url + inbox, follow, actor=robin)
    assert answer.status == 202

    [accept] = await accepts(peer, "/users/robin/inbox", 1)

    assert accept["actor"] == group
    assert accept["to"] == [robin.id]
    assert accept["object"] == {
        "id": follow["id"],
        "type": "Follow",
        "actor": robin.id,
        "object": group,
    }
    assert not peer.deliveries("/inbox")


async def test_s18_the_strings_come_back_as_misskey_wrote_them(
    alder: RunningNode, peer: Peer
) -> None:
    """Misskey looks the Follow up by comparing strings, not URLs."""
    robin = peer.actor("robin")
    spelled = peer.origin + "/follows/9x7a%2Dz/9x7b"
    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group") | {"id": spelled})

    [accept] = await accepts(peer, "/users/robin/inbox", 1)

    assert accept["object"]["id"] == spelled


async def test_s19_gotosocial_has_its_key_at_a_path_and_no_shared_inbox(
    alder: RunningNode, peer: Peer
) -> None:
    robin = peer.actor("robin", key_id=peer.url("/users/robin/main-key"), shared_inbox=False)
    stub = {
        name: robin.document[name]
        for name in ("@context", "id", "type", "preferredUsername", "publicKey")
    }
    peer.serve("/users/robin/main-key", stub)
    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))
    await accepts(peer, "/users/robin/inbox", 1)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({"to": ["{group}"], "published": "2031-01-01T00:00:00Z"}, id="pleroma"),
        pytest.param({"to": ["{group}"], "cc": []}, id="lemmy"),
        pytest.param({"id": "{origin}#users/7/follow/9"}, id="pixelfed"),
        pytest.param({"id": "{origin}/follow/f7e6#me", "to": ["{group}"]}, id="mobilizon"),
        pytest.param({"id": "{origin}/federation/m/{group}#follow"}, id="gancio"),
        pytest.param({"id": None, "to": "{group}", "cc": None}, id="no id"),
    ],
)
@pytest.mark.parametrize("kind", ["Application", "Person"])
async def test_b5_follows_in_other_shapes(
    alder: RunningNode, peer: Peer, shape: dict[str, Any], kind: str
) -> None:
    robin = peer.actor("robin", type=kind)
    group = f"{alder.url}/group"

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        if isinstance(value, str):
            return value.format(group=group, origin=peer.origin)
        return value

    more = {name: filled(value) for name, value in shape.items()}
    await send(alder, peer, robin, robin.activity("Follow", group) | more)

    [accept] = await accepts(peer, "/users/robin/inbox", 1)
    assert accept["object"].get("id") == more.get("id", accept["object"].get("id"))
    assert accept["object"]["object"] == group


@pytest.mark.parametrize("same_id", [True, False])
async def test_s20_a_follow_sent_again_is_accepted_again(
    alder: RunningNode, peer: Peer, same_id: bool
) -> None:
    """Whoever asks again has not heard us; Mastodon does when its user tries once more."""
    robin = peer.actor("robin")
    follow = robin.activity("Follow", f"{alder.url}/group")
    await send(alder, peer, robin, follow)
    await accepts(peer, "/users/robin/inbox", 1)

    again = follow if same_id else robin.activity("Follow", f"{alder.url}/group")
    await send(alder, peer, robin, again)

    accept = (await accepts(peer, "/users/robin/inbox", 2))[-1]
    assert accept["object"]["id"] == again["id"]
    assert (await followers(alder)).count(robin.id) == 1


@pytest.mark.parametrize("form", ["embedded", "id only", "embedded without actor"])
async def test_s21_s22_an_undo_ends_it(alder: RunningNode, peer: Peer, form: str) -> None:
    robin = peer.actor("robin")
    follow = robin.activity("Follow", f"{alder.url}/group")
    await send(alder, peer, robin, follow)
    await accepts(peer, "/users/robin/inbox", 1)
    done: Any = {
        "embedded": follow,
        "id only": follow["id"],
        "embedded without actor": {name: follow[name] for name in ("id", "type", "object")},
    }[form]

    await send(alder, peer, robin, robin.activity("Undo", done))

    await follows(alder, robin, yes=False)


async def test_s23_an_undo_of_nothing_is_taken(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    await send(alder, peer, robin, robin.activity("Undo", robin.id + "/follow/77"))
    await send(
        alder,
        peer,
        robin,
        robin.activity("Undo", robin.activity("Follow", f"{alder.url}/group")),
    )
    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))
    await follows(alder, robin)


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, MISSKEY, PLEROMA, LEMMY], ids=str)
async def test_s24_whoever_blocks_us_hears_no_more(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    alone: dict[str, Any] = {"endpoints": None, "sharedInbox": None}
    robin, wren = (software.member(peer, name, **alone) for name in ("robin", "wren"))
    group, inbox = f"{alder.url}/group", f"{alder.url}/group/inbox"
    for one in (robin, wren):
        assert (await one.post(inbox, one.follow(group))).status == 202
        await accepts(peer, one.inbox, 1)
    block = robin.write("Block", group)
    assert (await robin.post(inbox, block)).status == 202
    await follows(alder, robin.actor, yes=False)
    assert (await robin.post(inbox, robin.undo(block))).status == 202

    slug = f"rain-{urlsplit(peer.origin).port}"
    await alder.command("reflection", "add", "-", stdin=NOTE | {"id": slug})

    await peer.delivery("Create", path=wren.inbox)
    assert [one["type"] for one in peer.deliveries(robin.inbox)] == ["Accept"]
    assert (await robin.post(inbox, robin.follow(group))).status == 202
    await follows(alder, robin.actor)


async def test_s21_whoever_left_hears_no_more(alder: RunningNode, peer: Peer) -> None:
    robin, wren = (peer.actor(name, shared_inbox=False) for name in ("robin", "wren"))
    follow = robin.activity("Follow", f"{alder.url}/group")
    await send(alder, peer, robin, follow)
    await send(alder, peer, wren, wren.activity("Follow", f"{alder.url}/group"))
    await accepts(peer, "/users/robin/inbox", 1)
    await send(alder, peer, robin, robin.activity("Undo", follow))
    await follows(alder, robin, yes=False)

    slug = f"left-{urlsplit(peer.origin).port}"
    await alder.command("reflection", "add", "-", stdin=NOTE | {"id": slug})

    await peer.delivery("Create", path="/users/wren/inbox")
    assert [one["type"] for one in peer.deliveries("/users/robin/inbox")] == ["Accept"]


async def test_b5_a_forged_follow_changes_nothing(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    follow = robin.activity("Follow", f"{alder.url}/group")
    answer = await peer.post_signed(f"{alder.url}/inbox", follow, actor=robin, key=rsa_key(9))
    assert answer.status == 401
    assert robin.id not in await followers(alder)


async def test_s26_followers_are_counted_and_not_listed(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    before = (await ask.document("/group/followers"))["totalItems"]
    robin = peer.actor("robin")
    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))
    await follows(alder, robin)

    for name in ("followers", "following"):
        collection = await ask.document(f"/group/{name}")
        assert collection["type"] == "OrderedCollection"
        assert collection["id"] == f"{alder.url}/group/{name}"
        assert not {"first", "items", "orderedItems"} & set(collection)
    assert (await ask.document("/group/followers"))["totalItems"] == before + 1


async def test_s29_nobody_else_can_be_followed(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    nobody = f"{alder.url}/users/nobody"
    answer = await peer.post_signed(
        nobody + "/inbox", robin.activity("Follow", nobody), actor=robin
    )
    assert answer.status == 404
    shared = await peer.post_signed(
        f"{alder.url}/inbox", robin.activity("Follow", nobody), actor=robin
    )
    assert shared.status == 202

    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))

    [accept] = await accepts(peer, "/users/robin/inbox", 1)
    assert accept["object"]["object"] == f"{alder.url}/group"


# Following: b8 and b10.


async def asked(alder: RunningNode, peer: Peer, **more: Any) -> tuple[PeerActor, Any]:
    """A group `fern` of the peer that alder asked to follow, and the Follow."""
    fern = peer.actor("fern", type="Group", **more)
    await alder.command("follow", "@" + fern.handle)
    return fern, await peer.delivery("Follow", path="/users/fern/inbox")


async def state(alder: RunningNode, actor: PeerActor) -> str:
    found = await alder.json("following", "--json")
    return next((one["state"] for one in found if one["id"] == actor.id), "none")


async def becomes(alder: RunningNode, actor: PeerActor, wanted: str) -> None:
    async def so() -> bool:
        return await state(alder, actor) == wanted

    await eventually(so)


@pytest.mark.parametrize("shared_inbox", [True, False])
async def test_s25_our_follow_goes_to_the_own_inbox_of_whom_we_follow(
    alder: RunningNode, peer: Peer, shared_inbox: bool
) -> None:
    """GoToSocial takes a Follow at no other inbox, and only if the signer is the actor."""
    fern, follow = await asked(alder, peer, shared_inbox=shared_inbox)

    assert follow["object"] == fern.id
    assert follow["to"] == [fern.id]
    [request] = peer.asked("/users/fern/inbox", "POST")
    assert request.key_id == f"{alder.url}/group#main-key"
    assert follow["actor"] == f"{alder.url}/group"
    assert not peer.asked("/inbox", "POST")

    await send(alder, peer, fern, fern.activity("Reject", follow))
    await becomes(alder, fern, "rejected")
    assert len(peer.deliveries("/users/fern/inbox")) == 1


SHAPES_OF_ACCEPT = {
    "mastodon embeds it": lambda follow, _: follow,
    "its id": lambda follow, _: follow["id"],
    "misskey, without to": lambda follow, _: {
        name: follow[name] for name in ("id", "type", "actor", "object")
    },
    "with an id of their own": lambda follow, fern: follow | {"id": f"{fern.id}/follows/1"},
    "pleroma, actor as object": lambda follow, _: (
        follow | {"actor": {"id": follow["actor"], "type": "Group"}}
    ),
}


@pytest.mark.parametrize("shape", SHAPES_OF_ACCEPT)
async def test_s27_every_shape_of_accept_confirms(
    alder: RunningNode, peer: Peer, shape: str
) -> None:
    fern, follow = await asked(alder, peer)
    accept = fern.activity("Accept", SHAPES_OF_ACCEPT[shape](follow, fern))

    await send(alder, peer, fern, accept)
    await becomes(alder, fern, "accepted")
    await send(alder, peer, fern, accept)
    assert await state(alder, fern) == "accepted"


async def test_s27_what_confirms_nothing(alder: RunningNode, peer: Peer) -> None:
    fern, follow = await asked(alder, peer)
    moss = peer.actor("moss", type="Group")

    await send(alder, peer, moss, moss.activity("Accept", follow))
    await send(alder, peer, fern, fern.activity("Accept", f"{alder.url}/activities/never-sent"))
    await send(alder, peer, fern, fern.activity("Accept", f"{fern.id}/follows/8"))
    await send(
        alder,
        peer,
        fern,
        fern.activity("Accept", follow | {"actor": moss.id, "id": moss.id + "/1"}),
    )
    # In the order they came: once the Follow below is answered, those above have had their turn.
    await send(alder, peer, fern, fern.activity("Follow", f"{alder.url}/group"))
    await peer.delivery("Accept", path="/users/fern/inbox")

    assert await state(alder, fern) == "pending"


async def test_s17_s21_gancio_comes_and_goes(alder: RunningNode, peer: Peer) -> None:
    gancio = peer.actor("events", type="Application")
    follow = {
        "@context": AS2_URI,
        "id": f"{peer.origin}/federation/m/{alder.url}/group#follow",
        "type": "Follow",
        "actor": gancio.id,
        "object": f"{alder.url}/group",
    }
    undo = {
        "@context": AS2_URI,
        "id": f"{peer.origin}/federation/m/{alder.url}/group#unfollow",
        "type": "Undo",
        "actor": gancio.id,
        "object": {name: follow[name] for name in ("id", "type", "object")},
    }
    await send(alder, peer, gancio, follow)
    await follows(alder, gancio)
    await send(alder, peer, gancio, undo)
    await follows(alder, gancio, yes=False)


async def test_b10_a_neighbour_is_shown_once_it_has_accepted(
    alder: RunningNode, peer: Peer
) -> None:
    fern, follow = await asked(alder, peer)
    await send(alder, peer, fern, fern.activity("Accept", follow))
    await becomes(alder, fern, "accepted")
    assert "Fern" in await page(f"{alder.url}/neighbours")


async def test_b5_many_follow_at_once(alder: RunningNode, peer: Peer) -> None:
    flock = [peer.actor(f"bird{number}") for number in range(12)]
    await asyncio.gather(
        *(send(alder, peer, one, one.activity("Follow", f"{alder.url}/group")) for one in flock)
    )
    for one in flock:
        await accepts(peer, f"/users/{one.name}/inbox", 1)
