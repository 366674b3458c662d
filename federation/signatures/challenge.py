"""`Accept-Signature` (RFC 9421 §5): a server says what its answer 401 wanted signed."""

from dataclasses import dataclass
from typing import Final

from federation.signatures.errors import SignatureMalformed
from federation.signatures.structured import InnerList, Parameters, parse_dictionary

_LONGEST_HEADER: Final = 4096
# What our requests have to be covered; a POST has the second kind besides.
_ALWAYS: Final = frozenset(
    {"@method", "@target-uri", "@authority", "@scheme", "@path", "@query", "@request-target"}
    | {"host", "date"}
)
_WITH_BODY: Final = frozenset({"content-digest", "content-type"})
_LONGEST_VALUE: Final = 512
# What a signature of ours may be asked to say; `created` and `expires` stand there without a value, and so may
# `keyid` and `alg`, which we always name.
_ECHOED: Final = ("nonce", "tag")
_UNDERSTOOD: Final = frozenset({"created", "expires", "keyid", "alg", *_ECHOED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A signature that a server asks for: its label, what to cover, what to repeat."""

    label: str
    components: tuple[str, ...]
    echoed: Parameters
    expires: bool


def read_challenge(
    header: str, *, key_id: str, algorithm: str, body: bool = True
) -> Challenge | None:
    """The first signature in an `Accept-Signature` header that the key `key_id` can make.

    `body`: the request has one.

    None if there is none, or the header cannot be read: then one is made as usual. What is covered
    besides is for `sign_rfc9421`: a server must not talk us into a signature that proves too little.
    """
    if len(header) > _LONGEST_HEADER:
        return None
    try:
        asked = parse_dictionary(header)
    except SignatureMalformed:
        return None
    coverable = _ALWAYS | _WITH_BODY if body else _ALWAYS
    for label, member in asked.items():
        if isinstance(member, InnerList) and _is_ours(member.parameters, key_id, algorithm):
            found = _challenge(label, member, coverable)
            if found is not None:
                return found
    return None


def _is_ours(parameters: Parameters, key_id: str, algorithm: str) -> bool:
    return (
        parameters.keys() <= _UNDERSTOOD
        and _is_met(parameters.get("keyid", True), key_id)
        and _is_met(parameters.get("alg", True), algorithm)
    )


def _is_met(asked: object, ours: str) -> bool:
    return asked is True or asked == ours


def _challenge(label: str, member: InnerList, coverable: frozenset[str]) -> Challenge | None:
    components = tuple(str(item.value) for item in member.items)
    if len(set(components)) != len(components) or not all(
        type(item.value) is str and not item.parameters and item.value in coverable
        for item in member.items
    ):
        return None
    echoed: Parameters = {
        name: member.parameters[name] for name in _ECHOED if name in member.parameters
    }
    bounded = all(type(one) is str and len(one) <= _LONGEST_VALUE for one in echoed.values())
    if not bounded:
        return None
    return Challenge(
        label=label,
        components=components,
        echoed=echoed,
        expires="expires" in member.parameters,
    )
