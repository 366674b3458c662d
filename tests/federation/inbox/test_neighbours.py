"""Our own follows: Accept, Reject, Move, and reading a new neighbour's events."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from node.services import follows
from node.store import neighbours
from node.store.following import FollowState
from tests.federation.inbox.world import PUBLIC, World, gathering, note
from tests.federation.peer import Peer, PeerActor, Reply

UNKNOWN = "http://nowhere.example/follows/1"


def hills(world: World, **more: Any) -> PeerActor:
    """A group on the other server."""
    return world.peer.actor("hills", type="Group", **more)


@pytest.mark.parametrize("shape", ["id alone", "embedded", "embedded, id of their making"])
async def test_an_accept_confirms_our_follow(world: World, shape: str) -> None:
    group = hills(world)
    follow_id = await world.follow(group, accepted=False)
    follow = {"id": follow_id, "type": "Follow", "actor": world.group, "object": group.id}
    thing = {
        "id alone": follow_id,
        "embedded": follow,
        "embedded, id of their making": follow | {"id": group.id + "/requests/1"},
    }[shape]

    assert (await world.take(group.activity("Accept", thing), group))[0] == "applied"
    assert (await world.take(group.activity("Accept", thing), group))[0] == "ignored"

    [neighbour] = world.following()
    assert (neighbour.state, neighbour.handle) == (FollowState.ACCEPTED, group.handle)
    assert len(world.rows("backfill")) == 1


async def test_an_accept_of_an_earlier_follow_counts(world: World) -> None:
    group = hills(world)
    first = await world.follow(group, accepted=False)
    await world.write(
        lambda session: session.run(
            "INSERT INTO activity (id, type, object_id, digest, signer, public, published_at)"
            " VALUES (:id, 'Follow', :object, '', 'group', 0, 0)",
            {"id": first, "object": group.id},
        )
    )
    await world.follow(group, accepted=False)

    assert (await world.take(group.activity("Accept", first), group))[0] == "applied"


async def test_an_accept_of_what_we_never_asked_is_ignored(world: World) -> None:
    group, other = hills(world), world.peer.actor("other")
    follow_id = await world.follow(group, accepted=False)
    embedded = {"id": follow_id, "type": "Follow", "actor": world.group, "object": group.id}

    for actor, thing in [
        (group, UNKNOWN),
        (group, world.urls.activity("01unknown")),
        (group, embedded | {"id": world.urls.activity("01unknown")}),
        (group, embedded | {"id": None, "actor": other.id}),
        (other, follow_id),
        (other, embedded),
    ]:
        assert (await world.take(actor.activity("Accept", thing), actor))[0] == "ignored"

    assert world.following()[0].state is FollowState.PENDING


async def test_a_reject_ends_it_before_or_after_an_accept(world: World) -> None:
    group = hills(world)
    follow_id = await world.follow(group)

    assert (await world.take(group.activity("Reject", follow_id), group))[0] == "applied"
    assert (await world.take(group.activity("Reject", follow_id), group))[0] == "ignored"

    assert world.following()[0].state is FollowState.REJECTED
    assert not world.rows("backfill")
    assert len(world.told()) == 1


async def test_asking_again_keeps_an_accepted_neighbour(world: World) -> None:
    group = hills(world)
    await world.follow(group)

    await world.follow(group, accepted=False)

    assert world.following()[0].state is FollowState.ACCEPTED
    assert len(world.told("follow")) == 2


async def test_after_an_unfollow_its_posts_are_not_shown(world: World) -> None:
    group, now = hills(world), world.clock.now()
    await world.follow(group)
    event = gathering(group)
    await world.take(group.activity("Create", event), group)
    assert len(world.read(lambda session: neighbours.upcoming_events(session, now))) == 1

    await world.write(lambda session: follows.stop(session, group.id, now=now))

    assert not world.read(lambda session: neighbours.upcoming_events(session, now))
    [undo] = world.told("undo_follow")
    assert undo["follow_id"] == world.told("follow")[0]["follow_id"]


async def moved(world: World, old: PeerActor, **document: Any) -> tuple[PeerActor, str]:
    """Say that `old` lives at a new address; that address and what came of it."""
    new = world.peer.actor("valley", type="Group", **document)
    move = old.activity("Move", old.id, target=new.id)
    return new, (await world.take(move, old))[0]


async def test_a_neighbour_that_moves_is_followed_at_its_new_address(world: World) -> None:
    old = hills(world)
    await world.follow(old)
    await world.take(old.activity("Create", gathering(old)), old)

    new, state = await moved(world, old, alsoKnownAs=[old.id])

    assert state == "applied"
    [neighbour] = world.following()
    assert (neighbour.actor_id, neighbour.state) == (new.id, FollowState.PENDING)
    assert [told["subject"] for told in world.told("follow")] == [old.id, new.id]
    assert [told["subject"] for told in world.told("undo_follow")] == [old.id]
    assert world.rows("neighbour_post")[0]["actor_id"] == new.id


@pytest.mark.parametrize("aliases", [None, [], ["http://127.0.0.1/users/hills"]])
async def test_a_move_the_new_address_knows_nothing_of_is_refused(
    world: World, aliases: list[str] | None
) -> None:
    old = hills(world)
    await world.follow(old)

    _, state = await moved(world, old, alsoKnownAs=aliases)

    assert state == "refused"
    assert world.following()[0].actor_id == old.id


async def test_a_move_to_an_address_that_is_left_itself_is_refused(world: World) -> None:
    """One hop: a chain of moves leads to wherever its last link likes."""
    old = hills(world)
    await world.follow(old)

    _, state = await moved(world, old, alsoKnownAs=[old.id], movedTo=world.peer.url("/users/sea"))

    assert state == "refused"
    assert world.following()[0].actor_id == old.id


async def test_a_follower_that_moves_follows_from_there_only_by_asking(world: World) -> None:
    old = hills(world)
    assert (await world.take(old.activity("Follow", world.group), old))[0] == "applied"

    new, state = await moved(world, old, alsoKnownAs=[old.id])

    assert state == "ignored"
    assert [one.actor_id for one in world.followers()] == [old.id]
    await world.take(new.activity("Follow", world.group), new)
    assert [one.actor_id for one in world.followers()] == [old.id, new.id]


async def test_moves_to_and_fro_end_after_one(world: World) -> None:
    old = hills(world)
    await world.follow(old)
    new, _ = await moved(world, old, alsoKnownAs=[old.id])
    old.document["alsoKnownAs"] = [new.id]

    back = new.activity("Move", new.id, target=old.id)

    assert (await world.take(back, new))[0] == "refused"


async def test_nobody_moves_another(world: World) -> None:
    group, mallory = hills(world), world.peer.actor("mallory", alsoKnownAs=["x"])
    await world.follow(group)
    mallory.document["alsoKnownAs"] = [group.id]

    move = mallory.activity("Move", group.id, target=mallory.id)

    assert (await world.take(move, mallory))[0] == "refused"
    assert world.following()[0].actor_id == group.id


async def turn(world: World) -> bool:
    """Let the one whose turn it is be read; whether there was one."""
    began = await world.backfill_worker.step()
    await world.backfill_worker.settle()
    return began


async def read_upcoming(world: World, group: PeerActor) -> list[str]:
    """Follow and read; the titles of what we know of the neighbour's events then."""
    await world.follow(group)
    while await turn(world):
        pass
    assert not world.rows("backfill")
    return sorted(row["title"] for row in world.rows("neighbour_post"))


def collection(url: str, items: list[Any], **more: Any) -> dict[str, Any]:
    return {"id": url, "type": "OrderedCollection", "orderedItems": items} | more


async def test_upcoming_events_are_read_from_ids_and_objects(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url)
    by_id = gathering(group, "1", name="By id")
    world.peer.serve("/users/hills/events/1", by_id)
    over = gathering(group, "3", name="Over", startTime="2027-03-01T10:00:00Z", endTime=None)
    private = gathering(group, "4", name="Private", to=[group.id], cc=[])
    foreign = gathering(group, "5", name="Foreign") | {"id": "https://evil.example/events/5"}
    items = [by_id["id"], gathering(group, "2", name="Embedded"), over, private, foreign]
    world.peer.serve("/upcoming", collection(url, [*items, note(group), None, 7, {"type": "Link"}]))

    assert await read_upcoming(world, group) == ["By id", "Embedded"]


async def test_what_an_id_of_the_neighbour_leads_to_elsewhere_is_not_its_own(world: World) -> None:
    """The document is authentic, but another server's, and it names nobody: not the neighbour's word."""
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, outbox=None)
    async with Peer.start() as other:
        foreign = gathering(group, "1", name="Elsewhere") | {"id": other.url("/events/1")}
        foreign.pop("attributedTo")
        other.serve("/events/1", foreign)
        pointer = world.peer.serve("/pointer", foreign)
        world.peer.serve("/upcoming", collection(url, [pointer]))

        assert await read_upcoming(world, group) == []
        assert other.asked("/events/1")


async def test_without_them_the_pages_of_the_outbox_are_read(world: World) -> None:
    group = hills(world)
    outbox, first, second = (group.id + path for path in ("/outbox", "/outbox/1", "/outbox/2"))
    world.peer.serve(
        "/users/hills/outbox", {"id": outbox, "type": "OrderedCollection", "first": first}
    )
    create = group.activity("Create", gathering(group, "1", name="First page"))
    boost = group.activity("Announce", "https://else.example/1")
    world.peer.serve("/users/hills/outbox/1", collection(first, [create, boost], next=second))
    later = group.activity("Create", gathering(group, "2", name="Second page"))
    world.peer.serve("/users/hills/outbox/2", collection(second, [later]))

    assert await read_upcoming(world, group) == ["First page", "Second page"]


async def test_collections_in_circles_and_without_end_are_left(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, featured=world.peer.url("/featured"), outbox=None)
    world.peer.serve("/upcoming", collection(url, [url], first=url, next=url))
    endless: dict[str, Any] = {"type": "OrderedCollectionPage", "orderedItems": []}
    endless["next"] = {"type": "OrderedCollectionPage", "next": {"next": {"next": {"next": {}}}}}
    world.peer.serve("/featured", {"id": world.peer.url("/featured"), "first": endless})

    assert await read_upcoming(world, group) == []
    assert len(world.peer.asked("/upcoming")) == 1


async def test_a_neighbour_in_trouble_is_asked_again(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, outbox=None)
    found = collection(url, [gathering(group)])
    world.peer.script("/upcoming", Reply(status=503), Reply(body=found))
    await world.follow(group)

    await turn(world)
    assert not await turn(world)
    world.clock.advance(minutes=2)
    await turn(world)

    assert len(world.rows("neighbour_post")) == 1
    assert not world.rows("backfill")


async def test_a_neighbour_that_is_slow_keeps_no_other_waiting(world: World) -> None:
    answered = asyncio.Event()

    async def dawdles(_: web.BaseRequest) -> web.StreamResponse:
        await answered.wait()
        return web.json_response({}, content_type="application/activity+json")

    slow = hills(world, upcomingEvents=world.peer.script("/upcoming", dawdles), outbox=None)
    async with Peer.start(clock=world.clock.now, host="localhost") as other:
        url = other.url("/upcoming")
        quick = other.actor("dunes", type="Group", upcomingEvents=url)
        other.serve("/upcoming", collection(url, [gathering(quick)]))
        for group in (slow, quick):
            await world.follow(group, accepted=False)
            await world.take(group.activity("Accept", follow_of(world, group)), group)

        assert await world.backfill_worker.step()
        assert await world.backfill_worker.step()
        assert not await world.backfill_worker.step()
        async with asyncio.timeout(5):
            while not world.rows("neighbour_post"):
                await asyncio.sleep(0.01)  # between two looks
        assert [row["actor_id"] for row in world.rows("backfill")] == [slow.id]
        answered.set()
        await world.backfill_worker.settle()

    assert not world.rows("backfill")


def follow_of(world: World, group: PeerActor) -> str:
    """The id of our Follow of `group`."""
    return next(one.follow_id for one in world.following() if one.actor_id == group.id)


async def test_what_was_deleted_or_unfollowed_meanwhile_does_not_come_back(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, outbox=None)
    event = gathering(group)
    world.peer.serve("/upcoming", collection(url, [event], to=[PUBLIC]))
    await world.follow(group)
    await world.take(group.activity("Delete", event["id"]), group)

    await turn(world)

    assert not world.rows("neighbour_post")


async def test_a_neighbour_is_read_again_about_once_a_day_and_costs_little(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, outbox=None)
    first = collection(url, [gathering(group, "1", name="First")])
    both = collection(url, [gathering(group, "1", name="First"), gathering(group, "2", name="New")])
    world.peer.script(
        "/upcoming",
        Reply(body=first, headers={"ETag": '"one"'}),
        Reply(status=304),
        Reply(body=both, headers={"ETag": '"two"'}),
    )
    assert await read_upcoming(world, group) == ["First"]
    assert not await turn(world)
    rows = world.rows("neighbour_post")

    world.clock.advance(days=2)
    assert await turn(world)
    asked = dict(world.peer.asked("/upcoming")[-1].headers)
    assert asked["If-None-Match"] == '"one"'
    assert world.rows("neighbour_post") == rows

    world.clock.advance(days=2)
    assert await turn(world)
    assert sorted(row["title"] for row in world.rows("neighbour_post")) == ["First", "New"]
    assert not await turn(world)


async def test_a_dead_neighbour_is_asked_ever_more_rarely(world: World) -> None:
    url = world.peer.url("/upcoming")
    group = hills(world, upcomingEvents=url, outbox=None)
    world.peer.script("/upcoming", Reply(body=collection(url, [gathering(group)])))
    await read_upcoming(world, group)
    world.peer.serve("/upcoming", Reply(status=500))
    tries = 0
    for _ in range(60):
        world.clock.advance(days=1)
        tries += await turn(world)
    assert 4 <= tries <= 7
    assert len(world.rows("neighbour_post")) == 1


def article(group: PeerActor, name: str, **more: Any) -> dict[str, Any]:
    """A practice of a neighbour."""
    return {
        "id": f"{group.id}/practices/{name}",
        "type": "Article",
        "attributedTo": group.id,
        "to": [PUBLIC],
        "name": name,
        "content": "<p>Breathe.</p>",
    } | more


async def test_a_library_is_read_within_bounds_and_what_left_it_goes(world: World) -> None:
    library = world.peer.url("/library")
    group = hills(world, practices=library, upcomingEvents=world.peer.url("/upcoming"), outbox=None)
    theirs = [
        article(group, "kept"),
        article(group, "leaves"),
        article(group, "followers-only", to=[group.id + "/followers"]),
        article(group, "unlisted", to=[], cc=[PUBLIC]),
        article(group, "somebody", attributedTo=world.peer.url("/users/other")),
        article(group, "elsewhere", id="https://else.example/practices/1"),
        article(group, "event", type=["Article", "Event"]),
        "https://else.example/practices/2",
        None,
        *(article(group, f"more-{number}") for number in range(200)),
    ]
    shelf = {"type": "OrderedCollection", "id": library, "orderedItems": theirs}
    world.peer.serve("/library", shelf)
    empty = {"type": "OrderedCollection", "orderedItems": []}
    world.peer.serve("/upcoming", empty | {"id": world.peer.url("/upcoming")})
    await world.follow(group)
    assert await turn(world)
    names = {row["title"] for row in world.rows("neighbour_post") if row["practice"]}
    assert len(names) == 100 - 6
    assert {"kept", "leaves"} <= names
    assert names.isdisjoint({"followers-only", "unlisted", "somebody", "elsewhere", "event"})

    # In trouble nothing goes; what is no longer in the library does.
    world.peer.serve("/library", status=503)
    world.clock.advance(days=2)
    assert await turn(world)
    assert any(row["title"] == "leaves" for row in world.rows("neighbour_post"))
    world.peer.serve("/library", shelf | {"orderedItems": [theirs[0]]})
    world.clock.advance(days=2)
    assert await turn(world)
    assert [row["title"] for row in world.rows("neighbour_post")] == ["kept"]
    deleted = group.activity("Delete", theirs[0]["id"])
    assert (await world.take(deleted, group))[0] == "applied"
    assert world.rows("neighbour_post") == []
