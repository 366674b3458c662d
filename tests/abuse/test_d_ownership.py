"""D: nobody acts for anybody else, however well the request is signed; numbers of the abuse corpus."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.abuse.attacked import Attacked
from tests.federation.peer import AS2, Peer, PeerActor, Reply
from tests.running_node import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
# An attack that is signed rightly is acknowledged, remembered and forgotten; its sender is looked up.
ACKNOWLEDGED = ("inbound", "actor", "public_key", "host_state", "remote_tombstone")


@dataclass(slots=True)
class Cast:
    """Who is there: a neighbour, a friend who follows, likes, replies and comes; and two who mean harm."""

    attacked: Attacked
    hills: PeerActor
    friend: PeerActor
    evil: Peer
    mallory: PeerActor
    sibling: PeerActor

    @property
    def event(self) -> str:
        """Our open event."""
        return f"{self.attacked.url}/events/offen"

    @property
    def theirs(self) -> str:
        """The neighbour's event, which our pages show."""
        return self.attacked.peer.url("/hills/events/1")


def gathering(cast_peer: Peer, author: str, **more: Any) -> dict[str, Any]:
    """An Event as a neighbour publishes it."""
    return {
        "@context": AS2,
        "id": cast_peer.url("/hills/events/1"),
        "type": "Event",
        "attributedTo": author,
        "name": "Hill walk",
        "content": "<p>We walk.</p>",
        "startTime": "2031-06-01T10:00:00Z",
        "endTime": "2031-06-01T12:00:00Z",
        "location": {"type": "Place", "name": "The gate"},
        "published": "2022-01-01T10:00:00Z",
        "updated": "2022-01-01T10:00:00Z",
        "to": [PUBLIC],
    } | more


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(attacked: Attacked) -> AsyncIterator[Cast]:
    """Everything that could be taken from somebody is there."""
    peer = attacked.peer
    hills = peer.actor("hills", type="Group")
    friend = peer.actor("friend")
    await attacked.node.command("follow", hills.id)
    asked = await peer.delivery("Follow", path="/users/hills/inbox")
    assert (await attacked.post(hills, hills.activity("Accept", asked))).status == 202
    event = gathering(peer, hills.id)
    peer.serve("/hills/events/1", event)
    note = {
        "id": peer.url("/friend/notes/1"),
        "type": "Note",
        "attributedTo": friend.id,
        "inReplyTo": f"{attacked.url}/events/offen",
        "content": "<p>I look forward.</p>",
        "to": [PUBLIC],
        "published": "2022-01-01T10:00:00Z",
    }
    done = [
        (hills, hills.activity("Create", event, to=[PUBLIC])),
        (friend, friend.activity("Follow", attacked.group)),
        (friend, friend.activity("Like", f"{attacked.url}/events/offen")),
        (friend, friend.activity("Announce", f"{attacked.url}/reflections/moos")),
        (friend, friend.activity("Join", f"{attacked.url}/events/offen")),
        (friend, friend.activity("Create", note, to=[PUBLIC])),
    ]
    for actor, activity in done:
        assert (await attacked.post(actor, activity)).status == 202

    async def all_is_there() -> bool:
        return all(
            attacked.rows(f"SELECT 1 FROM {name}")
            for name in ("neighbour_post", "follower", "witness", "rsvp", "reply")
        )

    await eventually(all_is_there)
    async with Peer.start() as evil:
        mallory, sibling = evil.actor("mallory"), peer.actor("sibling")
        yield Cast(attacked, hills, friend, evil, mallory, sibling)


Attack = Callable[[Cast, PeerActor], dict[str, Any]]


def named(actor: PeerActor, kind: str, thing: Any, **more: Any) -> dict[str, Any]:
    """An activity of the attacker."""
    return actor.activity(kind, thing, **more)


def taken(cast: Cast, kind: str, **more: Any) -> dict[str, Any]:
    """What the friend had done, embedded as if it were there to be undone."""
    row = cast.attacked.rows(
        "SELECT activity_id FROM inbound WHERE type = ? AND actor_id = ?", kind, cast.friend.id
    )
    return {"id": row[0][0], "type": kind, "actor": cast.friend.id} | more


ATTACKS: dict[str, Attack] = {
    "d1_author_is_somebody_else": lambda c, m: named(
        m,
        "Create",
        gathering(c.evil, c.hills.id, id=m.id + "/e1", name="Forged"),
        to=[PUBLIC],
    ),
    "d2_object_of_another_server": lambda c, m: named(
        m,
        "Create",
        gathering(c.attacked.peer, c.hills.id, name="Forged", updated="2023-01-01T00:00:00Z"),
    ),
    "d2_object_of_another_server_as_mine": lambda c, m: named(
        m, "Create", gathering(c.attacked.peer, m.id, name="Forged", updated="2023-01-01T00:00:00Z")
    ),
    "d3_update_of_anothers_event": lambda c, m: named(
        m,
        "Update",
        gathering(c.attacked.peer, c.hills.id, name="Forged", updated="2023-01-01T00:00:00Z"),
    ),
    "d3_update_of_anothers_reply": lambda c, m: named(
        m,
        "Update",
        {
            "id": c.attacked.peer.url("/friend/notes/1"),
            "type": "Note",
            "attributedTo": m.id,
            "content": "Forged",
            "updated": "2023-01-01T00:00:00Z",
            "to": [PUBLIC],
        },
    ),
    "d3_update_of_anothers_event_that_names_no_author": lambda c, m: named(
        m,
        "Update",
        gathering(
            c.attacked.peer, "", attributedTo=None, name="Forged", updated="2023-01-01T00:00:00Z"
        ),
    ),
    "d6_delete_of_anothers_event": lambda c, m: named(m, "Delete", c.theirs),
    "d6_delete_of_anothers_reply": lambda c, m: named(
        m, "Delete", {"type": "Tombstone", "id": c.attacked.peer.url("/friend/notes/1")}
    ),
    "d6_delete_of_another_actor": lambda c, m: named(m, "Delete", c.friend.id),
    "d7_delete_of_our_event": lambda c, m: named(m, "Delete", c.event),
    "d7_delete_of_our_group": lambda c, m: named(m, "Delete", c.attacked.group),
    "d7_update_of_our_group": lambda c, m: named(
        m, "Update", {"id": c.attacked.group, "type": "Group", "name": "Forged"}
    ),
    "d9_undo_of_anothers_follow": lambda c, m: named(
        m, "Undo", taken(c, "Follow", object=c.attacked.group)
    ),
    "d9_undo_of_anothers_follow_by_id": lambda c, m: named(m, "Undo", taken(c, "Follow")["id"]),
    "d9_undo_of_anothers_follow_as_mine": lambda c, m: named(
        m, "Undo", taken(c, "Follow", object=c.attacked.group) | {"actor": m.id}
    ),
    "d9_undo_of_anothers_like": lambda c, m: named(m, "Undo", taken(c, "Like", object=c.event)),
    "d9_undo_of_anothers_like_as_mine": lambda c, m: named(
        m, "Undo", taken(c, "Like", object=c.event) | {"actor": m.id}
    ),
    "d9_undo_of_anothers_announce": lambda c, m: named(m, "Undo", taken(c, "Announce")["id"]),
    "d10_accept_of_what_was_never_asked": lambda c, m: named(
        m, "Accept", {"type": "Follow", "actor": c.attacked.group, "object": m.id}
    ),
    "d10_reject_by_a_third": lambda c, m: named(
        m, "Reject", {"type": "Follow", "actor": c.attacked.group, "object": c.hills.id}
    ),
    "d12_block_of_another": lambda c, m: named(m, "Block", c.friend.id),
    "d12_block_in_anothers_name": lambda c, m: named(
        m, "Block", c.attacked.group, instrument=c.friend.id
    ),
    "d13_add_to_our_collection": lambda c, m: named(
        m, "Add", m.id + "/x", target=f"{c.attacked.group}/featured"
    ),
    "d13_remove_from_our_collection": lambda c, m: named(
        m, "Remove", c.event, target=f"{c.attacked.group}/featured"
    ),
    "d14_move_of_our_neighbour": lambda c, m: named(m, "Move", c.hills.id, target=m.id),
    "d14_move_of_a_follower": lambda c, m: named(m, "Move", c.friend.id, target=m.id),
    "d17_our_id_on_their_object": lambda c, m: named(
        m, "Create", gathering(c.evil, m.id, id=c.event, name="Forged"), to=[PUBLIC]
    ),
    "d17_update_of_our_event": lambda c, m: named(
        m, "Update", gathering(c.evil, m.id, id=c.event, name="Forged"), to=[PUBLIC]
    ),
    "d19_a_person_is_no_post": lambda c, m: named(
        m, "Create", {"id": m.id + "/p", "type": "Person", "name": "Forged"}, to=[PUBLIC]
    ),
    "d19_an_event_that_is_a_key": lambda c, m: named(
        m,
        "Create",
        {"id": m.id + "/k", "type": ["Key", "Person", "Follow"], "owner": c.hills.id},
    ),
    "d23_we_are_named_as_organisers": lambda c, m: named(
        m,
        "Create",
        gathering(c.evil, c.attacked.group, id=m.id + "/e2", organizers=[c.attacked.group]),
        to=[PUBLIC],
    ),
    "d24_join_of_what_nobody_outside_knows": lambda c, m: named(
        m, "Join", f"{c.attacked.url}/events/nur-hier", instrument=c.friend.id
    ),
    "d24_leave_for_another": lambda c, m: named(m, "Undo", taken(c, "Join", object=c.event)),
    "d24_accept_of_anothers_join": lambda c, m: named(
        m, "Accept", taken(c, "Join", object=c.event)
    ),
    "d24_remove_of_another": lambda c, m: named(m, "Remove", c.friend.id, target=c.event),
    "d26_message_for_nobody_here": lambda c, m: named(
        m, "Create", {"id": m.id + "/n", "type": "Note", "content": "x", "to": [c.friend.id]}
    ),
    "f2_context_renames_the_actor": lambda c, m: (
        named(m, "Undo", taken(c, "Follow", object=c.attacked.group))
        | {"@context": [AS2, {"actor": "as:object", "me": "as:actor"}], "me": c.friend.id}
    ),
    "f1_linked_data_signature": lambda c, m: {
        "@context": AS2,
        "id": c.friend.id + "/forged",
        "type": "Undo",
        "actor": c.friend.id,
        "object": taken(c, "Follow", object=c.attacked.group),
        "signature": {
            "type": "RsaSignature2017",
            "creator": c.friend.key_id,
            "signatureValue": "x",
        },
        "@graph": [{"id": c.friend.id, "@reverse": {"as:actor": {"id": m.id}}}],
    },
    "f12_integrity_proof_of_somebody_else": lambda c, m: {
        "@context": AS2,
        "id": c.friend.id + "/proved",
        "type": "Delete",
        "actor": c.friend.id,
        "object": c.friend.id,
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": m.key_id,
            "proofPurpose": "assertionMethod",
            "proofValue": "z111",
        },
    },
}


@pytest.mark.parametrize("who", ["mallory", "sibling"])
@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_is_anothers_stays_as_it_is(cast: Cast, attack: str, who: str) -> None:
    attacker: PeerActor = getattr(cast, who)
    activity = ATTACKS[attack](cast, attacker)
    async with cast.attacked.refused(*ACKNOWLEDGED, asks=2):
        answer = await cast.attacked.post(attacker, activity)
    assert answer.status == 202, answer
    for path in ("/neighbours", "/events", "/"):
        _, text = await cast.attacked.page(path)
        assert "Forged" not in text


@pytest.mark.parametrize("kind", ["Delete", "Update", "Undo", "Follow", "Create", "Flag"])
async def test_d16_what_another_says_without_proof_is_401(cast: Cast, kind: str) -> None:
    activity = cast.friend.activity(kind, cast.friend.id)
    async with cast.attacked.refused("actor", "public_key", asks=1):
        answer = await cast.attacked.post(cast.mallory, activity)
    assert answer.status == 401


@pytest.mark.parametrize(
    "actor",
    [None, 7, [], "", {}, {"type": "Person"}, "javascript:alert(1)", ["A", "B"], [["A"]], True],
)
async def test_d20_one_actor_or_none(cast: Cast, actor: Any) -> None:
    actor = [cast.mallory.id, cast.friend.id] if actor == ["A", "B"] else actor
    activity = cast.mallory.activity("Follow", cast.attacked.group) | {"actor": actor}
    async with cast.attacked.refused():
        answer = await cast.attacked.post(cast.mallory, activity)
    assert answer.status == 400


async def test_d20_d21_an_embedded_actor_is_an_id_and_nothing_else(cast: Cast) -> None:
    forged = cast.mallory.document | {
        "inbox": cast.attacked.peer.url("/trap"),
        "endpoints": {"sharedInbox": cast.attacked.peer.url("/trap")},
        "publicKey": cast.friend.document["publicKey"],
    }
    activity = cast.mallory.activity("Follow", cast.attacked.group) | {"actor": forged}
    assert (await cast.attacked.post(cast.mallory, activity)).status == 202
    accept = await cast.evil.delivery("Accept", path="/users/mallory/inbox")
    assert accept["object"]["actor"] == cast.mallory.id
    assert not cast.attacked.peer.asked("/trap")
    undo = cast.mallory.activity("Undo", activity | {"actor": cast.mallory.id})
    assert (await cast.attacked.post(cast.mallory, undo)).status == 202
    await cast.attacked.settled()


async def test_d8_what_is_passed_on_is_not_believed_as_embedded(cast: Cast) -> None:
    forged = gathering(
        cast.attacked.peer, cast.hills.id, name="Forged", updated="2023-01-01T00:00:00Z"
    )
    for actor in (cast.mallory, cast.hills):
        # That a neighbour passes it on may be noted; what it says comes from its home alone.
        async with cast.attacked.refused(*ACKNOWLEDGED, "passed_on", asks=3):
            answer = await cast.attacked.post(
                actor, actor.activity("Announce", forged, to=[PUBLIC])
            )
        assert answer.status == 202


@pytest.mark.parametrize("field", ["inbox", "sharedInbox"])
async def test_d15_an_inbox_elsewhere_makes_us_no_reflector(cast: Cast, field: str) -> None:
    trap = cast.attacked.peer.url("/trap")
    actor = cast.evil.actor(f"reflector-{field}".lower(), shared_inbox=False)
    if field == "inbox":
        actor.document["inbox"] = trap
    else:
        actor.document["endpoints"] = {"sharedInbox": trap}
    activity = actor.activity("Follow", cast.attacked.group)
    assert (await cast.attacked.post(actor, activity)).status in (202, 401)
    await cast.attacked.settled()
    found = cast.attacked.rows(
        "SELECT inbox, shared_inbox FROM follower WHERE actor_id = ?", actor.id
    )
    assert trap not in [one for row in found for one in row]


@pytest.mark.parametrize(
    "spelled",
    [
        "HTTP://{host}/events/offen",
        "http://{host}./events/offen",
        "http://user@{host}/events/offen",
        "http://{host}/events/offen#x",
        "http://{host}//events/offen",
        "http://{host}/events/offen/",
        "http://{host}/events/../events/offen",
        "http://localhost:{port}/events/offen",
        "https://{host}/events/offen",
        "http://{host}:80/events/offen",
        "http://{host}/%65vents/offen",
        "http://{host}\\@evil.example/events/offen",
    ],
)
async def test_d22_another_spelling_of_our_address_is_another_address(
    cast: Cast, spelled: str
) -> None:
    host = cast.attacked.host
    about = spelled.format(host=host, port=host.partition(":")[2])
    activity = named(
        cast.mallory, "Create", gathering(cast.evil, cast.mallory.id, id=about, name="Forged")
    )
    async with cast.attacked.refused(*ACKNOWLEDGED, asks=1):
        assert (await cast.attacked.post(cast.mallory, activity)).status == 202


async def test_d18_pages_of_a_collection_elsewhere_are_not_read(cast: Cast) -> None:
    peer, evil = cast.attacked.peer, cast.evil
    lured = peer.actor("lured", type="Group", upcomingEvents=peer.url("/lured/upcoming"))
    page = {"type": "OrderedCollectionPage", "id": evil.url("/page"), "orderedItems": []}
    evil.serve("/page", page)
    first = {
        "@context": AS2,
        "id": peer.url("/lured/upcoming"),
        "type": "OrderedCollection",
        "first": evil.url("/page"),
    }
    peer.serve("/lured/upcoming", first)
    await cast.attacked.node.command("follow", lured.id)
    follow = await peer.delivery("Follow", path="/users/lured/inbox")
    assert (await cast.attacked.post(lured, lured.activity("Accept", follow))).status == 202

    async def asked() -> bool:
        return bool(peer.asked("/lured/upcoming")) and not cast.attacked.rows(
            "SELECT 1 FROM backfill"
        )

    await eventually(asked)
    assert not evil.asked("/page")


async def test_d25_one_seat_is_given_once(cast: Cast) -> None:
    await cast.attacked.node.command(
        "event",
        "add",
        "-",
        stdin={
            "id": "ein-platz",
            "title": {"de": "Ein Platz"},
            "start_local": "2031-05-01T19:00:00",
            "timezone": "Europe/Berlin",
            "registration": {"mode": "open", "capacity": 1, "waitlist": True},
        },
    )
    event = f"{cast.attacked.url}/events/ein-platz"
    people = [cast.evil.actor(f"guest{n}", key=cast.mallory.key) for n in range(25)]
    answers = await asyncio.gather(
        *(cast.attacked.post(one, one.activity("Join", event)) for one in people),
        *(cast.attacked.post(one, one.activity("Join", event)) for one in people),
        *(
            cast.attacked.form("/events/ein-platz/come", {"name": f"Mo {n}"}, csrf=False)
            for n in range(5)
        ),
    )
    assert {one.status for one in answers[:50]} == {202}
    await cast.attacked.settled()
    rows = cast.attacked.rows("SELECT state FROM rsvp WHERE event_slug = 'ein-platz'")
    assert sorted(rows) == [("confirmed",), *[("waiting",)] * 29]


async def test_e1_e8_the_same_again_has_one_effect(cast: Cast) -> None:
    actor = await cast.attacked.known()
    activity = actor.activity("Like", cast.event)
    body = json.dumps(activity).encode()
    headers = cast.attacked.sign(actor, body)
    shared = [cast.attacked.ask("POST", "/inbox", headers, body) for _ in range(10)]
    own = [cast.attacked.post(actor, body, target="/group/inbox") for _ in range(10)]
    assert {one.status for one in await asyncio.gather(*shared, *own)} == {202}
    await cast.attacked.settled()
    found = cast.attacked.rows("SELECT count(*) FROM witness WHERE actor_id = ?", actor.id)
    assert found == [(1,)]
    assert cast.attacked.rows(
        "SELECT count(*) FROM inbound WHERE actor_id = ? AND activity_id = ?",
        actor.id,
        activity["id"],
    ) == [(1,)]


async def test_e4_a_create_after_its_delete_brings_nothing_back(cast: Cast) -> None:
    note_id = cast.attacked.peer.url("/hills/events/late")
    late = gathering(cast.attacked.peer, cast.hills.id, id=note_id, name="Zombie")
    hills = cast.hills
    for activity in (
        hills.activity("Delete", note_id),
        hills.activity("Create", late, to=[PUBLIC]),
    ):
        assert (await cast.attacked.post(hills, activity)).status == 202
    await cast.attacked.settled()
    assert not cast.attacked.rows("SELECT 1 FROM neighbour_post WHERE id = ?", note_id)


async def test_e5_e10_older_revisions_and_impossible_dates(cast: Cast) -> None:
    hills, peer = cast.hills, cast.attacked.peer
    made = peer.url("/hills/events/dated")
    revisions = [
        ("Create", {"name": "First", "updated": "2022-03-01T00:00:00Z"}),
        ("Update", {"name": "Second", "updated": "2022-04-01T00:00:00Z"}),
        ("Update", {"name": "Older", "updated": "2022-02-01T00:00:00Z"}),
        ("Update", {"name": "Never", "updated": "1970-01-01T00:00:00Z"}),
    ]
    for kind, more in revisions:
        event = gathering(peer, hills.id, id=made, published="2099-01-01T00:00:00Z", **more)
        assert (
            await cast.attacked.post(hills, hills.activity(kind, event, to=[PUBLIC]))
        ).status == 202
        await cast.attacked.settled()
    [(title, published, received)] = cast.attacked.rows(
        "SELECT title, published_at, received_at FROM neighbour_post WHERE id = ?", made
    )
    assert title == "Second"
    assert published <= received


async def test_e6_e7_ids_are_used_up_by_their_owner_only(cast: Cast) -> None:
    victim, event = await cast.attacked.known(), cast.event
    wanted = f"{victim.id}/likes/future"
    poisoner = cast.evil.actor("poisoner")  # not Mallory, of whom nothing may remain
    early = poisoner.activity("Like", event) | {"id": wanted}
    assert (await cast.attacked.post(poisoner, early)).status == 202
    honest = victim.activity("Like", event) | {"id": wanted}
    assert (await cast.attacked.post(victim, honest)).status == 202
    other = victim.activity("Flag", event) | {"id": wanted}
    before = cast.attacked.tables(("inbound",))
    await cast.attacked.settled()
    assert (await cast.attacked.post(victim, other)).status == 202
    await cast.attacked.settled()
    assert cast.attacked.rows("SELECT 1 FROM witness WHERE actor_id = ?", victim.id)
    assert before["concern"] == cast.attacked.tables()["concern"]


async def test_e9_follow_undo_follow_ends_as_it_was_sent_last(cast: Cast) -> None:
    actor = await cast.attacked.known()
    first, second = (actor.activity("Follow", cast.attacked.group) for _ in range(2))
    for activity in (first, actor.activity("Undo", first), second):
        assert (await cast.attacked.post(actor, activity)).status == 202
    await cast.attacked.settled()
    assert cast.attacked.rows("SELECT follow_id FROM follower WHERE actor_id = ?", actor.id) == [
        (second["id"],)
    ]


async def test_d14_a_move_without_a_link_back_moves_nothing(cast: Cast) -> None:
    async with cast.attacked.refused(*ACKNOWLEDGED, asks=2):
        move = cast.hills.activity("Move", cast.hills.id, target=cast.mallory.id)
        assert (await cast.attacked.post(cast.hills, move)).status == 202


async def test_d4_d5_an_owner_never_changes(cast: Cast) -> None:
    peer = cast.attacked.peer
    stolen = gathering(peer, cast.sibling.id, name="Forged", updated="2023-02-01T00:00:00Z")
    peer.serve("/hills/events/1", Reply(body=stolen))
    try:
        for actor in (cast.sibling, cast.mallory):
            async with cast.attacked.refused(*ACKNOWLEDGED, asks=2):
                update = actor.activity("Update", stolen, to=[PUBLIC])
                assert (await cast.attacked.post(actor, update)).status == 202
    finally:
        peer.serve("/hills/events/1", gathering(peer, cast.hills.id))
