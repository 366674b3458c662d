"""Who comes to our events, in every dialect: Join and Leave, Accept and Reject of the event."""

import asyncio
from typing import Any

import pytest

from node.errors import ConflictError, RefusedError
from node.services import events, invitations, moderation, rsvps
from tests.federation.inbox.world import World
from tests.federation.peer import PeerActor

OPEN = {"mode": "open"}


def listed(world: World, slug: str = "circle") -> dict[str, tuple[str, str]]:
    """Answer and state by name."""
    found = world.read(lambda session: rsvps.of_event(session, slug))
    return {rsvp.who.rpartition("/")[2]: (rsvp.answer, rsvp.state) for rsvp in found}


def answers(world: World) -> list[tuple[str, str]]:
    """Our answers to Joins: to whom, and which."""
    told = world.told("answer_join")
    return [(one["actor"].rpartition("/")[2], one["answer"]) for one in told]


async def test_a_join_gets_a_place_and_an_accept(world: World) -> None:
    event, alice = await world.event(registration=OPEN), world.peer.actor("alice")
    join = alice.activity("Join", event, participationMessage="<b>Two</b> drums")

    assert await world.take(join, alice) == ("applied", "confirmed")

    assert listed(world) == {"alice": ("going", "confirmed")}
    [answer] = world.told("answer_join")
    assert (answer["subject"], answer["answer"], answer["inbox"]) == (
        "circle",
        "Accept",
        alice.inbox,
    )
    assert answer["join"] == {key: join[key] for key in ("type", "id", "actor", "object")}
    assert world.rows("rsvp")[0]["message"] == "Two drums"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"registration": {"mode": "external", "url": "https://tickets.example/"}},
        {"registration": {"mode": "phone"}},
    ],
)
async def test_where_no_registration_is_taken_a_join_is_ignored(
    world: World, changes: dict[str, Any]
) -> None:
    """FEP-8a8e: whoever handles no RSVPs answers every Join with Ignore."""
    event, alice = await world.event(**changes), world.peer.actor("alice")

    assert (await world.take(alice.activity("Join", event), alice))[0] == "refused"

    assert not listed(world)
    assert answers(world) == [("alice", "Ignore")]


@pytest.mark.parametrize(
    "changes",
    [
        {"registration": OPEN, "status": "cancelled"},
        {"registration": OPEN | {"deadline_local": "2027-03-01T00:00:00"}},
        {"registration": OPEN, "start_local": "2027-03-01T10:00:00", "end_local": None},
        {"registration": {"mode": "invite"}},
    ],
)
async def test_where_nobody_can_join_the_answer_is_reject(
    world: World, changes: dict[str, Any]
) -> None:
    event, alice = await world.event(**changes), world.peer.actor("alice")

    assert (await world.take(alice.activity("Join", event), alice))[0] == "refused"

    assert not listed(world)
    assert answers(world) == [("alice", "Reject")]


async def test_while_the_hosts_think_there_is_no_answer(world: World) -> None:
    event = await world.event(registration={"mode": "approval"})
    alice = world.peer.actor("alice")

    assert await world.take(alice.activity("Join", event), alice) == ("applied", "pending")

    assert not answers(world)
    [asked] = world.read(lambda session: rsvps.of_event(session, "circle"))
    await world.write(lambda session: rsvps.confirm(session, asked, now=world.clock.now()))
    assert answers(world) == [("alice", "Accept")]
    assert listed(world) == {"alice": ("going", "confirmed")}


async def test_the_last_place_is_given_once(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1})
    people = [world.peer.actor(f"p{number}", key=world.peer.actor("k").key) for number in range(50)]

    await asyncio.gather(*(world.post(one.activity("Join", event), one) for one in people))
    await world.work()

    assert len(listed(world)) == 1
    assert sorted(answer for _, answer in answers(world)) == ["Accept"] + ["Reject"] * 49


async def test_who_waits_longest_gets_the_place_that_comes_free(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1, "waitlist": True})
    ann, bob, cas = (world.peer.actor(name) for name in ("ann", "bob", "cas"))
    for person in (ann, bob, cas):
        await world.take(person.activity("Join", event), person)
    assert listed(world)["bob"] == listed(world)["cas"] == ("going", "waiting")

    await world.take(ann.activity("Leave", event), ann)

    assert listed(world) == {"bob": ("going", "confirmed"), "cas": ("going", "waiting")}
    assert answers(world) == [("ann", "Accept"), ("bob", "Accept")]


async def test_asking_again_is_answered_again_and_keeps_the_place(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1})
    ann = world.peer.actor("ann")

    for _ in range(2):
        assert (await world.take(ann.activity("Join", event), ann))[1] == "confirmed"

    assert answers(world) == [("ann", "Accept")] * 2


@pytest.mark.parametrize(
    "taken_back", ["Leave", "Leave with the id of the Join", "Undo", "Undo by id", "Reject"]
)
async def test_every_way_of_not_coming_after_all(world: World, taken_back: str) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    join = ann.activity("Join", event)
    await world.take(join, ann)

    activity = {
        "Leave": lambda: ann.activity("Leave", event),
        "Leave with the id of the Join": lambda: ann.activity("Leave", event, id=join["id"]),
        "Undo": lambda: ann.activity("Undo", join),
        "Undo by id": lambda: ann.activity("Undo", join["id"]),
        "Reject": lambda: ann.activity("Reject", event),
    }[taken_back]()
    assert (await world.take(activity, ann))[0] == "applied"

    gone = {"ann": ("not_going", "confirmed")} if taken_back == "Reject" else {}
    assert listed(world) == gone


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("Accept", "going"),
        ("TentativeAccept", "maybe"),
        ("TentativeReject", "maybe"),
        ("Reject", "not_going"),
    ],
)
@pytest.mark.parametrize("shape", ["id", "event", "invite"])
async def test_the_dialect_of_friendica_and_everycal(
    world: World, kind: str, answer: str, shape: str
) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    thing: dict[str, Any] = {
        "id": event,
        "event": {"id": event, "type": "Event"},
        "invite": {"id": world.urls.activity("1"), "type": "Invite", "object": event},
    }[shape]  # type: ignore[assignment]

    assert (await world.take(ann.activity(kind, thing), ann))[0] == "applied"

    assert listed(world) == {"ann": (answer, "confirmed")}
    assert not answers(world)


async def test_who_changes_their_mind_is_listed_once(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")

    for kind in ("Accept", "TentativeAccept", "Reject", "Join"):
        await world.take(ann.activity(kind, event), ann)

    assert listed(world) == {"ann": ("going", "confirmed")}


async def test_who_waited_in_the_other_dialect_gets_no_answer(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1, "waitlist": True})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    await world.take(ann.activity("Join", event), ann)
    await world.take(bob.activity("Accept", event), bob)

    await world.take(ann.activity("Leave", event), ann)

    assert listed(world) == {"bob": ("going", "confirmed")}
    assert answers(world) == [("ann", "Accept")]


async def test_nobody_answers_for_another(world: World) -> None:
    event = await world.event(registration=OPEN)
    ann, mallory = world.peer.actor("ann"), world.peer.actor("mallory")
    join = ann.activity("Join", event)
    await world.take(join, ann)

    for thing in (join, join["id"], join | {"actor": mallory.id}):
        await world.take(mallory.activity("Undo", thing), mallory)
    await world.take(mallory.activity("Leave", event), mallory)

    assert listed(world) == {"ann": ("going", "confirmed")}


async def asked(world: World, ann: PeerActor, event: str) -> tuple[str, str]:
    return await world.take(ann.activity("Join", event), ann)


async def test_events_other_servers_do_not_know_cannot_be_joined(world: World) -> None:
    ann = world.peer.actor("ann")
    hidden = await world.event(registration=OPEN, visibility="link_only")
    removed = await world.event(registration=OPEN, id="removed")
    now = world.clock.now()
    await world.write(lambda session: events.remove_event(session, "removed", now=now))

    for event in (hidden, removed, world.urls.event("never"), world.group):
        assert (await asked(world, ann, event))[0] == "ignored"

    assert not world.rows("rsvp")
    assert not answers(world)


async def test_a_blocked_guest_makes_room(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1, "waitlist": True})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    await asked(world, ann, event)
    await asked(world, bob, event)
    now = world.clock.now()

    await world.write(lambda session: moderation.block(session, ann.id, who="sam", now=now))

    assert listed(world) == {"bob": ("going", "confirmed")}


async def invite(world: World, guest: PeerActor) -> str:
    """The hosts invite somebody; the id of the Invite."""
    actor, now = await world.resolver.actor(guest.id), world.clock.now()
    made = await world.write(
        lambda session: invitations.invite(
            session, "circle", actor, urls=world.urls, now=now, who="sam"
        )
    )
    return made.invite_id


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("Accept", "going"),
        ("TentativeAccept", "maybe"),
        ("TentativeReject", "maybe"),
        ("Reject", "not_going"),
        ("Join", "going"),
    ],
)
@pytest.mark.parametrize("shape", ["id", "embedded", "event"])
@pytest.mark.parametrize("mode", ["invite", "approval", "none"])
async def test_whom_the_hosts_invite_gets_in_however_they_answer(
    world: World, kind: str, answer: str, shape: str, mode: str
) -> None:
    event = await world.event(registration={"mode": mode})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    invite_id = await invite(world, ann)
    thing: Any = {
        "id": invite_id,
        "embedded": {"id": invite_id, "type": "Invite", "object": {"id": event, "type": "Event"}},
        "event": event,
    }[shape if kind != "Join" else "event"]

    await world.take(bob.activity(kind, thing), bob)
    assert (await world.take(ann.activity(kind, thing), ann))[0] == "applied"

    assert listed(world)["ann"] == (answer, "confirmed")
    assert listed(world).get("bob") != ("going", "confirmed")


async def test_an_invitation_is_told_to_one_person_and_its_end_as_well(world: World) -> None:
    await world.event(registration={"mode": "invite"})
    ann, now = world.peer.actor("ann"), world.clock.now()
    await invite(world, ann)
    with pytest.raises(ConflictError):
        await invite(world, ann)

    await world.write(
        lambda session: invitations.withdraw(session, "circle", ann.id, now=now, who="sam")
    )

    told = [(one["kind"], one["inbox"]) for one in world.told() if one["kind"] != "create_event"]
    assert told == [(kind, ann.inbox) for kind in ("invite", "direct_message", "undo_invite")]
    assert ann.id not in str(world.rows("audit"))
    assert (await world.take(ann.activity("Join", world.urls.event("circle")), ann))[0] == "refused"


@pytest.mark.parametrize(
    "changes", [{"visibility": "link_only"}, {"status": "cancelled"}, {"federate": False}]
)
async def test_nobody_is_invited_to_what_they_could_not_come_to(
    world: World, changes: dict[str, Any]
) -> None:
    await world.event(registration={"mode": "invite"}, **changes)

    with pytest.raises(RefusedError):
        await invite(world, world.peer.actor("ann"))

    assert not world.rows("invitation")


@pytest.mark.parametrize("shape", ["type", "flag"])
async def test_smithereen_says_maybe_by_a_tentative_join(world: World, shape: str) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    join = (
        ann.activity("TentativeJoin", event)
        if shape == "type"
        else ann.activity("Join", event, tentative=True)
    )

    assert (await world.take(join, ann))[0] == "applied"

    assert listed(world) == {"ann": ("maybe", "confirmed")}
    assert answers(world) == [("ann", "Accept")]
    [told] = world.told("answer_join")
    assert told["join"]["type"] == join["type"]


async def test_an_accept_of_a_join_is_none_of_our_business(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    join = {"id": f"{ann.id}/join/1", "type": "Join", "actor": world.group, "object": event}

    for thing in (join, join["id"], world.urls.activity("never-sent")):
        assert (await world.take(ann.activity("Accept", thing), ann))[0] == "ignored"

    assert not listed(world)


async def test_a_late_answer_does_not_undo_a_newer_one(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    older = ann.activity("Accept", event, published="2027-03-13T10:00:00Z")
    newer = ann.activity("Leave", event, published="2027-03-13T11:00:00Z")

    await world.take(newer, ann)
    assert (await world.take(older, ann))[1] == "they have said something newer"

    assert not listed(world)


async def test_a_leave_that_overtakes_the_join_it_has_the_id_of_ends_it(world: World) -> None:
    """Mobilizon dates neither."""
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    join = ann.activity("Join", event)

    await world.take(ann.activity("Leave", event, id=join["id"]), ann)
    await world.take(join, ann)

    assert not listed(world)
    assert not answers(world)


async def test_a_larger_venue_lets_in_those_who_wait(world: World) -> None:
    registration = OPEN | {"capacity": 1, "waitlist": True}
    event = await world.event(registration=registration)
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    await asked(world, ann, event)
    await asked(world, bob, event)
    changes, now = {"registration": registration | {"capacity": 2}}, world.clock.now()

    await world.write(lambda session: events.edit_event(session, "circle", changes, now=now))

    assert listed(world)["bob"] == ("going", "confirmed")
    assert answers(world) == [("ann", "Accept"), ("bob", "Accept")]
