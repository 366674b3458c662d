"""What groups on other servers pass on (FEP-1b12, FEP-400e): read from where it comes, or not at all."""

from typing import Any

import pytest

from tests.federation.inbox.world import PUBLIC, World, note
from tests.federation.peer import PeerActor


@pytest.fixture
async def commons(world: World) -> PeerActor:
    """A group of a forum, which we follow."""
    one = world.peer.actor("commons", type="Group")
    await world.follow(one)
    return one


def page(world: World, author: PeerActor, **more: Any) -> dict[str, Any]:
    """A post of a forum, served where it comes from."""
    post = note(author, "p", type="Page", name="Seed swap", content="<p>On Sunday.</p>") | more
    world.peer.serve("/users/lea/notes/p", post)
    return post


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_a_wrapped_activity_is_read_from_its_origin(
    world: World, commons: PeerActor, kind: str
) -> None:
    """Lemmy, PieFed, Mbin, NodeBB, Discourse and WordPress wrap the whole activity."""
    lea = world.peer.actor("lea")
    post = page(world, lea, audience=commons.id)
    forged = post | {"content": "<p>Forged</p>", "name": "Forged"}
    inner = lea.activity(kind, forged, to=[commons.id, PUBLIC], audience=commons.id)
    announce = commons.activity("Announce", inner, to=[PUBLIC], cc=[commons.id + "/followers"])

    assert (await world.take(announce, commons))[0] == "applied"
    kept = world.post_of(post["id"])
    assert (kept.title, kept.author, kept.actor_id) == ("Seed swap", lea.id, commons.id)
    assert "Forged" not in kept.content


@pytest.mark.parametrize("kind", ["Like", "Dislike", "Undo", "Lock", "Block", "Add", "Flag"])
async def test_what_others_did_there_is_not_ours(
    world: World, commons: PeerActor, kind: str
) -> None:
    lea = world.peer.actor("lea")
    post = page(world, lea)
    announce = commons.activity("Announce", lea.activity(kind, post["id"]))
    assert (await world.take(announce, commons))[0] == "ignored"
    assert not world.rows("neighbour_post")
    assert not world.rows("witness")


async def test_a_wrapped_delete_is_believed_once_it_is_gone(
    world: World, commons: PeerActor
) -> None:
    lea = world.peer.actor("lea")
    post = page(world, lea)
    await world.take(commons.activity("Announce", lea.activity("Create", post)), commons)
    delete = commons.activity("Announce", lea.activity("Delete", post["id"]))
    await world.take(delete, commons)
    assert world.post_of(post["id"]) is not None

    world.peer.serve("/users/lea/notes/p", status=410)
    again = commons.activity("Announce", lea.activity("Delete", post["id"]))
    assert (await world.take(again, commons))[0] == "applied"
    assert world.post_of(post["id"]) is None


async def test_comments_do_not_stand_alone_among_the_neighbours(
    world: World, commons: PeerActor
) -> None:
    lea = world.peer.actor("lea")
    post = page(world, lea)
    await world.take(commons.activity("Announce", post["id"]), commons)
    comment = note(lea, "c", inReplyTo=post["id"])
    world.peer.serve("/users/lea/notes/c", comment)
    announce = commons.activity("Announce", lea.activity("Create", comment))
    assert await world.take(announce, commons) == (
        "ignored",
        "what is passed on is part of a conversation",
    )
    assert len(world.rows("neighbour_post")) == 1


async def test_what_is_passed_on_no_longer_goes(world: World, commons: PeerActor) -> None:
    lea = world.peer.actor("lea")
    post = page(world, lea)
    announce = commons.activity("Announce", post["id"])
    await world.take(announce, commons)
    mallory = world.peer.actor("mallory")
    await world.take(mallory.activity("Undo", announce | {"actor": mallory.id}), mallory)
    assert world.post_of(post["id"]) is not None
    assert (await world.take(commons.activity("Undo", announce), commons))[0] == "applied"
    assert world.post_of(post["id"]) is None


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ({"type": "Collection", "id": "WALL", "attributedTo": "OWNER"}, "applied"),
        ({"type": "Collection", "id": "WALL", "attributedTo": "https://x.example/u"}, "refused"),
        ({"type": "Collection", "id": "https://x.example/w", "attributedTo": "OWNER"}, "refused"),
        ("WALL", "ignored"),
        (None, "ignored"),
    ],
)
async def test_what_is_added_to_a_wall_says_itself_that_it_stands_there(
    world: World, commons: PeerActor, target: Any, outcome: str
) -> None:
    lea, wall = world.peer.actor("lea"), commons.id + "/wall"
    named = {"WALL": wall, "OWNER": commons.id}
    if isinstance(target, dict):
        target = {key: named.get(value, value) for key, value in target.items()}
    post = page(world, lea, target=named.get(target, target) if isinstance(target, str) else target)
    add = commons.activity("Add", post["id"], target=wall, to=[PUBLIC])

    assert (await world.take(add, commons))[0] == outcome
    assert (world.post_of(post["id"]) is not None) == (outcome == "applied")


async def test_only_a_neighbour_adds_to_its_own_wall(world: World, commons: PeerActor) -> None:
    lea, mallory = world.peer.actor("lea"), world.peer.actor("mallory")
    wall = {"type": "Collection", "id": commons.id + "/wall", "attributedTo": commons.id}
    post = page(world, lea, target=wall)
    add = mallory.activity("Add", post["id"], target=wall["id"])
    assert (await world.take(add, mallory))[0] == "ignored"
    assert not world.rows("neighbour_post")


async def test_a_page_written_to_the_group_is_held_with_its_title(world: World) -> None:
    """PieFed and Lemmy name the group in `to` and `audience` and mention nobody."""
    lea = world.peer.actor("lea")
    post = page(world, lea, to=[PUBLIC], cc=[], audience=world.group)
    await world.take(lea.activity("Create", post, audience=world.group), lea)
    [held] = world.rows("reply")
    assert held["content"] == "<p><strong>Seed swap</strong></p><p>On Sunday.</p>"
    assert (held["root"], held["public"], held["passable"]) == (None, 1, 1)
