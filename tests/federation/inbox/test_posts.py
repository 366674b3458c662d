"""Create, Update, Delete, Announce: what neighbours publish."""

from dataclasses import replace
from typing import Any

import pytest

from federation.inbox.posts import MOST_A_DAY
from node.services import moderation
from node.store import neighbours
from node.store.database import Session
from tests.federation.inbox.world import PUBLIC, World, gathering, note
from tests.federation.peer import Peer, PeerActor


async def neighbour(world: World, name: str = "hills", **more: Any) -> PeerActor:
    """A group of the other server that we follow."""
    group = world.peer.actor(name, type="Group", **more)
    await world.follow(group, accepted=False)
    return group


async def test_a_gathering_of_a_neighbour_is_kept_as_we_show_it(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group, content='<p onclick="x()">Bring a <b>drum</b>.</p><script>y</script>')

    assert await world.take(group.activity("Create", event), group) == ("applied", "")

    post = world.post_of(event["id"])
    assert (post.title, post.place) == ("Council of All Beings", "Hall, Main St 1, Freiburg")
    assert post.start.isoformat() == "2027-05-01T16:00:00+00:00"
    assert post.timezone == "Europe/Berlin"
    assert post.content == "<p>Bring a <b>drum</b>.</p>"
    assert post.actor_id == post.author == group.id


@pytest.mark.parametrize(
    ("addressing", "kept", "listed"),
    [
        ({"to": [PUBLIC]}, True, True),
        ({"to": "as:Public", "cc": None}, True, True),
        ({"to": ["https://x.example/f"], "cc": [PUBLIC]}, True, False),
        ({"to": ["https://x.example/f"], "cc": []}, False, False),
    ],
)
async def test_only_what_is_for_everyone_is_kept(
    world: World, addressing: dict[str, Any], kept: bool, listed: bool
) -> None:
    group = await neighbour(world)
    event = gathering(group, **addressing)

    await world.take(group.activity("Create", event), group)

    assert (world.post_of(event["id"]) is not None) == kept
    now = world.clock.now()
    shown = world.read(lambda session: neighbours.upcoming_events(session, now))
    assert bool(shown) == listed


@pytest.mark.parametrize("nobody", [[], None], ids=["empty", "absent"])
@pytest.mark.parametrize(("reader", "kept"), [(PUBLIC, True), ("https://x.example/f", False)])
async def test_what_names_nobody_is_for_the_readers_of_its_activity(
    world: World, nobody: Any, reader: str, kept: bool
) -> None:
    group = await neighbour(world)
    event = gathering(group, to=nobody, cc=nobody)

    await world.take(group.activity("Create", event, to=[reader]), group)

    assert (world.post_of(event["id"]) is not None) == kept


async def test_strangers_are_not_kept(world: World) -> None:
    stranger = world.peer.actor("stranger")

    state, _ = await world.take(stranger.activity("Create", note(stranger)), stranger)

    assert state == "ignored"
    assert not world.rows("neighbour_post")


async def test_an_object_sent_as_its_id_is_fetched(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group)
    world.peer.serve("/users/hills/events/1", event)

    assert (await world.take(group.activity("Create", event["id"]), group))[0] == "applied"


async def test_a_gathering_pushed_without_place_is_fetched_with_it(world: World) -> None:
    """EveryCal does so; where the fetch fails, what was pushed is better than nothing."""
    group = await neighbour(world)
    full, bare = gathering(group, "1"), gathering(group, "2", location=None)
    world.peer.serve("/users/hills/events/1", full)

    for event in (full | {"location": None}, bare):
        assert (await world.take(group.activity("Create", event), group))[0] == "applied"

    assert world.post_of(full["id"]).place == "Hall, Main St 1, Freiburg"
    assert world.post_of(bare["id"]).place == ""


async def test_nobody_publishes_in_the_name_of_another(world: World) -> None:
    group, mallory = await neighbour(world), world.peer.actor("mallory")
    person = world.peer.actor("person")
    await world.follow(person, accepted=False)
    async with Peer.start(clock=world.clock.now) as evil:
        eve = evil.actor("eve")
        for actor, thing in [
            (mallory, note(person)),
            (eve, note(group)),
            (eve, note(eve) | {"attributedTo": group.id}),
            (group, note(group) | {"id": evil.url("/notes/1")}),
            (group, note(group) | {"id": world.urls.event("circle")}),
        ]:
            activity = actor.activity("Create", thing)
            sender = evil if actor is eve else world.peer
            assert (await sender.post_signed(world.inbox, activity, actor=actor)).status == 202
        await world.work()

    assert not world.rows("neighbour_post")
    assert {row["state"] for row in world.rows("inbound")} == {"refused"}


async def test_a_group_speaks_through_the_people_of_its_server(world: World) -> None:
    """Mobilizon signs as the Person; the Group stands in attributedTo."""
    group, person = await neighbour(world), world.peer.actor("person")
    event = gathering(group, actor=person.id)
    create = person.activity("Create", event)

    assert (await world.take(create, person))[0] == "applied"

    post = world.post_of(event["id"])
    assert (post.actor_id, post.author) == (group.id, group.id)


async def test_what_the_server_says_counts_where_somebody_speaks_for_a_group(world: World) -> None:
    group, mallory = await neighbour(world), world.peer.actor("mallory")
    event = gathering(group)
    forged = event | {"name": "Forged", "updated": "2027-03-14T15:00:00Z"}
    await world.take(group.activity("Create", event), group)

    assert (await world.take(mallory.activity("Update", forged), mallory))[0] == "refused"
    world.peer.serve("/users/hills/events/1", event | {"updated": "2027-03-14T15:30:00Z"})
    assert (await world.take(mallory.activity("Update", forged), mallory))[0] == "applied"

    assert world.post_of(event["id"]).title == event["name"]


async def test_an_update_replaces_and_an_older_one_does_not(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group)
    await world.take(group.activity("Create", event), group)

    async def update(**changes: Any) -> str:
        return (await world.take(group.activity("Update", event | changes), group))[0]

    assert await update(name="Moved", updated="2027-03-14T15:00:00Z") == "applied"
    assert await update(name="Older", updated="2027-03-14T14:00:00Z") == "ignored"
    assert world.post_of(event["id"]).title == "Moved"
    assert await update(status="CANCELLED", updated="2099-01-01T00:00:00Z") == "applied"
    world.clock.advance(hours=1)
    assert await update(name="Undated") == "applied"
    assert world.post_of(event["id"]).title == "Undated"


async def test_updates_that_share_one_id_all_count(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group)
    await world.take(group.activity("Create", event), group)

    for hour in (14, 15):
        changed = event | {"name": f"At {hour}", "updated": f"2027-03-14T{hour}:00:00Z"}
        update = group.activity("Update", changed, id=event["id"] + "#update")
        assert (await world.take(update, group))[0] == "applied"

    assert world.post_of(event["id"]).title == "At 15"


async def test_owner_and_kind_never_change(world: World) -> None:
    group, other = await neighbour(world), await neighbour(world, "other")
    event = gathering(group)
    await world.take(group.activity("Create", event), group)
    later = {"updated": "2027-03-14T15:00:00Z", "name": "Taken over"}

    for actor, changes in [
        (other, {}),
        (other, {"attributedTo": other.id}),
        (group, {"attributedTo": other.id}),
        (group, {"type": "Note"}),
    ]:
        await world.take(actor.activity("Update", event | later | changes), actor)

    assert world.post_of(event["id"]).title == "Council of All Beings"


async def test_an_update_may_be_the_first_we_hear_of_a_gathering(world: World) -> None:
    group = await neighbour(world)
    old = {"published": "2027-03-01T00:00:00Z", "updated": "2027-03-14T15:00:00Z"}

    event = group.activity("Update", gathering(group, **old))
    text = group.activity("Update", note(group, **old))

    assert (await world.take(event, group))[0] == "applied"
    assert (await world.take(text, group))[0] == "ignored"


async def test_what_becomes_private_is_taken_down(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group)
    await world.take(group.activity("Create", event), group)

    hidden = event | {"to": [group.id], "cc": [], "updated": "2027-03-14T15:00:00Z"}
    await world.take(group.activity("Update", hidden), group)

    assert world.post_of(event["id"]) is None


async def test_a_profile_that_changes_is_fetched_not_believed(world: World) -> None:
    group = await neighbour(world)
    group.document |= {"name": "High Hills", "inbox": group.id + "/new-inbox"}
    forged = group.document | {"name": "Forged", "inbox": "https://victim.example/inbox"}

    assert (await world.take(group.activity("Update", forged), group))[0] == "applied"

    assert world.following()[0].name == "High Hills"
    assert world.following()[0].inbox == group.id + "/new-inbox"


@pytest.mark.parametrize("tombstone", [True, False])
async def test_what_its_author_deletes_goes_and_stays_away(world: World, tombstone: bool) -> None:
    group = await neighbour(world)
    event = gathering(group)
    create = group.activity("Create", event)
    await world.take(create, group)
    thing = {"id": event["id"], "type": "Tombstone"} if tombstone else event["id"]

    assert (await world.take(group.activity("Delete", thing), group))[0] == "applied"
    assert (await world.take(group.activity("Create", event), group))[0] == "refused"

    assert not world.rows("neighbour_post")


async def test_a_delete_that_comes_first_is_remembered(world: World) -> None:
    group = await neighbour(world)
    event = gathering(group)

    await world.take(group.activity("Delete", event["id"]), group)

    assert (await world.take(group.activity("Create", event), group))[0] == "refused"


async def test_nobody_deletes_what_is_anothers(world: World) -> None:
    person, mallory = world.peer.actor("person"), world.peer.actor("mallory")
    await world.follow(person, accepted=False)
    ours, theirs = await world.event(), note(person)
    await world.take(person.activity("Create", theirs), person)

    for thing in (theirs["id"], ours, world.group, "https://else.example/1"):
        assert (await world.take(mallory.activity("Delete", thing), mallory))[0] == "refused"

    assert world.post_of(theirs["id"]) is not None
    assert {row["id"] for row in world.rows("remote_tombstone")} == set()


async def test_an_actor_that_is_gone_leaves_nothing(world: World) -> None:
    ours, group = await world.event(registration={"mode": "open"}), await neighbour(world)
    await world.take(group.activity("Follow", world.group), group)
    await world.take(group.activity("Create", gathering(group)), group)
    await world.take(group.activity("Create", note(group, inReplyTo=ours)), group)
    await world.take(group.activity("Like", ours), group)
    await world.take(group.activity("Join", ours), group)

    assert (await world.take(group.activity("Delete", group.id), group))[0] == "applied"

    for table in ("follower", "following", "neighbour_post", "reply", "witness", "rsvp", "actor"):
        assert not world.rows(table), table


async def test_what_a_neighbour_passes_on_is_read_where_it_comes_from(world: World) -> None:
    group = await neighbour(world)
    async with Peer.start(clock=world.clock.now) as origin:
        author = origin.actor("author")
        event = gathering(author)
        origin.serve("/users/author/events/1", event)
        forged = event | {"name": "Forged", "content": "<p>Send money.</p>"}

        assert (await world.take(group.activity("Announce", forged), group))[0] == "applied"

        post = world.post_of(event["id"])
        assert (post.title, post.actor_id, post.author) == (event["name"], group.id, author.id)
        assert (await world.take(group.activity("Announce", event["id"]), group))[0] == "ignored"


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_whole_activities_passed_on_are_seen_through(world: World, kind: str) -> None:
    """FEP-1b12: Lemmy, PieFed, NodeBB, Discourse and WordPress do so."""
    group, member = await neighbour(world), world.peer.actor("member")
    event = gathering(member, audience=group.id)
    world.peer.serve("/users/member/events/1", event)

    announce = group.activity("Announce", member.activity(kind, event | {"name": "Forged"}))

    assert (await world.take(announce, group))[0] == "applied"
    assert world.post_of(event["id"]).title == event["name"]


async def test_a_passed_on_delete_is_looked_up(world: World) -> None:
    group, member = await neighbour(world), world.peer.actor("member")
    event = gathering(member)
    world.peer.serve("/users/member/events/1", event)
    await world.take(group.activity("Announce", event["id"]), group)
    delete = member.activity("Delete", event["id"])

    assert (await world.take(group.activity("Announce", delete), group))[0] == "ignored"
    world.peer.serve("/users/member/events/1", status=410)
    assert (await world.take(group.activity("Announce", delete), group))[0] == "applied"

    assert not world.rows("neighbour_post")


async def test_what_is_passed_on_no_longer_goes_and_what_they_wrote_stays(world: World) -> None:
    group = await neighbour(world)
    own = gathering(group, "1")
    await world.take(group.activity("Create", own), group)
    author = world.peer.actor("author")
    event = gathering(author, "2")
    world.peer.serve("/users/author/events/2", event)
    for thing in (event, own):
        await world.take(group.activity("Undo", group.activity("Announce", thing["id"])), group)
    announce = group.activity("Announce", event["id"])
    assert (await world.take(announce, group))[0] == "applied"

    assert (await world.take(group.activity("Undo", announce), group))[0] == "applied"

    assert world.post_of(event["id"]) is None
    assert world.post_of(own["id"]) is not None


async def test_what_cannot_be_believed_is_not_passed_on(world: World) -> None:
    group = await neighbour(world)
    async with Peer.start(clock=world.clock.now) as origin:
        author = origin.actor("author")
        private = gathering(author, "1", to=[author.id], cc=[])
        stolen = gathering(author, "2", attributedTo=group.id)
        for thing in (private, stolen, {"id": author.id + "/events/3", "type": "Person"}):
            origin.serve(thing["id"].removeprefix(origin.origin), thing)
            await world.take(group.activity("Announce", thing["id"]), group)
        other = gathering(author, "4")
        origin.serve("/users/author/events/5", other)
        await world.take(group.activity("Announce", author.id + "/events/5"), group)

    assert not world.rows("neighbour_post")


async def test_strangers_cannot_make_us_fetch(world: World) -> None:
    stranger = world.peer.actor("stranger")

    for thing in (world.peer.url("/bait"), {"id": world.peer.url("/bait"), "type": "Note"}):
        await world.take(stranger.activity("Announce", thing), stranger)
        await world.take(stranger.activity("Create", thing), stranger)

    assert not world.peer.asked("/bait")


async def test_what_comes_from_a_blocked_server_is_not_passed_on(world: World) -> None:
    group, now = await neighbour(world), world.clock.now()
    async with Peer.start(clock=world.clock.now) as origin:
        event = gathering(origin.actor("author"))
        origin.serve("/users/author/events/1", event)
        host = origin.host
        await world.write(lambda session: moderation.block(session, host, who="ann", now=now))

        assert (await world.take(group.activity("Announce", event["id"]), group))[0] == "refused"


async def test_a_neighbours_answers_to_others_are_not_shown_but_its_threads_are(
    world: World,
) -> None:
    group = await neighbour(world)
    event = gathering(group)
    await world.take(group.activity("Create", event), group)

    own = group.activity("Create", note(group, "1", inReplyTo=event["id"]))
    other = group.activity("Create", note(group, "2", inReplyTo="https://else.example/1"))

    assert (await world.take(own, group))[0] == "applied"
    assert (await world.take(other, group))[0] == "ignored"


async def test_a_neighbour_that_never_stops_is_heard_again_tomorrow(world: World) -> None:
    loud, quiet = await neighbour(world), await neighbour(world, "quiet")
    first = note(loud)
    await world.take(loud.activity("Create", first), loud)
    post = world.post_of(first["id"])

    def fill(session: Session) -> None:
        for number in range(MOST_A_DAY - 1):
            neighbours.put(session, replace(post, id=f"{loud.id}/many/{number}"))

    await world.write(fill)

    state, why = await world.take(loud.activity("Create", note(loud, "1001")), loud)
    assert (state, why) == ("ignored", "this neighbour has published too much today")
    changed = first | {"content": "<p>Changed</p>", "updated": "2027-03-14T16:30:00Z"}
    assert (await world.take(loud.activity("Update", changed), loud))[0] == "applied"
    assert (await world.take(quiet.activity("Create", note(quiet)), quiet))[0] == "applied"

    world.clock.advance(days=1, seconds=1)
    state, _ = await world.take(loud.activity("Create", note(loud, "1002")), loud)
    assert state == "applied"
