"""Follow and Undo: who follows our group."""

import itertools

import pytest

from tests.federation.inbox.world import World
from tests.federation.peer import PeerActor


async def test_a_follow_is_kept_and_accepted(world: World) -> None:
    alice = world.peer.actor("alice")
    follow = alice.activity("Follow", world.group)

    assert await world.take(follow, alice) == ("applied", "")

    [follower] = world.followers()
    assert (follower.actor_id, follower.inbox) == (alice.id, alice.inbox)
    assert follower.shared_inbox == world.peer.url("/inbox")
    assert follower.follow_id == follow["id"]
    [accept] = world.told("accept_follow")
    assert accept["subject"] == alice.id
    assert accept["inbox"] == alice.inbox
    assert accept["follow"] == {key: follow[key] for key in ("type", "id", "actor", "object")}


async def test_a_follow_sent_again_is_accepted_again(world: World) -> None:
    alice = world.peer.actor("alice")
    first, second = alice.activity("Follow", world.group), alice.activity("Follow", world.group)

    await world.take(first, alice)
    assert await world.take(first, alice) == ("applied", "accepted again")
    assert await world.take(second, alice) == ("applied", "accepted again")
    await world.take(first, alice)

    assert len(world.followers()) == 1
    assert len(world.told("accept_follow")) == 3
    assert world.followers()[0].follow_id == second["id"]


async def test_ids_that_are_used_again_mean_something_new_after_a_while(world: World) -> None:
    """gancio has one id for all its Follows of us, and one for every Undo of them."""
    gancio = world.peer.actor("events", type="Application")
    follow = gancio.activity("Follow", world.group)
    undo = gancio.activity("Undo", {name: follow[name] for name in ("id", "type", "object")})

    for _ in range(3):
        assert (await world.take(follow, gancio))[0] == "applied"
        assert len(world.followers()) == 1
        assert (await world.take(undo, gancio))[0] == "applied"
        await world.take(follow, gancio)  # a copy that was under way for long
        assert not world.followers()
        world.clock.advance(minutes=11)


async def test_the_object_may_be_embedded_and_the_id_missing(world: World) -> None:
    alice = world.peer.actor("alice")
    follow = alice.activity("Follow", {"id": world.group, "type": "Group"}, id=None)

    assert (await world.take(follow, alice))[0] == "applied"

    assert world.told("accept_follow")[0]["follow"] == {
        "type": "Follow",
        "actor": alice.id,
        "object": world.group,
    }


@pytest.mark.parametrize("path", ["/group/nobody", "/events/circle"])
async def test_nothing_else_can_be_followed(world: World, path: str) -> None:
    alice = world.peer.actor("alice")

    state, _ = await world.take(alice.activity("Follow", world.urls.origin + path), alice)

    assert state == "ignored"
    assert not world.followers()
    assert not world.told()


@pytest.mark.parametrize(
    ("name", "kind", "taken"),
    [("relay", "Application", True), ("relay", "Person", False), ("alice", "Application", False)],
)
async def test_only_relays_follow_the_node_itself(
    world: World, name: str, kind: str, taken: bool
) -> None:
    actor, instance = world.peer.actor(name, type=kind), world.urls.instance
    follow = actor.activity("Follow", instance)

    await world.take(follow, actor)

    assert bool(world.followers()) is taken
    [told] = world.told("accept_follow" if taken else "reject_follow")
    assert told["followed"] == told["follow"]["object"] == instance
    await world.take(actor.activity("Undo", follow), actor)
    assert not world.followers()


async def test_a_follower_whose_inbox_is_elsewhere_is_refused(world: World) -> None:
    alice = world.peer.actor("alice", inbox="https://victim.example/inbox")

    state, _ = await world.take(alice.activity("Follow", world.group), alice)

    assert state == "refused"
    assert not world.followers()


@pytest.mark.parametrize("shape", ["embedded", "id alone", "without ids"])
async def test_undo_ends_it(world: World, shape: str) -> None:
    alice = world.peer.actor("alice")
    follow = alice.activity("Follow", world.group)
    await world.take(follow, alice)
    thing = {
        "embedded": follow,
        "id alone": follow["id"],
        "without ids": {"type": "Follow", "actor": alice.id, "object": world.group},
    }[shape]

    assert (await world.take(alice.activity("Undo", thing), alice))[0] == "applied"

    assert not world.followers()


async def test_undo_of_what_never_was_is_no_error_and_bars_nothing(world: World) -> None:
    alice = world.peer.actor("alice")
    follow = alice.activity("Follow", world.group)

    assert (await world.take(alice.activity("Undo", follow), alice))[0] == "ignored"
    assert (await world.take(follow, alice))[0] == "applied"

    assert len(world.followers()) == 1


async def test_nobody_undoes_the_follow_of_another(world: World) -> None:
    alice, mallory = world.peer.actor("alice"), world.peer.actor("mallory")
    follow = alice.activity("Follow", world.group)
    await world.take(follow, alice)

    assert (await world.take(mallory.activity("Undo", follow), mallory))[0] == "refused"
    assert (await world.take(mallory.activity("Undo", follow["id"]), mallory))[0] == "ignored"

    assert len(world.followers()) == 1


async def test_undo_of_an_earlier_follow_does_not_end_a_later_one(world: World) -> None:
    alice = world.peer.actor("alice")
    first, second = alice.activity("Follow", world.group), alice.activity("Follow", world.group)
    for activity in (first, second):
        await world.take(activity, alice)

    assert (await world.take(alice.activity("Undo", first), alice))[0] == "ignored"

    assert len(world.followers()) == 1


async def test_an_undo_overtakes_a_follow_that_still_waits(world: World) -> None:
    """The follower's server was down when the Follow was worked off."""
    alice = world.peer.actor("alice", key_id=world.peer.url("/keys/alice"))
    follow = alice.activity("Follow", world.group)
    world.peer.serve(
        "/keys/alice",
        {"id": alice.key_id, "owner": alice.id, "publicKeyPem": alice.key.public_pem()},
    )
    await world.post(follow, alice)
    await world.write(lambda session: session.run("DELETE FROM actor"))
    world.peer.serve("/users/alice", status=503)
    await world.work()

    assert (await world.take(alice.activity("Undo", follow), alice))[0] == "applied"
    world.peer.serve("/users/alice", alice.document)
    world.clock.advance(hours=2)
    await world.work()

    assert not world.followers()


async def test_the_last_word_stands_however_often_all_is_repeated(world: World) -> None:
    alice, bob = world.peer.actor("alice"), world.peer.actor("bob")

    def log(actor: PeerActor) -> list[dict[str, object]]:
        follow = actor.activity("Follow", world.group)
        return [follow, actor.activity("Undo", follow), actor.activity("Follow", world.group)]

    for first, second in itertools.zip_longest(log(alice), log(bob)[:2] * 2):
        for activity, actor in ((first, alice), (second, bob)):
            if activity is not None:
                await world.take(activity, actor)
                await world.take(activity, actor)

    assert [one.actor_id for one in world.followers()] == [alice.id]


async def test_a_block_ends_following_in_both_directions(world: World) -> None:
    alice = world.peer.actor("alice", type="Group")
    await world.follow(alice)
    await world.take(alice.activity("Follow", world.group), alice)

    block = alice.activity("Block", world.group)
    assert (await world.take(block, alice))[0] == "applied"
    assert (await world.take(alice.activity("Undo", block), alice))[0] == "ignored"

    assert not world.followers()
    assert not world.following()
