"""A post that mentions the group becomes a reflection: asked, agreed to, read once more, taken back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from federation import keypairs
from node.store import audit, reflections
from node.store.reflections import StoredReflection
from tests.conftest import TurnableClock
from tests.federation.living import Living, living, note
from tests.federation.peer import PeerActor
from tests.web.served import Keys

NAMED, ANONYMOUS, NO = "Yes, with my name", "Yes, without my name", "No, please do not"


@pytest.fixture(scope="module")
def keys() -> Keys:
    return keypairs.generate()


@pytest.fixture
async def life(tmp_path: Path, keys: Keys, clock: TurnableClock) -> AsyncIterator[Living]:
    async with living(tmp_path, keys, clock) as one:
        yield one


@pytest.fixture
def ana(life: Living) -> PeerActor:
    one = life.peer.actor("ana", shared_inbox=False)
    one.document["name"] = "Ana Reed"
    return one


async def mention(life: Living, ana: PeerActor, **more: Any) -> dict[str, Any]:
    """A public post that speaks of the group, held for the stewards, whose author is asked."""
    words = '<p><a href="x">@rivercircle</a> We sat with the moss.<br>It did not hurry.</p>'
    post = note(ana, content=words, cc=[life.group], contentMap={"en": words}) | more
    await life.send(ana.activity("Create", post), ana)
    return post


async def ask(life: Living, post: dict[str, Any]) -> None:
    where = await life.form("/desk/replies", id=post["id"], decision="ask")
    assert where.endswith("done=asked-to-share")


def questions(life: Living, ana: PeerActor) -> list[dict[str, Any]]:
    """Questions about sharing that came to somebody."""
    came = [one["object"] for one in life.came(ana, "Create")]
    return [one for one in came if NAMED in str(one.get("oneOf"))]


async def vote(life: Living, ana: PeerActor, label: str) -> None:
    """Vote in the question as Mastodon does."""
    [question] = questions(life, ana)
    ballot = {
        "id": f"{ana.id}#votes/{ana.sent}",
        "type": "Note",
        "name": label,
        "attributedTo": ana.id,
        "inReplyTo": question["id"],
        "to": life.group,
    }
    await life.send(ana.activity("Create", ballot, to=life.group), ana)


async def made(life: Living) -> list[StoredReflection]:
    return await life.read(reflections.every)


async def test_a_yes_waits_for_a_steward_and_is_published(life: Living, ana: PeerActor) -> None:
    robin = await life.follower("robin")
    post = await mention(life, ana)
    await ask(life, post)

    [question] = questions(life, ana)
    assert (question["type"], question["to"], question["cc"]) == ("Question", [ana.id], [])
    assert [one["name"] for one in question["oneOf"]] == [NAMED, ANONYMOUS, NO]
    assert post["id"] in question["content"]
    assert question["inReplyTo"] == post["id"]
    assert "There is no answer yet." in (await life.desk.get("/desk/replies")).text
    assert await made(life) == []

    await vote(life, ana, NAMED)
    [one] = await made(life)
    told = one.reflection
    assert told.status == "pending_review"
    assert told.body.text == "We sat with the moss.\nIt did not hurry."
    assert told.author == f"Ana Reed (@{ana.handle})"
    assert told.consent.given_on == "2027-03-14"
    assert told.consent.reuse is None
    assert "moss" not in (await life.served.browser.get("/reflections")).text
    assert life.came(robin, "Create") == []
    decisions = await life.read(audit.latest)
    assert [(one.who, one.action) for one in decisions[:2]] == [
        ("author", "consent: named"),
        ("Ana", "asked to share"),
    ]

    await life.form(f"/desk/reflections/{told.slug}", decision="accept")
    [published] = life.came(robin, "Create")
    assert "It did not hurry." in published["object"]["content"]
    assert "Ana Reed" in published["object"]["content"]


@pytest.mark.parametrize("how", ["vote", "Delete", "Update", "actor"])
async def test_its_author_takes_it_back(life: Living, ana: PeerActor, how: str) -> None:
    robin = await life.follower("robin")
    post = await mention(life, ana)
    await ask(life, post)
    await vote(life, ana, ANONYMOUS)
    [one] = await made(life)
    assert one.reflection.author is None
    await life.form(f"/desk/reflections/{one.reflection.slug}", decision="accept")
    [published] = life.came(robin, "Create")
    address = published["object"]["id"]
    assert ana.id not in str(published)
    assert "Reed" not in str(published)

    if how == "vote":
        await vote(life, ana, NO)
    elif how == "Delete":
        await life.send(ana.activity("Delete", post["id"]), ana)
    elif how == "actor":
        await life.send(ana.activity("Delete", ana.id), ana)
    else:
        changed = post | {"content": "<p>No.</p>", "updated": "2027-03-14T15:00:00Z"}
        changed["contentMap"] = {"en": "<p>No.</p>"}
        await life.send(ana.activity("Update", changed), ana)

    [delete] = life.came(robin, "Delete")
    assert delete["object"]["id"] == address
    status, stone = await life.document(address)
    assert (status, stone["type"]) == (410, "Tombstone")
    assert (await life.served.browser.get(address.removeprefix(life.url))).status == 410


async def test_a_mind_may_change_about_the_name(life: Living, ana: PeerActor) -> None:
    await ask(life, await mention(life, ana))
    await vote(life, ana, NAMED)
    await vote(life, ana, ANONYMOUS)
    [one] = await made(life)
    assert one.reflection.author is None
    document = await life.read(
        lambda session: reflections.get_document(session, one.reflection.slug)
    )
    assert "Ana" not in str(document)
    assert ana.id not in str(document)
    await vote(life, ana, NO)
    assert await made(life) == []
    await vote(life, ana, NAMED)
    [again] = await made(life)
    assert again.reflection.slug != one.reflection.slug


async def test_only_whoever_wrote_it_can_agree(life: Living, ana: PeerActor) -> None:
    mallory = life.peer.actor("mallory", shared_inbox=False)
    await ask(life, await mention(life, ana))
    [question] = questions(life, ana)
    ballot = {
        "id": f"{mallory.id}/votes/1",
        "type": "Note",
        "name": NAMED,
        "attributedTo": mallory.id,
        "inReplyTo": question["id"],
        "to": life.group,
    }
    await life.send(mallory.activity("Create", ballot, to=life.group), mallory)
    assert (await life.outcome(mallory))[0] == "refused"
    assert await made(life) == []


async def test_nobody_is_asked_twice_or_about_a_private_message(
    life: Living, ana: PeerActor
) -> None:
    post = await mention(life, ana)
    await ask(life, post)
    where = await life.form("/desk/replies", id=post["id"], decision="ask")
    assert where.endswith("done=same")
    private = await mention(life, ana, id=f"{ana.id}/notes/2", to=[life.group], cc=[])
    answer = await life.desk.post("/desk/replies", {"id": private["id"], "decision": "ask"})
    assert answer.status == 422
    assert len(questions(life, ana)) == 1


async def test_a_vote_about_what_is_gone_makes_nothing(life: Living, ana: PeerActor) -> None:
    post = await mention(life, ana)
    await ask(life, post)
    await life.send(ana.activity("Delete", post["id"]), ana)
    await vote(life, ana, NAMED)
    assert await life.outcome(ana) == ("refused", "What was asked about is not here any more.")
    assert await made(life) == []


async def test_a_reply_to_a_gathering_becomes_a_reflection_of_it(
    life: Living, ana: PeerActor
) -> None:
    event = await life.event()
    post = await mention(life, ana, inReplyTo=event)
    await ask(life, post)
    await vote(life, ana, ANONYMOUS)
    [one] = await made(life)
    assert one.reflection.event == "circle"
