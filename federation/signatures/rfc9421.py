"""RFC 9421, HTTP Message Signatures: what the newer servers send first."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import parse_qsl, quote, unquote

from federation.signatures.challenge import Challenge
from federation.signatures.claims import (
    MAX_COMPONENTS,
    MAX_HEADER,
    SignatureClaim,
    SignatureStyle,
    check_key_id,
)
from federation.signatures.digest import content_digest
from federation.signatures.errors import SignatureMalformed, SignatureRefused
from federation.signatures.keys import KeyType, Primitive, SigningKey
from federation.signatures.requests import (
    SignedRequest,
    destination,
    http_date,
    normal_host,
    signed_line,
)
from federation.signatures.structured import (
    InnerList,
    Item,
    Parameters,
    parse_dictionary,
)

_T = TypeVar("_T", int, str)
_LABEL = "sig1"
_EXPIRES_SECONDS = 300
_MAX_SECONDS = 10**12
_QUERY_PARAM = "@query-param"
ALGORITHMS = {KeyType.RSA: "rsa-v1_5-sha256", KeyType.ED25519: "ed25519"}

# As for draft-cavage: the key decides, the label may only agree.
PRIMITIVES: Mapping[tuple[KeyType, str | None], tuple[Primitive, ...]] = MappingProxyType(
    {
        (KeyType.RSA, "rsa-v1_5-sha256"): (Primitive.RSA_SHA256,),
        (KeyType.RSA, "rsa-pss-sha512"): (Primitive.RSA_PSS_SHA512,),
        (KeyType.RSA, None): (Primitive.RSA_SHA256,),
        (KeyType.ED25519, "ed25519"): (Primitive.ED25519,),
        (KeyType.ED25519, None): (Primitive.ED25519,),
    }
)


def parse_rfc9421(signature_input: str, signature: str) -> SignatureClaim:
    """Read the `Signature-Input` and `Signature` headers of one signature under one label.

    Raises SignatureMalformed if either cannot be read, if there are several labels (which of them
    counts would be a guess) or if they differ; SignatureRefused for a key id that is no URL.
    """
    if len(signature_input) > MAX_HEADER or len(signature) > MAX_HEADER:
        raise SignatureMalformed("The signature header is too long.")
    inputs, signatures = parse_dictionary(signature_input), parse_dictionary(signature)
    if len(inputs) != 1 or inputs.keys() != signatures.keys():
        raise SignatureMalformed("There must be exactly one signature, under one label.")
    (covered,), (made,) = inputs.values(), signatures.values()
    if not isinstance(covered, InnerList):
        raise SignatureMalformed("Signature-Input must list the covered components.")
    if not isinstance(made, Item) or not isinstance(made.value, bytes):
        raise SignatureMalformed("The signature must be a byte sequence.")
    return _claim(covered, made.value)


def signature_base(
    request: SignedRequest,
    covered: InnerList,
    *,
    fields: Mapping[str, str],
    scheme: str,
) -> bytes:
    """What is signed: one line per component, then `@signature-params` (RFC 9421 §2.5).

    Raises SignatureRefused if a component is not in the request or not supported here,
    SignatureMalformed if a value cannot be signed.
    """
    lines = []
    for item in covered.items:
        value = _component_value(item, request, fields, scheme)
        lines.append(signed_line(str(item), value))
    lines.append(signed_line('"@signature-params"', str(covered)))
    return "\n".join(lines).encode("ascii")


def sign_rfc9421(
    *,
    method: str,
    url: str,
    body: bytes | None,
    key: SigningKey,
    key_id: str,
    created: datetime,
    digest: str | None = None,
    challenge: Challenge | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers to add to a request: Host, Content-Digest (with a body), and the signature's two.

    Covers `@method`, `@target-uri` and `content-digest`, as Mastodon and Fedify ask for, and what a
    `challenge` names: of headers it may name these, `Date`, and those in `extra`, which go with the
    request. `url` is signed as it stands: send it without re-encoding. `digest` is the
    `content_digest` of `body` where it was computed before. Raises ValueError for a URL that cannot
    be signed, or a challenge that cannot be met.
    """
    to = destination(url)
    names, headers = ["@method", "@target-uri"], {"Host": to.host}
    if body is not None:
        names.append("content-digest")
        headers["Content-Digest"] = digest or content_digest(body)
    parameters: Parameters = {
        "created": int(created.timestamp()),
        "keyid": key_id,
        "alg": ALGORITHMS[key.type],
    }
    if challenge is not None:
        names = [*challenge.components, *(one for one in names if one not in challenge.components)]
        if "date" in challenge.components:
            headers["Date"] = http_date(created)
        if challenge.expires:
            parameters["expires"] = int(created.timestamp()) + _EXPIRES_SECONDS
        parameters |= challenge.echoed
    covered = InnerList(tuple(Item(name) for name in names), parameters)
    request = SignedRequest(method=method, target=to.target, headers=())
    fields = {name.lower(): value for name, value in (headers | dict(extra or {})).items()}
    try:
        base = signature_base(request, covered, fields=fields, scheme=to.scheme)
    except (SignatureRefused, SignatureMalformed) as error:
        raise ValueError(str(error)) from error
    signature = base64.b64encode(key.sign(base)).decode("ascii")
    label = challenge.label if challenge is not None else _LABEL
    headers["Signature-Input"] = f"{label}={covered}"
    headers["Signature"] = f"{label}=:{signature}:"
    return headers


def _claim(covered: InnerList, signature: bytes) -> SignatureClaim:
    parameters = covered.parameters
    key_id = _parameter(parameters, "keyid", str)
    if key_id is None:
        raise SignatureMalformed("The signature names no key.")
    return SignatureClaim(
        style=SignatureStyle.RFC9421,
        key_id=check_key_id(key_id),
        components=_component_names(covered),
        signature=signature,
        algorithm=_parameter(parameters, "alg", str),
        created=_seconds(parameters, "created"),
        expires=_seconds(parameters, "expires"),
        tag=_parameter(parameters, "tag", str),
        covered=covered,
    )


def _component_names(covered: InnerList) -> tuple[str, ...]:
    """The names, checked: strings in lower case, none of them listed twice (RFC 9421 §2)."""
    identifiers = {str(item) for item in covered.items}
    if len(identifiers) != len(covered.items) or len(identifiers) > MAX_COMPONENTS:
        raise SignatureMalformed("The list of covered components cannot be read.")
    names = []
    for item in covered.items:
        name = item.value
        # A token would print the same as the string in `components`: only strings are names.
        if type(name) is not str or name != name.lower() or name == "@signature-params":
            raise SignatureMalformed("The list of covered components cannot be read.")
        names.append(name)
    return tuple(names)


def _parameter(parameters: Parameters, name: str, kind: type[_T]) -> _T | None:
    value = parameters.get(name)
    if value is None:
        return None
    if type(value) is not kind:
        raise SignatureMalformed("A signature parameter has the wrong type.")
    return value


def _seconds(parameters: Parameters, name: str) -> int | None:
    value = _parameter(parameters, name, int)
    if value is not None and not 0 <= value < _MAX_SECONDS:
        raise SignatureMalformed("A signature timestamp is out of range.")
    return value


def _component_value(
    item: Item, request: SignedRequest, fields: Mapping[str, str], scheme: str
) -> str:
    name = str(item.value)
    if name == _QUERY_PARAM:
        return _query_parameter(item.parameters, request.target)
    if item.parameters:
        # ;sf ;bs ;key ;tr ;req select parts of fields: nobody here sends them, so none is guessed.
        raise SignatureRefused("Parameters of covered components are not supported.")
    if name.startswith("@"):
        derive = _DERIVED.get(name)
        if derive is None:
            raise SignatureRefused("The signature covers a component that is not supported.")
        return derive(request, fields, scheme)
    value = fields.get(name)
    if value is None:
        raise SignatureRefused("The signature covers a header that is not in the request.")
    return value


def _authority(_: SignedRequest, fields: Mapping[str, str], scheme: str) -> str:
    return normal_host(fields.get("host", ""), scheme)


_DERIVED: Mapping[str, Callable[[SignedRequest, Mapping[str, str], str], str]] = {
    "@method": lambda request, fields, scheme: request.method,
    "@scheme": lambda request, fields, scheme: scheme,
    "@authority": _authority,
    "@request-target": lambda request, fields, scheme: request.target,
    "@path": lambda request, fields, scheme: request.target.partition("?")[0],
    "@query": lambda request, fields, scheme: "?" + request.target.partition("?")[2],
    "@target-uri": lambda request, fields, scheme: (
        f"{scheme}://{_authority(request, fields, scheme)}{request.target}"
    ),
}


def _query_parameter(parameters: Parameters, target: str) -> str:
    """The one value of a query parameter, encoded as RFC 9421 §2.2.8 asks."""
    name = parameters.get("name")
    if len(parameters) != 1 or type(name) is not str:
        raise SignatureMalformed("A covered query parameter must be named.")
    try:
        pairs = parse_qsl(
            target.partition("?")[2],
            keep_blank_values=True,
            errors="strict",
            max_num_fields=100,
        )
    except ValueError as error:  # also UnicodeDecodeError
        raise SignatureMalformed("The query cannot be read.") from error
    values = [value for key, value in pairs if key == unquote(name)]
    if len(values) != 1:
        raise SignatureRefused("A covered query parameter must stand exactly once.")
    return quote(values[0], safe="*").replace("~", "%7E")
