"""Integrity proofs (FEP-8b32) with the suite eddsa-jcs-2022: who said this, whoever passes it on. Pure.

A proof stands in the document it proves. What is signed are two hashes: that of the proof without its
value, and that of the document without the proof, each in canonical JSON (RFC 8785). Sources: FEP-8b32,
W3C Data Integrity EdDSA Cryptosuites v1.0 §3.3.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import rfc8785

from federation.parse import as_list, moment_of, types_of
from federation.signatures import PublicKey, SigningKey, UnusableKey
from federation.signatures.keys import KeyType, Primitive
from federation.signatures.multibase import decode_base58btc, encode_base58btc
from federation.vocab import DATA_INTEGRITY
from node.clock import rfc3339
from node.errors import UnauthenticatedError

Document = Mapping[str, Any]

SUITE: Final = "eddsa-jcs-2022"
# A proof has no date that a receiver chose, so an old activity could be brought again for ever. What
# was received is remembered for 30 days; what was proved longer ago than this is asked for at its origin.
MAX_AGE: Final = timedelta(days=7)
MAX_AHEAD: Final = timedelta(hours=1)
_SIGNATURE_BYTES: Final = 64
_MOST_PROOFS: Final = 4
_LONGEST_VALUE: Final = 128  # 64 bytes take 89 characters


class ProofRefused(UnauthenticatedError):  # noqa: N818 - names the finding, like the signature errors
    """The proof does not prove what it should; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof as it was read; nothing is proved yet. `method` is the id of the key, as it is spelled."""

    method: str
    value: bytes
    created: datetime
    expires: datetime | None
    options: Document


def add_proof(
    document: Document, key: SigningKey, method: str, created: datetime
) -> dict[str, Any]:
    """The document with a proof made with our Ed25519 `key`, whose id is `method`.

    The context of proofs is added to the document's, and the proof repeats the whole of it: the suite
    asks for that, and Fedify takes it so whether it stands there or not.
    """
    context = [*as_list(document.get("@context")), DATA_INTEGRITY]
    unsecured = dict(document) | {"@context": context}
    options = {
        "@context": context,
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "created": rfc3339(created),
    }
    signature = key.sign(_hashes(options, unsecured))
    return unsecured | {"proof": options | {"proofValue": encode_base58btc(signature)}}


def read_proof(document: Document) -> Proof | None:
    """The first proof in a document that is of our suite and can be read; None if there is none.

    What is of another suite, for another purpose or has no date is passed over, never an error.
    """
    found = (_read(one) for one in as_list(document.get("proof"))[:_MOST_PROOFS])
    return next((one for one in found if one is not None), None)


def check_proof(document: Document, proof: Proof, key: PublicKey, *, now: datetime) -> None:
    """Return if whoever holds `key` said exactly `document`; else raise ProofRefused.

    Whose key it is, and whether that actor may say so, is for the caller.
    """
    if key.type is not KeyType.ED25519:
        raise ProofRefused("The proof names a key of another kind.")
    if not now - MAX_AGE <= proof.created <= now + MAX_AHEAD:
        raise ProofRefused("The proof is too old, or a clock is wrong.")
    if proof.expires is not None and proof.expires < now:
        raise ProofRefused("The proof has expired.")
    bare = {name: value for name, value in document.items() if name not in ("proof", "signature")}
    try:
        if not any(
            key.matches(Primitive.ED25519, proof.value, _hashes(options, said))
            for options, said in _readings(bare, proof.options)
        ):
            raise ProofRefused("The proof does not match the document.")
    except rfc8785.CanonicalizationError as error:
        raise ProofRefused("The document has no canonical form.") from error


def _readings(bare: Document, options: Document) -> Iterator[tuple[Document, Document]]:
    """The ways to put together what was signed: as the suite says, then as Fedify does.

    With a context in the proof, the document's must begin with it, and that much counts. Without one
    the proof is taken as it stands; Fedify leaves it out but signs the document's.
    """
    context = options.get("@context")
    if context is None:
        yield options, bare
        yield {**options, "@context": bare.get("@context")}, bare
        return
    first = as_list(context)
    if as_list(bare.get("@context"))[: len(first)] == first:
        yield options, {**bare, "@context": context}


def _hashes(options: Document, document: Document) -> bytes:
    return b"".join(
        hashlib.sha256(rfc8785.dumps(dict(one))).digest() for one in (options, document)
    )


def _read(entry: object) -> Proof | None:
    if not isinstance(entry, Mapping) or "DataIntegrityProof" not in types_of(entry):
        return None
    method, value = entry.get("verificationMethod"), entry.get("proofValue")
    known = entry.get("cryptosuite") == SUITE and entry.get("proofPurpose") == "assertionMethod"
    if not known or "previousProof" in entry:
        return None
    if not isinstance(method, str) or not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        return None
    created, expires = moment_of(entry.get("created")), moment_of(entry.get("expires"))
    if created is None or (expires is None and entry.get("expires") is not None):
        return None
    try:
        signature = decode_base58btc(value)
    except UnusableKey:
        return None
    if len(signature) != _SIGNATURE_BYTES:
        return None
    options = {name: part for name, part in entry.items() if name != "proofValue"}
    return Proof(method=method, value=signature, created=created, expires=expires, options=options)
