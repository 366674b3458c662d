"""HTTP signatures between servers, on plain values: no network, no clock, no database.

Receiving: `read_signature(request)` names the key; get it; `verify(request, claim, key, …)`.
Sending: `sign_cavage(…)` first, `sign_rfc9421(…)` where a server asks for it. Both return headers.
Everything raised is one of `SignatureMissing`, `SignatureMalformed`, `SignatureRefused` (and
`UnusableKey` while loading keys). Why this is our own code: docs/adr/0004-signatures.md.
"""

from federation.signatures.cavage import sign_cavage
from federation.signatures.challenge import Challenge, read_challenge
from federation.signatures.claims import SignatureClaim, SignatureStyle
from federation.signatures.digest import content_digest, legacy_digest
from federation.signatures.errors import (
    SignatureMalformed,
    SignatureMismatch,
    SignatureMissing,
    SignatureRefused,
    UnusableKey,
)
from federation.signatures.keys import (
    KeyType,
    PublicKey,
    SigningKey,
    generate_ed25519,
    generate_rsa,
    load_multikey,
    load_private_pem,
    load_public_pem,
)
from federation.signatures.requests import SignedRequest, http_date
from federation.signatures.rfc9421 import sign_rfc9421
from federation.signatures.verification import (
    MAX_AGE,
    MAX_AHEAD,
    read_signature,
    verify,
)

__all__ = [
    "MAX_AGE",
    "MAX_AHEAD",
    "Challenge",
    "KeyType",
    "PublicKey",
    "SignatureClaim",
    "SignatureMalformed",
    "SignatureMismatch",
    "SignatureMissing",
    "SignatureRefused",
    "SignatureStyle",
    "SignedRequest",
    "SigningKey",
    "UnusableKey",
    "content_digest",
    "generate_ed25519",
    "generate_rsa",
    "http_date",
    "legacy_digest",
    "load_multikey",
    "load_private_pem",
    "load_public_pem",
    "read_challenge",
    "read_signature",
    "sign_cavage",
    "sign_rfc9421",
    "verify",
]
