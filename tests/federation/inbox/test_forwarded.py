"""What one server passes on of another's actor: believed by its proof, or as its own server shows it."""

from typing import Any

import pytest

from federation.proofs import add_proof
from federation.signatures import SigningKey, generate_ed25519
from tests.federation.inbox.world import World, note
from tests.federation.peer import Peer, PeerActor

KEY = generate_ed25519()


def provable(peer: Peer, name: str = "alice", key: SigningKey = KEY) -> PeerActor:
    """An actor with a key for proofs."""
    made = peer.actor(name)
    made.document["assertionMethod"] = [
        {
            "id": f"{made.id}#ed25519-key",
            "type": "Multikey",
            "controller": made.id,
            "publicKeyMultibase": key.public.multikey(),
        }
    ]
    return made


def proved(world: World, activity: dict[str, Any], method: str, **more: Any) -> dict[str, Any]:
    return add_proof(activity, KEY, method, world.clock.now()) | more


async def passed_on(world: World, activity: dict[str, Any], status: int = 202) -> tuple[str, str]:
    """Have somebody on another server pass it on; the state and outcome it comes to."""
    async with Peer.start(clock=world.clock.now) as other:
        answer = await other.post_signed(world.inbox, activity, actor=other.actor("relay"))
        assert answer.status == status, answer.body
        await world.work()
    rows = world.rows("inbound")
    return (rows[-1]["state"], rows[-1]["outcome"]) if rows else ("not kept", "")


async def reply_to_us(world: World, alice: PeerActor, **more: Any) -> dict[str, Any]:
    answer = note(alice, inReplyTo=await world.event(), **more)
    return alice.activity("Create", answer, to=answer["to"])


async def test_a_proof_by_the_author_counts_as_the_authors_signature(world: World) -> None:
    alice = provable(world.peer)
    activity = proved(world, await reply_to_us(world, alice), f"{alice.id}#ed25519-key")

    assert (await passed_on(world, activity))[0] == "applied"

    [row] = world.rows("inbound")
    assert (row["origin"], row["actor_id"], row["forwarded"]) == (world.peer.origin, alice.id, 0)
    assert world.rows("reply")[0]["actor_id"] == alice.id
    assert not world.peer.asked(f"{alice.id.removeprefix(world.peer.origin)}/notes/1")


async def test_the_same_brought_twice_takes_effect_once(world: World) -> None:
    alice = provable(world.peer)
    activity = proved(world, await reply_to_us(world, alice), f"{alice.id}#ed25519-key")
    await passed_on(world, activity)
    await world.post(activity, alice)
    await world.work()

    assert len(world.rows("inbound")) == 1


@pytest.mark.parametrize("flaw", ["changed", "foreign method", "other suite", "old", "not listed"])
async def test_without_a_valid_proof_the_authors_server_is_asked(world: World, flaw: str) -> None:
    """It shows other words than those passed on: its own count."""
    alice = provable(world.peer)
    activity = await reply_to_us(world, alice)
    world.peer.serve("/users/alice/notes/1", dict(activity["object"]))
    method = f"{alice.id}#ed25519-key"
    if flaw == "foreign method":
        method = "http://127.0.0.1:9/users/alice#ed25519-key"
    forged = proved(world, activity, method)
    if flaw == "other suite":
        forged["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    if flaw == "not listed":
        del alice.document["assertionMethod"]
    if flaw == "old":
        world.clock.advance(days=8)
    if flaw != "old":
        forged["object"] = activity["object"] | {"content": "<p>Forged.</p>"}

    assert (await passed_on(world, forged))[0] == "applied"

    assert world.rows("inbound")[0]["forwarded"] == 1
    assert world.rows("reply")[0]["content"] == "<p>We met by the river.</p>"


async def test_an_ld_signature_is_asked_for_too(world: World) -> None:
    alice = world.peer.actor("alice")
    activity = await reply_to_us(world, alice)
    world.peer.serve("/users/alice/notes/1", dict(activity["object"]))

    mark = {"type": "RsaSignature2017", "creator": f"{alice.id}#main-key", "signatureValue": "x"}

    assert (await passed_on(world, activity | {"signature": mark}))[0] == "applied"


async def test_what_its_server_does_not_show_has_no_effect(world: World) -> None:
    alice = world.peer.actor("alice")
    activity = await reply_to_us(world, alice)

    assert (await passed_on(world, activity | {"signature": {}}))[0] == "ignored"
    assert not world.rows("reply")


async def test_a_server_in_trouble_is_asked_again(world: World) -> None:
    alice = world.peer.actor("alice")
    activity = await reply_to_us(world, alice)
    world.peer.serve("/users/alice/notes/1", status=503)
    assert (await passed_on(world, activity | {"signature": {}}))[0] == "waiting"

    world.peer.serve("/users/alice/notes/1", dict(activity["object"]))
    world.clock.advance(minutes=2)
    await world.work()

    assert world.rows("reply")


async def test_an_object_of_somebody_else_there_is_refused(world: World) -> None:
    alice, bob = world.peer.actor("alice"), world.peer.actor("bob")
    activity = await reply_to_us(world, alice)
    world.peer.serve("/users/alice/notes/1", activity["object"] | {"attributedTo": bob.id})

    assert (await passed_on(world, activity | {"signature": {}}))[0] == "refused"
    assert not world.rows("reply")


async def test_an_object_on_a_third_server_is_not_asked_for(world: World) -> None:
    alice = world.peer.actor("alice")
    activity = await reply_to_us(world, alice)
    async with Peer.start(clock=world.clock.now) as third:
        activity["object"]["id"] = third.serve("/notes/1", dict(activity["object"]))
        assert await passed_on(world, activity | {"signature": {}}) == ("not kept", "")
        assert not third.requests


async def test_a_delete_passed_on_counts_where_the_thing_is_gone(world: World) -> None:
    alice = world.peer.actor("alice")
    created = await reply_to_us(world, alice)
    assert (await world.take(created, alice))[0] == "applied"
    gone = alice.activity("Delete", created["object"]["id"], to=[world.group]) | {"signature": {}}

    world.peer.serve("/users/alice/notes/1", dict(created["object"]))
    assert (await passed_on(world, gone))[0] == "refused"
    assert world.rows("reply")

    world.peer.serve("/users/alice/notes/1", status=410)
    again = gone | {"id": f"{alice.id}/delete/again"}
    assert (await passed_on(world, again))[0] == "applied"
    assert not world.rows("reply")


async def test_any_other_activity_is_fetched_itself(world: World) -> None:
    alice = world.peer.actor("alice")
    like = alice.activity("Like", await world.event())
    world.peer.serve("/users/alice/like/1", like)
    assert (await passed_on(world, like | {"signature": {}}))[0] == "applied"

    other = alice.activity("Like", await world.event(id="another"))
    world.peer.serve("/users/alice/like/2", other | {"type": "Announce"})
    assert (await passed_on(world, other | {"signature": {}}))[0] == "refused"
    assert len(world.rows("witness")) == 1


async def test_what_does_not_concern_us_is_acknowledged_and_never_asked_for(world: World) -> None:
    alice = world.peer.actor("alice")
    activity = alice.activity("Create", note(alice)) | {"signature": {}}

    assert await passed_on(world, activity) == ("not kept", "")
    assert not world.peer.requests


async def test_without_any_mark_it_is_refused(world: World) -> None:
    alice = world.peer.actor("alice")

    assert (await passed_on(world, await reply_to_us(world, alice), status=401))[0] == "not kept"


async def test_a_follow_is_never_taken_from_somebody_else_by_its_proof(world: World) -> None:
    """Who left could be made to follow again with what they once signed."""
    alice = provable(world.peer)
    follow = alice.activity("Follow", world.group)
    old = proved(world, follow, f"{alice.id}#ed25519-key")

    assert (await passed_on(world, old))[0] == "ignored"
    assert world.followers() == []

    world.peer.serve("/users/alice/follow/1", follow)
    again = old | {"id": f"{alice.id}/follow/1"}
    async with Peer.start(clock=world.clock.now) as other:
        assert (
            await other.post_signed(world.inbox, again, actor=other.actor("relay"))
        ).status == 202
        await world.work()
    assert [one.actor_id for one in world.followers()] == [alice.id]


async def test_an_unknown_type_of_somebody_else_is_401_without_a_mark(world: World) -> None:
    alice = world.peer.actor("alice")
    assert (await passed_on(world, alice.activity("Travel", world.group), 401))[0] == "not kept"
