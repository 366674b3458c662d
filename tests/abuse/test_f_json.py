"""F: what is no document, or means two things, has no effect; numbers of the abuse corpus."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.abuse.attacked import AS2, Attacked
from tests.federation.peer import PeerActor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mallory(attacked: Attacked) -> AsyncIterator[PeerActor]:
    """An actor whose key the node knows."""
    yield await attacked.known()


def follow(attacked: Attacked, actor: PeerActor, **more: Any) -> dict[str, Any]:
    """A Follow that would make its actor a follower."""
    return actor.activity("Follow", attacked.group, **more)


UNREADABLE: dict[str, bytes] = {
    "f4_nested_objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "f4_nested_lists": b"[" * 100_000 + b"]" * 100_000,
    "f4_never_closed": b'{"a":' * 100_000,
    "f4_just_too_deep": b'{"a":' + b"[" * 32 + b"]" * 32 + b"}",
    "f5_too_many_values": b'{"a":[' + b"1," * 20_001 + b"1]}",
    "f6_nan": b'{"a":NaN}',
    "f6_infinity": b'{"a":-Infinity}',
    "f6_huge_integer": b'{"a":' + b"9" * 5000 + b"}",
    "f6_more_than_64_bits": b'{"a":18446744073709551616}',
    "f6_huge_float": b'{"a":1e999}',
    "f7_a_key_twice": b'{"type":"Follow","type":"Delete"}',
    "f7_actor_twice_escaped": b'{"actor":"a","\\u0061ctor":"b"}',
    "f8_lone_surrogate": b'{"a":"\\ud800"}',
    "f8_surrogates_reversed": b'{"a":"\\udc00\\ud800"}',
    "f8_nul": b'{"a":"\\u0000"}',
    "f8_raw_nul": b'{"a":"\x00"}',
    "f8_not_utf_8": b'{"a":"\xff"}',
    "f8_overlong": b'{"a":"\xc0\xaf"}',
    "f8_surrogate_bytes": b'{"a":"\xed\xa0\x80"}',
    "f8_byte_order_mark": b"\xef\xbb\xbf{}",
    "f8_utf_16": '{"a":1}'.encode("utf-16"),
    "f8_utf_7": b"+AHsAIg-a+ACI-:1+AH0-",
    "f9_list": b"[]",
    "f9_null": b"null",
    "f9_string": b'"Follow"',
    "f9_number": b"1",
    "f9_nothing": b"",
    "f9_blank": b"  ",
    "f9_two": b"{}{}",
    "f9_trailing": b'{"a":1} x',
    "f9_comment": b"/* */{}",
    "f9_single_quotes": b"{'a':1}",
    "f9_trailing_comma": b'{"a":1,}',
    "f9_control_in_string": b'{"a":"\n"}',
    "f9_bad_escape": b'{"a":"\\x41"}',
    "f9_cut_escape": b'{"a":"\\u12"}',
    "f9_html": b"<html></html>",
    "f10_no_type": b'{"actor":"https://a.example/"}',
    "f10_type_of_nothing": b'{"type":[],"actor":"https://a.example/"}',
    "f10_type_is_a_number": b'{"type":1,"actor":"https://a.example/"}',
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_cannot_be_read_is_400(
    attacked: Attacked, mallory: PeerActor, case: str
) -> None:
    async with attacked.refused():
        answer = await attacked.post(mallory, UNREADABLE[case])
    assert answer.status == 400, answer
    assert answer.header("Content-Type") == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "kind",
    ["application/activity+json; charset=utf-7", "application/ld+json", "application/json"],
)
async def test_f8_a_charset_is_no_way_around_utf_8(
    attacked: Attacked, mallory: PeerActor, kind: str
) -> None:
    body = '{"type":"Follow","actor":"+ACI-"}'.encode("utf-16")
    async with attacked.refused():
        answer = await attacked.post(mallory, body, headers={"Content-Type": kind})
    assert answer.status == 400


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/html", "application/x-www-form-urlencoded", "*/*", "x" * 4000]
)
async def test_f8_other_media_types_are_415(
    attacked: Attacked, mallory: PeerActor, kind: str
) -> None:
    body = json.dumps(follow(attacked, mallory)).encode()
    headers = attacked.sign(mallory, body) | {"Content-Type": kind}
    async with attacked.refused():
        assert (await attacked.ask("POST", "/inbox", headers, body)).status == 415


@pytest.mark.parametrize(
    "activity_id",
    [
        None,
        "",
        7,
        [],
        {},
        "javascript:alert(1)",
        "x" * 3000,
        "https://other.example/1",
        "https://[::1",
        "not a url",
        "{actor}",
        "{url}/activities/1",
        "https://a b/",
    ],
)
async def test_f11_an_impossible_id_is_no_id_and_harms_nobody(
    attacked: Attacked, activity_id: Any
) -> None:
    actor = await attacked.known()
    if isinstance(activity_id, str):
        activity_id = activity_id.replace("{actor}", actor.id).replace("{url}", attacked.url)
    activity = follow(attacked, actor) | {"id": activity_id}
    answer = await attacked.post(actor, activity)
    assert answer.status in (202, 400)
    await attacked.settled()
    found = attacked.rows("SELECT activity_id FROM inbound WHERE actor_id = ?", actor.id)
    assert all(one.startswith((actor.id, "sha256:")) for (one,) in found)


@pytest.mark.parametrize("kind", ["Teleport", "x" * 10_000, ["Unknown", "Other"], "as:Question"])
async def test_f10_unknown_types_are_acknowledged_and_forgotten(
    attacked: Attacked, mallory: PeerActor, kind: Any
) -> None:
    async with attacked.refused():
        answer = await attacked.post(mallory, follow(attacked, mallory) | {"type": kind})
    assert answer.status == 202


@pytest.mark.parametrize(
    "context",
    [
        None,
        "https://evil.example/context",
        ["https://evil.example/context", {"@vocab": "https://evil.example/"}],
        {"type": "@id", "actor": "https://evil.example/x", "id": "as:object"},
        [{"@base": "https://evil.example/"}] * 100,
        7,
    ],
)
async def test_f2_f3_a_context_is_never_read(attacked: Attacked, context: Any) -> None:
    actor = await attacked.known()
    asked = len(attacked.peer.requests)
    activity = follow(attacked, actor) | {"@context": context}
    assert (await attacked.post(actor, activity)).status == 202
    await attacked.settled()
    assert attacked.rows("SELECT 1 FROM follower WHERE actor_id = ?", actor.id)
    gets = [one.path for one in attacked.peer.requests[asked:] if one.method == "GET"]
    assert set(gets) <= {f"/users/{actor.name}", "/.well-known/webfinger"}


@pytest.mark.parametrize("field", ["to", "cc", "object", "tag", "attachment"])
async def test_f5_long_lists_are_cut_not_followed(attacked: Attacked, field: str) -> None:
    actor = await attacked.known()
    many: list[Any] = [f"https://host{n}.example/u" for n in range(4000)]
    if field in ("tag", "attachment"):
        many = [{"type": "Mention", "href": one} for one in many]
    activity = actor.activity("Flag", many if field == "object" else [attacked.group])
    if field != "object":
        activity[field] = many
    async with attacked.refused("inbound", "concern", "host_state"):
        assert (await attacked.post(actor, activity)).status == 202
    kept = attacked.rows("SELECT about FROM concern WHERE reporter = ?", actor.id)
    assert all(len(json.loads(about)) <= 256 for (about,) in kept)


async def test_f13_f14_hostile_values_park_nothing(attacked: Attacked) -> None:
    """Every field of every activity, replaced by each value that breaks careless readers."""
    values: list[Any] = [None, True, 2**62, "", [], {}, [[]], {"id": None}, attacked.group]
    values += ["\u202e\u0001", "https://[::1", "9999-12-31T23:59:59-23:59", "<div>" * 3000]
    for number, (kind, thing) in enumerate(shapes(attacked).items()):
        actor = attacked.stranger()
        for field in thing if isinstance(thing, dict) else ("object",):
            for value in values:
                changed = thing | {field: value} if isinstance(thing, dict) else value
                activity = actor.activity(kind.partition(" ")[0], changed)
                answer = await attacked.post(actor, activity)
                assert answer.status in (202, 400, 429), (kind, field, value)
        assert number < 100
    await attacked.settled()
    assert not attacked.rows("SELECT outcome FROM inbound WHERE state = 'parked' OR attempts > 0")


def shapes(attacked: Attacked) -> dict[str, Any]:
    """One object for each kind of activity, as honest servers send them."""
    event = f"{attacked.url}/events/offen"
    note = {
        "id": attacked.peer.url("/n/1"),
        "type": "Note",
        "content": "<p>x</p>",
        "inReplyTo": event,
        "to": ["as:Public"],
        "published": "2026-01-01T00:00:00Z",
        "tag": [{"type": "Mention", "href": attacked.group}],
    }
    return {
        "Create": note,
        "Update": note,
        "Delete": {"id": attacked.peer.url("/n/1"), "type": "Tombstone"},
        "Undo": {"id": attacked.peer.url("/f/1"), "type": "Follow", "object": attacked.group},
        "Undo Join": {"type": "Join", "object": event},
        "Accept": {"type": "Follow", "actor": attacked.group, "object": event},
        "Reject": {"type": "Invite", "object": event},
        "Announce": {"type": "Create", "object": note},
        "Like": event,
        "Join": event,
        "Leave": event,
        "Flag": [event],
        "Move": event,
        "Block": attacked.group,
        "Add": event,
    }


async def test_f_answers_of_errors_are_short_json(attacked: Attacked) -> None:
    answer = await attacked.ask("POST", "/inbox", {"Content-Type": AS2}, b"<" * 5000)
    assert answer.status == 400
    assert set(json.loads(answer.body)) == {"error"}
    assert len(answer.body) < 200
