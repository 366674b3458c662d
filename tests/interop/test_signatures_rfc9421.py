"""Signatures by RFC 9421, which of the two we make for whom, and proofs in what is passed on."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from federation.signatures import SigningKey
from tests.federation.peer import AS2, Peer, Recorded
from tests.interop.asking import PUBLIC, Asker
from tests.interop.inside import rows, settled
from tests.interop.likes import headers, kept, like, refused, send
from tests.interop.reader import WORD, Reader
from tests.interop.shapes import (
    FEDIFY,
    MASTODON,
    Member,
    Rfc9421,
    ed25519_of,
)
from tests.running_node import RunningNode, eventually
from tests.signing import encode_base58btc

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
