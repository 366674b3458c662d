"""What the node makes of what a Fedify application says: the group it follows, and people who answer."""

import sqlite3
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.fedify.living import Living
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
WALK: dict[str, Any] = {
    "id": "walk",
    "title": {"en": "Slow walk by the river"},
    "start_local": "2031-05-10T10:00:00",
    "end_local": "2031-05-10T12:00:00",
    "timezone": "Europe/Berlin",
    "location": {"visibility": "public", "name": "Boathouse", "locality": "Potsdam"},
    "registration": {"mode": "open"},
}


@pytest_asyncio.fixture(loop_scope="module")
async def neighbour(alder: RunningNode, fedify: Living) -> Living:
    """Fedify's glade, a group that alder follows."""
    await alder.command("follow", fedify.address("glade"))

    async def accepted() -> bool:
        return [one["state"] for one in await alder.json("following", "--json")] == ["accepted"]

    await eventually(accepted)
    return fedify


async def shows(
    alder: RunningNode, session: aiohttp.ClientSession, text: str, *, shown: bool = True
) -> None:
    """Wait until alder's page of neighbours has `text`, or has it no more."""

    async def looks() -> bool:
        async with session.get(f"{alder.url}/neighbours") as answer:
            return (text in await answer.text()) is shown

    await eventually(looks)


def post(fedify: Living, kind: str, **properties: Any) -> dict[str, Any]:
    """An Event or a Note of the group glade, for everyone."""
    return fedify.thing(kind, attribution=fedify.actor("glade"), to=PUBLIC) | properties


async def test_a_neighbours_gathering_comes_changes_and_goes(
    alder: RunningNode, neighbour: Living, session: aiohttp.ClientSession
) -> None:
    group = f"{alder.url}/group"
    gathering = post(
        neighbour,
        "Event",
        name="Moon over the glade",
        content="<p>Bring a blanket.</p>",
        startTime="2031-06-14T18:00:00Z",
        endTime="2031-06-14T20:00:00Z",
        location={"type": "Place", "name": "The old oak"},
    )
    await neighbour.order("publish", object=gathering)
    await neighbour.send(group, neighbour.activity("glade", "Create", object=gathering, to=PUBLIC))
    await shows(alder, session, "Moon over the glade")
    await shows(alder, session, "The old oak")

    changed = gathering | {"name": "Stars over the glade", "updated": "2031-06-01T00:00:00Z"}
    await neighbour.send(group, neighbour.activity("glade", "Update", object=changed, to=PUBLIC))
    await shows(alder, session, "Stars over the glade")
    await shows(alder, session, "Moon over the glade", shown=False)

    await neighbour.order("remove", id=gathering["id"])
    gone = {"type": "Tombstone", "id": gathering["id"]}
    await neighbour.send(group, neighbour.activity("glade", "Delete", object=gone, to=PUBLIC))
    await shows(alder, session, "Stars over the glade", shown=False)


async def test_a_neighbours_words_come_change_and_go(
    alder: RunningNode, neighbour: Living, session: aiohttp.ClientSession
) -> None:
    group = f"{alder.url}/group"
    note = post(neighbour, "Note", content="<p>The frogs are back.</p>")
    await neighbour.order("publish", object=note)
    await neighbour.send(group, neighbour.activity("glade", "Create", object=note, to=PUBLIC))
    await shows(alder, session, "The frogs are back.")

    changed = note | {"content": "<p>The toads are back.</p>", "updated": "2031-06-01T00:00:00Z"}
    await neighbour.send(group, neighbour.activity("glade", "Update", object=changed, to=PUBLIC))
    await shows(alder, session, "The toads are back.")

    await neighbour.send(group, neighbour.activity("glade", "Delete", object=note["id"], to=PUBLIC))
    await shows(alder, session, "The toads are back.", shown=False)


async def test_somebody_comes_and_does_not_come_after_all(
    alder: RunningNode, fedify: Living
) -> None:
    group = f"{alder.url}/group"
    walk = (await alder.json("event", "add", "-", stdin=WALK))["id"]
    join = fedify.activity("fern", "Join", object=walk)
    await fedify.send(group, join)
    accepted = await fedify.heard("Accept")
    assert accepted["object"]["id"] == join["id"]
    assert [one["who"] for one in await alder.json("rsvps", "walk", "--json")] == [
        fedify.actor("fern")
    ]

    await fedify.send(group, fedify.activity("fern", "Leave", object=walk))

    async def left() -> bool:
        return all(one["answer"] != "going" for one in await alder.json("rsvps", "walk", "--json"))

    await eventually(left)


@pytest.mark.parametrize("kind", ["Like", "Announce"])
async def test_a_sign_of_liking_is_kept_until_it_is_taken_back(
    alder: RunningNode, fedify: Living, kind: str
) -> None:
    group = f"{alder.url}/group"
    about = {"id": f"liked-{kind.lower()}", "language": "en", "title": "Rain", "body": "It rains."}
    word = (await alder.json("reflection", "add", "-", stdin=about))["id"]
    sign = fedify.activity("fern", kind, object=word, to=PUBLIC)
    await fedify.send(group, sign)
    await eventually(lambda: witnesses(alder, word, [fedify.actor("fern")]))
    await fedify.send(group, fedify.activity("fern", "Undo", object=sign))
    await eventually(lambda: witnesses(alder, word, []))


async def witnesses(alder: RunningNode, object_id: str, expected: list[str]) -> bool:
    """Whether just these actors like or pass on `object_id`: no page says so, the database does."""
    with sqlite3.connect(f"file:{alder.data / 'node.sqlite3'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT actor_id FROM witness WHERE object_id = ?", (object_id,))
        return [actor for (actor,) in rows] == expected


async def test_an_answer_is_held_for_the_stewards(alder: RunningNode, fedify: Living) -> None:
    group = f"{alder.url}/group"
    about = {"id": "answered", "language": "en", "title": "Rain", "body": "It rains."}
    word = (await alder.json("reflection", "add", "-", stdin=about))["id"]
    reply = fedify.thing(
        "Note",
        attribution=fedify.actor("fern"),
        content="<p>Here too.</p>",
        replyTarget=word,
        to=PUBLIC,
    )
    await fedify.send(group, fedify.activity("fern", "Create", object=reply, to=PUBLIC))

    async def held() -> bool:
        with sqlite3.connect(f"file:{alder.data / 'node.sqlite3'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT content FROM reply WHERE in_reply_to = ?", (word,))
            return [content for (content,) in rows] == ["<p>Here too.</p>"]

    await eventually(held)


async def test_a_neighbour_that_moves_is_followed_where_it_went(
    alder: RunningNode, neighbour: Living
) -> None:
    glade, grove = neighbour.actor("glade"), neighbour.actor("grove")
    move = neighbour.activity("glade", "Move", object=glade, target=grove)
    await neighbour.send(f"{alder.url}/group", move)

    async def followed() -> bool:
        following = await alder.json("following", "--json")
        return {one["id"]: one["state"] for one in following} == {grove: "accepted"}

    await eventually(followed)
    assert (await neighbour.heard("Follow", grove))["actor"] == f"{alder.url}/group"


async def test_what_a_neighbour_passes_on_is_asked_for_and_shown(
    alder: RunningNode, neighbour: Living, session: aiohttp.ClientSession
) -> None:
    word = neighbour.thing(
        "Note", attribution=neighbour.actor("fern"), content="<p>A fern unrolls.</p>", to=PUBLIC
    )
    await neighbour.order("publish", object=word)
    announce = neighbour.activity("glade", "Announce", object=word["id"], to=PUBLIC)
    await neighbour.send(f"{alder.url}/group", announce)
    await shows(alder, session, "A fern unrolls.")
    await neighbour.send(f"{alder.url}/group", neighbour.activity("glade", "Undo", object=announce))
    await shows(alder, session, "A fern unrolls.", shown=False)


async def test_an_answer_to_a_gathering_is_asked_back_and_a_vote_counts(
    alder: RunningNode, fedify: Living
) -> None:
    group, fern = f"{alder.url}/group", fedify.actor("fern")
    walk = (await alder.json("event", "add", "-", stdin=WALK | {"id": "asked"}))["id"]
    reply = fedify.thing(
        "Note", attribution=fern, content="<p>I will be there.</p>", replyTarget=walk, to=PUBLIC
    )
    await fedify.send(group, fedify.activity("fern", "Create", object=reply, to=PUBLIC))
    question = (await fedify.heard("Create"))["object"]
    assert question["type"] == "Question"
    assert await fedify.order("lookup", what=question["id"]) is None
    read = await fedify.order("lookup", what=question["id"], name="fern")
    assert read["to"] == fern
    assert await alder.json("rsvps", "asked", "--json") == []

    vote = fedify.thing(
        "Note",
        attribution=fern,
        name=read["oneOf"][0]["name"],
        replyTarget=question["id"],
        to=group,
    )
    await fedify.send(group, fedify.activity("fern", "Create", object=vote, to=group))

    async def comes() -> bool:
        list_ = await alder.json("rsvps", "asked", "--json")
        return [(one["who"], one["answer"], one["state"]) for one in list_] == [
            (fern, "going", "confirmed")
        ]

    await eventually(comes)


async def test_a_quote_is_asked_for_and_stamped(alder: RunningNode, fedify: Living) -> None:
    fern = fedify.actor("fern")
    walk = (await alder.json("event", "add", "-", stdin=WALK | {"id": "quoted"}))["id"]
    quote = fedify.thing("Note", attribution=fern, content="<p>Go!</p>", quote=walk, to=PUBLIC)
    await fedify.order("publish", object=quote)
    request = fedify.activity("fern", "QuoteRequest", object=walk, instrument=quote)
    await fedify.send(f"{alder.url}/group", request)
    accepted = await fedify.heard("Accept", request["id"])
    stamp = await fedify.order("lookup", what=accepted["result"])
    assert stamp["type"] == "QuoteAuthorization"
    assert stamp["attributedTo"] == f"{alder.url}/group"
    assert (stamp["interactingObject"], stamp["interactionTarget"]) == (quote["id"], walk)


async def test_an_account_that_is_deleted_follows_no_more(
    alder: RunningNode, fedify: Living
) -> None:
    group, fern = f"{alder.url}/group", fedify.actor("fern")
    await fedify.send(group, fedify.activity("fern", "Follow", object=group))
    await fedify.heard("Accept")
    await fedify.send(group, fedify.activity("fern", "Delete", object=fern, to=PUBLIC))

    async def gone() -> bool:
        return await alder.json("followers", "--json") == []

    await eventually(gone)


async def test_we_learn_what_a_neighbours_server_runs(
    alder: RunningNode, neighbour: Living
) -> None:
    async def learned() -> bool:
        with sqlite3.connect(f"file:{alder.data / 'node.sqlite3'}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT software FROM host_software WHERE host = ?", (neighbour.host,)
            )
            return [name for (name,) in rows] == ["fern-and-glade"]

    await eventually(learned)
