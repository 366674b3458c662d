"""What nobody has done to us yet: further cases of the same classes, each under the number it is nearest to."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio

from federation.signatures import http_date
from node.clock import SystemClock
from tests.abuse.attacked import AS2, FORM, HTML, REQUIRED, Attacked
from tests.federation.peer import PeerActor
from tests.signing import raw_signature

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACKNOWLEDGED = ("inbound", "actor", "public_key", "host_state", "remote_tombstone")
NEWER = "(request-target) host (created) digest"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mallory(attacked: Attacked) -> PeerActor:
    """An actor whose key the node has."""
    return await attacked.known()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def friend(attacked: Attacked) -> PeerActor:
    """A follower, who also comes."""
    actor = attacked.stranger()
    for kind, path in (("Follow", "/group"), ("Join", "/events/offen")):
        activity = actor.activity(kind, attacked.url + path)
        assert (await attacked.post(actor, activity)).status == 202
    await attacked.settled()
    return actor


# ------------------------------------------------------------------------------- heads of requests

PARAMETERS = {
    "c9_created_as_a_fraction": "created=1796000000.5",
    "c9_created_in_words": 'created="today"',
    "c9_created_before_time_began": "created=-1",
    "c9_created_beyond_all_years": "created=99999999999999999999",
    "c9_created_in_other_digits": "created=1e9",
    "c9_expires_before_it_was_created": "created=1796000000,expires=1",
    "c21_an_algorithm_twice": 'algorithm="hs2019",algorithm="none"',
    "c21_an_algorithm_of_nothing": 'algorithm=""',
    "c20_a_parameter_without_a_name": '="x"',
    "c20_ten_thousand_parameters": ",".join(f'x{n}="1"' for n in range(1000)),
}


@pytest.mark.parametrize("case", PARAMETERS)
async def test_odd_parameters_prove_nothing(
    attacked: Attacked, mallory: PeerActor, case: str
) -> None:
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    names = NEWER if case.startswith("c9") else REQUIRED
    headers = attacked.sign(mallory, body, names=names, parameters=PARAMETERS[case])
    async with attacked.refused("public_key", asks=1):
        answer = await attacked.ask("POST", "/inbox", headers, body)
    assert answer.status in (400, 401), answer


HOSTS = {
    "j3_another_port": "{name}:1",
    "j3_a_final_dot": "{name}.:{port}",
    "j3_an_underscore": "_x.example",
    "j3_a_user": "a@{name}:{port}",
    "j3_two_names": "{name}:{port}, evil.example",
    "j3_a_space": "{name}:{port} evil.example",
    "j3_a_path": "{name}:{port}/x",
}


@pytest.mark.parametrize("case", HOSTS)
async def test_a_request_for_almost_our_host_is_not_for_us(
    attacked: Attacked, mallory: PeerActor, case: str
) -> None:
    name, _, port = attacked.host.partition(":")
    host = HOSTS[case].format(name=name, port=port)
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    async with attacked.refused():
        headers = attacked.sign(mallory, body, headers={"Host": host})
        assert (await attacked.ask("POST", "/inbox", headers, body)).status in (400, 401)
    answer = await attacked.ask("GET", "/group", {"Host": host, "Accept": AS2})
    assert answer.status in (200, 400)
    assert b"evil.example" not in answer.body


METHODS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@pytest.mark.parametrize("name", METHODS)
async def test_l14_no_header_makes_one_method_another(attacked: Attacked, name: str) -> None:
    for method, target in (("GET", "/sign-out"), ("POST", "/inbox"), ("GET", "/inbox")):
        async with attacked.refused():
            answer = await attacked.ask(method, target, {name: "DELETE", "Content-Type": AS2})
        assert 400 <= answer.status < 500
    assert (await attacked.ask("GET", "/", {name: "POST", "Accept": HTML})).status == 200


async def test_g3_whoever_waits_for_leave_to_send_holds_nobody_up(attacked: Attacked) -> None:
    head = {"Expect": "100-continue", "Content-Length": "100", "Content-Type": AS2}
    async with attacked.refused():
        waiting = [attacked.ask("POST", "/inbox", head, seconds=0.5) for _ in range(100)]
        await asyncio.gather(*waiting)
        await attacked.healthy()
        odd = await attacked.ask("POST", "/inbox", head | {"Expect": "200-ok"})
        assert 400 <= odd.status < 500


async def test_l15_an_old_or_unknown_version_gets_a_plain_answer(attacked: Attacked) -> None:
    for version, good in (("HTTP/1.0", True), ("HTTP/0.9", False), ("HTTP/3.7", False)):
        request = f"GET /group {version}\r\nHost: {attacked.host}\r\nAccept: {AS2}\r\n\r\n"
        answer = await attacked.raw(request)
        assert answer.status < 500
        assert (answer.status == 200) or not good
    await attacked.healthy()


@pytest.mark.parametrize(
    "ranges",
    [
        "bytes=" + ",".join(f"{n}-" for n in range(1000)),
        "bytes=-0",
        "bytes=9-1",
        "x=1",
        "bytes=0-9e9",
    ],
    ids=["thousand", "nothing", "backwards", "unit", "digits"],
)
async def test_g19_ranges_cost_no_more_than_the_whole(attacked: Attacked, ranges: str) -> None:
    _, page = await attacked.page("/")
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style
    whole = await attacked.ask("GET", style[1])
    for target in ("/", style[1], "/calendar.ics"):
        answer = await attacked.ask("GET", target, {"Range": ranges, "Accept": HTML})
        assert answer.status in (200, 206, 304, 416)
        assert len(answer.body) <= max(len(whole.body), 200_000)


async def test_l2_a_cookie_tossed_from_elsewhere_is_no_session(attacked: Attacked) -> None:
    cookies = {one.key: one.value for one in attacked.steward.cookie_jar}
    assert cookies
    for name, value in cookies.items():
        for tossed in (
            f"{name}=x; {name}={value[:-1]}",
            f"{name}={value}x",
            f'{name}="{value} "',
            f"{name.upper()}={value}",
            f"{name}=; {name}=",
            f"{name}={value.swapcase()}",
        ):
            answer = await attacked.ask("GET", "/desk", {"Cookie": tossed, "Accept": HTML})
            assert answer.status == 303, tossed


@pytest.mark.parametrize(
    "slug",
    ["offen%2F..%2Fnur-hier", "nur-hier%00", "%2e%2e", "offen%2fjoin", "nur%2Dhier", "x" * 5000],
)
async def test_k4_encoded_names_open_nothing(attacked: Attacked, slug: str) -> None:
    for target in (f"/events/{slug}", f"/events/{slug}.ics", f"/reflections/{slug}"):
        for accept in (AS2, HTML):
            answer = await attacked.ask("GET", target, {"Accept": accept})
            assert 400 <= answer.status < 500, target
            assert b"Nurhier" not in answer.body


@pytest.mark.parametrize("token", ["x", "0" * 43, "..", "%00", "A" * 4000, "' OR 1=1 --"])
async def test_l11_no_private_page_is_guessed(attacked: Attacked, token: str) -> None:
    answers = []
    for route in ("/my/{}", "/come/{}", "/set-up/{}", "/steward/{}", "/welcome/{}"):
        answer = await attacked.ask(
            "GET", route.format(token.replace(" ", "%20")), {"Accept": HTML}
        )
        answers.append(answer.status)
    assert set(answers) <= {400, 404, 410}


# ------------------------------------------------------------------------------------- activities

Make = Callable[[Attacked, PeerActor, PeerActor], dict[str, Any]]


def note(actor: PeerActor, slug: str, **more: Any) -> dict[str, Any]:
    """A public note of an actor."""
    made = {"id": f"{actor.id}/new/{slug}", "type": "Note", "attributedTo": actor.id}
    return made | {"content": "<p>Forged</p>", "to": [PUBLIC]} | more


FORGED: Mapping[str, Make] = {
    "d7_announce_of_what_is_only_here": lambda n, m, f: m.activity(
        "Announce", f"{n.url}/events/nur-hier", to=[PUBLIC]
    ),
    "k4_like_of_what_is_only_here": lambda n, m, f: m.activity("Like", f"{n.url}/events/nur-hier"),
    "k4_reply_to_what_is_only_here": lambda n, m, f: m.activity(
        "Create", note(m, "a", inReplyTo=f"{n.url}/events/nur-hier")
    ),
    "k4_join_of_what_was_withdrawn": lambda n, m, f: m.activity(
        "Join", f"{n.url}/events/weg-und-nur-hier"
    ),
    "d14_move_to_our_own_group": lambda n, m, f: m.activity("Move", m.id, target=n.group),
    "d14_move_of_our_own_group": lambda n, m, f: m.activity("Move", n.group, target=m.id),
    "d27_quote_of_what_is_only_here": lambda n, m, f: m.activity(
        "QuoteRequest", f"{n.url}/reflections/hier-geblieben", instrument=note(m, "q")
    ),
    "d27_quote_of_what_was_withdrawn": lambda n, m, f: m.activity(
        "QuoteRequest", f"{n.url}/reflections/zurueck", instrument=note(m, "r")
    ),
    "d24_vote_on_anothers_question": lambda n, m, f: m.activity(
        "Create",
        note(m, "v", name="yes", content=None, inReplyTo=f"{n.url}/messages/1", to=[n.group]),
    ),
    "d24_leave_in_anothers_name": lambda n, m, f: m.activity(
        "Leave", f"{n.url}/events/offen", instrument=f.id, attributedTo=f.id
    ),
    "d24_ignore_of_an_invitation_nobody_got": lambda n, m, f: m.activity(
        "TentativeReject", {"type": "Invite", "actor": n.group, "object": f"{n.url}/events/offen"}
    ),
    "d9_undo_of_an_undo": lambda n, m, f: m.activity(
        "Undo", {"type": "Undo", "actor": f.id, "object": {"type": "Follow", "actor": f.id}}
    ),
    "d9_undo_that_undoes_itself": lambda n, m, f: m.activity(
        "Undo", {"type": "Undo", "actor": m.id}
    ),
    "d10_accept_of_an_accept": lambda n, m, f: m.activity(
        "Accept", {"type": "Accept", "actor": n.group, "object": n.group}
    ),
    "d10_accept_of_our_group_by_itself": lambda n, m, f: m.activity("Accept", n.group),
    "d12_flag_in_the_name_of_our_group": lambda n, m, f: m.activity(
        "Block", n.group, attributedTo=n.group, target=f.id
    ),
    "d13_add_to_our_followers": lambda n, m, f: m.activity(
        "Add", m.id, target=f"{n.group}/followers"
    ),
    "d13_remove_from_our_followers": lambda n, m, f: m.activity(
        "Remove", f.id, target=f"{n.group}/followers"
    ),
    "f1_a_context_in_a_private_network": lambda n, m, f: (
        m.activity("Dislike", n.group)
        | {"@context": ["http://169.254.169.254/latest", "file:///etc/passwd"]}
    ),
    "d6_delete_of_everything": lambda n, m, f: m.activity("Delete", n.url),
    "d6_delete_of_the_public": lambda n, m, f: m.activity("Delete", PUBLIC),
    "d17_our_port_said_aloud": lambda n, m, f: m.activity(
        "Update", note(m, "x") | {"id": n.url.replace("127.0.0.1", "127.0.0.1.") + "/events/offen"}
    ),
    "d22_a_key_as_an_object": lambda n, m, f: m.activity("Delete", f.key_id),
    "f10_a_collection_as_an_activity": lambda n, m, f: m.activity("OrderedCollection", m.id),
    "f10_an_activity_inside_itself": lambda n, m, f: m.activity(
        "Create", m.activity("Create", m.activity("Create", note(m, "deep")))
    ),
}


@pytest.mark.parametrize("case", FORGED)
async def test_what_nobody_may_do_does_nothing(
    attacked: Attacked, mallory: PeerActor, friend: PeerActor, case: str
) -> None:
    activity = FORGED[case](attacked, mallory, friend)
    # Whoever leaves or declines has said something of themselves, and of nobody else.
    own = ("rsvp",) if case.startswith("d24") else ()
    theirs = attacked.rows("SELECT * FROM rsvp WHERE who = ?", friend.id)
    assert theirs
    async with attacked.refused(*ACKNOWLEDGED, *own, asks=2):
        answer = await attacked.post(mallory, activity)
    assert answer.status in (202, 400), answer
    assert attacked.rows("SELECT * FROM rsvp WHERE who = ?", friend.id) == theirs
    # What is hidden must look as what never was, also to whoever counts the answers.
    assert not attacked.peer.asked(f"/users/{friend.name}", "POST")


async def test_d19_d15_an_update_moves_no_inbox_and_takes_no_handle_of_another_host(
    attacked: Attacked,
) -> None:
    actor = await attacked.known()
    follow = actor.activity("Follow", attacked.group)
    assert (await attacked.post(actor, follow)).status == 202
    await attacked.settled()
    before = attacked.rows("SELECT handle, inbox FROM actor WHERE id = ?", actor.id)
    changes: tuple[dict[str, Any], ...] = (
        {"type": "Note", "name": "Forged"},
        {"preferredUsername": "somebody-else@evil.example", "name": "Forged"},
        {"inbox": "https://evil.example/inbox", "name": "Forged"},
    )
    for change in changes:
        document = actor.document | change
        attacked.peer.serve(f"/users/{actor.name}", document)
        update = actor.activity("Update", document, to=[PUBLIC])
        assert (await attacked.post(actor, update)).status in (202, 401)
        await attacked.settled()
        [(handle, inbox)] = attacked.rows("SELECT handle, inbox FROM actor WHERE id = ?", actor.id)
        assert inbox == before[0][1], change
        assert handle.partition("@")[2] == attacked.peer.host, change


async def test_c13_many_keys_make_no_more_than_one_fetch(attacked: Attacked) -> None:
    actor = attacked.stranger()
    real = actor.document["publicKey"]
    actor.document["publicKey"] = [
        {"id": f"{actor.id}#k{n}", "owner": actor.id, "publicKeyPem": real["publicKeyPem"]}
        for n in range(500)
    ]
    body = json.dumps(actor.activity("Follow", attacked.group)).encode()
    async with attacked.refused("actor", "public_key", asks=2):
        headers = attacked.sign(actor, body, key_id=f"{actor.id}#k499x")
        assert (await attacked.ask("POST", "/inbox", headers, body)).status == 401


@pytest.mark.parametrize(
    "challenge", ["sig1=()", '"x', "sig1=(" + '"a" ' * 5000 + ")", 'x=("@query");tag=":"']
)
async def test_c27_a_request_to_sign_is_no_order(
    attacked: Attacked, mallory: PeerActor, challenge: str
) -> None:
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    async with attacked.refused():
        sent = attacked.sign(mallory, body) | {"Accept-Signature": challenge, "Signature": ""}
        answer = await attacked.ask("POST", "/inbox", sent, body)
        assert answer.status in (400, 401)
    assert (
        await attacked.ask("GET", "/group", {"Accept": AS2, "Accept-Signature": challenge})
    ).status in (200, 400)


async def test_f9_types_of_bodies_with_odd_parameters(
    attacked: Attacked, mallory: PeerActor
) -> None:
    body = json.dumps(mallory.activity("Ignore", attacked.group)).encode()
    for kind, statuses in (
        (AS2 + "; charset=utf-8; boundary=x", {202}),
        (AS2 + ";", {202}),
        (AS2.upper(), {202}),
        (AS2 + ", text/html", {415}),
        ("text/html; " + AS2, {415}),
        ("", {415}),
        (AS2 + "\t;x=" + "y" * 4000, {202, 400}),
    ):
        async with attacked.refused():
            answer = await attacked.post(mallory, body, headers={"Content-Type": kind})
        assert answer.status in statuses, kind


async def test_e1_a_replay_with_another_digest_header_is_refused(
    attacked: Attacked, mallory: PeerActor
) -> None:
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    headers = attacked.sign(mallory, body)
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    async with attacked.refused("public_key", asks=1):
        for change in (
            {"Digest": "SHA-256=" + other},
            {"Digest": "sha-256=" + headers["Digest"].partition("=")[2].rstrip("=")},
            {"Date": http_date(SystemClock().now()).replace("GMT", "UTC")},
            {"Content-Digest": "sha-256=:" + other + ":", "Digest": ""},
        ):
            answer = await attacked.ask("POST", "/inbox", headers | change, body)
            assert answer.status in (400, 401), change


async def test_l13_forms_that_are_almost_forms(attacked: Attacked) -> None:
    sent = {"Sec-Fetch-Site": "same-origin", "Accept": HTML}
    for kind, body in (
        (FORM, b"name=a&name=b&csrf=x&csrf=y"),
        (FORM, b"%ff%fe=%00"),
        (FORM, b"&" * 2000),
        (FORM + "; charset=utf-16", b"n\x00a\x00"),
        ("application/json", b'{"name":"x"}'),
        ("text/plain", b"name=x"),
    ):
        for target in ("/sign-in", "/sign-out"):
            async with attacked.refused():
                answer = await attacked.ask("POST", target, sent | {"Content-Type": kind}, body)
            assert 300 <= answer.status < 500, (kind, target, answer.status)


async def test_c1_a_signature_of_nothing_by_a_real_key(
    attacked: Attacked, mallory: PeerActor
) -> None:
    body = json.dumps(mallory.activity("Follow", attacked.group)).encode()
    headers = attacked.sign(mallory, body)
    for names in ("", " ", "()", "(created)"):
        made = raw_signature(mallory.key, "")
        forged = f'keyId="{mallory.key_id}",headers="{names}",signature="{made}"'
        async with attacked.refused("public_key", asks=1):
            answer = await attacked.ask("POST", "/inbox", headers | {"Signature": forged}, body)
        assert answer.status in (400, 401)
