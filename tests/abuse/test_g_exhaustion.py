"""G: nobody uses the node up, nor makes it use up others; numbers of the abuse corpus."""

import asyncio
import contextlib
import gzip
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from tests.abuse.attacked import AS2, FORM, HTML, Attacked
from tests.federation.peer import Peer, PeerActor
from tests.running_node import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024
BOMB = gzip.compress(b" " * 100 * MIB, 1)


def resident(attacked: Attacked) -> int:
    """Bytes of memory the node has now."""
    process = attacked.node.process
    assert process is not None
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


@pytest.mark.parametrize("target", ["/inbox", "/group/inbox", "/instance/inbox"])
async def test_g1_a_body_that_says_it_is_too_large_is_refused_unread(
    attacked: Attacked, target: str
) -> None:
    sent = {"Content-Type": AS2, "Content-Length": str(MIB + 1)}
    async with attacked.refused():
        answer = await attacked.raw(attacked.request("POST", target, sent), b"{")
    assert answer.status == 413


@pytest.mark.parametrize(
    ("target", "kind", "status"),
    [("/inbox", AS2, 413), ("/sign-in", FORM, 413), ("/events/offen/come", FORM, 413)],
)
async def test_g1_a_body_in_chunks_ends_at_its_limit(
    attacked: Attacked, target: str, kind: str, status: int
) -> None:
    before = resident(attacked)
    sent = {"Content-Type": kind, "Transfer-Encoding": "chunked", "Sec-Fetch-Site": "same-origin"}
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    async with attacked.refused():
        answer = await attacked.raw(attacked.request("POST", target, sent), *[chunk] * 64)
    assert answer.status in (status, 0), "0: cut off while it was still sent"
    assert resident(attacked) < before + 16 * MIB


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-gzip", "GZIP"]
)
async def test_g2_a_compressed_body_never_unfolds(attacked: Attacked, coding: str) -> None:
    actor = await attacked.known()
    body = BOMB
    before = resident(attacked)
    async with attacked.refused():
        answer = await attacked.post(actor, body, headers={"Content-Encoding": coding})
        assert answer.status == 415
        sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Content-Encoding": coding}
        assert (await attacked.ask("POST", "/sign-in", sent, body)).status == 400
    assert resident(attacked) < before + 16 * MIB


async def test_g3_idle_connections_keep_nobody_out(attacked: Attacked) -> None:
    port = int(attacked.host.partition(":")[2])
    head = f"GET / HTTP/1.1\r\nHost: {attacked.host}\r\nX: ".encode()
    async with contextlib.AsyncExitStack() as stack:
        for number in range(400):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            if number % 2:
                writer.write(head)
        started = time.monotonic()
        await attacked.healthy()
        assert (await attacked.ask("GET", "/", {"Accept": HTML})).status == 200
        assert time.monotonic() - started < 1


async def test_g4_many_parts_many_cookies_many_fields(attacked: Attacked) -> None:
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Accept": HTML}
    fields = "&".join(f"f{n}=v" for n in range(5000)).encode()
    cookies = "; ".join(f"c{n}=v" for n in range(700))
    parts = b"--x\r\n\r\n" * 50_000
    multipart = sent | {"Content-Type": "multipart/form-data; boundary=x"}
    async with attacked.refused():
        assert (await attacked.ask("POST", "/sign-in", sent, fields)).status == 400
        assert (await attacked.ask("POST", "/sign-in", multipart, parts)).status == 400
        answer = await attacked.ask("GET", "/desk", {"Cookie": cookies, "Accept": HTML})
        assert answer.status == 303


async def test_g5_g6_g8_g11_h8_what_is_named_is_not_fetched(attacked: Attacked) -> None:
    """No chain of replies, no mentions, no pictures, no previews: nothing is asked for on receipt.

    Whoever answers a gathering for the first time is asked whether they come: one letter, to them.
    """
    letter = ("rsvp_link", "direct_message", "activity", "delivery")
    peer = attacked.peer
    actor = await attacked.known(featured=peer.url("/pins"), outbox=peer.url("/outbox"))
    note: dict[str, Any] = {
        "id": f"{actor.id}/notes/1",
        "type": "Note",
        "attributedTo": actor.id,
        "content": f'<p><a href="{peer.url("/preview")}">look</a></p>',
        "inReplyTo": f"{attacked.url}/events/offen",
        "context": peer.url("/chain/0"),
        "replies": peer.url("/chain/1"),
        "icon": {"type": "Image", "url": peer.url("/icon")},
        "attachment": [{"type": "Image", "url": peer.url(f"/picture/{n}")} for n in range(50)],
        "tag": [{"type": "Mention", "href": peer.url(f"/users/m{n}")} for n in range(500)],
        "to": ["as:Public"],
        "published": "2026-01-01T00:00:00Z",
    }
    async with attacked.refused("inbound", "reply", "host_state", *letter, asks=1):
        assert (await attacked.post(actor, actor.activity("Create", note))).status == 202
    named = ("/preview", "/chain", "/icon", "/picture", "/users/m", "/pins", "/outbox")
    assert not [one.path for one in peer.asked(method="GET") if one.path.startswith(named)]
    chained = note | {"id": f"{actor.id}/notes/2", "inReplyTo": peer.url("/chain/2")}
    async with attacked.refused("inbound", "host_state"):
        assert (await attacked.post(actor, actor.activity("Create", chained))).status == 202


async def test_g7_a_collection_without_end_is_left(attacked: Attacked) -> None:
    peer = attacked.peer
    endless = peer.actor("endless", type="Group", upcomingEvents=peer.url("/endless/0"))

    async def page(request: web.BaseRequest) -> web.Response:
        number = int(request.raw_path.rpartition("/")[2])
        document = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": peer.url(f"/endless/{number}"),
            "type": "OrderedCollection" if number == 0 else "OrderedCollectionPage",
            "next": peer.url(f"/endless/{number + 1}"),
            "first": peer.url("/endless/1"),
            "orderedItems": [
                {"id": peer.url(f"/e/{number}/{n}"), "type": "Event", "name": "x"}
                for n in range(50)
            ],
        }
        return web.Response(body=json.dumps(document).encode(), content_type=AS2)

    for number in range(200):
        peer.script(f"/endless/{number}", page)
    await attacked.node.command("follow", endless.id)
    follow = await peer.delivery("Follow", path="/users/endless/inbox")
    assert (await attacked.post(endless, endless.activity("Accept", follow))).status == 202

    async def finished() -> bool:
        return bool(peer.asked("/endless/0")) and not attacked.rows("SELECT 1 FROM backfill")

    await eventually(finished, seconds=20)
    assert sum(one.path.startswith("/endless/") for one in peer.requests) <= 20
    assert sum(one.path.startswith("/e/") for one in peer.requests) <= 100


async def test_g9_who_sends_too_much_waits_and_others_do_not(attacked: Attacked) -> None:
    loud, quiet = await attacked.known(), await attacked.known()
    like = json.dumps(loud.activity("Like", f"{attacked.url}/events/nothing")).encode()
    headers = {name: v for name, v in attacked.sign(loud, like).items() if name != "Host"}
    statuses = []
    async with aiohttp.ClientSession() as http:
        for _ in range(320):
            async with http.post(attacked.inbox, data=like, headers=headers) as answer:
                statuses.append(answer.status)
                wait = answer.headers.get("Retry-After")
    assert statuses.count(202) in range(299, 310)
    assert statuses[-1] == 429
    assert int(wait or 0) > 0
    follow = quiet.activity("Follow", attacked.group)
    assert (await attacked.post(quiet, follow)).status == 202


@pytest.mark.parametrize(
    ("kind", "path"), [("Flag", "/desk/concerns"), ("Create", "/desk/replies")]
)
async def test_g18_nobody_hides_others_behind_a_heap_of_their_own(
    attacked: Attacked, kind: str, path: str
) -> None:
    loud, quiet = await attacked.known(), await attacked.known()
    event = f"{attacked.url}/events/offen"

    async def send(actor: PeerActor, number: int, words: str) -> None:
        note = {
            "id": f"{actor.id}/n/{number}",
            "type": "Note",
            "content": words,
            "inReplyTo": event,
            "to": ["as:Public"],
        }
        activity = actor.activity(kind, event if kind == "Flag" else note, content=words)
        assert (await attacked.post(actor, activity)).status == 202

    for number in range(210):
        await send(loud, number, "again and again")
    await send(quiet, 0, "a quiet word")
    await attacked.settled()
    _, text = await attacked.page(path, steward=True)
    assert "a quiet word" in text


async def test_g14_a_server_that_never_answers_does_not_keep_others_waiting(
    attacked: Attacked,
) -> None:
    never = asyncio.Event()

    async def silent(_: web.BaseRequest) -> web.Response:
        await never.wait()
        return web.Response(status=404)

    async with Peer.start() as slow:
        key = attacked.stranger().key
        liars = [named(slow, f"liar{n}", key) for n in range(80)]
        for liar in liars:
            slow.script(f"/users/{liar.name}", silent)
        flood = asyncio.gather(
            *(attacked.post(one, one.activity("Follow", attacked.group)) for one in liars)
        )
        await eventually(lambda: _true(slow.requests))
        started = time.monotonic()
        honest = attacked.stranger()
        assert (
            await attacked.post(honest, honest.activity("Follow", attacked.group))
        ).status == 202
        assert time.monotonic() - started < 1.5
        assert len(slow.requests) <= 8, "no more than eight at once of one server"
        flood.cancel()
        never.set()
    await attacked.healthy()
    assert not attacked.rows("SELECT 1 FROM follower WHERE actor_id LIKE '%liar%'")


async def _true(value: Any) -> bool:
    return bool(value)


def named(peer: Peer, name: str, key: Any) -> PeerActor:
    """An actor of that peer, with a key that is there already."""
    return peer.actor(name, key=key)


async def test_c16_g_thousands_of_farewells_cost_little(attacked: Attacked) -> None:
    async with attacked.refused(), aiohttp.ClientSession() as http:
        started = time.monotonic()

        async def say(number: int) -> None:
            gone = f"https://server{number % 97}.example/users/{number}"
            farewell = {"id": f"{gone}#d", "type": "Delete", "actor": gone, "object": gone}
            headers = {"Content-Type": AS2, "Signature": f'keyId="{gone}#k",signature="eA=="'}
            body = json.dumps(farewell).encode()
            async with http.post(attacked.inbox, data=body, headers=headers) as answer:
                assert answer.status == 202

        for start in range(0, 2000, 50):
            await asyncio.gather(*(say(number) for number in range(start, start + 50)))
        assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "query",
    [
        "before=99999999999999999999",
        "before=-1",
        "before=1e9",
        "before=%00",
        "before=" + "9" * 5000,
        "before=\u0663",
        "before=1%20OR%201=1",
    ],
)
async def test_g17_nonsense_pages_are_400(attacked: Attacked, query: str) -> None:
    async with (
        attacked.refused(),
        attacked.http.get(
            f"{attacked.url}/group/outbox?page=true&{query}", headers={"Accept": AS2}
        ) as answer,
    ):
        assert answer.status == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("offen*", 200),
        ("NEAR(offen kreis, 2)", 200),
        ("title : offen", 200),
        ('offen" OR "1', 200),
        ("offen'; DROP TABLE event; --", 200),
        ("-offen ^offen {title} : x", 200),
        ("%_?[a-z]{9}(a+)+$", 200),
        ("*", 400),
        ('"' * 200, 400),
        ("a" * 10_240, 400),
        ("a* " * 60, 200),
        (" ".join(f"a{number}*" for number in range(50)), 400),
    ],
)
async def test_g12_the_syntax_of_a_search_engine_is_words(
    attacked: Attacked, query: str, status: int
) -> None:
    started = time.monotonic()
    async with attacked.refused():
        found, text = await attacked.page("/search?" + urlencode({"q": query}), Accept=HTML)
    assert found == status
    assert "fts5" not in text
    assert "SELECT" not in text
    assert time.monotonic() - started < 2


async def test_g12_a_flood_of_questions_leaves_pages_quick(attacked: Attacked) -> None:
    questions = [attacked.page(f"/search?q=a+{number}", Accept=HTML) for number in range(200)]
    flood = asyncio.gather(*questions)
    started = time.monotonic()
    status, _ = await attacked.page("/events", Accept=HTML)
    assert status == 200
    assert time.monotonic() - started < 2
    assert {status for status, _ in await flood} <= {200, 503}
    await attacked.healthy()


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 20_000,
        "<ul><li>" * 10_000,
        "<b>" * 300_000,
        "<a href=x>" * 30_000,
        "<svg>" * 9_000,
    ],
    ids=["div", "ul", "b", "a", "svg"],
)
async def test_g15_a_nesting_bomb_is_flat(attacked: Attacked, bomb: str) -> None:
    actor = await attacked.known()
    note = {
        "id": f"{actor.id}/notes/bomb",
        "type": "Note",
        "content": bomb[:900_000],
        "inReplyTo": f"{attacked.url}/events/offen",
        "to": ["as:Public"],
    }
    started = time.monotonic()
    assert (await attacked.post(actor, actor.activity("Create", note))).status == 202
    await attacked.settled()
    await attacked.healthy()
    assert time.monotonic() - started < 2


async def test_g19_a_crawl_is_answered_from_what_is_ready(attacked: Attacked) -> None:
    started = time.monotonic()
    for _ in range(10):
        answers = await asyncio.gather(
            *(attacked.page("/group/outbox?page=true", Accept=AS2) for _ in range(30))
        )
        assert {status for status, _ in answers} == {200}
    assert time.monotonic() - started < 5
