"""Gatherings of neighbours on other software: followed, received, shown, changed, called off, gone."""

import json
import re
from typing import Any

import pytest
from aiohttp import web

from tests.federation.peer import AS2, Handler, Peer, PeerActor
from tests.interop.gatherings import MOBILIZON_EVENT, PUBLIC, SHAPES, Shape
from tests.interop.inside import send
from tests.interop.shapes import FRIENDICA, GOTOSOCIAL, MASTODON, MISSKEY, Software
from tests.running_node import RunningNode, eventually, page

pytestmark = pytest.mark.asyncio(loop_scope="module")


def at(thing: Any, peer: Peer, actor: PeerActor) -> Any:
    """The document with its addresses on that peer."""
    text = json.dumps(thing).replace("{here}", peer.origin).replace("{actor}", actor.id)
    return json.loads(text)


async def befriend(
    alder: RunningNode, peer: Peer, kind: str, name: str = "fern", **more: Any
) -> PeerActor:
    """An actor of the peer that alder follows, and that has accepted."""
    neighbour = peer.actor(name, type=kind, **more)
    await alder.command("follow", neighbour.id)
    follow = await peer.delivery("Follow", path=f"/users/{name}/inbox")
    await send(alder, peer, neighbour, neighbour.activity("Accept", follow))
    return neighbour


async def shown(alder: RunningNode, *words: str, gone: bool = False) -> str:
    """The neighbours page as text, once it holds all the words (or none of them)."""

    async def holds() -> str:
        html = (await page(f"{alder.url}/neighbours")).partition("<main")[2]
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))
        found = [word.replace("'", "&#39;") in text for word in words]
        return text if (not any(found) if gone else all(found)) else ""

    text: str = await eventually(holds)
    return text


def speaker(shape: Shape, peer: Peer, neighbour: PeerActor) -> PeerActor:
    """Who signs: the neighbour itself, or a person who speaks for it."""
    if shape.sender is None:
        return neighbour
    return peer.actor("ann", type="Person")


@pytest.mark.parametrize("name", SHAPES)
async def test_a_gathering_shows_what_when_and_where(
    alder: RunningNode, peer: Peer, name: str
) -> None:
    shape = SHAPES[name]
    neighbour = await befriend(alder, peer, shape.actor_type)
    for path, document in shape.served.items():
        peer.serve(path, {"@context": AS2} | at(document, peer, neighbour))
    sender = speaker(shape, peer, neighbour)
    activity = at(shape.activity, peer, neighbour)
    if shape.sender:
        activity["actor"] = sender.id

    await send(alder, peer, sender, {"@context": AS2} | activity)

    await shown(alder, *shape.shows)


async def test_a_gathering_of_mobilizon_is_changed_called_off_and_deleted(
    alder: RunningNode, peer: Peer
) -> None:
    fern = await befriend(alder, peer, "Group")
    event = at(MOBILIZON_EVENT, peer, fern)
    await send(alder, peer, fern, fern.activity("Create", event, to=[PUBLIC]))
    await shown(alder, "Marche de la rivière", "10:00–12:30")

    later = event | {
        "startTime": "2031-09-12T09:00:00Z",
        "endTime": "2031-09-12T11:00:00Z",
        "updated": "2026-07-01T10:00:00Z",
    }
    await send(alder, peer, fern, fern.activity("Update", later, to=[PUBLIC]))
    await shown(alder, "11:00–13:00")

    off = later | {"ical:status": "CANCELLED", "updated": "2026-07-02T10:00:00Z"}
    await send(alder, peer, fern, fern.activity("Update", off, to=[PUBLIC]))
    await shown(alder, "Cancelled")

    await send(alder, peer, fern, fern.activity("Delete", event["id"], to=[PUBLIC]))
    await shown(alder, "Marche de la rivière", gone=True)


@pytest.mark.parametrize("collection", ["paged", "first embedded", "ids", "ids, for nobody named"])
async def test_what_was_upcoming_is_read_after_the_accept(
    alder: RunningNode, peer: Peer, collection: str
) -> None:
    """Mobilizon and gancio list whole Creates in their outbox; Mastodon features ids; FEP-8a8e names nobody."""
    neighbour = peer.actor("fern", type="Group", featured=peer.url("/users/fern/featured"))
    event = at(MOBILIZON_EVENT, peer, neighbour) | {"name": "Read afterwards"}
    if collection.endswith("nobody named"):
        del event["to"], event["cc"]
    create = neighbour.activity("Create", event, to=[PUBLIC])
    head = {
        "@context": AS2,
        "id": neighbour.id + "/outbox",
        "type": "OrderedCollection",
        "totalItems": 1,
    }
    pages = {
        "id": neighbour.id + "/outbox?page=1",
        "type": "OrderedCollectionPage",
        "orderedItems": [create],
    }
    if collection == "paged":
        peer.script(
            "/users/fern/outbox",
            _by_query({"": head | {"first": pages["id"]}, "page=1": {"@context": AS2} | pages}),
        )
    elif collection == "first embedded":
        peer.serve("/users/fern/outbox", head | {"first": pages})
    else:
        peer.serve(
            "/users/fern/featured",
            head | {"id": neighbour.id + "/featured", "orderedItems": [event["id"]]},
        )
        peer.serve("/events/6f0c", {"@context": AS2} | event)
    await befriend(alder, peer, "Group", featured=peer.url("/users/fern/featured"))

    await shown(alder, "Read afterwards", "12 September 2031", "Le moulin")


def _by_query(documents: dict[str, Any]) -> Handler:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        found = documents[request.raw_path.partition("?")[2]]
        return web.json_response(found, content_type="application/activity+json")

    return answer


async def test_words_of_a_neighbour_are_shown_and_private_ones_are_not(
    alder: RunningNode, peer: Peer
) -> None:
    robin = await befriend(alder, peer, "Person", "robin")
    for number, to in enumerate(([PUBLIC], [robin.id + "/followers"], [f"{alder.url}/group"])):
        note = {
            "id": f"{robin.id}/notes/{number}",
            "type": "Note",
            "attributedTo": robin.id,
            "to": to,
            "content": f"<p>Words number {number}<script>x</script></p>",
        }
        await send(alder, peer, robin, robin.activity("Create", note, to=to))
    text = await shown(alder, "Words number 0")
    assert "Words number 1" not in text
    assert "Words number 2" not in text
    assert "<script>x" not in await page(f"{alder.url}/neighbours")


@pytest.mark.parametrize("software", [MASTODON, GOTOSOCIAL, MISSKEY, FRIENDICA], ids=str)
async def test_s77_only_a_newer_text_by_the_same_hand_is_taken(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    robin, wren = software.member(peer), software.member(peer, "wren")
    await alder.command("follow", robin.id)
    follow = await peer.delivery("Follow", path=robin.inbox)
    inbox = f"{alder.url}/inbox"
    note = robin.note("First words")

    def changed(words: str, hour: int) -> dict[str, Any]:
        return note | {"content": f"<p>{words}</p>", "updated": f"2025-06-01T{hour}:00:00Z"}

    for activity in (robin.answer("Accept", follow), robin.create(note)):
        assert (await robin.post(inbox, activity)).status == 202
    await shown(alder, "First words")
    assert (await robin.post(inbox, robin.update(changed("Second words", 12)))).status == 202
    await shown(alder, "Second words")
    for member, words, hour in (
        (robin, "Older words", 11),
        (wren, "Foreign words", 14),
        (robin, "Last words", 13),
    ):
        assert (await member.post(inbox, member.update(changed(words, hour)))).status == 202
    text = await shown(alder, "Last words")
    assert "Older words" not in text
    assert "Foreign words" not in text
