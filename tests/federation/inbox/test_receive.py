"""The inbox's door: what is taken, what is refused with which status, and what it costs others."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from federation.inbox.limits import Limiter
from node import body
from node.body import LARGEST
from node.errors import TooManyRequestsError
from node.services import moderation
from tests.conftest import NOW
from tests.federation.inbox.world import World
from tests.federation.peer import AS2, Peer


def like(world: World, **more: Any) -> dict[str, Any]:
    """A Like by alice, who is there afterwards."""
    alice = world.peer.actors.get("alice") or world.peer.actor("alice")
    return alice.activity("Like", world.urls.event("circle"), **more)


@pytest.mark.parametrize("path", ["/inbox", "/group/inbox", "/instance/inbox"])
@pytest.mark.parametrize("rfc9421", [True, False])
async def test_signed_activities_are_taken_at_every_inbox(
    world: World, path: str, rfc9421: bool
) -> None:
    activity = like(world)

    answer = await world.peer.post_signed(
        world.urls.origin + path, activity, actor=world.peer.actors["alice"], rfc9421=rfc9421
    )

    assert answer.status == 202
    [row] = world.rows("inbound")
    assert (row["state"], row["type"], row["origin"]) == ("waiting", "Like", world.peer.origin)
    assert json.loads(row["body"]) == activity


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/activity+json", 202),
        ("application/activity+json; charset=utf-8", 202),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', 202),
        ("Application/JSON", 202),
        ("text/plain", 415),
        ("", 415),
    ],
)
async def test_media_types(world: World, content_type: str, status: int) -> None:
    activity, headers = like(world), {"Content-Type": content_type}

    answer = await world.post(activity, world.peer.actors["alice"], headers=headers)

    assert answer.status == status


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"x"', b"{}", b"{", b'{"type":"Like"}', b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff"],
)
async def test_what_cannot_be_read_is_400(world: World, body: bytes) -> None:
    alice = world.peer.actor("alice")

    answer = await world.post(body, alice)

    assert answer.status == 400
    assert not world.peer.requests
    assert not world.rows("inbound")


@pytest.mark.filterwarnings("ignore:Sending a large body")
@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 202), (LARGEST, 202), (LARGEST + 1, 413)])
async def test_size(world: World, size: int, status: int) -> None:
    activity = like(world)
    body = json.dumps(activity).encode()
    padded = body[:-1] + b" " * (size - len(body)) + b"}"

    answer = await world.post(padded, world.peer.actors["alice"])

    assert answer.status == status
    assert len(world.rows("inbound")) == (status == 202)


async def test_a_body_in_chunks_is_taken_up_to_the_cap(world: World) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1024):
            yield b" " * 1024

    async def sent(size: int) -> int:
        headers = {"Content-Type": "application/activity+json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(world.inbox, data=chunks(size), headers=headers) as response,
        ):
            return response.status

    assert await sent(64 * 1024) == 400  # taken whole, and no JSON
    assert await sent(2 * LARGEST) == 413


async def test_a_compressed_body_is_415(world: World) -> None:
    activity = like(world)
    body, headers = gzip.compress(json.dumps(activity).encode()), {"Content-Encoding": "gzip"}

    answer = await world.post(body, world.peer.actors["alice"], headers=headers)

    assert answer.status == 415


async def test_unsigned_is_401_with_short_json(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/activity+json"}
        body = json.dumps(like(world)).encode()
        async with session.post(world.inbox, data=body, headers=headers) as response:
            assert response.status == 401
            assert list(await response.json()) == ["error"]


async def test_a_wrong_key_is_401_after_one_fetch_more(world: World) -> None:
    alice, mallory = world.peer.actor("alice"), world.peer.actor("mallory")

    for _ in range(5):
        answer = await world.post(like(world), alice, key=mallory.key)
        assert answer.status == 401

    assert len(world.peer.asked("/users/alice")) == 2
    assert not world.rows("inbound")


async def test_a_new_key_is_taken_over_at_once(world: World) -> None:
    alice, spare = world.peer.actor("alice"), world.peer.actor("spare")
    assert (await world.post(like(world), alice)).status == 202

    alice.document["publicKey"]["publicKeyPem"] = spare.key.public_pem()

    assert (await world.post(like(world), alice, key=spare.key)).status == 202


@pytest.mark.parametrize("minutes", [-70, 65])
async def test_old_and_future_signatures_are_401(world: World, minutes: int) -> None:
    activity, date = like(world), world.clock.now() + timedelta(minutes=minutes)

    answer = await world.post(activity, world.peer.actors["alice"], date=date)

    assert answer.status == 401


async def test_a_changed_body_is_401(world: World) -> None:
    activity, alice = like(world), world.peer.actors["alice"]
    url = world.inbox

    async def swap(session: aiohttp.ClientSession) -> int:
        signed = json.dumps(activity).encode()
        await world.peer.post_signed(world.peer.url("/inbox"), signed, actor=alice)
        [request] = world.peer.asked("/inbox", "POST")
        headers = {key: value for key, value in request.headers if key != "Content-Length"}
        headers["Host"] = world.urls.host
        async with session.post(url, data=signed + b" ", headers=headers) as response:
            return response.status

    async with aiohttp.ClientSession() as session:
        assert await swap(session) == 401


async def test_a_request_for_another_host_is_401_before_anything_is_asked(world: World) -> None:
    answer = await world.post(
        like(world), world.peer.actors["alice"], headers={"Host": "elsewhere.example"}
    )

    assert answer.status == 401
    assert not world.peer.requests


async def test_an_absolute_target_is_400(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(world.inbox).port)
    writer.write(
        f"POST {world.inbox} HTTP/1.1\r\nHost: {world.urls.host}\r\nContent-Length: 2\r\n"
        "Content-Type: application/activity+json\r\nConnection: close\r\n\r\n{}".encode()
    )

    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_who_sends_too_slowly_is_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(world.inbox).port)
    head = "POST /inbox HTTP/1.1", f"Host: {world.urls.host}", "Content-Length: 100"
    kind = "Content-Type: application/activity+json"
    writer.write("\r\n".join([*head, kind, "", "{"]).encode())

    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_many_headers_are_400(world: World) -> None:
    headers = {f"X-{number}": "x" for number in range(100)}

    answer = await world.post(like(world), world.peer.actors["alice"], headers=headers)

    assert answer.status == 400


@pytest.mark.parametrize("proof", [None, "signature", "proof"])
async def test_signed_by_somebody_else_is_never_believed(world: World, proof: str | None) -> None:
    """With a proof inside it is a forwarded one: kept to be asked for where it comes from."""
    activity, bob = like(world), world.peer.actor("bob")
    if proof:
        activity[proof] = {"type": "RsaSignature2017", "creator": activity["actor"]}

    answer = await world.post(activity, bob)

    assert answer.status == (202 if proof else 401)
    assert [row["forwarded"] for row in world.rows("inbound")] == ([1] if proof else [])


async def test_a_server_in_trouble_is_503_and_the_second_try_works(world: World) -> None:
    activity, alice = like(world), world.peer.actors["alice"]
    world.peer.serve("/users/alice", status=500)
    answer = await world.post(activity, alice)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0

    world.peer.serve("/users/alice", alice.document)

    assert (await world.post(activity, alice)).status == 202


async def test_what_was_taken_before_is_202_and_has_one_effect(world: World) -> None:
    await world.event()
    activity, alice = like(world), world.peer.actors["alice"]

    answers = await asyncio.gather(*(world.post(activity, alice) for _ in range(10)))
    await world.work()
    again = await world.post(activity, alice)
    await world.work()

    assert {answer.status for answer in (*answers, again)} == {202}
    assert len(world.rows("inbound")) == len(world.rows("witness")) == 1


async def test_nobody_uses_up_the_ids_of_another_server(world: World) -> None:
    await world.event()
    theirs = like(world)
    async with Peer.start(clock=world.clock.now) as evil:
        mallory = evil.actor("mallory")
        forged = theirs | {"actor": mallory.id}
        assert (await evil.post_signed(world.inbox, forged, actor=mallory)).status == 202

        await world.take(theirs, world.peer.actors["alice"])

    assert {row["actor_id"] for row in world.rows("witness")} == {theirs["actor"], mallory.id}


@pytest.mark.parametrize("kind", ["Travel", "Arrive", "https://example.org/ns#Wave", "Note"])
async def test_unknown_types_are_acknowledged_and_forgotten(world: World, kind: str) -> None:
    activity = like(world, type=kind)

    assert (await world.post(activity, world.peer.actors["alice"])).status == 202
    assert not world.rows("inbound")


async def test_strangers_who_delete_themselves_cost_nothing(world: World) -> None:
    """Every account deleted on a large server is told to every server it knows; the keys are gone."""
    world.peer.serve("/users/gone", status=410)
    actor = world.peer.actor("spare")
    actor_id = world.peer.url("/users/gone")
    farewell = {"@context": AS2, "type": "Delete", "id": actor_id + "#delete", "actor": actor_id}

    for _ in range(20):
        assert (await world.post(farewell | {"object": actor_id}, actor)).status == 202

    assert not world.peer.requests
    assert not world.rows("inbound")


@pytest.mark.parametrize("by", ["host", "host and port", "actor"])
async def test_closed_doors_are_403_before_anything_is_asked(world: World, by: str) -> None:
    activity = like(world)
    target = {
        "host": "127.0.0.1",
        "host and port": world.peer.host.upper(),
        "actor": activity["actor"],
    }[by]
    await world.write(lambda session: moderation.block(session, target, who="ann", now=NOW))

    answer = await world.post(activity, world.peer.actors["alice"])

    assert answer.status == 403
    assert not world.peer.requests


async def test_a_key_of_ours_speaks_for_nobody(world: World) -> None:
    alice = world.peer.actor("alice", key_id=world.group + "#main-key")

    assert (await world.post(like(world), alice)).status == 401
    assert (await world.post(like(world, actor=world.group), alice)).status == 401


async def test_who_sends_too_fast_waits(world: World) -> None:
    activity, alice = like(world), world.peer.actors["alice"]
    answers = [await world.post(activity, alice) for _ in range(301)]

    assert [answer.status for answer in answers[:300]] == [202] * 300
    assert answers[300].status == 429
    assert answers[300].headers["Retry-After"] == "1"
    bob = world.peer.actor("bob")
    assert (await world.post(bob.activity("Like", world.group), bob)).status == 202
    world.clock.advance(seconds=1)
    assert (await world.post(activity, alice)).status == 202


def test_the_limiter_remembers_a_bounded_number_of_names() -> None:
    limiter = Limiter(per_minute=60, burst=1, names=100)
    for number in range(1000):
        limiter.take(f"actor-{number}", NOW)
    with pytest.raises(TooManyRequestsError):
        limiter.take("actor-999", NOW)
    limiter.take("actor-0", NOW)


async def test_while_our_clock_is_in_doubt_nobody_is_refused_for_the_time(world: World) -> None:
    """It was ahead before and is right now, or it woke up in the past: until somebody tells, both may be."""
    activities = [like(world) for _ in range(3)]
    alice = world.peer.actors["alice"]
    assert (await world.post(activities[0], alice)).status == 202

    world.clock.advance(days=-30)

    for activity, date in zip(activities[1:], (world.clock.now(), NOW), strict=True):
        assert (await world.post(activity, alice, date=date)).status == 202
    stale = world.clock.now() - timedelta(days=2)
    assert (await world.post(like(world), alice, date=stale)).status == 401
