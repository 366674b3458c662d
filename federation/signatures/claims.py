"""What a request says about its own signature, before anything of it is believed."""

from dataclasses import dataclass
from enum import StrEnum

from federation.signatures.errors import SignatureMalformed, SignatureRefused
from federation.signatures.structured import InnerList

MAX_HEADER = 8192  # characters; the longest honest one we know of (RSA-4096, long keyId) has ~1 200
MAX_COMPONENTS = 32
_MAX_KEY_ID = 2048


class SignatureStyle(StrEnum):
    """The two ways to sign a request that are in use between servers."""

    CAVAGE = "draft-cavage-http-signatures-12"
    RFC9421 = "RFC 9421"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureClaim:
    """A parsed signature: whose key it names and what it says it covers. Nothing is proved yet.

    `components` are lower-case names in the order they were signed, `created` and `expires` are
    seconds since 1970. `covered` is the parsed `Signature-Input` member (RFC 9421 only).
    """

    style: SignatureStyle
    key_id: str
    components: tuple[str, ...]
    signature: bytes
    algorithm: str | None = None
    created: int | None = None
    expires: int | None = None
    tag: str | None = None
    covered: InnerList | None = None


def check_key_id(key_id: str) -> str:
    """Return `key_id` if a key could be fetched from it.

    Raises SignatureMalformed if it is too long or holds odd characters, SignatureRefused if it is
    not an http(s) URL (`acct:`, `javascript:`, a bare name). Whether its host may be asked at all
    is for the fetcher to decide.
    """
    if len(key_id) > _MAX_KEY_ID or not (key_id.isascii() and key_id.isprintable()):
        raise SignatureMalformed("The key id cannot be read.")
    if not key_id.startswith(("https://", "http://")):
        raise SignatureRefused("The key id must be an https URL.")
    return key_id
