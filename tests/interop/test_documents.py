"""Documents of every kind of server, and the traps for a naive reader: taken, understood, never a fault."""

import json
from typing import Any

import pytest
import pytest_asyncio

from tests.federation.peer import AS2, Peer, PeerActor
from tests.interop.asking import PUBLIC
from tests.interop.documents import SERVERS, read
from tests.interop.inside import became, befriend, neighbours, send, settled
from tests.interop.reader import WALK
from tests.running_node import RunningNode, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEFT_OUT: Any = object()
LINK = {"type": "Link", "mediaType": "text/html", "href": "{here}/page"}
SEED = {"type": "Hashtag", "name": "#seed", "href": "{here}/tags/seed"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(alder: RunningNode) -> str:
    """The id of an event that anybody may come to."""
    made = await alder.json(
        "event", "add", "-", stdin=WALK | {"id": "table", "registration": {"mode": "open"}}
    )
    return str(made["id"])


@pytest.mark.parametrize("server", SERVERS)
async def test_s125_to_s133_what_every_server_sends(
    alder: RunningNode, peer: Peer, table: str, server: str
) -> None:
    actors, sent = read(server, peer, alder.url, table)
    await befriend(alder, peer, actors["fern"])
    wrong = []
    for one in sent:
        before = len(became(alder, one.by.id))
        await send(alder, peer, one.by, one.activity)
        await settled(alder)
        state = (became(alder, one.by.id)[before:] or ["forgotten"])[0]
        text = await neighbours(alder)
        missing = [words for words in one.shows if words not in text]
        shown = [words for words in one.hides if words in text]
        if state != one.comes or missing or shown:
            wrong.append((one.name, state, missing, shown))
    assert not wrong
    for actor in actors.values():
        await send(alder, peer, actor, actor.activity("Follow", f"{alder.url}/group"))
        await peer.delivery("Accept", path=actor.inbox.removeprefix(peer.origin))


@pytest_asyncio.fixture(loop_scope="module")
async def fern(alder: RunningNode, peer: Peer) -> PeerActor:
    """A neighbour that alder follows."""
    actor = peer.actor("fern")
    await befriend(alder, peer, actor)
    return actor


def create(actor: PeerActor, *, activity: Any = None, **changes: Any) -> dict[str, Any]:
    """A Create of a note for everyone, with its changes; LEFT_OUT takes a property away."""
    actor.sent += 1
    note = {
        "id": f"{actor.id}/notes/{actor.sent}",
        "type": "Note",
        "attributedTo": actor.id,
        "content": f"<p>Trap number {actor.sent} is sprung</p>",
        "to": [PUBLIC],
        "cc": [f"{actor.id}/followers"],
    } | changes
    whole = {
        "@context": AS2,
        "id": f"{note['id']}/create",
        "type": "Create",
        "actor": actor.id,
        "to": note["to"],
        "object": _without(note),
    } | (activity or {})
    return _without(whole)


def _without(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not LEFT_OUT}


async def springs(alder: RunningNode, peer: Peer, fern: PeerActor, activity: Any) -> None:
    """Send a Create of `fern`; people must be able to read it."""
    await send(alder, peer, fern, activity)
    words = f"Trap number {fern.sent} is sprung"

    async def shown() -> bool:
        return words in await neighbours(alder)

    await eventually(shown)


async def test_s125_readers_as_a_string(alder: RunningNode, peer: Peer, fern: PeerActor) -> None:
    for cc in (f"{fern.id}/followers", {"id": f"{fern.id}/followers"}, [], LEFT_OUT):
        await springs(alder, peer, fern, create(fern, to=PUBLIC, cc=cc))
    bare = create(fern, to=LEFT_OUT, cc=LEFT_OUT, activity={"to": PUBLIC})
    await springs(alder, peer, fern, bare)
    unlisted = create(fern, to=f"{fern.id}/followers", cc=PUBLIC, activity={"to": LEFT_OUT})
    await send(alder, peer, fern, unlisted)
    await settled(alder)
    assert became(alder, fern.id)[-1] == "applied"
    assert f"Trap number {fern.sent} is sprung" not in await neighbours(alder)


@pytest.mark.parametrize(
    "context",
    [
        AS2,
        [AS2, "https://w3id.org/security/v1"],
        {"@vocab": AS2 + "#"},
        [{"actor": "https://elsewhere.invalid/not-the-actor", "@language": "de"}],
        ["https://elsewhere.invalid/never-fetched.jsonld"],
        None,
        LEFT_OUT,
    ],
    ids=lambda one: "left out" if one is LEFT_OUT else str(one),
)
async def test_s126_any_context(
    alder: RunningNode, peer: Peer, fern: PeerActor, context: Any
) -> None:
    await springs(alder, peer, fern, create(fern, activity={"@context": context}))


@pytest.mark.parametrize("prefix", ["as:", AS2 + "#"])
async def test_s126_names_written_in_full(
    alder: RunningNode, peer: Peer, fern: PeerActor, prefix: str
) -> None:
    activity = {"type": f"{prefix}Create"}
    await springs(alder, peer, fern, create(fern, type=f"{prefix}Note", activity=activity))


@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public"])
async def test_s127_public_in_its_spellings(
    alder: RunningNode, peer: Peer, fern: PeerActor, public: str
) -> None:
    for to in (public, [public]):
        await springs(alder, peer, fern, create(fern, to=to))


@pytest.mark.parametrize("things", [SEED, None, [None, SEED, "x"], "x", 7, []], ids=str)
async def test_s128_one_of_a_thing(
    alder: RunningNode, peer: Peer, fern: PeerActor, things: Any
) -> None:
    picture = {"type": "Document", "url": peer.url("/p.jpg"), "summary": "moss on a stone"}
    attachment = picture if things is SEED else things
    await springs(alder, peer, fern, create(fern, tag=things, attachment=attachment))


async def test_s129_who_and_what_in_every_form(
    alder: RunningNode, peer: Peer, fern: PeerActor
) -> None:
    whole = {"id": fern.id, "type": "Person", "inbox": "https://elsewhere.invalid/inbox"}
    for who in (fern.id, {"id": fern.id}, whole, [fern.id], [whole]):
        activity = create(fern, attributedTo=who, activity={"actor": who})
        await springs(alder, peer, fern, activity)
    pair = [{"type": "Person", "id": peer.url("/x")}, {"type": "Group", "id": fern.id}]
    await springs(alder, peer, fern, create(fern, attributedTo=pair))
    listed = create(fern)
    await springs(alder, peer, fern, listed | {"object": [listed["object"]]})
    by_id = create(fern)
    peer.serve(by_id["object"]["id"].removeprefix(peer.origin), {"@context": AS2} | by_id["object"])
    await springs(alder, peer, fern, by_id | {"object": by_id["object"]["id"]})


@pytest.mark.parametrize("url", [LINK, [LINK], ["{here}/page"], [{"href": None}, LINK], 7])
async def test_s130_lists_of_links_pictures_and_types(
    alder: RunningNode, peer: Peer, fern: PeerActor, url: Any
) -> None:
    there = json.loads(json.dumps(url).replace("{here}", peer.origin))
    icon = [{"type": "Image", "url": peer.url("/i.png")}, {"type": "Image"}]
    activity = create(fern, type=["Note", "schema:Comment"], url=there, icon=icon, image=icon)
    await springs(alder, peer, fern, activity | {"type": ["Create"]})
    html = await page(f"{alder.url}/neighbours")
    assert (peer.url("/page") in html) is (url != 7)


async def test_s131_nulls_are_nothing(alder: RunningNode, peer: Peer, fern: PeerActor) -> None:
    names = (
        *("summary", "inReplyTo", "endTime", "name", "nameMap", "contentMap", "tag", "cc", "image"),
        *("published", "updated", "url", "attachment", "context", "replies", "mediaType"),
    )
    await springs(alder, peer, fern, create(fern, **dict.fromkeys(names)))
    event = create(fern, type="Event", startTime="2031-09-12T18:00:00Z")
    event["object"] |= dict.fromkeys(("endTime", "location", "timezone", "eventStatus", "duration"))
    event["object"]["name"] = f"Trap number {fern.sent} is sprung"
    await springs(alder, peer, fern, event)


async def test_s132_only_in_a_map(alder: RunningNode, peer: Peer, fern: PeerActor) -> None:
    for place in ("contentMap", "content"):
        activity = create(fern)
        words = activity["object"].pop("content")
        activity["object"][place] = {"gsw": None, "und": 7, "en": words}
        await springs(alder, peer, fern, activity)


async def test_s133_no_id_is_no_harm(alder: RunningNode, peer: Peer, fern: PeerActor) -> None:
    activity = create(fern, activity={"id": LEFT_OUT})
    for _ in range(3):
        await springs(alder, peer, fern, activity)
    gone = {"type": "Delete", "actor": fern.id, "object": activity["object"]["id"], "to": [PUBLIC]}
    await send(alder, peer, fern, gone)

    async def is_gone() -> bool:
        return f"Trap number {fern.sent} is sprung" not in await neighbours(alder)

    await eventually(is_gone)
    await send(
        alder, peer, fern, {"type": "Flag", "actor": fern.id, "object": [f"{alder.url}/group"]}
    )
    await settled(alder)
    assert became(alder, fern.id)[-1] == "applied"
