"""Who writes to us about an event is asked privately whether they come; a vote says it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from node.domain.question import Option
from node.services import direct_messages, rsvps
from node.store import direct_messages as message_store
from node.store import notices, replies
from node.store.direct_messages import DirectMessage
from node.store.notices import Notice
from node.store.replies import ReplyState
from tests.federation.inbox.world import PUBLIC, World, note
from tests.federation.peer import PeerActor

OPEN = {"mode": "open"}
LABELS = ("I am coming", "Maybe", "I cannot come")


def listed(world: World, slug: str = "circle") -> dict[str, tuple[str, str]]:
    """Answer and state by name."""
    found = world.read(lambda session: rsvps.of_event(session, slug))
    return {rsvp.who.rpartition("/")[2]: (rsvp.answer, rsvp.state) for rsvp in found}


def asked(world: World) -> list[DirectMessage]:
    """What we wrote to people, in order."""
    ids = [row["id"] for row in world.rows("direct_message")]
    found = [world.read(lambda session, one=one: message_store.find(session, one)) for one in ids]
    return [message for message in found if message is not None]


async def write(world: World, author: PeerActor, number: str = "1", **more: Any) -> tuple[str, str]:
    """A public Note of `author`."""
    return await world.take(author.activity("Create", note(author, number, **more)), author)


async def write_privately(
    world: World, author: PeerActor, number: str = "1", **more: Any
) -> tuple[str, str]:
    """A Note of `author` to the group alone."""
    only_us = {"to": [world.group], "cc": [], "tag": [{"type": "Mention", "href": world.group}]}
    return await write(world, author, number, **(only_us | more))


def vote(voter: PeerActor, world: World, question: str, name: str, number: int = 1) -> Any:
    """As Mastodon sends it: a fragment of the actor, no date, no content."""
    return {
        "id": f"{voter.id}#votes/{number}",
        "type": "Note",
        "name": name,
        "attributedTo": voter.id,
        "to": world.group,
        "inReplyTo": world.urls.message(question),
    }


async def cast(
    world: World, voter: PeerActor, question: str, name: str, number: int = 1
) -> tuple[str, str]:
    document = vote(voter, world, question, name, number)
    create = voter.activity("Create", document, id=f"{document['id']}/activity", to=world.group)
    return await world.take(create, voter)


async def test_a_reply_to_the_event_is_held_and_its_author_asked_once(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")

    state, outcome = await write(world, ann, inReplyTo=event)
    await write(world, ann, "2", inReplyTo=event)

    assert (state, outcome) == ("applied", "held for the stewards; asked whether they come")
    assert len(world.rows("reply")) == 2
    [question] = asked(world)
    assert (question.actor_id, question.subject) == (ann.id, "circle")
    assert tuple(option.label for option in question.options) == LABELS
    assert question.in_reply_to == f"{ann.id}/notes/1"
    assert not listed(world), "a reply alone puts nobody on the list"


async def test_a_vote_puts_them_on_the_list_and_another_changes_it(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write(world, ann, inReplyTo=event)
    [question] = asked(world)

    for number, (label, answer) in enumerate(
        zip(LABELS, ("going", "maybe", "not_going"), strict=True)
    ):
        assert (await cast(world, ann, question.id, label, number))[0] == "applied"
        assert listed(world) == {"ann": (answer, "confirmed")}

    assert asked(world)[0].answer == "not_going"
    assert len(asked(world)) == 1


async def test_votes_come_also_as_a_list(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write(world, ann, inReplyTo=event)
    [question] = asked(world)
    both = [vote(ann, world, question.id, name, n) for n, name in enumerate(("Maybe", LABELS[0]))]

    assert (await world.take(ann.activity("Create", both), ann))[0] == "applied"

    assert listed(world) == {"ann": ("going", "confirmed")}


async def test_only_who_was_asked_can_vote(world: World) -> None:
    event = await world.event(registration=OPEN)
    ann, mallory = world.peer.actor("ann"), world.peer.actor("mallory")
    await write(world, ann, inReplyTo=event)
    [question] = asked(world)

    assert (await cast(world, mallory, question.id, LABELS[0]))[0] == "refused"
    forged = vote(ann, world, question.id, LABELS[0])
    assert (await world.take(mallory.activity("Create", forged), mallory))[0] == "refused"
    assert (await cast(world, ann, question.id, "Certainly", 2))[0] == "refused"
    assert (await cast(world, ann, "never-asked", LABELS[0], 3))[0] == "ignored"

    assert not listed(world)
    assert not world.rows("reply") or len(world.rows("reply")) == 1


async def test_a_closed_question_takes_no_vote(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write(world, ann, inReplyTo=event)
    [question] = asked(world)
    world.clock.advance(days=60)

    assert (await cast(world, ann, question.id, LABELS[0]))[0] == "refused"
    assert not listed(world)


@pytest.mark.parametrize(
    "content",
    [
        '<p><span>@circle</span> is there room? <a href="{event}">here</a></p>',
        "<p>{event} looks lovely</p>",
        "<p>@circle I'm coming!</p>",
        "<p>@circle Ich bin dabei</p>",
        "<p>سأحضر</p>",
    ],
)
async def test_a_message_to_the_group_about_the_event_is_answered(
    world: World, content: str
) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")

    await write_privately(world, ann, content=content.format(event=event))

    assert [message.subject for message in asked(world)] == ["circle"]
    assert [row["public"] for row in world.rows("reply")] == [0]


async def test_a_message_that_could_mean_two_events_or_none_is_left_to_the_stewards(
    world: World,
) -> None:
    await world.event(registration=OPEN)
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    await write_privately(world, ann, content="<p>Who are you?</p>")
    assert not asked(world)

    await world.event(id="other", registration=OPEN)
    await write_privately(world, bob, content="<p>I'm coming!</p>")
    assert not asked(world)
    assert len(world.rows("reply")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"registration": {"mode": "external", "url": "https://tickets.example/"}},
        {"registration": {"mode": "invite"}},
        {"registration": OPEN, "status": "cancelled"},
        {"registration": OPEN | {"ask_by_message": False}},
        {},
    ],
)
async def test_nobody_is_asked_where_the_answer_would_lead_to_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    event, ann = await world.event(**changes), world.peer.actor("ann")

    assert await write(world, ann, inReplyTo=event) == ("applied", "held for the stewards")

    assert not asked(world)


async def test_who_writes_privately_again_is_asked_again_after_an_hour(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write_privately(world, ann, content=f"<p>{event}</p>")
    await write_privately(world, ann, "2", content=f"<p>{event}?</p>")
    assert len(asked(world)) == 1

    world.clock.advance(hours=2)
    await write_privately(world, ann, "3", content=f"<p>I lost the link to {event}</p>")
    await write(world, ann, "4", inReplyTo=event, content="<p>What a day</p>")

    assert len(asked(world)) == 2
    assert (await cast(world, ann, asked(world)[0].id, LABELS[0]))[0] == "applied"


async def test_one_person_cannot_make_us_write_without_end(world: World) -> None:
    ann = world.peer.actor("ann")
    for number in range(12):
        event = await world.event(id=f"circle-{number}", registration=OPEN)
        await write(world, ann, str(number), inReplyTo=event)

    assert len(asked(world)) == 10
    assert len(world.rows("reply")) == 12


async def test_an_answer_to_our_question_goes_to_the_stewards_and_is_never_public(
    world: World,
) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write(world, ann, inReplyTo=event)
    [question] = asked(world)

    message = world.urls.message(question.id)
    await write_privately(world, ann, "2", inReplyTo=message, content="<p>Is there a ramp?</p>")

    kept = {row["id"]: row for row in world.rows("reply")}[f"{ann.id}/notes/2"]
    assert (kept["public"], kept["in_reply_to"]) == (0, None)
    assert len(asked(world)) == 1


async def test_who_cannot_have_a_place_is_told_so(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    for person in (ann, bob):
        await write(world, person, inReplyTo=event)
    first, second = asked(world)
    await cast(world, ann, first.id, LABELS[0])

    assert (await cast(world, bob, second.id, LABELS[0]))[0] == "applied"

    assert listed(world) == {"ann": ("going", "confirmed")}
    told = asked(world)[-1]
    assert (told.actor_id, told.options) == (bob.id, ())
    assert "is full" in told.content


async def test_who_waits_is_offered_the_place_and_takes_it_by_a_vote(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1, "waitlist": True})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    for person in (ann, bob):
        await write(world, person, inReplyTo=event)
    for person, question in zip((ann, bob), asked(world), strict=True):
        await cast(world, person, question.id, LABELS[0])
    assert listed(world)["bob"] == ("going", "waiting")
    assert "waiting list" in asked(world)[-1].content

    await cast(world, ann, asked(world)[0].id, LABELS[2], 2)
    offer = asked(world)[-1]
    assert (offer.actor_id, len(offer.options)) == (bob.id, 2)
    assert offer.expires == world.clock.now() + timedelta(hours=48)
    assert listed(world)["bob"] == ("going", "waiting")

    await cast(world, bob, offer.id, LABELS[0], 2)
    assert listed(world)["bob"] == ("going", "confirmed")


async def test_an_offer_that_is_not_taken_up_goes_on_to_the_next(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1, "waitlist": True})
    people = [world.peer.actor(name) for name in ("ann", "bob", "cas")]
    for person in people:
        await write(world, person, inReplyTo=event)
    for person, question in zip(people, asked(world), strict=True):
        await cast(world, person, question.id, LABELS[0])
    await cast(world, people[0], asked(world)[0].id, LABELS[2], 2)
    offer = asked(world)[-1]

    world.clock.advance(hours=49)
    now = world.clock.now()
    assert await world.write(lambda session: rsvps.pass_on(session, now)) == 1

    assert asked(world)[-1].actor_id == people[2].id
    assert (await cast(world, people[1], offer.id, LABELS[0], 2))[0] == "refused"
    await cast(world, people[2], asked(world)[-1].id, LABELS[0], 2)
    assert listed(world)["cas"] == ("going", "confirmed")
    assert listed(world)["bob"] == ("going", "waiting")
    assert await world.write(lambda session: rsvps.pass_on(session, now)) == 0


async def test_whom_friendica_says_attends_is_told_when_that_cannot_be(world: World) -> None:
    event = await world.event(registration=OPEN | {"capacity": 1})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    await world.take(ann.activity("Accept", event), ann)
    assert not asked(world), "she sees on her own server that she attends"

    await world.take(bob.activity("Accept", event), bob)

    assert [message.actor_id for message in asked(world)] == [bob.id]


@pytest.mark.parametrize("kind", ["Join", "Accept"])
async def test_who_has_a_place_at_a_hidden_place_gets_the_private_link(
    world: World, kind: str
) -> None:
    hidden = {"visibility": "on_registration", "private": {"name": "Under the old oak"}}
    event = await world.event(registration=OPEN, location=hidden)
    ann = world.peer.actor("ann")

    for _ in range(2):
        await world.take(ann.activity(kind, event), ann)

    [message] = asked(world)
    assert not message.options
    assert "oak" not in message.content
    [told] = world.told("direct_message")
    assert len(told["token"]) >= 22
    rows = json.dumps(world.rows("rsvp_link"))
    assert told["token"] not in rows


async def test_what_came_is_forgotten_with_the_event(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await write(world, ann, inReplyTo=event)
    await cast(world, ann, asked(world)[0].id, LABELS[0])
    now = world.clock.now()

    await world.write(lambda session: rsvps.erase(session, "circle", ann.id, now=now))

    for table in ("direct_message", "rsvp", "rsvp_link", "rsvp_said"):
        assert not world.rows(table), table


async def test_other_kinds_of_question_can_be_asked(world: World) -> None:
    """The words of the service: one actor, options, a closing time."""
    ann = await world.resolver.actor(world.peer.actor("ann").id)
    now = world.clock.now()

    def ask(session: Any) -> DirectMessage:
        return direct_messages.ask(
            session,
            "consent",
            "https://peer.example/notes/1",
            ann,
            content="<p>May we share this?</p>",
            language="en",
            options=[Option("yes", "Yes"), Option("no", "No")],
            expires=now + timedelta(days=14),
            now=now,
        )

    message = await world.write(ask)
    assert world.read(lambda session: message_store.find(session, message.id)) == message


async def test_a_reply_to_a_notice_speaks_of_its_event(world: World) -> None:
    await world.event(registration=OPEN)
    ann = world.peer.actor("ann")
    notice = Notice(
        id="n1", event_slug="circle", content="<p>!</p>", language="en", created=world.clock.now()
    )
    await world.write(lambda session: notices.add(session, notice))

    await write(world, ann, inReplyTo=world.urls.notice("n1"), cc=[], to=[PUBLIC])

    assert [message.subject for message in asked(world)] == ["circle"]


async def test_who_answers_somebody_else_is_asked_only_if_they_speak_of_coming(
    world: World,
) -> None:
    event = await world.event(registration=OPEN)
    ann, bob, cas = (world.peer.actor(name) for name in ("ann", "bob", "cas"))
    await write(world, ann, inReplyTo=event)
    first = f"{ann.id}/notes/1"
    accept = ReplyState.ACCEPTED
    await world.write(lambda session: replies.decide(session, first, accept))

    await write(world, bob, inReplyTo=first, content="<p>So true</p>")
    await write(world, cas, inReplyTo=first, content="<p>I'm coming, too</p>")

    assert [message.actor_id for message in asked(world)] == [ann.id, cas.id]


async def test_a_mention_that_speaks_of_coming_is_asked_back(world: World) -> None:
    event = await world.event(registration=OPEN)
    await world.event(id="other", registration=OPEN)
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")
    tag = [{"type": "Mention", "href": world.group}]

    await write(world, ann, tag=tag, content=f"<p>Look: {event}</p>")
    await write(world, bob, tag=tag, content=f"<p>Count me in for {event}</p>")

    assert [message.actor_id for message in asked(world)] == [bob.id]


async def test_a_reply_to_the_note_that_stands_for_the_event_is_one_to_the_event(
    world: World,
) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")

    await write(world, ann, inReplyTo=world.urls.companion(event))

    assert [message.subject for message in asked(world)] == ["circle"]


async def test_who_attends_where_one_simply_comes_is_told_nothing(world: World) -> None:
    event, ann = await world.event(), world.peer.actor("ann")

    await world.take(ann.activity("Accept", event), ann)

    assert not asked(world)


async def test_where_the_hosts_decide_they_decide_about_who_comes_not_about_maybe(
    world: World,
) -> None:
    event = await world.event(registration={"mode": "approval"})
    ann, bob = world.peer.actor("ann"), world.peer.actor("bob")

    await world.take(ann.activity("TentativeAccept", event), ann)
    await world.take(bob.activity("Accept", event), bob)

    assert listed(world) == {"ann": ("maybe", "confirmed"), "bob": ("going", "pending")}
    [told] = asked(world)
    assert told.actor_id == bob.id
    assert "will decide soon" in told.content


async def test_who_said_no_hears_nothing_when_the_list_is_tidied(world: World) -> None:
    event, ann = await world.event(registration=OPEN), world.peer.actor("ann")
    await world.take(ann.activity("Reject", event), ann)
    now = world.clock.now()
    [said] = world.read(lambda session: rsvps.of_event(session, "circle"))

    await world.write(lambda session: rsvps.decline(session, said, now=now))

    assert not listed(world)
    assert not asked(world)
    assert not world.told("answer_join")
