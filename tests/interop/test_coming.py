"""A member of a microblog server comes to a gathering: reply, private question, vote, all over HTTP."""

import re
from typing import Any

import pytest

from tests.federation.peer import Peer, PeerActor
from tests.interop.asking import AS2, BROWSER, PUBLIC, Asker
from tests.interop.reader import Reader
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPEN = {"registration": {"mode": "open"}}


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


def reply(author: PeerActor, event: str, content: str = "<p>Is there tea?</p>") -> dict[str, Any]:
    """As Mastodon sends a public reply."""
    note = {
        "id": f"{author.id}/statuses/1",
        "type": "Note",
        "attributedTo": author.id,
        "inReplyTo": event,
        "content": content,
        "to": [PUBLIC],
        "cc": [f"{author.id}/followers"],
    }
    return author.activity("Create", note, to=note["to"], cc=note["cc"])


async def asked(reader: Reader, author: PeerActor) -> dict[str, Any]:
    """The Create of the question that arrived in somebody's own inbox."""
    path = f"/users/{author.name}/inbox"

    async def there() -> Any:
        came = reader.peer.deliveries(path)
        return next((one for one in came if one["type"] == "Create"), None)

    found: dict[str, Any] = await eventually(there)
    return found


async def vote(reader: Reader, author: PeerActor, question: dict[str, Any], number: int) -> None:
    """As Mastodon sends it."""
    name = question["oneOf"][number]["name"]
    note = {
        "id": f"{author.id}#votes/{number}",
        "type": "Note",
        "name": name,
        "attributedTo": author.id,
        "to": question["attributedTo"],
        "inReplyTo": question["id"],
    }
    activity = author.activity("Create", note, id=f"{note['id']}/activity", to=note["to"])
    await reader.send(activity, author)


async def coming(node: RunningNode, event: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await node.json("rsvps", event.rpartition("/")[2], "--json")
    return found


async def test_a_reply_is_answered_with_a_private_question_and_the_vote_counts(
    reader: Reader, ask: Asker
) -> None:
    event = await reader.publish("event", OPEN | walk())
    ann = reader.peer.actor("ann")
    await reader.send(reply(ann, event), ann)

    create = await asked(reader, ann)
    question = create["object"]
    for document in (create, question):
        assert (document["to"], document["cc"]) == ([ann.id], [])
    assert question["type"] == "Question"
    assert question["tag"] == [
        {"type": "Mention", "href": ann.id, "name": f"@{ann.handle}"},
    ]
    assert f"{reader.node.url}/rsvp/" in question["content"]
    assert await coming(reader.node, event) == []

    await vote(reader, ann, question, 0)

    async def there() -> Any:
        return await coming(reader.node, event)

    assert await eventually(there) == [
        {"who": ann.id, "via": "activitypub", "answer": "going", "state": "confirmed", "guests": 0}
    ]
    for path in ("", "/replies", ".ics"):
        assert ann.id not in (await ask(event + path, BROWSER)).text
        assert ann.id not in (await ask(event + path, AS2)).text


async def test_the_question_is_shown_to_its_readers_server_and_to_nobody_else(
    reader: Reader, ask: Asker
) -> None:
    event = await reader.publish("event", OPEN | walk())
    ann = reader.peer.actor("ann")
    await reader.send(reply(ann, event), ann)
    create = await asked(reader, ann)
    question = create["object"]

    fetched = await reader.peer.get_signed(question["id"], actor=reader.peer.actor("instance"))
    assert fetched.status == 200
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.json["content"] == question["content"]

    never = await ask(f"{reader.node.url}/messages/never")
    async with Peer.start() as other:
        strange = await other.get_signed(question["id"], actor=other.actor("eve"))
    for answer in (await ask(question["id"]), await ask(question["id"], BROWSER), strange):
        assert answer.status == never.status == 404
    assert (await ask(question["id"])).body == never.body
    assert (await ask(create["id"])).status == 404
    outbox = await ask.document("/group/outbox?page=true")
    assert question["id"] not in str(outbox)


def walk() -> dict[str, Any]:
    return {
        "title": {"en": "Slow walk"},
        "start_local": "2031-05-10T10:00:00",
        "end_local": "2031-05-10T12:00:00",
        "timezone": "Europe/Berlin",
    }


async def test_an_invitation_goes_to_one_person_and_so_does_its_end(reader: Reader) -> None:
    event = await reader.publish("event", walk() | {"registration": {"mode": "invite"}})
    slug, ann = event.rpartition("/")[2], reader.peer.actor("ann")
    said = await reader.node.command("invite", slug, f"@{ann.handle}")
    assert said == f"Invited @{ann.handle}.\n"

    invite = await reader.peer.delivery("Invite")
    assert (invite["to"], invite["target"], invite["object"]) == ([ann.id], ann.id, event)
    assert PUBLIC not in str(invite)
    question = (await asked(reader, ann))["object"]
    assert question["to"] == [ann.id]

    await reader.send(ann.activity("TentativeAccept", invite["id"]), ann)

    async def there() -> Any:
        return await coming(reader.node, event)

    assert (await eventually(there))[0]["answer"] == "maybe"
    await reader.node.command("invite", slug, ann.id, code=1)
    await reader.node.command("invite", slug, ann.id, "--withdraw")
    undo = await reader.peer.delivery("Undo")
    assert (undo["to"], undo["object"]["id"]) == ([ann.id], invite["id"])
    arrived = {request.path for request in reader.peer.asked(method="POST")}
    assert arrived == {"/users/ann/inbox"}
    await reader.node.command("invite", slug, ann.id, "--withdraw", code=1)


async def test_the_link_in_the_question_leads_to_the_private_page(
    reader: Reader, ask: Asker
) -> None:
    hidden = {"visibility": "on_registration", "private": {"name": "Under the old oak"}}
    event = await reader.publish("event", OPEN | walk() | {"location": hidden})
    ann = reader.peer.actor("ann")
    await reader.send(reply(ann, event), ann)
    question = (await asked(reader, ann))["object"]
    [link] = set(re.findall(rf"{reader.node.url}/rsvp/[\w-]+", question["content"]))

    before = (await ask(link, BROWSER)).text
    assert "You are not on the list" in before
    assert "old oak" not in before
    form = {"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Site": "same-origin"}
    saved = await ask(link, BROWSER, method="POST", body=b"do=save&answer=going&guests=2", **form)
    assert saved.status == 303
    assert "Under the old oak" in (await ask(link, BROWSER)).text
    assert await coming(reader.node, event) == [
        {"who": ann.id, "via": "activitypub", "answer": "going", "state": "confirmed", "guests": 2}
    ]
    await vote(reader, ann, question, 1)

    async def changed() -> Any:
        return (await coming(reader.node, event))[0]["answer"] == "maybe"

    await eventually(changed)
    assert (await coming(reader.node, event))[0]["guests"] == 2
    assert "Under the old oak" not in (await ask(link, BROWSER)).text
