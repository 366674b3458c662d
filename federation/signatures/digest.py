"""The two headers that tie a signature to the body: Digest (old) and Content-Digest (RFC 9530)."""

import base64
import hashlib
import hmac

from federation.signatures.errors import SignatureMalformed, SignatureRefused
from federation.signatures.structured import Item, parse_dictionary

_CONTENT_HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_MISMATCH = "The digest does not match the body."


def legacy_digest(body: bytes) -> str:
    """The Digest header of a body: `SHA-256=<base64>`, the one spelling every peer reads."""
    return "SHA-256=" + _base64_sha256(body)


def content_digest(body: bytes) -> str:
    """The Content-Digest header of a body: `sha-256=:<base64>:` (RFC 9530)."""
    return f"sha-256=:{_base64_sha256(body)}:"


def check_legacy_digest(header: str, body: bytes) -> None:
    """Raise SignatureRefused unless every SHA-256 in `header`, and at least one, is the body's.

    Names are compared without case and other algorithms in the list are passed over, because
    peers send `sha-256=` and `SHA-512=…,SHA-256=…` (RFC 3230 §4.3.2).
    """
    expected = _base64_sha256(body).encode()
    found = False
    for instance in header.split(","):  # RFC 3230 knows no quoting: no value holds a comma
        name, _, value = instance.partition("=")
        if name.strip().lower() != "sha-256":
            continue
        found = True
        if not hmac.compare_digest(value.strip().encode("utf-8", "replace"), expected):
            raise SignatureRefused(_MISMATCH)
    if not found:
        raise SignatureRefused("The digest must name a SHA-256 value.")


def check_content_digest(header: str, body: bytes) -> None:
    """Raise SignatureRefused unless every sha-256 and sha-512, and at least one, is the body's.

    Raises SignatureMalformed if the header is no dictionary of byte sequences. Unknown algorithms are passed over
    (RFC 9530 §2).
    """
    known = 0
    for name, member in parse_dictionary(header).items():
        make = _CONTENT_HASHES.get(name)
        if make is None:
            continue
        known += 1
        value = member.value if isinstance(member, Item) else None
        if not isinstance(value, bytes):
            raise SignatureMalformed("A content digest must be a byte sequence.")
        if not hmac.compare_digest(value, make(body).digest()):
            raise SignatureRefused(_MISMATCH)
    if not known:
        raise SignatureRefused("The content digest must name a sha-256 or sha-512 value.")


def _base64_sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
