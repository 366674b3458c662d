"""Published vectors and hand-made peers' requests (tests/vectors/README.md)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from federation.signatures import (
    SignatureRefused,
    SignedRequest,
    UnusableKey,
    load_public_pem,
    read_signature,
)
from federation.signatures.cavage import parse_cavage, signing_string
from federation.signatures.digest import check_content_digest, legacy_digest
from federation.signatures.keys import Primitive, PublicKey
from federation.signatures.requests import combine
from federation.signatures.rfc9421 import signature_base
from federation.signatures.structured import InnerList, Item, parse_dictionary
from tests.signing import ALICE, MALLORY, outcome, vectors

PEERS = vectors("peers.json")
DRAFT = vectors("cavage-draft-12.json")
RFC = vectors("rfc9421-appendix-b.json")


def peer_request(case: dict[str, Any]) -> SignedRequest:
    return SignedRequest(
        method="POST",
        target=case["target"],
        headers=tuple(case["headers"].items()),
        body=PEERS["body"].encode(),
    )


def http_message(text: str) -> SignedRequest:
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, target, _ = first.split(" ")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    return SignedRequest(method=method, target=target, headers=headers, body=body.encode())


def base_of(request: SignedRequest, signature_input: str) -> bytes:
    (covered,) = parse_dictionary(signature_input).values()
    assert isinstance(covered, InnerList)
    return signature_base(request, covered, fields=combine(request.headers), scheme="https")


def signature_of(header: str) -> bytes:
    (item,) = parse_dictionary(header).values()
    assert isinstance(item, Item)
    assert isinstance(item.value, bytes)
    return item.value


@pytest.mark.parametrize("case", PEERS["cases"], ids=lambda case: case["name"])
def test_request_in_a_peers_spelling_gets_the_status_it_deserves(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(PEERS["moment"])
    request = peer_request(case)
    assert outcome(request, ALICE.public, now=now) == case["status"]
    assert outcome(request, MALLORY.public, now=now) == 401
    assert read_signature(request).key_id == PEERS["key_id"]


@pytest.mark.parametrize("vector", DRAFT["vectors"], ids=lambda vector: vector["name"])
def test_draft_cavage_appendix_c(vector: dict[str, str]) -> None:
    names = vector["headers"]
    header = f'keyId="https://x.example/",headers="{names}",signature="{vector["signature"]}"'
    claim = parse_cavage(header)
    fields = combine(DRAFT["headers"].items())
    text = signing_string(claim.components, fields, method="POST", target=DRAFT["target"])
    assert key_of_the_draft().matches(Primitive.RSA_SHA256, claim.signature, text)
    assert fields["digest"] == legacy_digest(DRAFT["body"].encode())


def test_key_of_the_draft_is_too_short_for_us() -> None:
    with pytest.raises(UnusableKey):
        load_public_pem(DRAFT["public_key_pem"])


def key_of_the_draft() -> PublicKey:
    key = load_pem_public_key(DRAFT["public_key_pem"].encode())
    assert isinstance(key, RSAPublicKey)
    return PublicKey(key)


REQUESTS = [vector for vector in RFC["vectors"] if vector["message"] == "request"]
PRIMITIVES = {"rsa-pss-sha512": Primitive.RSA_PSS_SHA512, "ed25519": Primitive.ED25519}


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_rfc9421_appendix_b2_requests(vector: dict[str, str]) -> None:
    base = base_of(http_message(RFC["test_request"]), vector["Signature-Input"])
    assert base.decode() == vector["signature_base"]
    if vector["alg"] in PRIMITIVES:  # hmac-sha256: the base is all we share
        key = load_public_pem(RFC["public_keys"][vector["keyid"]])
        assert key.matches(PRIMITIVES[vector["alg"]], signature_of(vector["Signature"]), base)


def test_rfc9421_appendix_b2_response_is_not_for_us() -> None:
    (vector,) = (vector for vector in RFC["vectors"] if vector["message"] == "response")
    with pytest.raises(SignatureRefused):
        base_of(http_message(RFC["test_request"]), vector["Signature-Input"])
    with pytest.raises(UnusableKey):
        load_public_pem(RFC["public_keys"][vector["keyid"]])


@pytest.mark.parametrize("vector", RFC["transformations"], ids=range(len(RFC["transformations"])))
def test_rfc9421_appendix_b4_transformations(vector: dict[str, Any]) -> None:
    request = http_message(vector["message"])
    fields = combine(request.headers)
    base = base_of(request, fields["signature-input"])
    key = load_public_pem(RFC["public_keys"]["test-key-ed25519"])
    holds = key.matches(Primitive.ED25519, signature_of(fields["signature"]), base)
    assert holds is vector["valid"]


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_examples_of_the_rfc_prove_too_little_for_an_inbox(vector: dict[str, str]) -> None:
    """Each leaves out the target, the body or the right algorithm, so none may pass."""
    request = http_message(RFC["test_request"])
    signed = vector["Signature-Input"].replace('keyid="', 'keyid="https://x.example/')
    headers = (("Signature-Input", signed), ("Signature", vector["Signature"]))
    request = SignedRequest(
        method=request.method,
        target=request.target,
        headers=request.headers + headers,
        body=request.body,
    )
    now = datetime.fromtimestamp(1618884473, UTC)
    for name in ("test-key-rsa", "test-key-rsa-pss", "test-key-ed25519"):
        key = load_public_pem(RFC["public_keys"][name])
        assert outcome(request, key, now=now, hosts=frozenset({"example.com"})) == 401


def test_sha512_digest_of_the_rfc_is_checked() -> None:
    request = http_message(RFC["test_request"])
    header = combine(request.headers)["content-digest"]
    check_content_digest(header, request.body)
    with pytest.raises(SignatureRefused):
        check_content_digest(header, request.body + b"!")
