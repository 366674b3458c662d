"""Others' gatherings in every spelling we know of: each item of “What is read” in docs/federation-events.md."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.read_event import When, Where, read_when, read_where
from federation.read_gathering_actor import gathering_of
from federation.read_post import read_post
from node.domain.event import EventStatus
from tests.federation.peer import Peer, PeerActor
from tests.interop.asking import PUBLIC
from tests.interop.shapes import pkcs1
from tests.interop.test_neighbours import befriend, send, shown
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW = datetime(2031, 1, 1, tzinfo=UTC)


def gathering(by: PeerActor | str, name: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """An Event of somebody; a change to None takes the property away."""
    author = by if isinstance(by, str) else by.id
    event: dict[str, Any] = {
        "id": f"{author}/e/{number}",
        "type": "Event",
        "attributedTo": author,
        "name": name,
        "content": "<p>Bring a drum.</p>",
        "startTime": "2031-09-12T18:00:00+02:00",
        "endTime": "2031-09-12T20:00:00+02:00",
        "timezone": "Europe/Berlin",
        "location": {"type": "Place", "name": "Hall"},
        "published": "2026-08-01T10:00:00Z",
        "to": [PUBLIC],
        "cc": [],
    }
    return {key: value for key, value in (event | more).items() if value is not None}


def read(**more: Any) -> Any:
    event = gathering("https://peer.example/g", "Circle") | more
    written = {key: value for key, value in event.items() if value is not None}
    return read_post(written, via="https://peer.example/g", now=NOW)


@pytest.mark.parametrize(
    "how", ["Create", "Create of an id", "Invite", "Update", "id", "Event", "Create{Event}"]
)
async def test_it_comes_by_any_of_these(alder: RunningNode, peer: Peer, how: str) -> None:
    """The last three are Announce; what is passed on comes from somebody else on that server."""
    neighbour = await befriend(alder, peer, "Group", name="fern")
    announced = how in ("id", "Event", "Create{Event}")
    author = peer.actor("ann", type="Person") if announced else neighbour
    event = gathering(author, f"By way of {how}.")
    peer.serve(event["id"].removeprefix(peer.origin), event)
    create = author.activity("Create", event, to=[PUBLIC])
    activity = {
        "Create of an id": lambda: neighbour.activity("Create", event["id"], to=[PUBLIC]),
        "id": lambda: neighbour.activity("Announce", event["id"], to=[PUBLIC]),
        "Event": lambda: neighbour.activity("Announce", event, to=[PUBLIC]),
        "Create{Event}": lambda: neighbour.activity("Announce", create, to=[PUBLIC]),
    }.get(how, lambda: neighbour.activity(how, event, to=[PUBLIC]))
    await send(alder, peer, neighbour, activity())
    await shown(alder, event["name"], "18:00–20:00", "Hall")


async def test_what_is_passed_on_is_never_believed_as_it_is_embedded(
    alder: RunningNode, peer: Peer
) -> None:
    neighbour = await befriend(alder, peer, "Group")
    author = peer.actor("ann", type="Person")
    event = gathering(author, "What it is.")
    peer.serve(event["id"].removeprefix(peer.origin), event)
    forged = neighbour.activity("Announce", event | {"name": "What it is not."}, to=[PUBLIC])
    await send(alder, peer, neighbour, forged)
    assert "What it is not." not in await shown(alder, "What it is.")


SHAPES: dict[str, dict[str, Any]] = {
    "a list of types": {"type": ["Event", "schema:Event"]},
    "one value where lists are meant": {
        "to": PUBLIC,
        "cc": "https://peer.example/followers",
        "tag": {"type": "HashTag", "name": "#circle"},
        "attachment": {"type": "Link", "href": "https://peer.example/x"},
    },
    "lists where one value is meant": {
        "name": None,
        "nameMap": {"de": "Kreis"},
        "location": [{"type": "Place", "name": "Hall"}],
        "url": ["https://peer.example/circle"],
        "category": ["COMMUNITY"],
    },
    "nulls": {"summary": None, "image": None, "inReplyTo": None, "status": None, "tag": None},
    "objects where ids would do": {"attributedTo": {"id": "{author}", "type": "Group"}},
    "numbers where words are meant": {"name": None, "summary": 5, "category": 7, "status": 0},
    "organizers without a type": {"organizers": {"totalItems": 1, "items": [{"name": "Us"}]}},
    "nobody to write to": {"organizers": None, "joinMode": "none"},
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_it_may_be_written_in_any_of_these_shapes(
    alder: RunningNode, peer: Peer, shape: str
) -> None:
    neighbour = await befriend(alder, peer, "Group")
    changes = SHAPES[shape]
    if "attributedTo" in changes:
        changes = {"attributedTo": {"id": neighbour.id, "type": "Group"}}
    event = gathering(neighbour, f"Written with {shape}.") | changes
    await send(alder, peer, neighbour, neighbour.activity("Create", event, to=[PUBLIC]))
    words = {"lists where one value is meant": "Kreis"}.get(
        shape, event.get("name") or "Bring a drum"
    )
    await shown(alder, words, "12 September 2031", "18:00–20:00", "Hall")


async def test_name_and_content_may_stand_in_language_maps_alone() -> None:
    post = read(
        name=None,
        content=None,
        nameMap={"fr": "Cercle", "en": "Circle"},
        contentMap={"fr": "<p>Un tambour.</p>"},
    )
    assert (post.title, post.content, post.language) == ("Cercle", "<p>Un tambour.</p>", "fr")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2031-09-12T18:00:00+02:00", "2031-09-12T16:00:00"),
        ("2031-09-12T16:00:00Z", "2031-09-12T16:00:00"),
        ("2031-09-12T16:00:00.123Z", "2031-09-12T16:00:00.123"),
        ("2031-09-12T16:00:00.123456+00:00", "2031-09-12T16:00:00.123456"),
        ("2031-09-12T18:00", "2031-09-12T16:00:00"),
        ("2031-09-12T18:00:00", "2031-09-12T16:00:00"),
        ("2031-09-12t16:00:00z", "2031-09-12T16:00:00"),
        ("2031-09-12T16:00:00-00:00", "2031-09-12T16:00:00"),
    ],
)
async def test_a_time_may_be_written_so(start: str, expected: str) -> None:
    found = read_when({"startTime": start, "timezone": "Europe/Berlin"})
    assert found.start == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found.timezone == "Europe/Berlin"


async def test_dates_without_times_are_whole_days() -> None:
    found = read_when({"startTime": "2031-12-21", "endTime": "2031-12-22"})
    assert found == When(
        start=datetime(2031, 12, 21, tzinfo=UTC), end=datetime(2031, 12, 22, 23, 59, 59, tzinfo=UTC)
    )


MEET = "https://meet.example/r"
VIRTUAL = {"type": "VirtualLocation", "name": "Room", "url": MEET}


@pytest.mark.parametrize(
    ("location", "place", "room"),
    [
        ("Library, Main St 5", "Library, Main St 5", None),
        (MEET, "", MEET),
        (None, "", None),
        ([], "", None),
        ({"type": "Place", "name": "Hall", "address": "Main St 1"}, "Hall, Main St 1", None),
        ({"name": "Hall", "address": {"streetAddress": "Main St 1"}}, "Hall, Main St 1", None),
        ({"type": "Place", "content": "Stadtwald"}, "Stadtwald", None),
        ([{"type": "Place", "name": "Hall"}, VIRTUAL], "Hall", MEET),
        (VIRTUAL, "Room", MEET),
        ({"type": "Place", "name": "Jitsi", "address": VIRTUAL}, "Jitsi", MEET),
        ({"type": "Place", "latitude": "47.99", "longitude": "7.84"}, "47.99, 7.84", None),
        ({"type": "Place", "latitude": 47.99, "longitude": 7.84}, "47.99, 7.84", None),
        ({"type": "Place", "latitude": -122.8, "longitude": 38.4}, "", None),
        ({"type": "Place", "latitude": 47.99, "longitude": 187.84}, "", None),
        ({"type": "Place", "latitude": "north", "longitude": []}, "", None),
        ({"type": "Place", "latitude": 1e400, "longitude": True}, "", None),
    ],
)
async def test_a_place_may_be_written_so(location: Any, place: str, room: str | None) -> None:
    assert read_where({"location": location}) == Where(place=place, online_url=room)


@pytest.mark.parametrize("field", ["status", "ical:status", "eventStatus"])
@pytest.mark.parametrize(
    "value", ["CANCELLED", "EventCancelled", "https://schema.org/EventCancelled", "canceled"]
)
async def test_a_status_may_be_written_so(field: str, value: str) -> None:
    assert read(**{field: value}).status is EventStatus.CANCELLED


async def test_a_key_may_be_written_as_mobilizon_writes_it(alder: RunningNode, peer: Peer) -> None:
    neighbour = peer.actor("moulin", type="Group")
    key = neighbour.document["publicKey"] | {"publicKeyPem": pkcs1(neighbour.key)}
    neighbour = await befriend(
        alder, peer, "Group", name="moulin", key=neighbour.key, publicKey=key
    )
    assert neighbour.document["publicKey"]["publicKeyPem"].startswith("-----BEGIN RSA PUBLIC KEY")
    event = gathering(neighbour, "Signed with a key in PKCS#1.")
    await send(alder, peer, neighbour, neighbour.activity("Create", event, to=[PUBLIC]))
    await shown(alder, event["name"])


async def test_a_revision_counts_once_and_only_if_it_is_newer(
    alder: RunningNode, peer: Peer
) -> None:
    """EveryCal gives every Update of one event the same id."""
    neighbour = await befriend(alder, peer, "Group")
    event = gathering(neighbour, "Revision 0.", updated="2026-08-02T10:00:00Z")
    await send(alder, peer, neighbour, neighbour.activity("Create", event, to=[PUBLIC]))
    update = neighbour.activity("Update", event, to=[PUBLIC]) | {"id": event["id"] + "/update"}
    for number, updated in ((2, "2026-08-04"), (1, "2026-08-03"), (3, "2026-08-05")):
        changed = event | {"name": f"Revision {number}.", "updated": f"{updated}T10:00:00Z"}
        await send(alder, peer, neighbour, update | {"object": changed})
        await shown(alder, "Revision 3." if number == 3 else "Revision 2.")


async def test_what_is_over_stays_in_the_archive(alder: RunningNode, peer: Peer) -> None:
    neighbour = await befriend(alder, peer, "Group")
    times = {"startTime": "2019-09-12T18:00:00Z", "endTime": "2019-09-12T20:00:00Z"}
    over = gathering(neighbour, "Long over.", number=1, **times)
    coming = gathering(neighbour, "Still to come.", number=2)
    for event in (over, coming):
        await send(alder, peer, neighbour, neighbour.activity("Create", event, to=[PUBLIC]))
    assert "Long over." not in await shown(alder, "Still to come.")
    again = over | {"startTime": coming["startTime"], "endTime": coming["endTime"]}
    again["updated"] = "2026-09-02T10:00:00Z"
    await send(alder, peer, neighbour, neighbour.activity("Update", again, to=[PUBLIC]))
    await shown(alder, "Long over.")


SOLSTICE: dict[str, Any] = {
    "name": "Solstice",
    "summary": "<p>By the river.</p>",
    "accessType": "open",
    "attachment": [
        {"type": "PropertyValue", "name": "x", "value": "y"},
        {
            "type": "Event",
            "startTime": "2031-12-21T17:00:00Z",
            "endTime": "2031-12-21T20:00:00Z",
        },
    ],
    "vcard:Address": "Riverside park",
}


async def test_a_gathering_may_be_an_actor(alder: RunningNode, peer: Peer) -> None:
    """Smithereen: one follows the gathering itself; a change of it is an Update of the actor."""
    named = {key: value for key, value in SOLSTICE.items() if key != "name"}
    neighbour = await befriend(alder, peer, "Group", name="solstice", **named)
    await shown(alder, "Solstice", "21 December 2031", "17:00–20:00", "Riverside park")
    event = SOLSTICE["attachment"][1] | {"startTime": "2031-12-21T18:00:00Z"}
    neighbour.document |= {"attachment": [event], "updated": "2026-11-01T10:00:00Z"}
    await send(alder, peer, neighbour, neighbour.activity("Update", neighbour.document))
    await shown(alder, "Solstice", "18:00–20:00")


async def test_an_actor_that_is_no_gathering_or_is_closed_is_none() -> None:
    actor = {"id": "https://smithereen.example/groups/9", "type": "Group"} | SOLSTICE
    assert gathering_of(actor) is not None
    for changes in (
        {"accessType": "closed"},
        {"accessType": "private"},
        {"attachment": []},
        {"attachment": None},
        {"attachment": ["Event"]},
        {"id": "no address"},
    ):
        assert gathering_of(actor | changes) is None, changes


async def test_the_end_of_the_calendar_breaks_no_page(alder: RunningNode, peer: Peer) -> None:
    neighbour = await befriend(alder, peer, "Group")
    for number, zone in enumerate(("Europe/Berlin", "America/Los_Angeles", None)):
        times = {"startTime": "9999-12-31T23:59:59Z", "endTime": None, "timezone": zone}
        event = gathering(neighbour, "At the end of time.", number=number, **times)
        await send(alder, peer, neighbour, neighbour.activity("Create", event, to=[PUBLIC]))
    after = gathering(neighbour, "Before the end of time.", number=9)
    await send(alder, peer, neighbour, neighbour.activity("Create", after, to=[PUBLIC]))
    await shown(alder, after["name"])
