"""C: no request is believed that its actor did not sign, for us, now; numbers of the abuse corpus."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from federation.signatures import http_date, sign_cavage, sign_rfc9421
from node.clock import SystemClock
from tests.abuse.attacked import AS2, REQUIRED, Attacked
from tests.federation.peer import PeerActor, rsa_key
from tests.signing import ALICE_ED25519

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = SystemClock().now
Headers = dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mallory(attacked: Attacked) -> AsyncIterator[PeerActor]:
    """An actor whose key the node knows; what she signs rightly is taken."""
    yield await attacked.known()


def follow(attacked: Attacked, actor: PeerActor) -> bytes:
    """A Follow that would make its actor a follower."""
    return json.dumps(actor.activity("Follow", attacked.group)).encode()


async def test_what_is_signed_as_it_should_be_is_taken(attacked: Attacked) -> None:
    actor = await attacked.known()
    assert (await attacked.post(actor, follow(attacked, actor))).status == 202
    await attacked.settled()
    assert attacked.rows("SELECT 1 FROM follower WHERE actor_id = ?", actor.id)


def hmac_with_public_key(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C2: the classic forgery: the public key's text as the secret of an HMAC."""
    headers = attacked.sign(actor, body, parameters='algorithm="hmac-sha256"')
    values = {name.lower(): value for name, value in headers.items()}
    values["(request-target)"] = "post /inbox"
    text = "\n".join(f"{name}: {values[name]}" for name in REQUIRED.split())
    secret = actor.document["publicKey"]["publicKeyPem"].encode()
    made = base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).decode()
    return headers | {
        "Signature": f'keyId="{actor.key_id}",algorithm="hmac-sha256",headers="{REQUIRED}",'
        f'signature="{made}"'
    }


def unsigned(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C1."""
    return {name: v for name, v in attacked.sign(actor, body).items() if name != "Signature"}


def over(names: str, **how: Any) -> Callable[[Attacked, PeerActor, bytes], Headers]:
    """Signed over other headers than must be."""
    return lambda attacked, actor, body: attacked.sign(actor, body, names=names, **how)


def with_label(parameters: str) -> Callable[[Attacked, PeerActor, bytes], Headers]:
    """Signed with other parameters."""
    return lambda attacked, actor, body: attacked.sign(actor, body, parameters=parameters)


def dated(by: timedelta) -> Callable[[Attacked, PeerActor, bytes], Headers]:
    """C9: signed at another time."""
    return lambda attacked, actor, body: attacked.sign(
        actor, body, headers={"Date": http_date(NOW() + by)}
    )


def swapped(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C4, C5: a signature for another body, with its digest."""
    return attacked.sign(actor, body.replace(b"Follow", b"Accept"))


def swapped_digest(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C4: the digest is that of the body, but was not signed."""
    return attacked.sign(actor, body, names="(request-target) host date")


def for_another_host(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C8: captured on its way to somebody else."""
    headers = attacked.sign(actor, body, headers={"Host": "good.example"})
    return headers | {"Host": attacked.host}


def for_another_path(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C22."""
    return attacked.sign(actor, body, target="/group/inbox")


def by_somebody_else(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C11: another actor's sound signature."""
    return attacked.sign(attacked.stranger(), body)


def with_our_key(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """C18."""
    return attacked.sign(actor, body, key_id=f"{attacked.group}#main-key")


def with_wrong_key(attacked: Attacked, actor: PeerActor, body: bytes) -> Headers:
    """Signed with a key that is not the actor's."""
    return attacked.sign(actor, body, key=rsa_key(77))


def signature(text: str) -> Callable[[Attacked, PeerActor, bytes], Headers]:
    """C20: a Signature header that is none."""
    return lambda attacked, actor, body: (
        attacked.sign(actor, body) | {"Signature": text.replace("KEY", actor.key_id)}
    )


def digest(make: Callable[[bytes], str]) -> Callable[[Attacked, PeerActor, bytes], Headers]:
    """C6: another kind of digest."""
    return lambda attacked, actor, body: attacked.sign(actor, body, headers={"Digest": make(body)})


def _sha(name: str, body: bytes) -> str:
    return base64.b64encode(hashlib.new(name, body).digest()).decode()


CASES: Mapping[str, tuple[Callable[[Attacked, PeerActor, bytes], Headers], set[int]]] = {
    "c1_unsigned": (unsigned, {401}),
    "c2_hmac_with_the_public_key": (hmac_with_public_key, {401}),
    "c3_no_digest_signed": (over("(request-target) host date"), {401}),
    "c4_body_swapped_digest_unsigned": (swapped_digest, {401}),
    "c5_body_swapped": (swapped, {401}),
    "c6_two_algorithms_in_one_digest": (
        digest(lambda body: f"MD5={_sha('md5', body)},SHA-256={_sha('sha256', b'other')}"),
        {400, 401},
    ),
    "c6_sha_512_only": (digest(lambda body: f"SHA-512={_sha('sha512', body)}"), {400, 401}),
    "c6_md5_only": (digest(lambda body: f"MD5={_sha('md5', body)}"), {400, 401}),
    "c7_only_date": (over("date"), {401}),
    "c7_no_target": (over("host date digest"), {401}),
    "c7_no_host": (over("(request-target) date digest"), {401}),
    "c8_another_host": (for_another_host, {401}),
    "c9_two_hours_old": (dated(timedelta(hours=-2)), {401}),
    "c9_two_hours_ahead": (dated(timedelta(hours=2)), {401}),
    "c9_expired": (with_label('algorithm="hs2019",created=1000000000,expires=1000000300'), {401}),
    "c10_no_time": (over("(request-target) host digest", headers={"Date": ""}), {401}),
    "c11_somebody_else": (by_somebody_else, {401}),
    "c18_our_own_key": (with_our_key, {401}),
    "c20_no_quotes": (signature("keyId=KEY,headers=date,signature=eA=="), {400}),
    "c20_twice": (signature('keyId="KEY",keyId="KEY",headers="date",signature="eA=="'), {401}),
    "c20_comma": (signature('keyId="KEY",,headers="date",signature="eA=="'), {400}),
    "c20_no_base64": (signature('keyId="KEY",headers="date",signature="%%%"'), {400}),
    "c20_no_url": (signature('keyId="nobody",headers="date",signature="eA=="'), {400, 401}),
    "c20_long": (signature('keyId="KEY",headers="' + "a " * 3000 + '",signature="eA=="'), {400}),
    "c20_nothing": (signature(" "), {400, 401}),
    "c21_rsa_sha1": (with_label('algorithm="rsa-sha1"'), {401}),
    "c21_none": (with_label('algorithm="none"'), {401}),
    "c21_ed25519_for_rsa": (with_label('algorithm="ed25519"'), {401}),
    "c22_another_path": (for_another_path, {401}),
    "c24_header_not_there": (over(REQUIRED + " x-not-there"), {400, 401}),
    "c24_fullwidth": (over(REQUIRED, headers={"Date": "\xa0"}), {400, 401}),
    "wrong_key": (with_wrong_key, {401}),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_forged_request_changes_nothing(
    attacked: Attacked, mallory: PeerActor, case: str
) -> None:
    make, statuses = CASES[case]
    body = follow(attacked, mallory)
    headers = make(attacked, mallory, body)
    async with attacked.refused("actor", "public_key", asks=1):
        answer = await attacked.ask("POST", "/inbox", headers, body)
    assert answer.status in statuses, answer


@pytest.mark.parametrize("name", ["Host", "Date", "Digest", "Signature", "Content-Type"])
async def test_c6_a_security_header_that_stands_twice_is_refused(
    attacked: Attacked, mallory: PeerActor, name: str
) -> None:
    body = follow(attacked, mallory)
    headers = attacked.sign(mallory, body)
    request = attacked.request("POST", "/inbox", headers, body)
    again = f"{name}: {headers[name]}\r\n".encode()
    async with attacked.refused():
        answer = await attacked.raw(request.replace(b"\r\n", b"\r\n" + again, 1))
    assert answer.status == (401 if name == "Signature" else 400)


@pytest.mark.parametrize("target", ["http://evil.example/inbox", "http://{host}/inbox", "*"])
async def test_c22_another_form_of_target_is_refused(
    attacked: Attacked, mallory: PeerActor, target: str
) -> None:
    body = follow(attacked, mallory)
    headers = attacked.sign(mallory, body)
    async with attacked.refused():
        answer = await attacked.ask("POST", target.format(host=attacked.host), headers, body)
    assert answer.status in (400, 404, 405)


@pytest.mark.parametrize("target", ["/%69nbox", "/inbox/", "//inbox", "/./inbox", "/inbox;a"])
async def test_c22_another_spelling_of_the_target_is_no_way_in(
    attacked: Attacked, mallory: PeerActor, target: str
) -> None:
    body = follow(attacked, mallory)
    async with attacked.refused():
        answer = await attacked.ask("POST", target, attacked.sign(mallory, body), body)
    assert answer.status in (400, 401, 404, 405)


@pytest.mark.parametrize(
    ("number", "covered"),
    [
        ("c25", '"@target-uri" "content-digest"'),
        ("c25", '"@method" "content-digest"'),
        ("c25", '"@method" "@target-uri"'),
        ("c25", ""),
    ],
)
async def test_c25_a_signature_that_covers_too_little_is_refused(
    attacked: Attacked, mallory: PeerActor, number: str, covered: str
) -> None:
    body = follow(attacked, mallory)
    headers = rfc9421(attacked, mallory, body, covered)
    async with attacked.refused():
        answer = await attacked.ask("POST", "/inbox", headers, body)
    assert answer.status in (400, 401)


async def test_c26_a_digest_of_another_body_is_refused(
    attacked: Attacked, mallory: PeerActor
) -> None:
    body = follow(attacked, mallory)
    headers = rfc9421(attacked, mallory, b'{"type":"Like"}')
    async with attacked.refused():
        answer = await attacked.ask("POST", "/inbox", headers, body)
    assert answer.status == 401


async def test_c27_two_signatures_are_refused_not_chosen_from(
    attacked: Attacked, mallory: PeerActor
) -> None:
    body = follow(attacked, mallory)
    modern, older = rfc9421(attacked, mallory, body), attacked.sign(mallory, body)
    both = older | {"Signature-Input": modern["Signature-Input"]}
    both["Content-Digest"] = modern["Content-Digest"]
    twice = dict(modern)
    for name in ("Signature-Input", "Signature"):
        twice[name] = f"{modern[name]}, other{modern[name][modern[name].index('=') :]}"
    for headers in (both, twice):
        async with attacked.refused():
            answer = await attacked.ask("POST", "/inbox", headers, body)
        assert answer.status in (400, 401)


async def test_c28_authorization_is_never_looked_at(attacked: Attacked) -> None:
    actor = await attacked.known()
    body = follow(attacked, actor)
    headers = attacked.sign(actor, body)
    moved = headers | {"Authorization": "Signature " + headers["Signature"], "Signature": ""}
    async with attacked.refused():
        assert (await attacked.ask("POST", "/inbox", moved, body)).status == 401
    wrong = headers | {"Authorization": 'Signature keyId="https://evil.example/key"'}
    assert (await attacked.ask("POST", "/inbox", wrong, body)).status == 202


async def test_c12_a_key_that_claims_another_servers_actor_is_not_believed(
    attacked: Attacked,
) -> None:
    async with type(attacked.peer).start() as evil:
        victim = await attacked.known()
        path, key = "/key", rsa_key(55)
        served = {
            "id": evil.url(path),
            "owner": victim.id,
            "publicKeyPem": key.public_pem(),
        }
        evil.serve(path, served)
        body = follow(attacked, victim)
        headers = attacked.sign(victim, body, key=key, key_id=evil.url(path))
        async with attacked.refused("public_key"):
            answer = await attacked.ask("POST", "/inbox", headers, body)
        assert answer.status == 401
        as_actor = evil.actor("victim", id=victim.id)
        headers = attacked.sign(victim, body, key=as_actor.key, key_id=evil.url("/users/victim"))
        async with attacked.refused("public_key", "actor", asks=1):
            answer = await attacked.ask("POST", "/inbox", headers, body)
        assert answer.status == 401
    assert not attacked.rows("SELECT 1 FROM follower WHERE actor_id = ?", victim.id)


WEAK = (
    "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC\n-----END PUBLIC KEY-----"
)


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        7,
        [],
        {},
        [{"id": 5, "publicKeyPem": 5}],
        {"publicKeyPem": WEAK},
        {"id": "https://other.example/key", "owner": "https://other.example/a"},
    ],
)
async def test_c13_entries_that_are_no_keys_prove_nothing(attacked: Attacked, key: Any) -> None:
    actor = attacked.stranger()
    if isinstance(key, dict) and "publicKeyPem" in key:
        key = {"id": actor.key_id, "owner": actor.id} | key
    actor.document["publicKey"] = key
    body = follow(attacked, actor)
    async with attacked.refused("actor", "public_key", asks=2):
        answer = await attacked.ask("POST", "/inbox", attacked.sign(actor, body), body)
    assert answer.status == 401


async def test_c15_b14_bad_signatures_and_dead_keys_make_us_fetch_once(attacked: Attacked) -> None:
    actor = await attacked.known()
    dead = attacked.stranger()
    attacked.peer.serve("/users/" + dead.name, status=404)
    async with attacked.refused("public_key", "actor", asks=2):
        for _ in range(30):
            body = follow(attacked, actor)
            wrong = await attacked.post(actor, body, key=rsa_key(77))
            gone = await attacked.post(dead, follow(attacked, dead))
            assert (wrong.status, gone.status) == (401, 401)


async def test_c16_a_farewell_of_strangers_costs_nothing(attacked: Attacked) -> None:
    async with attacked.refused():
        for number in range(100):
            actor = f"https://server{number}.example/users/gone"
            farewell = {"id": actor + "#delete", "type": "Delete", "actor": actor, "object": actor}
            headers = {"Content-Type": AS2, "Signature": f'keyId="{actor}#k",signature="eA=="'}
            answer = await attacked.ask("POST", "/inbox", headers, json.dumps(farewell).encode())
            assert answer.status == 202


async def test_c17_a_closed_door_is_closed_before_anything_is_asked(attacked: Attacked) -> None:
    actor = attacked.stranger()
    await attacked.node.command("block", actor.id)
    async with attacked.refused():
        assert (await attacked.post(actor, follow(attacked, actor))).status == 403
    await attacked.node.command("unblock", actor.id)


async def test_c19_an_ed25519_key_is_as_good(attacked: Attacked) -> None:
    actor = attacked.stranger(key=ALICE_ED25519)
    body = follow(attacked, actor)
    signed = sign_cavage(
        method="POST",
        url=attacked.inbox,
        body=body,
        key=actor.key,
        key_id=actor.key_id,
        date=NOW(),
    )
    assert (await attacked.ask("POST", "/inbox", {"Content-Type": AS2} | signed, body)).status in (
        202,
        401,
    )


async def test_c29_headers_bent_at_random_are_never_believed(
    attacked: Attacked, mallory: PeerActor
) -> None:
    chance = random.Random(20270314)
    body = follow(attacked, mallory)
    honest = attacked.sign(mallory, body)
    modern = rfc9421(attacked, mallory, body)
    # Every key id that was bent into another is asked for, once.
    async with attacked.refused("public_key", "actor", asks=100):
        for _ in range(600):
            headers = bent(dict(chance.choice((honest, modern))), chance)
            answer = await attacked.ask("POST", "/inbox", headers, body)
            # 503: the host of the key id was bent, and nobody answers there at the moment.
            assert answer.status in (400, 401, 403, 503), (headers, answer)


def bent(headers: Headers, chance: random.Random) -> Headers:
    """One character of what proves the sender replaced, taken away or doubled."""
    proofs = ("Signature", "Signature-Input", "Date", "Digest", "Content-Digest")
    name = chance.choice([one for one in headers if one in proofs])
    value = headers[name]
    at = chance.randrange(len(value))
    new = chance.choice(('"', ",", "=", "\\", "\xff", "(", ";", "", value[at] * 2))
    made = value[:at] + new + value[at + 1 :]
    blank = made.replace(" ", "") == value.replace(" ", "")  # some blanks mean nothing
    return headers | {name: value[: at // 2] if blank else made}


def rfc9421(
    attacked: Attacked, actor: PeerActor, body: bytes, covered: str | None = None
) -> Headers:
    """Headers of an RFC 9421 signature; `covered` replaces the components it is made over."""
    if covered is None:
        signed = sign_rfc9421(
            method="POST",
            url=attacked.inbox,
            body=body,
            key=actor.key,
            key_id=actor.key_id,
            created=NOW(),
        )
        return {"Host": attacked.host, "Content-Type": AS2} | dict(signed)
    made = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
    values = {
        '"@method"': "POST",
        '"@target-uri"': attacked.inbox,
        '"content-digest"': made,
    }
    parameters = f';created={int(NOW().timestamp())};keyid="{actor.key_id}"'
    lines = [f"{name}: {values[name]}" for name in covered.split()]
    text = "\n".join([*lines, f'"@signature-params": ({covered}){parameters}'])
    signature_ = base64.b64encode(actor.key.sign(text.encode())).decode()
    return {
        "Host": attacked.host,
        "Content-Type": AS2,
        "Content-Digest": made,
        "Signature-Input": f"sig1=({covered}){parameters}",
        "Signature": f"sig1=:{signature_}:",
    }
