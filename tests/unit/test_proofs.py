"""Integrity proofs by the FEP's own vector, and everything about one that can be wrong."""

import copy
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from federation.proofs import ProofRefused, add_proof, check_proof, read_proof
from federation.signatures import SigningKey, UnusableKey, generate_rsa, load_multikey
from federation.signatures.multibase import decode_base58btc, encode_base58btc
from federation.vocab import AS2, DATA_INTEGRITY

VECTORS = Path(__file__).parents[1] / "vectors"
VECTOR = json.loads((VECTORS / "fep-8b32.json").read_text())
THEN = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
METHOD = "https://server.example/users/alice#ed25519-key"
PUBLIC = load_multikey(VECTOR["publicKeyMultibase"])
SECRET = SigningKey(
    Ed25519PrivateKey.from_private_bytes(decode_base58btc(VECTOR["secretKeyMultibase"])[2:])
)
NOTE = {
    "@context": AS2,
    "id": "https://server.example/activities/2",
    "type": "Delete",
    "actor": "https://server.example/users/alice",
    "object": "https://server.example/objects/1",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def check(document: dict[str, Any], now: datetime = THEN) -> None:
    proof = read_proof(document)
    assert proof is not None
    check_proof(document, proof, PUBLIC, now=now)


def test_the_vector_of_the_fep_holds() -> None:
    signed = VECTOR["signed"]
    check(signed)
    proof = read_proof(signed)
    assert proof is not None
    assert (proof.method, proof.created) == (METHOD, THEN)
    assert PUBLIC.multikey() == VECTOR["publicKeyMultibase"]


def test_ours_is_the_vector_of_the_fep() -> None:
    unsigned = {name: value for name, value in VECTOR["signed"].items() if name != "proof"}
    unsigned["@context"] = AS2
    assert add_proof(unsigned, SECRET, METHOD, THEN) == VECTOR["signed"]


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "https://server.example/users/bob"},
        {"object": None},
        {"more": 1},
        {"@context": [DATA_INTEGRITY, AS2]},
        {"@context": AS2},
    ],
)
def test_a_changed_document_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProofRefused, match="does not match"):
        check(VECTOR["signed"] | changes)


@pytest.mark.parametrize("name", ["created", "verificationMethod", "domain", "@context", "id"])
def test_a_changed_proof_is_refused(name: str) -> None:
    document = copy.deepcopy(VECTOR["signed"])
    document["proof"][name] = "2023-02-24T23:36:39Z"
    with pytest.raises(ProofRefused, match="does not match"):
        check(document)


def test_contexts_and_ld_signatures_that_came_later_do_not_count() -> None:
    """Others add contexts behind, and their LD signature, after the proof was made."""
    signed = VECTOR["signed"]
    later = [*signed["@context"], {"Hashtag": "as:Hashtag"}]
    check(signed | {"@context": later, "signature": {"type": "RsaSignature2017"}})


def test_fedify_signs_the_context_and_leaves_it_out_of_the_proof() -> None:
    document = copy.deepcopy(VECTOR["signed"])
    del document["proof"]["@context"]
    check(document)


def test_a_proof_that_fedify_made_holds() -> None:
    made = json.loads((VECTORS / "fedify-proof.json").read_text())
    proof = read_proof(made["signed"])
    assert proof is not None
    key = load_multikey(made["publicKeyMultibase"])
    check_proof(made["signed"], proof, key, now=proof.created)
    with pytest.raises(ProofRefused):
        check_proof(made["signed"] | {"to": "as:Public"}, proof, key, now=proof.created)


def test_a_proof_without_any_context_is_taken_as_it_stands() -> None:
    bare = {"type": "Delete", "actor": "https://server.example/users/alice"}
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
        "created": "2023-02-24T23:36:38Z",
    }
    made = SECRET.sign(_sha256(options) + _sha256(bare))
    check(bare | {"proof": options | {"proofValue": encode_base58btc(made)}})


def _sha256(value: dict[str, Any]) -> bytes:
    return sha256(rfc8785.dumps(value)).digest()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cryptosuite", "eddsa-rdfc-2022"),
        ("cryptosuite", None),
        ("type", "JcsEd25519Signature2020"),
        ("proofPurpose", "authentication"),
        ("verificationMethod", None),
        ("verificationMethod", {"id": METHOD}),
        ("proofValue", None),
        ("proofValue", "z1"),
        ("proofValue", "u" + "A" * 86),
        ("proofValue", "z" + "1" * 4000),
        ("created", None),
        ("created", "yesterday"),
        ("expires", "never"),
        ("previousProof", "urn:uuid:1"),
    ],
)
def test_what_is_not_of_our_suite_is_passed_over(name: str, value: object) -> None:
    document = copy.deepcopy(VECTOR["signed"])
    document["proof"][name] = value
    assert read_proof(document) is None


@pytest.mark.parametrize("proof", [None, "x", 1, [], ["x", None], {"type": ["x"]}])
def test_no_proof_is_none(proof: object) -> None:
    assert read_proof(NOTE | {"proof": proof}) is None


def test_the_first_proof_that_can_be_read_counts() -> None:
    signed = VECTOR["signed"]
    other = signed["proof"] | {"cryptosuite": "ecdsa-jcs-2019"}
    check(signed | {"proof": [other, signed["proof"]]})


@pytest.mark.parametrize("after", [timedelta(days=7, seconds=1), timedelta(hours=-1, seconds=-1)])
def test_an_old_or_future_proof_is_refused(after: timedelta) -> None:
    with pytest.raises(ProofRefused, match="too old"):
        check(VECTOR["signed"], THEN + after)


def test_an_expired_proof_is_refused() -> None:
    document = copy.deepcopy(VECTOR["signed"])
    document["proof"]["expires"] = "2023-02-24T23:40:00Z"
    with pytest.raises(ProofRefused, match="expired"):
        check(document, THEN + timedelta(hours=1))


def test_a_key_of_another_kind_is_refused() -> None:
    proof = read_proof(VECTOR["signed"])
    assert proof is not None
    with pytest.raises(ProofRefused, match="another kind"):
        check_proof(VECTOR["signed"], proof, generate_rsa().public, now=THEN)


def test_numbers_that_have_no_canonical_form_are_refused() -> None:
    with pytest.raises(ProofRefused, match="canonical"):
        check(VECTOR["signed"] | {"number": 2**60})


def test_an_rsa_key_is_no_multikey_of_ours() -> None:
    with pytest.raises(UnusableKey):
        generate_rsa().public.multikey()


@given(st.binary(max_size=80))
def test_base58_there_and_back(data: bytes) -> None:
    assert decode_base58btc(encode_base58btc(data)) == data


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_what_we_prove_holds_and_a_changed_one_does_not(document: dict[str, Any]) -> None:
    document = {name: value for name, value in document.items() if name not in _RESERVED}
    proved = json.loads(json.dumps(add_proof({"@context": AS2} | document, SECRET, METHOD, THEN)))
    check(proved)
    with pytest.raises(ProofRefused):
        check(proved | {"another": "word"})


_RESERVED = ("@context", "proof", "signature", "another")


@given(JSON)
def test_reading_a_proof_never_fails(value: object) -> None:
    document = copy.deepcopy(VECTOR["signed"])
    document["proof"] = value
    read_proof(document)
    document["proof"] = VECTOR["signed"]["proof"] | {"created": value, "proofValue": value}
    read_proof(document)
