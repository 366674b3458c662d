"""What several neighbours show us: it stays while one of them does, and goes with the last."""

import pytest

from node.clock import rfc3339
from node.errors import RefusedError
from node.services import boosts, cohosting, follows, moderation
from node.store import boosts as boost_store
from node.store import cohosting as cohosting_store
from node.store import neighbours
from node.store.cohosting import Cohosting, CohostState
from tests.federation.inbox.world import World, gathering
from tests.federation.peer import PeerActor


async def passed_on(world: World, *names: str) -> tuple[PeerActor, str, list[PeerActor]]:
    """A group with a gathering, its id, and neighbours of ours who pass it on."""
    home = world.peer.actor("home", type="Group")
    event = gathering(home)
    world.peer.serve(event["id"].removeprefix(world.peer.url("")), event)
    others = [world.peer.actor(name, type="Group") for name in names]
    for other in others:
        await world.follow(other, accepted=False)
        assert (await world.take(announced(other, event["id"]), other))[1] in (
            "",
            "we have this or a newer one",
        )
    return home, event["id"], others


def announced(actor: PeerActor, event: str) -> dict[str, object]:
    return actor.activity("Announce", event) | {"id": f"{actor.id}/boosts/1"}


async def shows(world: World, event: str) -> str | None:
    """Through whom the gathering is shown, if it is."""
    post = world.read(lambda session: neighbours.by_address(session, event))
    return post.actor_id if post is not None else None


async def unfollow(world: World, actor: PeerActor) -> None:
    now = world.clock.now()
    await world.write(lambda session: follows.stop(session, actor.id, now=now))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_it_goes_with_the_last_who_is_followed(world: World, order: tuple[int, int]) -> None:
    _, event, others = await passed_on(world, "oak", "elm")
    first, last = (others[one] for one in order)
    await unfollow(world, first)
    assert await shows(world, event) == last.id
    await unfollow(world, last)
    assert await shows(world, event) is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_it_goes_with_the_last_who_takes_it_back(
    world: World, order: tuple[int, int]
) -> None:
    _, event, others = await passed_on(world, "oak", "elm")
    first, last = (others[one] for one in order)
    await world.take(first.activity("Undo", announced(first, event)), first)
    assert await shows(world, event) == last.id
    await world.take(last.activity("Undo", announced(last, event)), last)
    assert await shows(world, event) is None


async def test_its_home_is_unfollowed_and_a_neighbour_passes_it_on(world: World) -> None:
    home, event, [oak] = await passed_on(world, "oak")
    await world.follow(home, accepted=False)
    await world.take(home.activity("Create", gathering(home)), home)
    assert await shows(world, event) == home.id
    await unfollow(world, home)
    assert await shows(world, event) == oak.id


async def test_who_is_blocked_takes_nothing_with_it_that_another_passes_on(world: World) -> None:
    home, event, [oak, elm] = await passed_on(world, "oak", "elm")
    now = world.clock.now()
    await world.write(lambda session: moderation.block(session, oak.id, who="Ana", now=now))
    assert await shows(world, event) == elm.id
    await world.write(lambda session: moderation.block(session, home.id, who="Ana", now=now))
    assert await shows(world, event) is None


async def test_what_we_pass_on_or_hold_together_ends_with_the_follow(world: World) -> None:
    home, event, _ = await passed_on(world)
    await world.follow(home)
    await world.take(home.activity("Create", gathering(home)), home)
    offer = Cohosting(
        event=event,
        actor_id=home.id,
        name="Home",
        offer_id=f"{home.id}/offers/1",
        inbox=f"{home.id}/inbox",
        ours=False,
        state=CohostState.PENDING,
    )
    now = world.clock.now()
    await world.write(lambda session: cohosting.asked(session, offer, now))
    await world.write(lambda session: cohosting.agree(session, event, now=now, who="Ana"))
    assert world.read(boost_store.every)
    await unfollow(world, home)
    assert world.read(boost_store.every) == []
    assert [one.state for one in world.read(cohosting_store.every)] == [CohostState.DECLINED]
    assert [one["answer"] for one in world.told("answer_offer")] == ["Accept", "Reject"]


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (None, True),
        ({"canAnnounce": {"automaticApproval": ["as:Public"]}}, True),
        ({"canAnnounce": {"automaticApproval": ["http://127.0.0.1/followers"]}}, False),
        ({"canAnnounce": {"manualApproval": ["as:Public"]}}, False),
        ({"canAnnounce": {"always": [], "approvalRequired": ["as:Public"]}}, False),
    ],
)
async def test_what_its_author_does_not_let_everyone_pass_on_is_refused(
    world: World, policy: object, allowed: bool
) -> None:
    home, event, _ = await passed_on(world)
    await world.follow(home)
    document = gathering(home) | ({"interactionPolicy": policy} if policy else {})
    await world.take(home.activity("Create", document), home)
    now = world.clock.now()
    if allowed:
        await world.write(lambda session: boosts.boost(session, event, who="Ana", now=now))
        # Its author changes their mind: it is taken back.
        world.clock.advance(seconds=60)
        later = document | {"updated": rfc3339(world.clock.now())}
        later["interactionPolicy"] = {"canAnnounce": {"manualApproval": ["as:Public"]}}
        await world.take(home.activity("Update", later), home)
    else:
        with pytest.raises(RefusedError, match="wants to be asked"):
            await world.write(lambda session: boosts.boost(session, event, who="Ana", now=now))
    assert world.read(boost_store.every) == []
