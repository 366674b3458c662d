"""Documents that nobody expects: unknown, impossible, huge, endless, or with hostile HTML in them."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiohttp import web

from tests.abuse.test_h_output import REMOTE_HTML, active
from tests.federation.peer import AS2, Peer
from tests.interop.asking import BROWSER, PUBLIC, Asker
from tests.interop.inside import became, befriend, neighbours, rows, send, settled
from tests.interop.reader import WALK
from tests.interop.shapes import MASTODON
from tests.running_node import RunningNode, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
ATOM = "{http://www.w3.org/2005/Atom}"
MIB = 1024 * 1024

# ------------------------------------------------------------------------------ S134 to S136


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Teleport"},
        {"type": ["Hug", "Wave"]},
        {"object": {"type": "Tree", "id": "{here}/tree"}},
        {"type": "Create", "object": {"type": "Tree", "id": "{here}/tree", "content": "bark"}},
        {"id": 7},
        {"id": 7, "object": 12},
        {"published": "0000-01-01T00:00:00Z", "updated": "0000-00-00"},
        {"published": 1234567890, "object": {"id": 3, "type": 4}},
        {"published": "9999-12-31T23:59:60+99:99"},
    ],
    ids=str,
)
async def test_s134_what_nobody_knows_is_taken_and_forgotten(
    alder: RunningNode, peer: Peer, changes: dict[str, Any]
) -> None:
    robin = peer.actor("robin")
    there = json.loads(json.dumps(changes).replace("{here}", peer.origin))
    activity = robin.activity("Like", f"{alder.url}/reflections/nothing") | there
    await send(alder, peer, robin, activity)
    await settled(alder)
    assert became(alder, robin.id) in ([], ["ignored"])


async def test_s134_impossible_dates_of_a_neighbour(alder: RunningNode, peer: Peer) -> None:
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    dates = ("0000-01-01T00:00:00Z", "2031-13-45T99:99:99Z", "-0001-01-01", 20310912, "soon")
    for number, date in enumerate(dates):
        event = {
            "id": f"{fern.id}/e{number}",
            "type": "Event",
            "attributedTo": fern.id,
            "name": f"Undated {number}",
            "content": f"Undated {number}",
            "to": [PUBLIC],
        } | dict.fromkeys(("startTime", "endTime", "published", "updated"), date)
        await send(alder, peer, fern, fern.activity("Create", event))
        await settled(alder)
        assert became(alder, fern.id)[-1] in ("applied", "refused", "ignored")
    await neighbours(alder)


def memory(alder: RunningNode) -> int:
    """What the node's process holds, in bytes."""
    assert alder.process is not None
    status = Path(f"/proc/{alder.process.pid}/status").read_text()
    [kilobytes] = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(kilobytes) * 1024


BOMBS = {
    "depth": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, {400}),
    "depth of lists": (b'{"type":"Like","object":' + b"[" * 10_000 + b"]" * 10_000 + b"}", {400}),
    "a hundred thousand tags": (b'{"tag":[' + b"{}," * 99_999 + b"{}]}", {400}),
    "a key twice": (b'{"type":"Like","actor":"{actor}","actor":"x"}', {400}),
    "a string of five megabytes": (b'{"type":"Like","s":"' + b"x" * 5 * MIB + b'"}', {413}),
    "half a character": (b'{"type":"Like","actor":"{actor}","s":"\\ud800"}', {400}),
    "the other half": (b'{"type":"Like","actor":"{actor}","s":"\\udc00\\ud800"}', {400}),
    "a number without end": (b'{"type":"Like","n":' + b"9" * 100_000 + b"}", {400}),
}


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_s135_bombs_do_not_go_off(alder: RunningNode, peer: Peer, ask: Asker) -> None:
    robin = peer.actor("robin")
    before = memory(alder)
    for _ in range(3):
        for name, (body, statuses) in BOMBS.items():
            sent = body.replace(b"{actor}", robin.id.encode())
            answer = await peer.post_signed(f"{alder.url}/inbox", sent, actor=robin)
            assert answer.status in statuses, (name, answer.status)
    assert memory(alder) - before < 40 * MIB
    assert not became(alder, robin.id)
    assert (await ask("/healthz")).status == 200


async def test_s135_broad_and_deep_as_it_may_be(alder: RunningNode, peer: Peer) -> None:
    """Within the bounds, thousands of recipients and tags are cut, not followed."""
    fern = peer.actor("fern")
    await befriend(alder, peer, fern)
    many = [peer.url(f"/users/{number}") for number in range(3000)]
    note = {
        "id": f"{fern.id}/n",
        "type": "Note",
        "attributedTo": fern.id,
        "content": "Told to thousands",
        "to": [PUBLIC, *many],
        "tag": [{"type": "Mention", "href": one, "name": "@" + "x" * 20} for one in many],
    }
    await send(alder, peer, fern, fern.activity("Create", note))
    await settled(alder)
    assert "Told to thousands" in await neighbours(alder)
    assert not [one for one in peer.requests if peer.url(one.target) in many]


async def test_s136_html_of_others_does_nothing(alder: RunningNode, peer: Peer, ask: Asker) -> None:
    fern = peer.actor(
        "fern",
        type="Group",
        summary=REMOTE_HTML[0],
        attachment=[{"type": "PropertyValue", "name": REMOTE_HTML[1], "value": REMOTE_HTML[2]}],
    )
    fern.document["name"] = '"><script>alert(1)</script>'
    await befriend(alder, peer, fern)
    for number, html in enumerate(REMOTE_HTML):
        thing = {
            "id": f"{fern.id}/{number}",
            "type": "Event" if number % 2 else "Note",
            "attributedTo": fern.id,
            "name": html,
            "summary": html if number % 3 else None,
            "content": f"{html}<p>harmless {number}</p>",
            "startTime": "2031-06-01T10:00:00Z",
            "location": {"type": "Place", "name": html},
            "url": "javascript:alert(1)",
            "to": [PUBLIC],
        }
        await send(alder, peer, fern, fern.activity("Create", thing))
    own = WALK | {
        "id": "poison",
        "title": {"en": REMOTE_HTML[0]},
        "summary": {"en": REMOTE_HTML[1]},
    }
    await alder.command("event", "add", "-", stdin=own)
    await settled(alder)
    assert "harmless 0" in await neighbours(alder)
    for path in ("/", "/events", "/events/poison", "/neighbours", "/about"):
        answer = await ask(path, BROWSER)
        assert answer.status == 200, path
        assert not active(answer.text), path
    entries = ET.fromstring((await ask("/feed.atom", BROWSER)).text).iter(f"{ATOM}content")
    items = (await ask("/feed.json", BROWSER)).json["items"]
    html = [entry.text or "" for entry in entries] + [item["content_html"] for item in items]
    assert len(html) > 2
    assert not [text for text in html if active(text)]
    for path in ("/calendar.ics", "/events/poison.ics"):
        calendar = icalendar.Calendar.from_ical((await ask(path, BROWSER)).text)
        assert REMOTE_HTML[0] in [str(one["SUMMARY"]) for one in calendar.walk("VEVENT")]
        assert not [one for one in calendar.walk("VEVENT") if "X-ALT-DESC" in one]
    document = await ask.document("/events/poison")
    assert not active(document["content"])
    await alder.command("event", "remove", "poison")


async def test_s140_collections_without_end_are_read_to_a_bound(
    alder: RunningNode, peer: Peer
) -> None:
    fern = peer.actor("fern", type="Group", featured=peer.url("/featured"))
    turns = {"@context": AS2, "type": "OrderedCollectionPage", "orderedItems": []}

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        number = int(request.raw_path.partition("=")[2] or 0)
        items = [peer.url(f"/never/{number}-{one}") for one in range(300)]
        named = {"id": peer.url(f"/featured?page={number}"), "orderedItems": items}
        following = {"next": peer.url(f"/featured?page={number + 1}")}
        page = turns | named | following
        return web.json_response(page, content_type="application/activity+json")

    peer.script("/featured", endless)
    circle = {"id": peer.url("/users/fern/outbox"), "first": peer.url("/users/fern/outbox")}
    peer.serve("/users/fern/outbox", turns | circle | {"next": peer.url("/users/fern/outbox")})
    await befriend(alder, peer, fern)

    async def has_read() -> bool:
        return not rows(alder, "SELECT 1 FROM backfill WHERE actor_id = ?", fern.id)

    await eventually(has_read, seconds=10)
    assert 1 <= len(peer.asked("/featured", "GET")) <= 10
    assert len(peer.asked("/users/fern/outbox", "GET")) <= 2
    assert len([one for one in peer.requests if one.path.startswith("/never/")]) <= 100

    bomb = {
        "id": f"{fern.id}/n",
        "type": "Note",
        "attributedTo": fern.id,
        "content": "A tree of answers",
        "to": [PUBLIC],
        "replies": {"type": "Collection", "first": {"type": "CollectionPage", "items": []}},
    }
    bomb["replies"]["first"] |= {"next": peer.url("/featured"), "items": [peer.url("/never/x")]}
    asked = len(peer.asked("/featured"))
    await send(alder, peer, fern, fern.activity("Create", bomb))
    await settled(alder)
    assert "A tree of answers" in await neighbours(alder)
    assert len(peer.asked("/featured")) == asked
    assert not peer.asked("/never/x")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"links": [{"rel": ["x"], "href": {}}, {"rel": {"a": 1}}, 7, None]},
        {"links": {"rel": [[]], "href": [[]]}},
        {"links": 7},
        b"[]",
        b'{"links":',
    ],
    ids=str,
)
async def test_nonsense_in_nodeinfo_holds_up_nobody(
    alder: RunningNode, peer: Peer, nonsense: Any
) -> None:
    """Servers are asked one after the other what they run: none may keep the others waiting."""
    robin = peer.actor("robin")
    peer.serve("/.well-known/nodeinfo", nonsense, content_type="application/json")
    await send(alder, peer, robin, robin.activity("Follow", f"{alder.url}/group"))
    await peer.delivery("Accept")
    async with Peer.start() as honest:
        wren = MASTODON.member(honest, "wren")
        await send(alder, honest, wren.actor, wren.follow(f"{alder.url}/group"))

        async def learned() -> bool:
            asked = "SELECT software FROM host_software WHERE host = ?"
            return rows(alder, asked, honest.host) == [("mastodon",)]

        await eventually(learned, seconds=10)
    assert peer.asked("/.well-known/nodeinfo")
