"""A to F, K: documents that lead elsewhere, and what comes again; numbers of the abuse corpus."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from federation.acquaintance import Software, read_software
from tests.abuse.attacked import Attacked
from tests.conftest import TurnableClock
from tests.federation.asking import asking
from tests.federation.peer import ACTIVITY_JSON, Peer, PeerActor, rsa_key

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/json"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inside() -> AsyncIterator[Peer]:
    """A server on another address, which nobody has any business with."""
    async with Peer.start(host="127.0.0.2") as peer:
        yield peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mallory(attacked: Attacked) -> PeerActor:
    """An actor whose key the node has."""
    return await attacked.known()


@pytest.mark.parametrize(
    "field",
    ["inbox", "outbox", "featured", "followers", "upcomingEvents", "icon", "image", "replies"],
)
async def test_a11_no_second_place_leads_into_another_network(
    attacked: Attacked, inside: Peer, field: str
) -> None:
    address = inside.url(f"/secret/{field}")
    more: Any = {"type": "Image", "url": address} if field in ("icon", "image") else address
    actor = attacked.stranger(type="Group", **{field: more})
    await follow_and_write(attacked, actor)
    assert not [one.path for one in inside.requests if "/secret/" in one.path]


async def test_a11_neither_does_a_shared_inbox_or_a_key(attacked: Attacked, inside: Peer) -> None:
    shared = attacked.stranger(type="Group", endpoints={"sharedInbox": inside.url("/secret/inbox")})
    await follow_and_write(attacked, shared)
    owned = attacked.stranger()
    owned.document["publicKey"] = dict(owned.document["publicKey"], owner=inside.url("/secret/a"))
    await attacked.post(owned, owned.activity("Follow", attacked.group))
    await attacked.settled()
    assert not [one.path for one in inside.requests if "/secret/" in one.path]


async def test_a11_nodeinfo_elsewhere_is_not_asked(
    attacked: Attacked, inside: Peer, clock: TurnableClock
) -> None:
    link = {
        "rel": "http://nodeinfo.diaspora.software/ns/schema/2.1",
        "href": inside.url("/secret/nodeinfo"),
    }
    async with Peer.start() as peer, asking(clock) as client:
        peer.serve("/.well-known/nodeinfo", json.dumps({"links": [link]}), content_type=JSON)
        assert await read_software(client, peer.origin) == Software(None, None)
        assert peer.asked("/.well-known/nodeinfo")
    assert not [one.path for one in inside.requests if "/secret/" in one.path]


async def follow_and_write(attacked: Attacked, actor: PeerActor) -> None:
    """Do all that could make the node look at an actor; none of it may be an error of ours."""
    said = len(attacked.node.log())
    code = 1 if not actor.inbox.startswith(attacked.peer.origin) else 0
    await attacked.node.command("follow", actor.id, code=code)
    for kind in ("Follow", "Like"):
        answer = await attacked.post(actor, actor.activity(kind, attacked.group))
        assert answer.status < 500
    await attacked.settled()
    assert "Traceback" not in attacked.node.log()[said:]


async def test_b6_a_redirect_to_another_server_proves_nothing(
    attacked: Attacked, inside: Peer
) -> None:
    victim = attacked.stranger(type="Group")
    forged = victim.document | {"name": "Forged"}
    inside.serve("/forged", forged)
    path = attacked.peer.redirect("/moved-away", inside.url("/forged"))
    served = len(attacked.peer.asked(f"/users/{victim.name}"))
    await attacked.node.command("follow", path)
    # What it says of itself was asked for where it lives; nothing of the forgery was believed.
    assert len(attacked.peer.asked(f"/users/{victim.name}")) > served
    assert attacked.rows("SELECT name FROM actor WHERE id = ?", victim.id) != [("Forged",)]


async def test_c14_a_key_by_another_name_is_not_kept(attacked: Attacked) -> None:
    peer, actor = attacked.peer, attacked.stranger()
    key = rsa_key(61)
    document = {"id": peer.url("/keys/other"), "owner": actor.id, "publicKeyPem": key.public_pem()}
    peer.serve("/keys/asked", document)
    body = json.dumps(actor.activity("Follow", attacked.group)).encode()
    headers = attacked.sign(actor, body, key=key, key_id=peer.url("/keys/asked"))
    async with attacked.refused("actor", "public_key", asks=3):
        assert (await attacked.ask("POST", "/inbox", headers, body)).status == 401
    assert not attacked.rows("SELECT 1 FROM public_key WHERE key_id = ?", peer.url("/keys/asked"))


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("/inbox?a=1", "/inbox"),
        ("/inbox?a=1", "/inbox?a=2"),
        ("/inbox?a=1", "/inbox?"),
        ("/inbox?a=1", "/inbox?a=1&b=2"),
        ("/inbox", "/inbox/"),
        ("/inbox", "/instance/inbox?a=1"),
    ],
)
async def test_c23_a_query_that_was_signed_cannot_be_dropped_or_changed(
    attacked: Attacked, mallory: PeerActor, signed: str, sent: str
) -> None:
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    async with attacked.refused("public_key", asks=1):
        headers = attacked.sign(mallory, body, target=signed)
        assert (await attacked.ask("POST", sent, headers, body)).status in (400, 401, 404)


async def test_d11_what_is_for_followers_is_not_shown_before_we_are_one(attacked: Attacked) -> None:
    group = attacked.stranger(type="Group")
    await attacked.node.command("follow", group.id)
    event = {
        "id": f"{group.id}/events/1",
        "type": "Event",
        "attributedTo": group.id,
        "name": "Unbestaetigt",
        "startTime": "2031-06-01T10:00:00Z",
        "to": [f"{group.id}/followers"],
    }
    answer = await attacked.post(group, group.activity("Create", event, to=event["to"]))
    assert answer.status == 202
    await attacked.settled()
    for path in ("/", "/neighbours", "/events", "/calendar.ics"):
        assert "Unbestaetigt" not in (await attacked.page(path))[1]


@pytest.mark.parametrize(
    ("kind", "path", "table"),
    [
        ("Like", "/events/offen", "witness"),
        ("Join", "/events/offen", "rsvp"),
        ("Follow", "/group", "follower"),
    ],
)
async def test_e2_what_is_done_twice_under_other_ids_is_done_once(
    attacked: Attacked, kind: str, path: str, table: str
) -> None:
    actor = await attacked.known()
    before = attacked.rows(f"SELECT count(*) FROM {table}")[0][0]
    for _ in range(3):
        activity = actor.activity(kind, attacked.url + path)
        assert (await attacked.post(actor, activity)).status == 202
    await attacked.settled()
    assert attacked.rows(f"SELECT count(*) FROM {table}") == [(before + 1,)]


async def test_e3_an_old_like_does_not_come_back_nor_an_old_undo_end_a_new_one(
    attacked: Attacked,
) -> None:
    actor, event = await attacked.known(), f"{attacked.url}/events/offen"
    old, new = (actor.activity("Like", event) for _ in range(2))
    undo = actor.activity("Undo", old)
    counted = "SELECT count(*) FROM witness WHERE actor_id = ?"
    for activity, left in (
        (old, 1),
        (undo, 0),
        (old, 0),
        (new, 1),
        (undo, 1),
    ):
        assert (await attacked.post(actor, activity)).status == 202
        await attacked.settled()
        assert attacked.rows(counted, actor.id) == [(left,)], activity


@pytest.mark.parametrize("name", [PUBLIC, "as:Public", "Public"])
async def test_k5_public_has_three_names_and_private_has_none_of_them(
    attacked: Attacked, name: str
) -> None:
    actor = await attacked.known()
    for number, readers in enumerate(([name], [attacked.group], ["public"], [name + "x"])):
        note = {
            "id": f"{actor.id}/k5/{number}",
            "type": "Note",
            "attributedTo": actor.id,
            "inReplyTo": f"{attacked.url}/reflections/moos",
            "content": f"<p>Antwort {number}</p>",
            "to": readers,
        }
        activity = actor.activity("Create", note, to=readers)
        assert (await attacked.post(actor, activity)).status == 202
    await attacked.settled()
    kept = attacked.rows("SELECT id FROM reply WHERE actor_id = ? AND public = 1", actor.id)
    assert kept == [(f"{actor.id}/k5/0",)]


async def test_b1_a_document_with_odd_parameters_of_its_type_is_read_or_refused_whole(
    attacked: Attacked,
) -> None:
    for kind, code in (
        (f"{ACTIVITY_JSON}; charset=UTF-8; x=y", 0),
        (f'{ACTIVITY_JSON};profile="https://evil.example/"', 0),
        (f"{ACTIVITY_JSON}, text/html", 1),
        (f"text/html; x={ACTIVITY_JSON}", 1),
        (f"{ACTIVITY_JSON}+evil", 1),
        (f"x{ACTIVITY_JSON}", 1),
    ):
        group = attacked.stranger(type="Group")
        attacked.peer.serve(f"/users/{group.name}", json.dumps(group.document), content_type=kind)
        await attacked.node.command("follow", group.id, code=code)
