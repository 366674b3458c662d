"""What people say to us: replies, messages, likes, boosts, concerns."""

from typing import Any

import pytest

from node.services import events
from node.store import concerns, replies, witnesses
from node.store.replies import ReplyState
from tests.federation.inbox.world import PUBLIC, World, note


async def test_a_reply_is_held_and_shown_once_accepted(world: World) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    reply = note(alice, inReplyTo=event, content='<p>Yes! <img src="x" onerror="y()"></p>')

    assert (await world.take(alice.activity("Create", reply), alice))[0] == "applied"

    [held] = world.read(replies.pending)
    assert (held.in_reply_to, held.public, held.name) == (event, True, "Alice")
    assert held.content == "<p>Yes! </p>"
    assert not world.read(lambda session: replies.shown(session, [event]))
    await world.write(lambda session: replies.decide(session, held.id, ReplyState.ACCEPTED))
    assert len(world.read(lambda session: replies.shown(session, [event]))) == 1


@pytest.mark.parametrize(
    ("addressing", "public"),
    [
        ({"to": [PUBLIC]}, True),
        ({"to": [], "cc": [PUBLIC]}, True),
        ({"to": ["https://x.example/followers"], "cc": []}, False),
        ({"to": "GROUP", "cc": []}, False),
    ],
)
async def test_what_is_not_public_is_never_shown(
    world: World, addressing: dict[str, Any], public: bool
) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    to = {key: world.group if value == "GROUP" else value for key, value in addressing.items()}
    reply = note(alice, inReplyTo=event, **to)

    await world.take(alice.activity("Create", reply, to=[PUBLIC], cc=[]), alice)

    [held] = world.read(replies.pending)
    assert held.public == public
    await world.write(lambda session: replies.decide(session, held.id, ReplyState.ACCEPTED))
    assert bool(world.read(lambda session: replies.shown(session, [event]))) == public


@pytest.mark.parametrize("by", ["to", "cc", "tag"])
async def test_a_message_to_the_group_is_held(world: World, by: str) -> None:
    alice = world.peer.actor("alice")
    mention: dict[str, Any] = {
        "to": {"to": [world.group]},
        "cc": {"cc": world.group},
        "tag": {"tag": {"type": "Mention", "href": world.group, "name": "@norcal"}},
    }[by]  # type: ignore[assignment]

    await world.take(alice.activity("Create", note(alice, **mention)), alice)

    [held] = world.read(replies.pending)
    assert held.in_reply_to is None


async def test_what_is_said_to_the_companion_of_an_event_is_said_to_the_event(
    world: World,
) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    companion = world.urls.companion(event)
    reply = note(alice, inReplyTo=companion)
    assert (await world.take(alice.activity("Create", reply), alice))[0] == "applied"
    assert [held.in_reply_to for held in world.read(replies.pending)] == [event]

    like = alice.activity("Like", companion)
    assert (await world.take(like, alice))[0] == "applied"
    assert (await world.take(alice.activity("Like", event), alice))[0] == "ignored"
    undo = alice.activity("Undo", {"type": "Like", "actor": alice.id, "object": companion})
    assert (await world.take(undo, alice))[0] == "applied"
    assert not world.rows("witness")


async def test_a_vote_and_an_empty_reply_say_nothing(world: World) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    vote = note(alice, "1", inReplyTo=event, name="Yes", content=None, to=[world.group], cc=[])
    empty = note(alice, "2", inReplyTo=event, content="<script>x</script>")

    for thing in (vote, empty):
        assert (await world.take(alice.activity("Create", thing), alice))[0] == "ignored"

    assert not world.rows("reply")


async def test_replies_to_what_nobody_was_told_of_are_not_kept(world: World) -> None:
    hidden, alice = await world.event(visibility="link_only"), world.peer.actor("alice")
    now = world.clock.now()
    gone = await world.event(id="gone")
    await world.write(lambda session: events.remove_event(session, "gone", now=now))

    for parent in (hidden, gone, world.urls.event("never"), world.urls.origin + "/desk"):
        reply = alice.activity("Create", note(alice, inReplyTo=parent, to=[world.group]))
        assert (await world.take(reply, alice))[0] == "ignored"

    assert not world.rows("reply")


async def test_an_edited_reply_waits_again(world: World) -> None:
    event, alice = await world.event(), world.peer.actor("alice")
    reply = note(alice, inReplyTo=event)
    await world.take(alice.activity("Create", reply), alice)
    await world.write(lambda session: replies.decide(session, reply["id"], ReplyState.ACCEPTED))

    def edit(content: str, updated: str) -> dict[str, Any]:
        return alice.activity("Update", reply | {"content": content, "updated": updated})

    await world.take(edit("<p>Buy!</p>", "2027-03-14T15:00:00Z"), alice)
    await world.take(edit("<p>Older</p>", "2027-03-14T14:00:00Z"), alice)

    [held] = world.read(replies.pending)
    assert held.content == "<p>Buy!</p>"


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_only_its_author_changes_a_reply(world: World, kind: str) -> None:
    event, alice, mallory = await world.event(), world.peer.actor("alice"), world.peer.actor("m")
    reply = note(alice, inReplyTo=event)
    await world.take(alice.activity("Create", reply), alice)
    changed: Any = reply | {"content": "Changed", "updated": "2027-03-14T15:00:00Z"}

    assert (await world.take(mallory.activity(kind, changed), mallory))[0] == "refused"
    assert world.read(replies.pending)[0].content == "<p>We met by the river.</p>"
    assert (await world.take(alice.activity(kind, changed), alice))[0] == "applied"

    assert bool(world.rows("reply")) == (kind == "Update")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("Like", {}),
        ("Like", {"content": "👍", "_misskey_reaction": "👍"}),
        ("EmojiReact", {"content": "🌊", "tag": []}),
        ("Announce", {}),
    ],
)
@pytest.mark.parametrize("undo", ["embedded", "id"])
async def test_acknowledgements_are_kept_once_and_taken_back(
    world: World, kind: str, more: dict[str, Any], undo: str
) -> None:
    thing, alice = await world.reflection(), world.peer.actor("alice")
    first, second = (alice.activity(kind, thing, **more) for _ in range(2))

    assert (await world.take(first, alice))[0] == "applied"
    assert (await world.take(second, alice))[0] == "ignored"
    [witness] = world.read(lambda session: witnesses.of(session, thing))
    assert witness.kind == ("announce" if kind == "Announce" else "like")

    back = alice.activity("Undo", first if undo == "embedded" else first["id"])
    assert (await world.take(back, alice))[0] == "applied"
    assert not world.rows("witness")


async def test_nobody_takes_back_the_like_of_another(world: World) -> None:
    thing, alice, mallory = await world.event(), world.peer.actor("a"), world.peer.actor("m")
    like = alice.activity("Like", thing)
    await world.take(like, alice)

    for forged in (like, like["id"], {"type": "Like", "object": thing}):
        await world.take(mallory.activity("Undo", forged), mallory)

    assert len(world.rows("witness")) == 1


async def test_a_concern_reaches_the_stewards(world: World) -> None:
    event, server = await world.event(), world.peer.actor("server", type="Application")
    about = [world.group, event, "https://else.example/1"]
    flag = server.activity("Flag", about, content="<b>Spam</b>?" + "x" * 9000, id=None)

    assert (await world.take(flag, server))[0] == "applied"
    await world.take(flag, server)
    assert (await world.take(server.activity("Flag", about[2:]), server))[0] == "ignored"

    [concern] = world.read(concerns.still_open)
    assert concern.about == (world.group, event)
    assert concern.content.startswith("Spam?xxx")
    assert len(concern.content) == 5000


@pytest.mark.parametrize("kind", ["Remove", "Ignore", "Dislike", "Listen", "View"])
async def test_other_types_have_no_effect(world: World, kind: str) -> None:
    event, alice = await world.event(), world.peer.actor("alice")

    assert (await world.take(alice.activity(kind, event), alice))[0] == "not kept"
