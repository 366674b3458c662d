"""FEP-8a8e, item by item as docs/federation-events.md numbers them: what we send, and what we make of others'."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from federation.read_event import read_status, read_when, read_where
from federation.read_participation import read_categories, read_join_url, read_organizers
from federation.read_post import read_post
from federation.render.event import event as render
from node.domain.event import EventStatus
from node.domain.event_terms import CATEGORIES
from node.domain.neighbour import NeighbourPost
from tests.federation import samples
from tests.federation.peer import Peer, PeerActor
from tests.federation.samples import NOW, URLS
from tests.interop.asking import PUBLIC, Asker
from tests.interop.reader import WALK, Reader
from tests.interop.test_neighbours import befriend, send, shown
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")
AUTHOR = "https://peer.example/group"
THEIRS: dict[str, Any] = {
    "id": "https://peer.example/e/1",
    "type": "Event",
    "attributedTo": AUTHOR,
    "name": "Day of listening",
    "startTime": "2031-09-12T09:00:00+02:00",
    "endTime": "2031-09-12T17:00:00+02:00",
    "to": [PUBLIC],
}
ALL_OURS = [
    samples.EVENTS[name] | {"id": f"one-{number}"} for number, name in enumerate(samples.EVENTS)
]


def sent(document: dict[str, Any]) -> Any:
    """How an event of ours goes out."""
    return render(samples.a_stored_event(document), samples.a_group(), URLS, NOW)


def read(**changes: Any) -> NeighbourPost:
    """What we make of somebody's event; a change to None takes the property away."""
    document = {key: value for key, value in (THEIRS | changes).items() if value is not None}
    return read_post(document, via=AUTHOR, now=NOW)


@pytest.mark.parametrize("ours", ALL_OURS, ids=samples.EVENTS)
async def test_fep_8a8e_01_name_is_plain_and_not_empty(ours: dict[str, Any]) -> None:
    document = sent(ours)
    assert document["name"].strip() == document["name"] != ""
    assert document["name"] == document["nameMap"][document["inLanguage"]]
    html = sent(ours | {"title": {"en": "A & B\n<i>"}, "languages": ["en"]})
    assert html["name"] == "A & B <i>"  # the text as written: it is not HTML
    assert read(name="<b>Day</b> &amp; night").title == "Day & night"
    assert read(name=None, nameMap={"de": "Tag"}).title == "Tag"


async def test_fep_8a8e_02_start_time_or_the_previous_one_of_what_is_postponed() -> None:
    document = sent(samples.POSTPONED)
    assert document["startTime"] == document["previousStartTime"] == "2031-03-09T09:00:00-07:00"
    assert document["eventStatus"] == "EventPostponed"
    theirs = read(
        startTime=None,
        endTime=None,
        previousStartTime="2031-09-12T09:00:00+02:00",
        eventStatus="EventPostponed",
    )
    assert (theirs.start, theirs.status) == (None, EventStatus.POSTPONED)
    assert theirs.previous_start == datetime(2031, 9, 12, 7, tzinfo=UTC)


@pytest.mark.parametrize("ours", ALL_OURS, ids=samples.EVENTS)
async def test_fep_8a8e_03_the_end_is_always_there_and_later(ours: dict[str, Any]) -> None:
    document = sent(ours)
    start, end = (datetime.fromisoformat(document[key]) for key in ("startTime", "endTime"))
    assert end > start
    assert read(endTime="2031-09-12T09:00:00+02:00").end is None


@pytest.mark.parametrize("ours", ALL_OURS, ids=samples.EVENTS)
async def test_fep_8a8e_04_organizers_are_always_told(ours: dict[str, Any]) -> None:
    assert "organizers" in sent(ours)
    assert read(organizers={"totalItems": 1, "items": [{"name": "Us"}]}).organizers == ("Us",)


async def test_fep_8a8e_05_an_open_end_is_not_to_be_shown() -> None:
    assert sent(samples.HYBRID)["displayEndTime"] is False
    assert "displayEndTime" not in sent(samples.IN_PERSON)
    for value in (False, "false", "FALSE", 0):
        assert read(displayEndTime=value).end is None, value


async def test_fep_8a8e_06_what_is_not_said_of_the_end() -> None:
    assert read().end == datetime(2031, 9, 12, 15, tzinfo=UTC)
    assert read(displayEndTime=True).end == datetime(2031, 9, 12, 15, tzinfo=UTC)
    assert read(endTime=None).end is None


async def test_fep_8a8e_07_the_zone_is_one_of_iana() -> None:
    assert sent(samples.HYBRID)["timezone"] == "Europe/Berlin"
    assert read(timezone="Europe/Berlin").timezone == "Europe/Berlin"
    theirs = read(timezone="W. Europe Standard Time")
    assert (theirs.timezone, theirs.utc_offset) == (None, 120)


@pytest.mark.parametrize("ours", ALL_OURS, ids=samples.EVENTS)
async def test_fep_8a8e_08_a_location_is_never_bare_text(ours: dict[str, Any]) -> None:
    assert sent(ours)["location"]["type"] in ("Place", "VirtualLocation")
    assert read_where({"location": "Library, Main St 5"}).place == "Library, Main St 5"


async def test_fep_8a8e_09_an_address_is_text_or_parts_and_coordinates_are_numbers() -> None:
    place = sent(samples.IN_PERSON)["location"]
    assert place["address"]["type"] == "PostalAddress"
    assert (place["latitude"], place["longitude"]) == (38.0, -122.807)
    hall = {"type": "Place", "name": "Hall"}
    text = read_where({"location": hall | {"address": "Main St 1, 79098 Freiburg"}})
    parts = {"streetAddress": "Main St 1", "postalCode": "79098", "addressLocality": "Freiburg"}
    address = {"type": "PostalAddress"} | parts
    assert text.place == "Hall, Main St 1, 79098 Freiburg"
    assert read_where({"location": hall | {"address": address}}) == text


async def test_fep_8a8e_10_a_room_online_has_a_name_and_an_address() -> None:
    room = sent(samples.MOVED_ONLINE)["location"]
    assert room["type"] == "VirtualLocation"
    assert room["name"]
    assert room["url"] == "https://meet.example/lesekreis"
    theirs = read_where(
        {"location": {"type": "VirtualLocation", "name": "Jitsi", "url": "https://meet.example/r"}}
    )
    assert (theirs.place, theirs.online_url) == ("Jitsi", "https://meet.example/r")


async def test_fep_8a8e_11_of_several_places_the_first_of_each_kind_counts() -> None:
    """We send one: Mobilizon cannot read a list. The room of a hybrid gathering is an attachment."""
    document = sent(samples.HYBRID)
    assert document["location"]["name"] == "Bibliothek, Freiburg"
    assert document["attachment"][-1]["href"] == "https://meet.example/lesekreis"
    theirs = read_where(
        {
            "location": [
                {"type": "VirtualLocation", "name": "Room", "url": "https://meet.example/a"},
                {"type": "Place", "name": "Hall"},
                {"type": "Place", "name": "Barn"},
                {"type": "VirtualLocation", "name": "Stream", "url": "https://meet.example/b"},
            ]
        }
    )
    assert (theirs.place, theirs.online_url) == ("Hall", "https://meet.example/a")


@pytest.mark.parametrize("status", list(EventStatus))
async def test_fep_8a8e_12_the_status_is_told_and_read_in_every_spelling(
    status: EventStatus,
) -> None:
    ours = sent(samples.IN_PERSON | {"status": status})
    assert read_status({"eventStatus": ours["eventStatus"]}) is status
    for spelling in (
        ours["eventStatus"],
        f"https://w3id.org/fep/8a8e/{ours['eventStatus']}",
        f"https://schema.org/{ours['eventStatus']}",
    ):
        assert read_status({"eventStatus": spelling}) is status
    for field in ("status", "ical:status"):
        assert read_status({field: "CANCELLED"}) is EventStatus.CANCELLED
        assert read_status({field: "TENTATIVE"}) is EventStatus.TENTATIVE
        assert read_status({field: "CONFIRMED"}) is EventStatus.SCHEDULED


async def test_fep_8a8e_13_where_nobody_registers_no_join_is_invited() -> None:
    """Mobilizon refuses the whole event over `none`: we say that it is done elsewhere, on our page."""
    document = sent(samples.HYBRID)
    assert document["joinMode"] == "external"
    assert document["externalParticipationUrl"] == document["url"]
    assert "attendees" not in document


@pytest.mark.parametrize("mode", ["none", "phone", "external"])
async def test_fep_8a8e_13_every_join_is_then_answered_with_ignore(
    reader: Reader, mode: str
) -> None:
    about = await reader.publish("event", WALK | {"registration": {"mode": mode}})
    robin = reader.peer.actor("robin")
    join = robin.activity("Join", about)
    await reader.send(join, robin)
    answer = await reader.peer.delivery("Ignore", path="/users/robin/inbox")
    assert (answer["actor"], answer["object"], answer["to"]) == (
        reader.group,
        join["id"],
        [robin.id],
    )


async def test_fep_8a8e_14_who_registers_elsewhere_is_led_there() -> None:
    document = sent(samples.ARABIC)
    assert document["joinMode"] == "external"
    assert document["externalParticipationUrl"] == "https://forms.example/halqa"
    for ours in ALL_OURS:
        assert sent(ours)["joinMode"] in ("free", "restricted", "external", "invite")
    for told, understood in (
        ("https://forms.example/x", "https://forms.example/x"),
        ("mailto:hosts@peer.example", "mailto:hosts@peer.example"),
        ("mailto:hosts@peer.example?subject=x", "mailto:hosts@peer.example"),
        ("mailto:nobody", None),
        ("javascript:alert(1)", None),
        ("", None),
        (["https://forms.example/x"], "https://forms.example/x"),
        (7, None),
    ):
        assert read_join_url({"externalParticipationUrl": told}) == understood


async def test_fep_8a8e_15_who_asks_to_come_need_tell_nobody_but_the_group() -> None:
    for ours in (samples.IN_PERSON, samples.ONLINE_HIDDEN):
        assert sent(ours)["requiredJoinVisibility"] == [URLS.group]
    assert "requiredJoinVisibility" not in sent(samples.HYBRID)


OPEN = {"registration": {"mode": "open", "capacity": 9}}


async def comes(reader: Reader, about: str, name: str) -> PeerActor:
    """Somebody joins, and has a place."""
    one = reader.peer.actor(name)
    await reader.send(one.activity("Join", about), one)
    await reader.peer.delivery("Accept", path=f"/users/{name}/inbox")
    return one


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


async def test_fep_8a8e_16_how_many_can_come_and_how_many_do_where_the_hosts_show_it(
    reader: Reader, ask: Asker
) -> None:
    quiet = await reader.publish("event", WALK | OPEN)
    told = await reader.publish("event", WALK | OPEN | {"attendee_count_public": True})
    space = {"audience": {"scope": "affinity", "statement": "For us"}}
    safe = await reader.publish("event", WALK | OPEN | space | {"attendee_count_public": True})
    for number, about in enumerate((quiet, told, safe)):
        await comes(reader, about, f"robin{number}")
    for about in (quiet, safe):
        document = await ask.document(about)
        assert document["maximumAttendeeCapacity"] == 9
        assert document["attendees"] == f"{about}/attendees"
        assert "participantCount" not in document
        assert "remainingAttendeeCapacity" not in document
        assert "totalItems" not in await ask.document(f"{about}/attendees")
    document = await ask.document(told)
    assert document["attendees"]["totalItems"] == document["participantCount"] == 1
    assert document["remainingAttendeeCapacity"] == 8
    assert (await ask.document(f"{told}/attendees"))["totalItems"] == 1


async def test_fep_8a8e_17_attendees_is_a_collection_that_lists_nobody(
    reader: Reader, ask: Asker
) -> None:
    about = await reader.publish("event", WALK | OPEN | {"attendee_count_public": True})
    robin = await comes(reader, about, "robin")
    people = await ask.document(f"{about}/attendees")
    assert people["type"] == "Collection"
    assert set(people) <= {"@context", "id", "type", "totalItems", "attributedTo"}
    for address in (about, f"{about}/attendees", f"{about}/context"):
        assert robin.id not in (await ask(address)).text
    hidden = await reader.publish("event", WALK | OPEN | {"visibility": "followers_and_link"})
    for address in (f"{hidden}/attendees", f"{reader.node.url}/events/never/attendees"):
        assert (await ask(address)).status == 404
    none = await reader.publish("event", WALK)
    assert (await ask(f"{none}/attendees")).status == 404


async def test_fep_8a8e_18_the_picture_is_flyer_and_banner() -> None:
    document = sent(samples.IN_PERSON)
    assert document["image"]["type"] == "Image"
    assert "isBannerImage" not in document["image"]
    banner = document["attachment"][0]
    assert banner["isBannerImage"] is True
    assert banner["url"] == document["image"]["url"]
    assert banner["name"] == "A hill in bloom"
    assert banner["focalPoint"] == [0.0, 0.0]
    sized = samples.IN_PERSON["image"] | {"width": 1200, "height": 800, "focal_point": [-1, 0.5]}
    banner = sent(samples.IN_PERSON | {"image": sized})["attachment"][0]
    assert (banner["width"], banner["height"], banner["focalPoint"]) == (1200, 800, [-1.0, 0.5])


async def test_fep_8a8e_19_all_categories_are_known_and_one_is_sent() -> None:
    assert len(CATEGORIES) == 36
    for name in CATEGORIES:
        assert read_categories({"category": name}) == (name,)
        ours = sent(samples.IN_PERSON | {"categories_fep8a8e": [name]})
        assert ours["category"] in CATEGORIES
        hashtags = [tag["name"].casefold() for tag in ours["tag"]]
        assert ours["category"] == name or f"#{name.replace('_', '')}".casefold() in hashtags
    several = read_categories({"category": ["MUSIC", "creative_jam", "NO_SUCH", None, "MUSIC"]})
    assert several == ("MUSIC", "CREATIVE_JAM")
    assert read_categories({"category": {"id": "x"}}) == ()


def gathering(neighbour: PeerActor, number: int, name: str, **more: Any) -> dict[str, Any]:
    return THEIRS | {
        "id": f"{neighbour.id}/e/{number}",
        "attributedTo": neighbour.id,
        "name": name,
        "location": {"type": "Place", "name": "Hall"},
    } | more  # fmt: skip


async def test_fep_8a8e_20_only_what_is_to_everyone_stands_in_a_calendar(
    alder: RunningNode, peer: Peer
) -> None:
    neighbour = await befriend(alder, peer, "Group")
    audiences: tuple[dict[str, Any], ...] = (
        {"to": [PUBLIC]},
        {"to": "as:Public"},
        {"to": [f"{neighbour.id}/followers"], "cc": [PUBLIC]},
        {"to": [f"{neighbour.id}/followers"], "cc": []},
        {"to": [alder.url + "/group"]},
    )
    for number, audience in enumerate(audiences):
        event = gathering(neighbour, number, f"Audience {number}.", **audience)
        await send(alder, peer, neighbour, neighbour.activity("Create", event))
    text = await shown(alder, "Audience 0.", "Audience 1.")
    for number in (2, 3, 4):
        assert f"Audience {number}." not in text


@pytest.mark.parametrize("actor_type", ["Person", "Service", "Organization", "Application"])
@pytest.mark.parametrize("how", ["Create", "Update", "Announce", "Invite"])
async def test_fep_8a8e_21_neither_actor_nor_activity_decides_what_is_listed(
    alder: RunningNode, peer: Peer, actor_type: str, how: str
) -> None:
    neighbour = await befriend(alder, peer, actor_type)
    event = gathering(neighbour, 1, f"By {actor_type} in {how}.")
    peer.serve(event["id"].removeprefix(peer.origin), event)
    thing: Any = event["id"] if how == "Announce" else event
    await send(alder, peer, neighbour, neighbour.activity(how, thing, to=[PUBLIC]))
    await shown(alder, event["name"])


async def test_fep_8a8e_22_organizers_are_a_collection_with_those_who_host_together() -> None:
    hosts = ["hills", "Círculo de la Bahía", "https://bay.example/group"]
    organizers = sent(samples.IN_PERSON | {"hosts": hosts})["organizers"]
    assert organizers == {
        "type": "Collection",
        "totalItems": 3,
        "items": [
            URLS.group,
            {"type": "Organization", "name": "Círculo de la Bahía"},
            {
                "type": "Link",
                "mediaType": "text/html",
                "href": "https://bay.example/group",
                "name": "https://bay.example/group",
            },
        ],
    }
    items = [AUTHOR, {"type": "Person", "name": "Ana"}, {"type": "Link", "name": "<b>Bay</b>"}]
    for value in (
        {"type": "OrderedCollection", "orderedItems": items},
        {"totalItems": 3, "items": items},
        {"totalItems": 3, "first": {"type": "CollectionPage", "items": items}},
        items,
    ):
        assert read_organizers({"organizers": value}) == ("Ana", "Bay")


async def test_fep_8a8e_23_organizers_that_are_withheld_are_not_guessed(
    alder: RunningNode, peer: Peer
) -> None:
    for value in (None, {"totalItems": 0}, {"items": []}, {"totalItems": 0, "items": ["x"]}, []):
        assert read_organizers({"organizers": value}) == (), value
    neighbour = await befriend(alder, peer, "Group")
    event = gathering(neighbour, 1, "Held by nobody named.")
    await send(alder, peer, neighbour, neighbour.activity("Create", event | {"organizers": None}))
    text = await shown(alder, event["name"])
    assert "Held by " not in text.replace(event["name"], "")


async def test_fep_8a8e_24_without_organizers_the_author_is_taken(
    alder: RunningNode, peer: Peer
) -> None:
    assert read().organizers is None
    assert read().author == AUTHOR
    assert read_organizers({"organizers": {"items": ["https://peer.example/a"]}}) is None
    neighbour = await befriend(alder, peer, "Group")
    named = {"totalItems": 1, "items": [{"type": "Organization", "name": "Riverside hosts"}]}
    event = gathering(neighbour, 1, "Held together.", organizers=named)
    await send(alder, peer, neighbour, neighbour.activity("Create", event))
    await shown(alder, "Held together.", "Riverside hosts")


async def test_fep_8a8e_25_upcoming_events_come_soonest_first_and_none_is_over(
    reader: Reader, ask: Asker
) -> None:
    now = datetime.now(UTC)
    wall = [(now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:00:00") for hours in (-1, -9, 30)]
    running = await reader.publish(
        "event", WALK | {"timezone": "UTC", "start_local": wall[0], "end_local": wall[2]}
    )
    over = await reader.publish(
        "event", WALK | {"timezone": "UTC", "start_local": wall[1], "end_local": None}
    )
    first = await reader.publish("event", WALK | {"start_local": "2030-05-10T10:00:00"})
    hidden = await reader.publish("event", WALK | {"visibility": "followers_and_link"})
    actor = await ask.document("/group")
    upcoming = await ask.document(actor["upcomingEvents"])
    items = upcoming["orderedItems"]
    assert upcoming["type"] == "OrderedCollection"
    assert {one["type"] for one in items} == {"Event"}
    assert {one["attributedTo"] for one in items} == {actor["id"]}
    starts = [datetime.fromisoformat(one["startTime"]) for one in items]
    assert all(earlier <= later for earlier, later in pairwise(starts))
    assert all(datetime.fromisoformat(one["endTime"]) > now for one in items)
    ids = [one["id"] for one in items]
    assert ids[0] == running
    assert first in ids
    assert over not in ids
    assert hidden not in ids


async def test_when_reading_a_postponed_gathering_it_stays_in_sight(
    alder: RunningNode, peer: Peer
) -> None:
    neighbour = await befriend(alder, peer, "Group")
    event = gathering(
        neighbour, 1, "Moved somewhere.", eventStatus="EventPostponed", category="MUSIC"
    )
    event["previousStartTime"] = event.pop("startTime")
    del event["endTime"]
    event["externalParticipationUrl"] = "https://forms.example/moved"
    await send(alder, peer, neighbour, neighbour.activity("Create", event))
    text = await shown(alder, "Moved somewhere.", "Friday 12 September 2031", "Postponed", "Music")
    assert "Register there" in text
    assert read_when(event).start is None
