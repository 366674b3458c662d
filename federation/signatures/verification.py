"""From a request to a proof: find its one signature, then hold it to the rules.

The rules are written for the two questions an inbox asks. Who sent this? The signature must have
been made with the given key, by an algorithm that belongs to that kind of key. Was it sent to us,
now, with this body? It must cover the method, the target, our host, a time in the window and a
digest of the body that is true.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from federation.signatures import cavage, rfc9421
from federation.signatures.claims import SignatureClaim, SignatureStyle
from federation.signatures.digest import check_content_digest, check_legacy_digest
from federation.signatures.errors import SignatureMismatch, SignatureMissing, SignatureRefused
from federation.signatures.keys import PublicKey
from federation.signatures.requests import (
    SignedRequest,
    check_request_line,
    combine,
    normal_host,
    parse_http_date,
)

# Mastodon's window: five minutes of life and an hour of wrong clocks either way.
MAX_AGE = timedelta(minutes=65)
MAX_AHEAD = timedelta(minutes=60)
MAX_EXPIRES_AHEAD = timedelta(hours=12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BODILESS = ("GET", "HEAD")
# Tags keep signatures made for other protocols out (RFC 9421 §7.2.5). NodeBB sends this one.
_TAGS = (None, "activitypub")
_TARGETS = (
    {"@target-uri"},
    {"@authority", "@request-target"},
    {"@authority", "@path", "@query"},
)


def read_signature(request: SignedRequest) -> SignatureClaim:
    """Find and parse the one signature of a request; nothing is verified yet.

    `Signature-Input` makes it RFC 9421, a `Signature` alone draft-cavage; `Authorization` is never
    looked at. Whatever could be read in two ways is refused, not resolved: a security header that
    stands twice (so also both styles in one request), a parameter twice, several labels. Raises
    SignatureMissing, SignatureMalformed, or SignatureRefused: for a signature that stands twice, and for a key id
    no key can come from.
    """
    check_request_line(request)
    fields = combine(request.headers)
    signature, signature_input = fields.get("signature"), fields.get("signature-input")
    if signature is None:
        raise SignatureMissing("The request must be signed.")
    if signature_input is None:
        return cavage.parse_cavage(signature)
    return rfc9421.parse_rfc9421(signature_input, signature)


def verify(
    request: SignedRequest,
    claim: SignatureClaim,
    key: PublicKey,
    *,
    now: datetime,
    hosts: frozenset[str],
    scheme: str = "https",
    latest: datetime | None = None,
    max_age: timedelta = MAX_AGE,
    max_ahead: timedelta = MAX_AHEAD,
) -> None:
    """Return if `claim` proves that the holder of `key` sent `request` to us, now; else raise.

    `hosts` are the hosts we answer for, lower case, without a default port. `scheme` is that of
    our public address, whatever a proxy speaks to us. Where our clock is in doubt, it may be as late
    as `latest` (`ClockWatch.may_be`). Raises SignatureRefused with the reason
    (SignatureMismatch if it is the key alone, so that fetching it anew may help), or
    SignatureMalformed if something covered cannot be read. Whose key it is, and whether that actor
    may do what the body says, is for the caller.
    """
    check_request_line(request)
    fields = combine(request.headers)
    _check_coverage(request, claim)
    if normal_host(fields.get("host", ""), scheme) not in hosts:
        raise SignatureRefused("The signature was made for another host.")
    _check_time(claim, fields, (now, latest or now), max_age, max_ahead)
    _check_digest(claim, fields, request.body)
    _check_key(request, claim, fields, key, scheme)


def _check_coverage(request: SignedRequest, claim: SignatureClaim) -> None:
    covered = set(claim.components)
    has_body = request.method not in _BODILESS or bool(request.body)
    if claim.style is SignatureStyle.CAVAGE:
        cavage.check_label(claim)
        required = {"(request-target)", "host"} | ({"digest"} if has_body else set())
    else:
        if claim.tag not in _TAGS:
            raise SignatureRefused("The signature is tagged for another use.")
        if not any(target <= covered for target in _TARGETS):
            raise SignatureRefused("The signature must cover the host, the path and the query.")
        required = {"@method"} | ({"content-digest"} if has_body else set())
    missing = required - covered
    if missing:
        raise SignatureRefused(f"The signature must cover {', '.join(sorted(missing))}.")


def _check_time(
    claim: SignatureClaim,
    fields: Mapping[str, str],
    may_be: tuple[datetime, datetime],
    max_age: timedelta,
    max_ahead: timedelta,
) -> None:
    """Every covered time must lie in the window around `may_be`, and there must be one.

    A time that is not covered proves nothing: whoever replays a request would write a fresh one.
    `expires` only ever shortens, so it counts covered or not.
    """
    moments = list(_covered_times(claim, fields))
    if not moments:
        raise SignatureRefused("The signature must cover the time it was made.")
    now, latest = may_be
    if any(not now - max_age <= moment <= latest + max_ahead for moment in moments):
        raise SignatureRefused("The signature is too old, or a clock is wrong.")
    if claim.expires is None:
        return
    expires = _moment(claim.expires)
    if expires < now or (claim.created is not None and claim.expires < claim.created):
        raise SignatureRefused("The signature has expired.")
    if expires > latest + MAX_EXPIRES_AHEAD:
        raise SignatureRefused("The signature expires too far ahead.")


def _covered_times(claim: SignatureClaim, fields: Mapping[str, str]) -> Iterator[datetime]:
    if claim.style is SignatureStyle.RFC9421:
        if claim.created is None:
            raise SignatureRefused("The signature must say when it was created.")
        yield _moment(claim.created)
    elif "(created)" in claim.components and claim.created is not None:
        yield _moment(claim.created)
    if "date" in claim.components:
        date = parse_http_date(fields.get("date", ""))
        if date is None:
            raise SignatureRefused("The date cannot be read.")
        yield date


def _check_digest(claim: SignatureClaim, fields: Mapping[str, str], body: bytes) -> None:
    """Compare every covered digest with the body. Absent headers are found when the text is built."""
    if "digest" in claim.components and "digest" in fields:
        check_legacy_digest(fields["digest"], body)
    if "content-digest" in claim.components and "content-digest" in fields:
        check_content_digest(fields["content-digest"], body)


def _check_key(
    request: SignedRequest,
    claim: SignatureClaim,
    fields: Mapping[str, str],
    key: PublicKey,
    scheme: str,
) -> None:
    if claim.covered is None:
        table = cavage.PRIMITIVES
        messages = cavage.signed_messages(request, claim, fields)
    else:
        table = rfc9421.PRIMITIVES
        base = rfc9421.signature_base(request, claim.covered, fields=fields, scheme=scheme)
        messages = iter((base,))
    primitives = table.get((key.type, claim.algorithm))
    if primitives is None:
        raise SignatureMismatch("The algorithm does not go with the key.")
    for message in messages:
        if any(key.matches(primitive, claim.signature, message) for primitive in primitives):
            return
    raise SignatureMismatch("The signature does not match the key.")


def _moment(seconds: int) -> datetime:
    """Seconds since 1970; far ones end at the end of the calendar instead of failing."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
