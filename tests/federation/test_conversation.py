"""Conversations the whole way: what comes in, what stewards decide at the desk, what others hear."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from federation import keypairs
from node.services.events import edit_event, remove_event
from node.services.moderation import block
from node.services.reflections import withdraw_reflection
from node.store import activities, groups, hosts, replies
from node.store.replies import ReplyState
from tests.conftest import TurnableClock
from tests.federation.living import PUBLIC, Living, living, note
from tests.federation.peer import PeerActor
from tests.web.served import Keys


@pytest.fixture(scope="module")
def keys() -> Keys:
    return keypairs.generate()


@pytest.fixture
async def life(tmp_path: Path, keys: Keys, clock: TurnableClock) -> AsyncIterator[Living]:
    async with living(tmp_path, keys, clock) as one:
        yield one


async def answered(life: Living, author: PeerActor, about: str, **more: Any) -> dict[str, Any]:
    """A public reply to something of ours, held for the stewards."""
    reply = note(author, inReplyTo=about, **more)
    await life.send(author.activity("Create", reply, to=reply["to"], cc=reply["cc"]), author)
    return reply


async def reply_state(life: Living, reply_id: str) -> ReplyState:
    return (await life.read(lambda session: replies.get(session, reply_id))).state


# ------------------------------------------------------------------ accepting and passing on


async def test_an_accepted_reply_is_shown_and_followers_hear_of_it(life: Living) -> None:
    robin = await life.follower("robin")
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    reply = await answered(life, ana, event)
    assert life.came(robin, "Announce") == []

    await life.form("/desk/replies", id=reply["id"], decision="accept")

    [announce] = life.came(robin, "Announce")
    assert announce["object"] == reply["id"]
    assert (announce["actor"], announce["to"]) == (life.group, [PUBLIC])
    assert announce["cc"] == [f"{life.group}/followers", ana.id]
    assert life.came(ana, "Announce") == [announce]
    _, outbox = await life.document(f"{life.group}/outbox?page=true")
    assert outbox["orderedItems"][0]["id"] == announce["id"]
    _, collection = await life.document(f"{event}/replies")
    assert collection["orderedItems"] == [reply["id"]]
    assert "We met by the river" in (await life.served.browser.get("/events/circle")).text


async def test_what_is_shown_here_only_is_announced_to_nobody(life: Living) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    reply = await answered(life, ana, await life.event())
    await life.form("/desk/replies", id=reply["id"], decision="show")
    assert life.came(robin, "Announce") == []
    assert await reply_state(life, reply["id"]) is ReplyState.ACCEPTED


@pytest.mark.parametrize(
    "more",
    [
        {"to": [], "cc": [PUBLIC]},
        {"interactionPolicy": {"canAnnounce": {"automaticApproval": ["https://x.example/u/1"]}}},
    ],
)
async def test_who_does_not_want_to_be_passed_on_is_not(life: Living, more: Any) -> None:
    """Unlisted, or by GoToSocial's policy: shown on our page, carried into nobody's timeline."""
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    reply = await answered(life, ana, await life.event(), **more)
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    assert life.came(robin, "Announce") == []
    assert await reply_state(life, reply["id"]) is ReplyState.ACCEPTED


async def test_what_is_hidden_again_is_taken_back(life: Living) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    reply = await answered(life, ana, await life.event())
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    await life.form("/desk/replies", id=reply["id"], decision="decline", **{"from": "standing"})
    [announce] = life.came(robin, "Announce")
    [undo] = life.came(robin, "Undo")
    assert undo["object"]["id"] == announce["id"]
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    assert len(life.came(robin, "Announce")) == 2
    _, outbox = await life.document(f"{life.group}/outbox?page=true")
    kinds = [one["type"] for one in outbox["orderedItems"]]
    assert kinds.count("Announce") == 1


@pytest.mark.parametrize("how", ["Delete", "Update", "private", "actor", "block"])
async def test_what_its_author_changes_or_deletes_is_taken_back(life: Living, how: str) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    event = await life.event()
    reply = await answered(life, ana, event)
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    await life.form("/desk/conversation", id=reply["id"], text="Thank you", decision="answer")

    if how == "Delete":
        await life.send(ana.activity("Delete", {"type": "Tombstone", "id": reply["id"]}), ana)
    elif how == "Update":
        changed = reply | {"content": "<p>Buy!</p>", "updated": "2027-03-14T15:00:00Z"}
        await life.send(ana.activity("Update", changed), ana)
    elif how == "private":
        hidden = {"to": [life.group], "cc": [], "updated": "2027-03-14T15:00:00Z"}
        await life.send(ana.activity("Update", reply | hidden), ana)
    elif how == "actor":
        await life.send(ana.activity("Delete", ana.id), ana)
    else:
        now = life.served.clock.now()
        await life.write(lambda session: block(session, ana.id, who="Ana", now=now))
        await life.settle()

    [undo] = life.came(robin, "Undo")
    assert undo["object"]["object"] == reply["id"]
    [gone] = life.came(robin, "Delete")
    assert gone["object"]["formerType"] == "Note"
    life.served.clock.advance(minutes=1)
    page = (await life.served.browser.get("/events/circle")).text
    assert "river" not in page.partition("What others answered")[2]
    assert "Thank you" not in page
    _, context = await life.document(f"{event}/context")
    assert context["orderedItems"] == [event]


async def test_an_answer_to_an_accepted_reply_belongs_to_the_conversation(life: Living) -> None:
    ana, ben = life.peer.actor("ana"), life.peer.actor("ben")
    event = await life.event()
    first = await answered(life, ana, event)
    deeper = await answered(life, ben, first["id"])
    assert await life.outcome(ben) == (
        "ignored",
        "it comes from nobody we follow and is not for us",
    )
    await life.form("/desk/replies", id=first["id"], decision="show")
    await life.send(ben.activity("Create", deeper), ben)
    await life.form("/desk/replies", id=deeper["id"], decision="show")
    _, context = await life.document(f"{event}/context")
    assert set(context["orderedItems"]) == {event, first["id"], deeper["id"]}
    _, direct = await life.document(f"{event}/replies")
    assert direct["orderedItems"] == [first["id"]]


@pytest.mark.parametrize("how", ["withdraw", "hide"])
async def test_with_a_reflection_goes_what_was_said_under_it(life: Living, how: str) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    moss, now = await life.reflection(), life.served.clock.now()
    reply = await answered(life, ana, moss)
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    await life.form("/desk/conversation", id=reply["id"], text="Welcome", decision="answer")
    [comment] = [
        one for one in life.came(robin, "Create") if one["object"].get("inReplyTo") == reply["id"]
    ]
    if how == "withdraw":
        await life.write(lambda session: withdraw_reflection(session, "moss-words", now=now))
    else:
        await life.form("/desk/reflections/moss-words", decision="withdraw")
    await life.settle()
    gone = {one["object"]["id"] for one in life.came(robin, "Delete")}
    assert gone == {moss, comment["object"]["id"]}
    assert len(life.came(robin, "Undo")) == 1
    assert (await life.document(comment["object"]["id"]))[0] in (404, 410)


async def test_a_gathering_that_is_for_followers_now_is_not_passed_around(life: Living) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    event, now = await life.event(), life.served.clock.now()
    reply = await answered(life, ana, event)
    await life.form("/desk/replies", id=reply["id"], decision="accept")
    await life.form("/desk/conversation", id=reply["id"], text="Welcome", decision="answer")
    changes = {"visibility": "followers_and_link"}
    await life.write(lambda session: edit_event(session, "circle", changes, now=now))
    await life.settle()
    assert len(life.came(robin, "Undo")) == 1
    [update] = [one for one in life.came(robin, "Update") if one["object"]["type"] == "Note"]
    assert update["to"] == [f"{life.group}/followers"]
    await life.write(lambda session: remove_event(session, "circle", now=now))
    await life.settle()
    assert len(life.came(robin, "Delete")) == 2


# ------------------------------------------------------------------ answering


async def test_s42_s44_a_steward_answers_and_whoever_is_answered_hears_it(life: Living) -> None:
    robin = await life.follower("robin")
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    reply = await answered(life, ana, event)
    await life.form("/desk/replies", id=reply["id"], decision="show")
    where = await life.form(
        "/desk/conversation",
        id=reply["id"],
        text="Yes, <do> come!\n\nBring boots.",
        decision="answer",
    )
    assert where.endswith("done=answered")

    [create] = life.came(ana, "Create")
    assert create in life.came(robin, "Create")
    said = create["object"]
    assert said["inReplyTo"] == reply["id"]
    assert ana.id in said["cc"]
    assert (create["to"], create["cc"]) == (said["to"], said["cc"])
    [mention] = said["tag"]
    assert mention == {"type": "Mention", "href": ana.id, "name": f"@{ana.handle}"}
    assert f'<a href="{ana.id}"' in said["content"]
    assert "Yes, &lt;do&gt; come!</p><p>Bring boots.</p>" in said["content"]
    status, served = await life.document(said["id"])
    assert (status, served["content"]) == (200, said["content"])
    page = (await life.served.browser.get("/events/circle")).text
    assert "Yes, &lt;do&gt; come!" in page

    await life.form("/desk/conversation", id=said["id"].rpartition("/")[2], decision="take-back")
    [delete] = life.came(ana, "Delete")
    assert delete["object"]["id"] == said["id"]
    assert (await life.document(said["id"]))[0] == 410


async def test_who_wants_no_answer_under_their_words_gets_it_taken_back(life: Living) -> None:
    """GoToSocial: Reject of the reply, by whoever is answered and by nobody else."""
    ana, mallory = life.peer.actor("ana", shared_inbox=False), life.peer.actor("mallory")
    reply = await answered(life, ana, await life.event())
    await life.form("/desk/replies", id=reply["id"], decision="show")
    await life.form("/desk/conversation", id=reply["id"], text="Welcome", decision="answer")
    [create] = [one for one in life.came(ana, "Create") if one["object"]["type"] == "Note"]
    comment = create["object"]["id"]
    await life.send(mallory.activity("Reject", comment), mallory)
    assert (await life.document(comment))[0] == 200
    await life.send(ana.activity("Reject", comment), ana)
    assert (await life.document(comment))[0] == 410
    assert [one["object"]["id"] for one in life.came(ana, "Delete")] == [comment]


async def test_only_what_is_shown_can_be_answered(life: Living) -> None:
    ana = life.peer.actor("ana")
    reply = await answered(life, ana, await life.event())
    answer = await life.desk.post(
        "/desk/conversation", {"id": reply["id"], "text": "Hello", "decision": "answer"}
    )
    assert answer.status == 422
    await life.form("/desk/replies", id=reply["id"], decision="show")
    for text in (" ", "x" * 5001):
        fields = {"id": reply["id"], "text": text, "decision": "answer"}
        assert (await life.desk.post("/desk/conversation", fields)).status == 422


# ------------------------------------------------------------------ mentions


async def test_a_mention_that_stewards_accept_is_announced(life: Living) -> None:
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    mention = note(ana, tag=[{"type": "Mention", "href": life.group}], cc=[life.group])
    await life.send(ana.activity("Create", mention), ana)
    assert "speaks of the group" in (await life.desk.get("/desk/replies")).text
    await life.form("/desk/replies", id=mention["id"], decision="accept")
    [announce] = life.came(robin, "Announce")
    assert announce["object"] == mention["id"]
    await life.send(ana.activity("Delete", mention["id"]), ana)
    assert [one["object"]["id"] for one in life.came(robin, "Undo")] == [announce["id"]]


async def test_servers_of_forums_get_the_whole_activity_as_it_came(life: Living) -> None:
    robin, lea = await life.follower("robin"), life.peer.actor("lea")
    ana = life.peer.actor("ana")
    event = await life.event()
    reply = note(ana, inReplyTo=event, **{"misskey:odd": {"b": 2, "a": [1.5, None]}})
    create = ana.activity("Create", reply, to=[PUBLIC], signature={"type": "X"})
    await life.send(create, ana)
    now = life.served.clock.now()
    again = now + timedelta(days=30)
    await life.write(
        lambda session: hosts.learned(session, life.peer.host, "lemmy", "1", now=now, again=again)
    )
    await life.form("/desk/replies", id=reply["id"], decision="accept")

    [announce] = life.came(robin, "Announce")
    assert announce["object"] == create
    assert list(announce["object"]) == list(create)
    assert list(announce["object"]["object"]) == list(reply)
    assert announce["audience"] == life.group

    like = lea.activity("Like", reply["id"])
    await life.send(like, lea)
    await life.send(lea.activity("Like", reply["id"]), lea)
    await life.send(lea.activity("Undo", like), lea)
    await life.send(lea.activity("Undo", like | {"id": like["id"] + "x"}), lea)
    gone = ana.activity("Delete", reply["id"], to=[PUBLIC])
    await life.send(gone, ana)
    wrapped = [one["object"] for one in life.came(robin, "Announce")][1:]
    assert [one["type"] for one in wrapped] == ["Like", "Undo", "Delete"]
    assert wrapped[0] == like
    assert wrapped[2] == gone


# ------------------------------------------------------------------ quotes


def quoting(author: PeerActor, target: str, **more: Any) -> dict[str, Any]:
    return note(author, "q", content="<p>Look</p>", quote=target) | more


async def ask_to_quote(life: Living, author: PeerActor, target: str, **more: Any) -> Any:
    request = author.activity("QuoteRequest", target, instrument=quoting(author, target, **more))
    await life.send(request, author)
    return request


async def test_s66_an_open_policy_gives_a_stamp_that_anybody_can_look_up(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    request = await ask_to_quote(life, ana, event)

    [accept] = life.came(ana, "Accept")
    assert accept["object"] == {
        "type": "QuoteRequest",
        "id": request["id"],
        "actor": ana.id,
        "object": event,
        "instrument": f"{ana.id}/notes/q",
    }
    assert accept["to"] == [ana.id]
    assert "https://w3id.org/fep/044f#QuoteRequest" in str(accept["@context"])
    status, stamp = await life.document(accept["result"])
    assert status == 200
    assert {name: stamp[name] for name in stamp if name != "@context"} == {
        "id": accept["result"],
        "type": "QuoteAuthorization",
        "attributedTo": life.group,
        "interactingObject": f"{ana.id}/notes/q",
        "interactionTarget": event,
    }
    await life.send(request | {"id": ana.id + "/again"}, ana)
    assert [one["result"] for one in life.came(ana, "Accept")] == [accept["result"]] * 2


async def test_s68_a_stamp_is_taken_back(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    await ask_to_quote(life, ana, event)
    [accept] = life.came(ana, "Accept")
    stamp_id = accept["result"].rpartition("/")[2]
    assert stamp_id in (await life.desk.get("/desk/conversation")).text
    await life.form("/desk/quotes", id=stamp_id, decision="revoke")
    await life.form("/desk/quotes", id=stamp_id, decision="revoke")

    [delete] = life.came(ana, "Delete")
    assert delete["object"] == accept["result"]
    assert (await life.document(accept["result"]))[0] == 404
    await ask_to_quote(life, ana, event)
    assert len(life.came(ana, "Reject")) == 1


async def test_s67_a_closed_policy_is_a_no(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    pain = await life.reflection(spiral_stage="honoring_pain", consent={"reuse": True})
    await ask_to_quote(life, ana, pain)
    [reject] = life.came(ana, "Reject")
    assert reject["object"]["object"] == pain
    assert "result" not in reject
    assert life.came(ana, "Accept") == []


@pytest.mark.parametrize("decision", ["give", "refuse"])
async def test_what_nobody_agreed_to_waits_for_a_steward(life: Living, decision: str) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    moss = await life.reflection()
    await ask_to_quote(life, ana, moss, content="<p>So true</p><script>x</script>")
    assert life.came(ana) == []
    page = (await life.desk.get("/desk/replies")).text
    assert "So true" in page
    assert "<script>x" not in page
    [stamp_id] = await life.read(
        lambda session: [row["id"] for row in session.rows("SELECT id FROM stamp")]
    )
    assert (await life.document(f"{life.url}/stamps/{stamp_id}"))[0] == 404
    await life.form("/desk/quotes", id=stamp_id, decision=decision)
    [answer] = life.came(ana)
    assert answer["type"] == ("Accept" if decision == "give" else "Reject")
    where = await life.form("/desk/quotes", id=stamp_id, decision="refuse")
    assert where.endswith("done=same")
    assert len(life.came(ana)) == 1


async def test_the_group_may_close_or_ask(life: Living) -> None:
    ana, now = life.peer.actor("ana", shared_inbox=False), life.served.clock.now()
    event = await life.event()

    def wish(session: Any) -> None:
        groups.update(session, groups.get_document(session) | {"quotes": "nobody"}, now)

    await life.write(wish)
    _, document = await life.document(event)
    assert document["interactionPolicy"]["canQuote"] == {"automaticApproval": [life.group]}
    await ask_to_quote(life, ana, event)
    assert len(life.came(ana, "Reject")) == 1


async def test_with_a_withdrawn_reflection_goes_the_leave_to_quote_it(life: Living) -> None:
    ana, now = life.peer.actor("ana", shared_inbox=False), life.served.clock.now()
    moss = await life.reflection(consent={"reuse": True})
    await ask_to_quote(life, ana, moss)
    [accept] = life.came(ana, "Accept")
    await life.write(lambda session: withdraw_reflection(session, "moss-words", now=now))
    await life.settle()
    assert [one["object"] for one in life.came(ana, "Delete")] == [accept["result"]]
    assert (await life.document(accept["result"]))[0] == 404


async def test_a_quote_that_is_gone_needs_no_stamp(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    await ask_to_quote(life, ana, await life.event())
    [accept] = life.came(ana, "Accept")
    await life.send(ana.activity("Delete", f"{ana.id}/notes/q"), ana)
    assert (await life.document(accept["result"]))[0] == 404


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"quote": "https://elsewhere.example/1"}, "refused"),
        ({"attributedTo": "https://elsewhere.example/u"}, "refused"),
        ({"id": "https://elsewhere.example/notes/1"}, "refused"),
        ({"type": "Person"}, "ignored"),
    ],
)
async def test_leave_is_given_only_for_what_is_asked(
    life: Living, more: dict[str, Any], outcome: str
) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    await ask_to_quote(life, ana, await life.event(), **more)
    assert (await life.outcome(ana))[0] == outcome
    assert life.came(ana) == []


async def test_nobody_answers_for_what_somebody_else_asked(life: Living) -> None:
    """Two people of one server: the second must not turn the answers to the first to themselves."""
    ana = life.peer.actor("ana", shared_inbox=False)
    mallory = life.peer.actor("mallory", shared_inbox=False)
    event = await life.event()
    await ask_to_quote(life, ana, event)
    bare = quoting(ana, event) | {"attributedTo": None}
    await life.send(mallory.activity("QuoteRequest", event, instrument=bare), mallory)
    assert await life.outcome(mallory) == ("refused", "Somebody else asked for it.")
    like = ana.activity("Like", event)
    await life.send(mallory.activity("LikeRequest", event, instrument=like), mallory)
    assert await life.outcome(mallory) == ("refused", "it is somebody else's")
    assert life.came(mallory) == []
    [row] = await life.read(lambda session: session.rows("SELECT inbox FROM stamp"))
    assert row["inbox"] == ana.inbox


async def test_the_post_is_asked_for_where_only_its_id_was_sent(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    post = quoting(ana, event)
    life.peer.serve("/users/ana/notes/q", post)
    await life.send(ana.activity("QuoteRequest", event, instrument=post["id"]), ana)
    assert len(life.came(ana, "Accept")) == 1


@pytest.mark.parametrize("visibility", ["followers_and_link", "link_only", "local_only", None])
async def test_asking_tells_nothing_of_what_is_hidden(life: Living, visibility: str | None) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = f"{life.url}/events/never"
    if visibility is not None:
        event = await life.event(visibility=visibility)
    await ask_to_quote(life, ana, event)
    assert await life.outcome(ana) == ("ignored", "it is about nothing that everyone may see")
    assert life.came(ana) == []


@pytest.mark.parametrize(
    "spelled",
    [
        {"quoteUrl": "EVENT"},
        {"quoteUri": "EVENT"},
        {"_misskey_quote": "EVENT"},
        {"quote": "EVENT"},
        {
            "tag": [
                {
                    "type": "Link",
                    "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
                    "rel": "https://misskey-hub.net/ns#_misskey_quote",
                    "href": "EVENT",
                }
            ]
        },
    ],
)
async def test_s69_a_quote_of_ours_reaches_the_stewards(life: Living, spelled: Any) -> None:
    """Misskey delivers a quoting note to whoever is quoted, without asking."""
    ana, event = life.peer.actor("ana"), await life.event()

    def there(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: there(one) for key, one in value.items()}
        if isinstance(value, list):
            return [there(one) for one in value]
        return event if value == "EVENT" else value

    await life.send(ana.activity("Create", note(ana, **there(spelled))), ana)
    [held] = await life.read(replies.pending)
    assert (held.quotes, held.root) == (event, None)
    assert "quotes" in (await life.desk.get("/desk/replies")).text
    assert "We met by the river" not in (await life.served.browser.get("/events/circle")).text


# ------------------------------------------------------------------ GoToSocial


@pytest.mark.parametrize(
    ("kind", "type_"), [("LikeRequest", "Like"), ("AnnounceRequest", "Announce")]
)
async def test_gotosocial_likes_and_boosts_are_granted_and_kept(
    life: Living, kind: str, type_: str
) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    made = ana.activity(type_, event)
    await life.send(ana.activity(kind, event, instrument=made), ana)
    [accept] = life.came(ana, "Accept")
    assert accept["object"]["instrument"] == made["id"]
    _, stamp = await life.document(accept["result"])
    assert stamp["type"] == f"{type_}Authorization"
    assert stamp["interactingObject"] == made["id"]
    [witness] = await life.read(lambda session: session.rows("SELECT * FROM witness"))
    assert (witness["activity_id"], witness["kind"]) == (made["id"], type_.lower())
    await life.send(made | {"likeAuthorization": accept["result"]}, ana)
    assert len(await life.read(lambda session: session.rows("SELECT * FROM witness"))) == 1
    await life.send(ana.activity("Undo", made["id"]), ana)
    assert not await life.read(lambda session: session.rows("SELECT * FROM witness"))


async def test_gotosocial_replies_to_pain_wait_for_a_steward(life: Living) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    pain = await life.reflection(spiral_stage="honoring_pain")
    reply = note(ana, inReplyTo=pain)
    await life.send(ana.activity("ReplyRequest", pain, instrument=reply), ana)
    assert life.came(ana) == []
    await life.form("/desk/replies", id=reply["id"], decision="show")
    [accept] = life.came(ana)
    assert accept["object"]["type"] == "ReplyRequest"
    _, stamp = await life.document(accept["result"])
    assert (stamp["type"], stamp["interactingObject"]) == ("ReplyAuthorization", reply["id"])
    await life.form("/desk/replies", id=reply["id"], decision="decline")
    assert [one["object"] for one in life.came(ana, "Delete")] == [accept["result"]]
    assert (await life.document(accept["result"]))[0] == 404
    await life.form("/desk/replies", id=reply["id"], decision="show")
    again = life.came(ana, "Accept")[-1]
    assert again["result"] != accept["result"]  # a deleted address is never used again
    assert (await life.document(again["result"]))[0] == 200


async def test_gotosocial_replies_elsewhere_are_granted_at_once_and_held_all_the_same(
    life: Living,
) -> None:
    ana = life.peer.actor("ana", shared_inbox=False)
    event = await life.event()
    reply = note(ana, inReplyTo=event)
    await life.send(ana.activity("ReplyRequest", event, instrument=reply), ana)
    assert len(life.came(ana, "Accept")) == 1
    assert await reply_state(life, reply["id"]) is ReplyState.PENDING


@pytest.mark.parametrize("decision", ["show", "decline"])
async def test_who_did_not_ask_is_answered_where_a_steward_has_to_agree(
    life: Living, decision: str
) -> None:
    """GoToSocial's followers of the group show the reply only once they heard of our yes."""
    robin = await life.follower("robin")
    ana = life.peer.actor("ana", shared_inbox=False)
    pain = await life.reflection(spiral_stage="honoring_pain")
    reply = await answered(life, ana, pain)
    await life.form("/desk/replies", id=reply["id"], decision=decision)
    [answer] = life.came(ana)
    assert (answer["object"], answer["target"]) == (reply["id"], pain)
    heard = [one for one in life.came(robin) if one["id"] == answer["id"]]
    if decision == "show":
        assert (answer["type"], answer["to"]) == ("Accept", [ana.id])
        assert answer["cc"] == [PUBLIC, f"{life.group}/followers"]
        assert heard == [answer]
        assert (await life.document(answer["result"]))[1]["type"] == "ReplyAuthorization"
    else:
        assert (answer["type"], heard) == ("Reject", [])


# ------------------------------------------------------------------ what is not for everyone


@pytest.mark.parametrize(
    "addressing",
    [
        {"to": ["GROUP"], "cc": []},
        {"to": ["https://peer.example/users/ana/followers"], "cc": ["GROUP"]},
        {"to": ["https://peer.example/users/ben"], "cc": []},
    ],
    ids=["message", "followers only", "somebody else"],
)
@pytest.mark.parametrize("carrier", [[PUBLIC], []])
async def test_s151_what_is_private_is_nowhere(
    life: Living, addressing: dict[str, list[str]], carrier: list[str]
) -> None:
    """Whatever its activity says (Pleroma trims `cc`), and whatever a steward presses."""
    robin, ana = await life.follower("robin"), life.peer.actor("ana")
    event, moss = await life.event(), await life.reflection(event="circle")
    to = {
        key: [life.group if one == "GROUP" else one for one in value]
        for key, value in addressing.items()
    }
    secret = note(ana, "s", inReplyTo=event, content="<p>xyzzy</p>", quote=moss, **to)
    await life.send(ana.activity("Create", secret, to=carrier, cc=[]), ana)
    for decision in ("accept", "show", "ask"):
        answer = await life.desk.post("/desk/replies", {"id": secret["id"], "decision": decision})
        assert answer.status == 422
    await life.write(
        lambda session: replies.decide(session, secret["id"], ReplyState.ACCEPTED, passed_on=True)
    )
    life.served.clock.advance(minutes=2)
    await life.settle()
    stranger = life.served.browser
    stranger.http.cookie_jar.clear()
    for path in (
        *("/", "/events", "/events/circle", "/reflections", "/reflections/moss-words"),
        *("/feed.atom", "/feed.json", "/calendar.ics", "/neighbours", "/about"),
    ):
        assert "xyzzy" not in (await stranger.get(path)).text, path
    for about in (event, moss):
        for part in ("", "/replies", "/context", "/likes", "/shares"):
            status, document = await life.document(about + part)
            assert secret["id"] not in str(document), (about, part, status)
    for path in ("/group/outbox?page=true", "/group/featured"):
        assert secret["id"] not in str((await life.document(life.url + path))[1])
    assert secret["id"] not in str(life.came(robin))


async def test_followers_read_the_conversation_of_what_is_for_followers(life: Living) -> None:
    """Whoever may see the gathering may see what was said of it; nobody else learns that it is there."""
    robin = await life.follower("robin")
    event = await life.event(visibility="followers_and_link")
    reply = await answered(life, life.peer.actor("ana"), event)
    where = await life.form("/desk/replies", id=reply["id"], decision="accept")
    assert where.endswith("done=reply-accepted")  # nothing there is passed on
    assert life.came(robin, "Announce") == []
    life.served.clock.advance(minutes=1)
    for part in ("replies", "context"):
        answer = await life.peer.get_signed(f"{event}/{part}", actor=robin)
        assert answer.status == 200
        assert reply["id"] in answer.json["orderedItems"]
        assert (await life.served.browser.get(f"/events/circle/{part}")).status == 404
    other = await life.served.browser.get("/events/never/replies")
    assert other.status == 404


async def test_old_gotosocials_can_look_our_yes_up_for_ever(life: Living) -> None:
    """`approvedBy` is the address of the Accept there, not that of the stamp."""
    ana = life.peer.actor("ana", shared_inbox=False)
    pain = await life.reflection(spiral_stage="honoring_pain")
    reply = await answered(life, ana, pain)
    await life.form("/desk/replies", id=reply["id"], decision="show")
    [accept] = life.came(ana, "Accept")
    later = life.served.clock.now() + timedelta(days=400)

    def clear(session: Any) -> None:
        session.run("DELETE FROM delivery")
        activities.purge(session, later)

    await life.write(clear)
    status, document = await life.document(accept["id"])
    assert (status, document["object"]) == (200, reply["id"])
