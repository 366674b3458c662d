"""How the node behaves as a server among servers: statuses, sizes, repetition, patience, silence."""

import asyncio
import json
import socket
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.federation.peer import Peer, PeerActor, Reply, rsa_key
from tests.interop.asking import AS2, BROWSER, LD, PUBLIC, Asker
from tests.interop.reader import WALK, WORD, Reader
from tests.running_node import RunningNode, eventually, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024


@pytest.fixture
def reader(alder: RunningNode, peer: Peer) -> Reader:
    return Reader(alder, peer)


def like(alder: RunningNode, actor: PeerActor, **more: Any) -> dict[str, Any]:
    return actor.activity("Like", f"{alder.url}/events/listening-circle", **more)


def kept(alder: RunningNode, peer: Peer) -> dict[str, int]:
    """How many rows there are of what anybody on that server did, by table; none left out."""
    columns = {
        "inbound": "actor_id",
        "witness": "actor_id",
        "follower": "actor_id",
        "actor": "id",
        "public_key": "owner",
        "reply": "actor_id",
    }
    with sqlite3.connect(f"file:{alder.data / 'node.sqlite3'}?mode=ro", uri=True) as database:
        counts = {
            table: database.execute(
                f"SELECT count(*) FROM {table} WHERE {column} LIKE ?", (peer.origin + "/%",)
            ).fetchone()[0]
            for table, column in columns.items()
        }
    database.close()
    return {table: count for table, count in counts.items() if count}


@pytest.mark.parametrize("holds", [True, False])
async def test_s99_a_linked_data_signature_says_nothing(
    alder: RunningNode, peer: Peer, holds: bool
) -> None:
    """Whatever the block in the body says, the signature of the request decides."""
    robin = peer.actor("robin")
    block = {
        "type": "RsaSignature2017",
        "creator": f"{robin.id}#main-key",
        "created": "2025-06-01T10:00:00Z",
        "signatureValue": "AAAA",
    }
    activity = like(alder, robin, signature=block if holds else block | {"creator": 7})
    answer = await peer.post_signed(
        f"{alder.url}/inbox", activity, actor=robin, key=robin.key if holds else rsa_key(9)
    )
    assert answer.status == (202 if holds else 401)
    assert ("inbound" in kept(alder, peer)) is holds


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (AS2, 202),
        (f"{AS2}; charset=utf-8", 202),
        (LD, 202),
        ("application/ld+json", 202),
        ("application/json", 202),
        ("text/plain", 415),
        ("application/xml", 415),
    ],
)
async def test_s100_content_types(
    alder: RunningNode, peer: Peer, content_type: str, status: int
) -> None:
    robin = peer.actor("robin")
    answer = await peer.post_signed(
        f"{alder.url}/inbox",
        like(alder, robin),
        actor=robin,
        headers={"Content-Type": content_type},
    )
    assert answer.status == status, answer.body


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ["/inbox", "/group/inbox", "/group", "/group/outbox"])
async def test_s101_nothing_redirects(
    alder: RunningNode, peer: Peer, ask: Asker, path: str, slash: str
) -> None:
    robin = peer.actor("robin")
    posted = await peer.post_signed(alder.url + path + slash, like(alder, robin), actor=robin)
    got = await ask(path + slash)
    if path.endswith("inbox") and not slash:
        assert (posted.status, got.status) == (202, 405)
    else:
        assert posted.status in (404, 405)
        assert got.status == (404 if slash else 200)


async def test_s103_one_delivery_for_each_shared_inbox(reader: Reader) -> None:
    for name in ("robin", "wren"):
        await reader.follower(name)
    for name in ("finch", "tit"):
        await reader.follower(name, shared_inbox=False)
    for kind, document in (("event", WALK), ("reflection", WORD)):
        await reader.came("Create", await reader.publish(kind, document), count=3)

    paths = [one.path for one in reader.peer.asked(method="POST") if one.json["type"] == "Create"]
    assert sorted(paths) == sorted(["/inbox", "/users/finch/inbox", "/users/tit/inbox"] * 2)


async def test_g6_what_we_send_is_plain_and_whole(reader: Reader) -> None:
    """Mastodon's inbox needs a Content-Length; servers log the User-Agent to find whom to ask."""
    await reader.follower()
    await reader.event()
    [request] = reader.peer.asked("/inbox", "POST")
    assert request.header("Content-Length") == str(len(request.body))
    assert request.header("Transfer-Encoding") is None
    assert request.header("Content-Encoding") is None
    assert request.header("Content-Type") == AS2
    assert f"(+{reader.node.url}/)" in (request.header("User-Agent") or "")
    for fetch in reader.peer.asked("/users/robin", "GET"):
        assert fetch.key_id == f"{reader.node.url}/instance#main-key"


async def test_s110_farewells_of_strangers_cost_nothing(alder: RunningNode, peer: Peer) -> None:
    """The keys are gone with the accounts: asking for them would be thousands of requests."""
    spare = peer.actor("spare")

    async def farewell(number: int) -> int:
        gone = peer.url(f"/users/gone{number}")
        activity = {"id": gone + "#delete", "type": "Delete", "actor": gone, "object": gone}
        inbox = f"{alder.url}/inbox"
        return (await peer.post_signed(inbox, activity, actor=spare)).status

    assert set(await asyncio.gather(*(farewell(number) for number in range(100)))) == {202}
    assert not kept(alder, peer)
    assert not peer.requests


async def test_s111_the_farewell_of_a_follower_takes_everything_along(reader: Reader) -> None:
    robin = await reader.follower()
    note = {
        "id": robin.id + "/notes/1",
        "type": "Note",
        "attributedTo": robin.id,
        "to": [PUBLIC],
        "inReplyTo": f"{reader.node.url}/reflections/moss",
        "content": "<p>Thank you.</p>",
    }
    await reader.send(robin.activity("Create", note, to=[PUBLIC]), robin)
    reader.peer.serve("/users/robin", status=410)
    await reader.send(
        {"id": robin.id + "#delete", "type": "Delete", "actor": robin.id, "object": robin.id}, robin
    )

    async def forgotten() -> bool:
        followers = await reader.node.json("followers", "--json")
        return robin.id not in [one["id"] for one in followers]

    await eventually(forgotten)
    assert set(kept(reader.node, reader.peer)) == {"inbound"}


@pytest.mark.parametrize(
    "body",
    [
        *(b"[]", b'"x"', b"{}", b"null", b"12", b'{"type":"Like"}', b'{"actor":"{actor}"}'),
        *(b"{", b'{"type":"Like","actor":"\xff"}', b'{"type":"Like","actor":"{actor}","n":NaN}'),
        *(b'{"type":"Like","actor":"{actor}"} x', b"", b'{"type":"Like","type":"Create"}'),
    ],
)
async def test_s112_s113_what_cannot_be_read_is_400(
    alder: RunningNode, peer: Peer, body: bytes
) -> None:
    robin = peer.actor("robin")
    sent = body.replace(b"{actor}", robin.id.encode())
    answer = await peer.post_signed(f"{alder.url}/inbox", sent, actor=robin)
    assert answer.status == 400
    assert answer.json["error"]
    assert not peer.requests


@pytest.mark.filterwarnings("ignore:Sending a large body")
@pytest.mark.parametrize(
    ("size", "status"), [(64 * 1024, 202), (MIB, 202), (MIB + 1, 413), (MIB + 200_000, 413)]
)
async def test_s114_s153_sizes(alder: RunningNode, peer: Peer, size: int, status: int) -> None:
    robin = peer.actor("robin")
    bare = json.dumps(like(alder, robin, padding="")).encode()
    body = bare.replace(b'"padding": ""', b'"padding": "%s"' % (b"x" * (size - len(bare))))
    assert len(body) == size
    answer = await peer.post_signed(f"{alder.url}/inbox", body, actor=robin)
    assert answer.status == status


async def test_s114_a_packed_body_is_415(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    answer = await peer.post_signed(
        f"{alder.url}/inbox",
        like(alder, robin),
        actor=robin,
        headers={"Content-Encoding": "gzip"},
    )
    assert answer.status == 415


async def test_s154_a_body_in_chunks_is_read(alder: RunningNode) -> None:
    host, port = urlsplit(alder.url).netloc.split(":")
    answer = await asyncio.to_thread(_chunked, host, int(port))
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"must be signed" in answer


def _chunked(host: str, port: int) -> bytes:
    body = b'{"id":"https://a.example/1","type":"Like","actor":"https://a.example/u","object":"x"}'
    head = (
        f"POST /inbox HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {AS2}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


async def test_s115_closed_doors_are_403_and_nothing_is_asked(
    alder: RunningNode, peer: Peer
) -> None:
    robin = peer.actor("robin")
    await alder.command("block", peer.host, "--reason", "test")
    answer = await peer.post_signed(f"{alder.url}/inbox", like(alder, robin), actor=robin)
    assert answer.status == 403
    assert not peer.requests
    await alder.command("unblock", peer.host)
    assert (
        await peer.post_signed(f"{alder.url}/inbox", like(alder, robin), actor=robin)
    ).status == 202


async def test_s116_what_is_not_signed_is_401(alder: RunningNode, peer: Peer, ask: Asker) -> None:
    robin = peer.actor("robin")
    body = json.dumps(like(alder, robin)).encode()
    answer = await ask("/inbox", AS2, method="POST", body=body, Content_Type=AS2)
    assert answer.status == 401
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["error"]
    assert len(answer.body) < 200


async def test_s117_whoever_asks_for_patience_gets_it(reader: Reader) -> None:
    """GoToSocial takes 300 requests in five minutes and then says 429; its word goes before our plan."""
    await reader.follower()
    reader.peer.script("/inbox", Reply(status=429, headers={"Retry-After": "2"}), Reply(status=202))
    about = await reader.publish("event", WALK)
    loop = asyncio.get_running_loop()
    await reader.came("Create", about)
    begun = loop.time()
    await reader.publish("reflection", WORD)
    await reader.came("Create", about, count=2)

    assert loop.time() - begun > 1.5
    assert len(reader.peer.asked("/inbox", "POST")) <= 3


async def test_s118_a_key_that_cannot_be_had_now_is_503(alder: RunningNode, peer: Peer) -> None:
    """GoToSocial, Lemmy and Misskey give up after any other refusal."""
    robin = peer.actor("robin")
    peer.serve("/users/robin", status=500)
    activity = like(alder, robin)
    answer = await peer.post_signed(f"{alder.url}/inbox", activity, actor=robin)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0

    peer.serve("/users/robin", robin.document)
    again = await peer.post_signed(f"{alder.url}/inbox", activity, actor=robin)
    assert again.status == 202


async def test_s119_the_same_three_times_has_one_effect(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    activity = like(alder, robin)
    follow = robin.activity("Follow", f"{alder.url}/group")
    inbox = f"{alder.url}/inbox"
    for one in (activity, follow):
        answers = await asyncio.gather(
            *(peer.post_signed(inbox, one, actor=robin) for _ in range(3))
        )
        assert {answer.status for answer in answers} == {202}
    await peer.delivery("Accept")
    found = kept(alder, peer)
    assert (found["inbound"], found["witness"], found["follower"]) == (2, 1, 1)


async def test_s119_one_like_by_whatever_id(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    follow = robin.activity("Follow", f"{alder.url}/group")
    for activity in (like(alder, robin), like(alder, robin), like(alder, robin), follow):
        answer = await peer.post_signed(f"{alder.url}/inbox", activity, actor=robin)
        assert answer.status == 202
    await peer.delivery("Accept")
    assert kept(alder, peer)["witness"] == 1


async def test_g8_types_we_do_not_know_are_taken(alder: RunningNode, peer: Peer) -> None:
    robin = peer.actor("robin")
    kinds = ("Travel", "Dislike", "Lock", "Listen", "https://a.example/ns#Hug")
    for kind in kinds:
        activity = robin.activity(kind, f"{alder.url}/events/listening-circle")
        answer = await peer.post_signed(f"{alder.url}/inbox", activity, actor=robin)
        assert answer.status == 202, kind
    assert "inbound" not in kept(alder, peer)


async def test_s121_a_list_of_followers_in_a_header_changes_nothing(reader: Reader) -> None:
    robin = await reader.follower()
    header = (
        f'collectionId="{robin.id}/followers", url="{robin.id}/followers_synchronization",'
        f' digest="{"0" * 64}"'
    )
    answer = await reader.peer.post_signed(
        f"{reader.node.url}/inbox",
        like(reader.node, robin),
        actor=robin,
        headers={"Collection-Synchronization": header},
    )
    assert answer.status == 202
    assert robin.id in [one["id"] for one in await reader.node.json("followers", "--json")]


async def test_g5_errors_for_servers_are_json_and_for_people_pages(ask: Asker) -> None:
    for path in ("/events/never-was", "/reflections/never-was"):
        answer = await ask(path)
        assert answer.status == 404
        assert answer.headers["Content-Type"].startswith("application/json")
        page = await ask(path, BROWSER)
        assert page.status == 404
        assert page.headers["Content-Type"].startswith("text/html")


async def test_s120_after_a_week_away_everyone_hears_that_we_are_back(tmp_path: Path) -> None:
    """Mastodon, Misskey and Pleroma stop sending to a server that was away, until it writes to them."""
    async with Peer.start() as peer, running_node(tmp_path, "birch") as birch:
        reader = Reader(birch, peer)
        await reader.follower("robin")
        fern = peer.actor("fern", type="Group", shared_inbox=False)
        await birch.command("follow", "@" + fern.handle)
        await peer.delivery("Follow", path="/users/fern/inbox")
        await birch.stop()
        eight_days = int(timedelta(days=8).total_seconds() * 1000)
        with sqlite3.connect(birch.data / "node.sqlite3") as database:
            database.execute("UPDATE host_state SET last_ok_at = last_ok_at - ?", (eight_days,))
            database.execute("UPDATE inbound SET received_at = received_at - ?", (eight_days,))
        database.close()
        await birch.start()

        for path in ("/inbox", "/users/fern/inbox"):
            update = await peer.delivery("Update", path=path)
            assert update["object"]["id"] == f"{birch.url}/group"
        [request] = [one for one in peer.asked("/inbox", "POST") if one.json["type"] == "Update"]
        assert request.key_id == f"{birch.url}/group#main-key"
        assert datetime.fromisoformat(update["published"]) > datetime.now(UTC) - timedelta(hours=1)
