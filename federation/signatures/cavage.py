"""draft-cavage-http-signatures-12: what nearly every server sends and reads today."""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from federation.signatures.claims import (
    MAX_COMPONENTS,
    MAX_HEADER,
    SignatureClaim,
    SignatureStyle,
    check_key_id,
)
from federation.signatures.digest import legacy_digest
from federation.signatures.errors import SignatureMalformed, SignatureRefused
from federation.signatures.keys import KeyType, Primitive, SigningKey
from federation.signatures.requests import (
    SignedRequest,
    destination,
    http_date,
    signed_line,
)
from federation.signatures.structured import strict_base64

# One parameter: name="text" or name=123. No escapes: no honest value needs one.
_PARAMETER = re.compile(r'([A-Za-z]{1,32})=(?:"([^"\\]*)"|([0-9]{1,12}))(?:[ \t]*(,)[ \t]*|\Z)')
_SECONDS = re.compile(r"0|[1-9][0-9]{0,11}")
_NO_TIMESTAMPS = (
    "rsa",
    "hmac",
    "ecdsa",
)  # draft 12 §2.3: these labels forbid (created)
_LABELS = {KeyType.RSA: "rsa-sha256", KeyType.ED25519: "hs2019"}

# The key decides, the label may only agree (swicg/activitypub-http-signature; `hmac-sha256` with
# the public key as its secret is the classic forgery). hs2019 says nothing about the hash.
PRIMITIVES: Mapping[tuple[KeyType, str | None], tuple[Primitive, ...]] = MappingProxyType(
    {
        (KeyType.RSA, "rsa-sha256"): (Primitive.RSA_SHA256,),
        (KeyType.RSA, "hs2019"): (Primitive.RSA_SHA256, Primitive.RSA_SHA512),
        (KeyType.RSA, None): (Primitive.RSA_SHA256, Primitive.RSA_SHA512),
        (KeyType.ED25519, "ed25519"): (Primitive.ED25519,),
        (KeyType.ED25519, "hs2019"): (Primitive.ED25519,),
        (KeyType.ED25519, None): (Primitive.ED25519,),
    }
)


def parse_cavage(header: str) -> SignatureClaim:
    """Read a `Signature` header.

    Blanks after commas and a leading `Signature ` (node-http-signature) are read, unknown
    parameters passed over. Raises SignatureMalformed for everything that is not exactly a list of
    parameters, SignatureRefused for a parameter that is there twice and a key id that is no URL.
    """
    if len(header) > MAX_HEADER:
        raise SignatureMalformed("The signature header is too long.")
    found = _parameters(header.removeprefix("Signature "))
    if not found.get("keyId") or not found.get("signature"):
        raise SignatureMalformed("The signature header lacks keyId or signature.")
    return SignatureClaim(
        style=SignatureStyle.CAVAGE,
        key_id=check_key_id(found["keyId"]),
        components=_components(found.get("headers", "(created)")),  # the default of draft 12
        signature=strict_base64(found["signature"]),
        algorithm=found["algorithm"].lower() if "algorithm" in found else None,
        created=_seconds(found.get("created")),
        expires=_seconds(found.get("expires")),
    )


def signing_string(
    components: tuple[str, ...],
    fields: Mapping[str, str],
    *,
    method: str,
    target: str,
    created: int | None = None,
    expires: int | None = None,
) -> bytes:
    """What is signed: one `name: value` line per component (draft 12 §2.3).

    Raises SignatureRefused if a component is not in the request, SignatureMalformed if a value
    cannot be signed. Callers that trust none of this check `method` and `target` first.
    """
    lines = []
    for name in components:
        if name == "(request-target)":
            value: str | int | None = f"{method.lower()} {target}"
        elif name == "(created)":
            value = created
        elif name == "(expires)":
            value = expires
        else:
            value = fields.get(name)
        if value is None:
            raise SignatureRefused("The signature covers a header that is not in the request.")
        lines.append(signed_line(name, str(value)))
    return "\n".join(lines).encode("ascii")


def signed_messages(
    request: SignedRequest, claim: SignatureClaim, fields: Mapping[str, str]
) -> Iterator[bytes]:
    """Each text the signature may have been made over, the honest one first.

    Misskey and Pleroma leave the query out of (request-target), so a request with a query is also
    tried without it. A query is therefore never proof of anything in a request signed this way.
    """
    path, question_mark, _ = request.target.partition("?")
    for target in (request.target, path) if question_mark else (request.target,):
        yield signing_string(
            claim.components,
            fields,
            method=request.method,
            target=target,
            created=claim.created,
            expires=claim.expires,
        )


def check_label(claim: SignatureClaim) -> None:
    """Raise SignatureRefused for timestamps that the algorithm label forbids (draft 12 §2.3)."""
    timed = "(created)" in claim.components or "(expires)" in claim.components
    if timed and claim.algorithm is not None and claim.algorithm.startswith(_NO_TIMESTAMPS):
        raise SignatureRefused("This algorithm label does not go with (created) or (expires).")


def sign_cavage(
    *,
    method: str,
    url: str,
    body: bytes | None,
    key: SigningKey,
    key_id: str,
    date: datetime,
    digest: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers to add to a request: Host, Date, Digest (with a body), `extra` and Signature.

    `url` is signed as it stands, query included: send it without re-encoding. `digest` is the
    `legacy_digest` of `body` where it was computed before (fan-out). Headers in `extra`, such as
    Content-Type, are signed too. The spelling is the one that every server reads: quoted, no blank
    after commas, algorithm always there. Raises ValueError for a URL that cannot be signed.
    """
    to = destination(url)
    headers = {"Host": to.host, "Date": http_date(date)}
    if body is not None:
        headers["Digest"] = digest or legacy_digest(body)
    headers.update(extra or {})
    fields = {name.lower(): value for name, value in headers.items()}
    components = ("(request-target)", *fields)
    message = signing_string(components, fields, method=method, target=to.target)
    signature = base64.b64encode(key.sign(message)).decode("ascii")
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="{_LABELS[key.type]}",'
        f'headers="{" ".join(components)}",signature="{signature}"'
    )
    return headers


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at, more = 0, True
    while more:
        match = _PARAMETER.match(text, at)
        if match is None:
            raise SignatureMalformed("The signature header cannot be read.")
        name, quoted, number, comma = match.groups()
        if name in found:
            raise SignatureRefused("The signature header repeats a parameter.")
        if quoted is None and name not in ("created", "expires"):
            raise SignatureMalformed("The signature header lacks quotes.")
        found[name] = quoted if quoted is not None else number
        at, more = match.end(), comma is not None
    return found


def _components(text: str) -> tuple[str, ...]:
    names = tuple(text.lower().split(" "))
    if "" in names or len(names) > MAX_COMPONENTS or len(set(names)) != len(names):
        raise SignatureMalformed("The list of covered headers cannot be read.")
    return names


def _seconds(text: str | None) -> int | None:
    """Whole seconds, quoted or not; no leading zero, so that writing it again gives the same."""
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise SignatureMalformed("A signature timestamp is not a whole number of seconds.")
    return int(text)
