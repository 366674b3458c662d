"""Signatures as other servers make them, and as nobody may. Each is of a Like of a reflection."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from multidict import CIMultiDict

from federation.signatures import SigningKey
from tests.federation.peer import AS2, Peer, Received, Recorded, rsa_key
from tests.interop.asking import PUBLIC, Asker
from tests.interop.inside import rows, settled
from tests.interop.reader import WORD, Reader
from tests.interop.shapes import (
    FEDIFY,
    GOTOSOCIAL,
    MASTODON,
    SERVERS,
    WORDPRESS,
    Cavage,
    Member,
    Rfc9421,
    Software,
    ed25519_of,
)
from tests.interop.shapes.signing import Signs
from tests.running_node import RunningNode, eventually
from tests.signing import encode_base58btc

pytestmark = pytest.mark.asyncio(loop_scope="module")

HS2019 = Cavage(post="(request-target) (created) host digest", algorithm="hs2019", created=True)
PLAIN = Cavage()


def like(alder: RunningNode, member: Member) -> bytes:
    return json.dumps(member.like(f"{alder.url}/reflections/moss")).encode()


async def send(
    alder: RunningNode, member: Member, *, body: bytes | None = None, **how: Any
) -> Received:
    """Post a Like to the shared inbox; `how` as `Member.post`."""
    return await member.post(f"{alder.url}/inbox", body or like(alder, member), **how)


def kept(alder: RunningNode, member: Member) -> int:
    """How much of what that member sent was kept."""
    return len(rows(alder, "SELECT 1 FROM inbound WHERE actor_id = ?", member.id))


def headers(
    alder: RunningNode,
    member: Member,
    body: bytes,
    signing: Signs | None = None,
    *,
    moment: datetime | None = None,
    url: str | None = None,
) -> dict[str, str]:
    """The signed headers of a post, for tests that then do something to them."""
    sent = {"Content-Type": "application/activity+json"}
    return sent | (signing or member.software.signing).headers(
        member.actor.key,
        member.actor.key_id,
        "POST",
        url or f"{alder.url}/inbox",
        sent,
        body,
        moment or datetime.now(UTC),
    )


async def refused(
    alder: RunningNode,
    member: Member,
    sent: Mapping[str, str],
    body: bytes,
    status: int = 401,
) -> None:
    """Post with just these headers: refused in one sentence, and nothing is kept."""
    answer = await member.peer.send("POST", f"{alder.url}/inbox", sent, body)
    assert answer.status == status, answer.body
    assert answer.json["error"]
    assert not kept(alder, member)


# ------------------------------------------------------------------------------ draft-cavage


@pytest.mark.parametrize("software", SERVERS, ids=str)
async def test_s80_every_server_signs_and_is_believed(
    alder: RunningNode, peer: Peer, software: Software
) -> None:
    robin = software.member(peer)
    assert (await send(alder, robin)).status == 202
    assert kept(alder, robin) == 1


async def test_s81_a_digest_of_another_body(alder: RunningNode, peer: Peer) -> None:
    robin = MASTODON.member(peer)
    body = like(alder, robin)
    await refused(alder, robin, headers(alder, robin, body), body.replace(b"Like", b"Join"))
    for wrong in ("SHA-256=AAAA", "SHA-256=" + base64.b64encode(bytes(32)).decode()):
        await refused(alder, robin, headers(alder, robin, body) | {"Digest": wrong}, body)


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ("sha-256", 202),
        ("Sha-256", 202),
        ("SHA-512=AAAA,SHA-256", 202),
        ("MD5=AAAA, sha-256", 202),
        ("SHA-256=AAAA,SHA-256", 401),
        ("SHA-512", 401),
    ],
)
async def test_s82_digests_in_other_spellings(
    alder: RunningNode, peer: Peer, before: str, status: int
) -> None:
    robin = MASTODON.member(peer)
    answer = await send(alder, robin, signing=Cavage(digest=before))
    assert answer.status == status, answer.body
    assert kept(alder, robin) == (status == 202)


async def test_s83_our_fetches_are_signed_as_everybody_reads_them(
    alder: RunningNode, peer: Peer, ask: Asker
) -> None:
    """Mastodon and GoToSocial sign the query, Misskey's parser takes no blank and no bare word."""
    robin = replace(WORDPRESS, actor_id="{here}/?author=1").member(peer)
    assert (await send(alder, robin)).status == 202
    [fetch] = [one for one in peer.asked(method="GET") if one.target == "/?author=1"]
    node = await ask.document("/instance")
    names, signature = signature_of(fetch, node["publicKey"]["id"])
    assert names == ["(request-target)", "host", "date"]
    public: Any = load_pem_public_key(node["publicKey"]["publicKeyPem"].encode())
    public.verify(signature, text_of(fetch, names), padding.PKCS1v15(), hashes.SHA256())


def signature_of(request: Recorded, key_id: str) -> tuple[list[str], bytes]:
    """Read a Signature header as the strictest parser does: quoted, in one line, no blanks."""
    [header] = [value for name, value in request.headers if name.lower() == "signature"]
    assert re.fullmatch(r'(?:[a-zA-Z]+="[^"]*"(?:,(?!$))?)+', header), header
    said = dict(re.findall(r'([a-zA-Z]+)="([^"]*)"', header))
    assert set(said) == {"keyId", "algorithm", "headers", "signature"}
    assert (said["keyId"], said["algorithm"]) == (key_id, "rsa-sha256")
    return said["headers"].split(" "), base64.b64decode(said["signature"], validate=True)


def text_of(request: Recorded, names: list[str]) -> bytes:
    """What was signed, put together by hand."""
    target = f"{request.method.lower()} {request.target}"
    lines = [
        f"{name}: {target if name == '(request-target)' else request.header(name)}"
        for name in names
    ]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("query", [True, False])
async def test_s84_with_the_query_and_without(alder: RunningNode, peer: Peer, query: bool) -> None:
    robin = MASTODON.member(peer)
    answer = await robin.post(
        f"{alder.url}/inbox?from=relay", like(alder, robin), signing=Cavage(query=query)
    )
    assert answer.status == 202, answer.body


@pytest.mark.parametrize(
    "post",
    ["(request-target) host date", "host date digest", "(request-target) host digest", "date"],
)
async def test_s85_what_must_be_covered(alder: RunningNode, peer: Peer, post: str) -> None:
    robin = MASTODON.member(peer)
    body = like(alder, robin)
    await refused(alder, robin, headers(alder, robin, body, Cavage(post=post)), body)


@pytest.mark.parametrize(
    ("minutes", "status"), [(-70, 401), (-50, 202), (-1, 202), (50, 202), (70, 401)]
)
@pytest.mark.parametrize("signing", [PLAIN, HS2019], ids=["date", "created"])
async def test_s86_the_window(
    alder: RunningNode, peer: Peer, signing: Cavage, minutes: int, status: int
) -> None:
    robin = MASTODON.member(peer)
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = await send(alder, robin, signing=signing, moment=moment)
    assert answer.status == status, answer.body


async def test_s86_a_time_that_is_not_covered_is_none(alder: RunningNode, peer: Peer) -> None:
    robin = MASTODON.member(peer)
    body, now = like(alder, robin), datetime.now(UTC)
    stale = headers(
        alder,
        robin,
        body,
        Cavage(algorithm="hs2019", created=True),
        moment=now - timedelta(hours=3),
    )
    fresh = re.sub(r"created=\d+", f"created={int(now.timestamp())}", stale["Signature"])
    await refused(alder, robin, stale | {"Signature": fresh}, body)


async def test_s87_an_hmac_made_with_the_public_key(alder: RunningNode, peer: Peer) -> None:
    """Whoever takes the algorithm from the request lets anybody be anybody."""
    robin = MASTODON.member(peer)
    body = like(alder, robin)
    sent = headers(alder, robin, body)
    names = PLAIN.post.split()
    values = {name.lower(): value for name, value in sent.items()}
    values["(request-target)"] = "post /inbox"
    text = "\n".join(f"{name}: {values[name]}" for name in names).encode()
    secret = robin.actor.key.public_pem().encode()
    made = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
    for label in ("hmac-sha256", "hs2019"):
        forged = (
            f'keyId="{robin.actor.key_id}",algorithm="{label}",headers="{PLAIN.post}",'
            f'signature="{made}"'
        )
        await refused(alder, robin, sent | {"Signature": forged}, body)


@pytest.mark.parametrize(
    ("label", "status"),
    [("hs2019", 202), (None, 202), ("rsa-sha1", 401), ("ed25519", 401), ("none", 401)],
)
async def test_s88_the_key_says_which_algorithm(
    alder: RunningNode, peer: Peer, label: str | None, status: int
) -> None:
    robin = MASTODON.member(peer)
    answer = await send(alder, robin, signing=Cavage(algorithm=label))
    assert answer.status == status, answer.body
    assert kept(alder, robin) == (status == 202)


async def test_s89_what_reads_in_two_ways_is_refused(alder: RunningNode, peer: Peer) -> None:
    robin, wren = MASTODON.member(peer), MASTODON.member(peer, "wren")
    body = like(alder, robin)
    sent = headers(alder, robin, body)
    doubled = f'keyId="{wren.actor.key_id}",{sent["Signature"]}'
    await refused(alder, robin, sent | {"Signature": doubled}, body, 400)
    for other in (headers(alder, wren, body)["Signature"], sent["Signature"]):
        twice = CIMultiDict(sent)
        twice.add("Signature", other)
        await refused(alder, robin, twice, body, 400)
    timed = replace(HS2019, algorithm="rsa-sha256")
    await refused(alder, robin, headers(alder, robin, body, timed), body)


async def test_s90_signed_for_us(alder: RunningNode, peer: Peer) -> None:
    robin = MASTODON.member(peer)
    body = like(alder, robin)
    uncovered = headers(alder, robin, body, Cavage(post="(request-target) date digest"))
    await refused(alder, robin, uncovered, body)
    foreign = headers(alder, robin, body, url="http://birch.example/inbox")
    await refused(alder, robin, foreign, body)
    ours = foreign | {"Host": urlsplit(alder.url).netloc}
    await refused(alder, robin, ours, body)


async def test_s91_wherever_a_key_is(alder: RunningNode, peer: Peer) -> None:
    stub = GOTOSOCIAL.member(peer, "robin")
    assert (await send(alder, stub)).status == 202

    bare = MASTODON.member(peer, "wren")
    entry = bare.actor.document["publicKey"] | {"id": peer.url("/keys/7")}
    bare.actor.document["publicKey"] = entry
    peer.serve("/keys/7", {"@context": "https://w3id.org/security/v1", "type": "Key"} | entry)
    assert (await send(alder, bare, key_id=peer.url("/keys/7"))).status == 202

    fragment = MASTODON.member(peer, "finch")
    assert fragment.actor.key_id == f"{fragment.id}#main-key"
    assert (await send(alder, fragment)).status == 202

    nobody = MASTODON.member(peer, "tit")
    answer = await send(alder, nobody, key_id=f"acct:tit@{peer.host}")
    assert answer.status == 401
    assert not kept(alder, nobody)


async def test_s92_a_new_key_is_fetched_and_forgeries_make_us_ask_once(
    alder: RunningNode, peer: Peer
) -> None:
    robin = MASTODON.member(peer)
    path = urlsplit(robin.id).path
    assert (await send(alder, robin)).status == 202
    robin.actor.key = rsa_key(8)
    robin.actor.document["publicKey"]["publicKeyPem"] = robin.actor.key.public_pem()
    assert (await send(alder, robin)).status == 202
    assert len(peer.asked(path, "GET")) == 2

    wren = MASTODON.member(peer, "wren")
    assert (await send(alder, wren)).status == 202
    before, asked = kept(alder, wren), len(peer.asked("/users/wren", "GET"))
    answers = await asyncio.gather(*(send(alder, wren, key=rsa_key(9)) for _ in range(100)))
    assert {answer.status for answer in answers} == {401}
    assert len(peer.asked("/users/wren", "GET")) <= asked + 1
    assert kept(alder, wren) == before


async def test_s93_who_signs_is_who_acts(alder: RunningNode, peer: Peer) -> None:
    robin, wren = MASTODON.member(peer), MASTODON.member(peer, "wren")
    for kind in ("Like", "Follow", "Create", "Delete", "Undo", "Update"):
        about = f"{alder.url}/reflections/moss"
        said = wren.write(
            kind, {"id": wren.id + "/x", "type": "Note"} if kind[0] in "CDU" else about
        )
        answer = await send(alder, robin, body=json.dumps(said).encode())
        assert answer.status == 401, kind
    assert not kept(alder, robin)
    assert not kept(alder, wren)


@pytest.mark.parametrize("between", [", ", " , ", ",\t"])
async def test_s147_blanks_after_commas(alder: RunningNode, peer: Peer, between: str) -> None:
    robin = MASTODON.member(peer)
    body = like(alder, robin)
    sent = headers(alder, robin, body)
    spaced = re.sub(r',(?=[a-zA-Z]+=")', between, sent["Signature"])
    assert spaced.count(between) == 3
    answer = await peer.send("POST", f"{alder.url}/inbox", sent | {"Signature": spaced}, body)
    assert answer.status == 202, answer.body


# ---------------------------------------------------------------------------------- RFC 9421


@pytest.mark.parametrize(
    "signing",
    [
        Rfc9421(),
        Rfc9421(algorithm=None),
        Rfc9421(label="fedify"),
        Rfc9421(post='"@method" "@authority" "@path" "@query" "content-digest"'),
        Rfc9421(tag="activitypub"),
    ],
    ids=["fedify", "no algorithm", "any label", "in parts", "tagged"],
)
async def test_s94_the_new_generation_is_read_at_the_first_knock(
    alder: RunningNode, peer: Peer, signing: Rfc9421
) -> None:
    robin = FEDIFY.member(peer)
    answer = await send(alder, robin, signing=signing)
    assert answer.status == 202, answer.body
    assert kept(alder, robin) == 1


async def test_s95_its_digest_is_covered_and_true(alder: RunningNode, peer: Peer) -> None:
    robin = FEDIFY.member(peer)
    body = like(alder, robin)
    without = Rfc9421(post='"@method" "@target-uri"')
    await refused(alder, robin, headers(alder, robin, body, without), body)
    sent = headers(alder, robin, body, Rfc9421())
    await refused(alder, robin, sent, body.replace(b"Like", b"Join"))
    await refused(alder, robin, sent | {"Content-Digest": "sha-256=:AAAA:"}, body)
    for malformed in ("sha-256=AAAA", "sha-256=:AAAA", "sha-256=:A A:", "sha-256"):
        await refused(alder, robin, sent | {"Content-Digest": malformed}, body, 400)


async def test_s96_with_an_ed25519_key_of_assertion_method(alder: RunningNode, peer: Peer) -> None:
    robin = FEDIFY.member(peer)
    [method] = robin.actor.document["assertionMethod"]
    second = SigningKey(ed25519_of(robin.id))
    for algorithm in ("ed25519", None):
        answer = await send(
            alder, robin, key=second, key_id=method["id"], signing=Rfc9421(algorithm=algorithm)
        )
        assert answer.status == 202, answer.body
    wrong = Rfc9421(algorithm="rsa-v1_5-sha256")
    answer = await send(alder, robin, key=second, key_id=method["id"], signing=wrong)
    assert answer.status == 401


async def test_s97_refused_by_one_generation_we_try_the_other_and_remember(
    alder: RunningNode, peer: Peer
) -> None:
    reader = Reader(alder, peer)
    await reader.follower()

    async def only_the_new(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=202 if "Signature-Input" in request.headers else 401)

    peer.script("/inbox", only_the_new)
    create = await reader.came("Create", await reader.publish("reflection", WORD), count=2)
    again = await reader.came("Create", await reader.publish("reflection", WORD))
    first, second, third = peer.asked("/inbox", "POST")
    assert [generation(one) for one in (first, second, third)] == ["old", "new", "new"]
    assert first.body == second.body
    assert (second.json["id"], third.json["id"]) == (create["id"], again["id"])


async def test_s97_refused_by_both_it_ends(alder: RunningNode, peer: Peer) -> None:
    reader = Reader(alder, peer)
    await reader.follower()
    dead = (await alder.json("queue", "--json"))["dead"]
    peer.serve("/inbox", status=400)
    await reader.came("Create", await reader.publish("reflection", WORD), count=2)

    async def ended() -> bool:
        return bool((await alder.json("queue", "--json"))["dead"] == dead + 1)

    await eventually(ended)
    assert [generation(one) for one in peer.asked("/inbox", "POST")] == ["old", "new"]


def generation(request: Recorded) -> str:
    return "new" if request.header("Signature-Input") else "old"


@pytest.mark.parametrize("flaw", ["", "words", "key", "none"])
async def test_s98_what_is_passed_on_counts_with_a_proof(
    alder: RunningNode, peer: Peer, flaw: str
) -> None:
    """Without one that holds, the author's server is asked, and shows nothing of the kind."""
    robin = FEDIFY.member(peer)
    note = {
        "id": f"{robin.id}/answers/1",
        "type": "Note",
        "attributedTo": robin.id,
        "content": "Passed on by wren",
        "inReplyTo": f"{alder.url}/reflections/moss",
        "to": [PUBLIC],
    }
    activity = robin.create(note) | {"@context": AS2}
    proved = with_proof(activity, robin, flaw)
    async with Peer.start() as elsewhere:
        wren = MASTODON.member(elsewhere, "wren")
        answer = await send(alder, wren, body=json.dumps(proved).encode())
        assert answer.status == (401 if flaw == "none" else 202)
        await send(alder, wren, body=json.dumps(wren.follow(f"{alder.url}/group")).encode())
        await elsewhere.delivery("Accept")
    await settled(alder)
    assert bool(rows(alder, "SELECT 1 FROM reply WHERE id = ?", note["id"])) is (flaw == "")
    asked = [one.target for one in peer.asked(method="GET")]
    assert (urlsplit(note["id"]).path in asked) is (flaw in ("words", "key"))


def with_proof(activity: dict[str, Any], author: Member, flaw: str) -> dict[str, Any]:
    """An eddsa-jcs-2022 proof by the author, made by hand; plain ASCII needs no more of JCS than this."""
    if flaw == "none":
        return activity
    options = {
        "@context": activity["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": author.actor.document["assertionMethod"][0]["id"],
        "proofPurpose": "assertionMethod",
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    hashed = b"".join(
        hashlib.sha256(json.dumps(one, sort_keys=True, separators=(",", ":")).encode()).digest()
        for one in (options, activity)
    )
    key = ed25519_of("somebody else" if flaw == "key" else author.id)
    value = encode_base58btc(key.sign(hashed))
    made = activity | {"proof": options | {"proofValue": value}}
    if flaw == "words":
        made["object"] = activity["object"] | {"content": "Changed on the way"}
    return made


@pytest.mark.parametrize("asked", ["a delivery", "a fetch"])
async def test_s146_asked_for_more_we_sign_what_is_named(
    alder: RunningNode, peer: Peer, ask: Asker, asked: str
) -> None:
    robin = FEDIFY.member(peer)
    wanted = '"@method" "@target-uri" "@authority" "date"'
    wanted += ' "content-digest" "content-type"' if asked == "a delivery" else ""
    challenge = f'here=({wanted});created;nonce="a nonce";tag="activitypub"'

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "Signature-Input" not in request.headers:
            return web.Response(status=401, headers={"Accept-Signature": challenge})
        document = json.dumps(robin.actor.document).encode()
        status = 202 if request.method == "POST" else 200
        return web.Response(body=document, status=status, content_type="application/activity+json")

    if asked == "a delivery":
        reader, path, actor = Reader(alder, peer), "/inbox", "/group"
        await reader.follower("wren")
        peer.script(path, answer)
        await reader.came("Create", await reader.publish("reflection", WORD), count=2)
    else:
        path, actor = urlsplit(robin.id).path, "/instance"
        peer.script(path, answer)
        assert (await send(alder, robin)).status == 202
    _, again = peer.asked(path)
    key = (await ask.document(actor))["publicKey"]
    said = again.header("Signature-Input") or ""
    for part in (*wanted.split(), 'nonce="a nonce"', 'tag="activitypub"', f'keyid="{key["id"]}"'):
        assert part in said
    check_by_hand(again, said, key["publicKeyPem"], peer)


def check_by_hand(request: Recorded, said: str, pem: str, peer: Peer) -> None:
    """Verify an RFC 9421 signature with no code of ours."""
    label, _, parameters = said.partition("=")
    names = re.findall(r'"([^"]+)"', parameters.partition(")")[0])
    derived = {
        "@method": request.method,
        "@target-uri": peer.url(request.target),
        "@authority": peer.host,
    }
    lines = [f'"{name}": {derived.get(name, request.header(name))}' for name in names]
    text = "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
    made = re.fullmatch(rf"{label}=:([A-Za-z0-9+/=]+):", request.header("Signature") or "")
    assert made
    public: Any = load_pem_public_key(pem.encode())
    public.verify(base64.b64decode(made[1]), text, padding.PKCS1v15(), hashes.SHA256())
