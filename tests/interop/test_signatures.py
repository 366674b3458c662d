"""Signatures of draft-cavage as other servers make them, and as nobody may."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from multidict import CIMultiDict

from tests.federation.peer import Peer, Recorded, rsa_key
from tests.interop.asking import Asker
from tests.interop.likes import headers, kept, like, refused, send
from tests.interop.shapes import (
    GOTOSOCIAL,
    MASTODON,
    SERVERS,
    WORDPRESS,
    Cavage,
    Software,
)
from tests.running_node import RunningNode

pytestmark = pytest.mark.asyncio(loop_scope="module")

HS2019 = Cavage(post="(request-target) (created) host digest", algorithm="hs2019", created=True)
PLAIN = Cavage()


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
    await refused(alder, robin, sent | {"Signature": doubled}, body)
    for other in (headers(alder, wren, body)["Signature"], sent["Signature"]):
        twice = CIMultiDict(sent)
        twice.add("Signature", other)
        await refused(alder, robin, twice, body)
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
