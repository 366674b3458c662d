"""Signed requests for tests: Alice's keys, and a signer by hand that will sign anything.

Our own signer only makes honest requests. Tests of the verifier also need wrong ones, so `cavage`
and `rfc9421` here put together whatever they are told, on `cryptography` alone.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.signatures import (
    PublicKey,
    SignatureMalformed,
    SignatureMissing,
    SignatureRefused,
    SignedRequest,
    SigningKey,
    load_private_pem,
    read_signature,
    verify,
)

VECTORS = Path(__file__).parent / "vectors"


def vectors(name: str) -> Any:
    """A parsed file of tests/vectors."""
    return json.loads((VECTORS / name).read_text("utf-8"))


KEYS = vectors("keys.json")
ALICE = load_private_pem(KEYS["private"]["alice_rsa"])
ALICE_ED25519 = load_private_pem(KEYS["private"]["alice_ed25519"])
MALLORY = load_private_pem(KEYS["private"]["mallory_rsa"])
KEY_ID = "https://peer.example/users/alice#main-key"
NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
DATE = "Sun, 14 Mar 2027 16:00:00 GMT"
CREATED = 1805040000
HOSTS = frozenset({"node.example"})
BODY = b'{"type":"Like"}'
POST = "(request-target) host date digest"
GET = "(request-target) host date"
BASE = '"@method" "@target-uri" "content-digest"'
PARAMETERS = f';created={CREATED};keyid="{KEY_ID}"'


def outcome(
    request: SignedRequest,
    key: PublicKey | None = None,
    *,
    now: datetime = NOW,
    hosts: frozenset[str] = HOSTS,
    scheme: str = "https",
) -> int:
    """The status an inbox would give: 202 if the signature holds, else the error's own."""
    try:
        claim = read_signature(request)
        verify(request, claim, key or ALICE.public, now=now, hosts=hosts, scheme=scheme)
    except (SignatureMissing, SignatureMalformed, SignatureRefused) as error:
        return error.status
    return 202


def base64_sha256(body: bytes) -> str:
    """The digest both headers carry."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def raw_signature(key: SigningKey, text: str) -> str:
    """Base64 of the signature both styles use by default."""
    message = text.encode()
    if isinstance(key.key, Ed25519PrivateKey):
        return base64.b64encode(key.key.sign(message)).decode()
    return base64.b64encode(
        key.key.sign(message, padding.PKCS1v15(), hashes.SHA256()),
    ).decode()


def cavage(
    names: str = POST,
    *,
    method: str = "POST",
    target: str = "/inbox",
    body: bytes = BODY,
    headers: Mapping[str, str] | None = None,
    parameters: str = 'algorithm="rsa-sha256"',
    key: SigningKey = ALICE,
    signed: Mapping[str, str] | None = None,
) -> SignedRequest:
    """A request signed by draft-cavage; `signed` overrides what a line of the text says."""
    sent = {"Host": "node.example", "Date": DATE, "Digest": "SHA-256=" + base64_sha256(body)}
    sent |= headers or {}
    values = {name.lower(): value for name, value in sent.items()}
    values |= {"(request-target)": f"{method.lower()} {target}", "(created)": str(CREATED)}
    values |= signed or {}
    text = "\n".join(f"{name}: {values.get(name, '')}" for name in names.lower().split(" "))
    sent["Signature"] = (
        f'keyId="{KEY_ID}",{parameters + "," if parameters else ""}'
        f'headers="{names}",signature="{raw_signature(key, text)}"'
    )
    return SignedRequest(method=method, target=target, headers=tuple(sent.items()), body=body)


def rfc9421(
    covered: str = BASE,
    *,
    method: str = "POST",
    target: str = "/inbox",
    body: bytes = BODY,
    headers: Mapping[str, str] | None = None,
    parameters: str = PARAMETERS,
    key: SigningKey = ALICE,
    signed: Mapping[str, str] | None = None,
    label: str = "sig1",
) -> SignedRequest:
    """A request signed by RFC 9421; `signed` overrides what a line of the base says."""
    sent = {"Host": "node.example", "Content-Digest": f"sha-256=:{base64_sha256(body)}:"}
    sent |= headers or {}
    path, _, query = target.partition("?")
    values = {f'"{name.lower()}"': value for name, value in sent.items()}
    values |= {
        '"@method"': method,
        '"@target-uri"': f"https://{sent['Host']}{target}",
        '"@request-target"': target,
        '"@authority"': sent["Host"],
        '"@scheme"': "https",
        '"@path"': path,
        '"@query"': "?" + query,
    }
    values |= signed or {}
    lines = [f"{name}: {values.get(name, '')}" for name in covered.split(" ") if name]
    text = "\n".join([*lines, f'"@signature-params": ({covered}){parameters}'])
    sent["Signature-Input"] = f"{label}=({covered}){parameters}"
    sent["Signature"] = f"{label}=:{raw_signature(key, text)}:"
    return SignedRequest(method=method, target=target, headers=tuple(sent.items()), body=body)


def changed(request: SignedRequest, **headers: str) -> SignedRequest:
    """The request with headers replaced or added after signing; `_` stands for `-` in names."""
    new = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = tuple(pair for pair in request.headers if pair[0] not in new)
    return SignedRequest(
        method=request.method,
        target=request.target,
        headers=kept + tuple(new.items()),
        body=request.body,
    )


def doubled(request: SignedRequest, name: str, value: str | None = None) -> SignedRequest:
    """The request with a header standing twice, the second time with `value` if given."""
    again = value if value is not None else dict(request.headers)[name]
    return SignedRequest(
        method=request.method,
        target=request.target,
        headers=(*request.headers, (name, again)),
        body=request.body,
    )


def encode_base58btc(data: bytes) -> str:
    """`data` as a multibase string that begins with `z`; the node only ever reads these."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 58)
        digits.append("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))
