"""Signatures, for any input: round trips hold, tampering shows, nothing unexpected is raised."""

import base64
import binascii
import string
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import http_sf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation.signatures import (
    SignatureMalformed,
    SignatureMissing,
    SignatureRefused,
    SignatureStyle,
    SignedRequest,
    UnusableKey,
    load_multikey,
    load_public_pem,
    read_signature,
    sign_cavage,
    sign_rfc9421,
    verify,
)
from federation.signatures.cavage import signing_string
from federation.signatures.multibase import decode_base58btc
from federation.signatures.requests import combine, http_date, parse_http_date
from federation.signatures.structured import InnerList, Item, Token, parse_dictionary
from tests.signing import (
    ALICE,
    ALICE_ED25519,
    HOSTS,
    KEY_ID,
    KEYS,
    NOW,
    cavage,
    encode_base58btc,
    outcome,
    rfc9421,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources
    from httpsig.utils import (  # type: ignore[import-untyped]
        generate_message,
        parse_signature_header,
    )

KNOWN = (SignatureMissing, SignatureMalformed, SignatureRefused)
VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F))
names = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12)
values = st.text(VISIBLE + " ", max_size=30).map(str.strip)
targets = st.text(VISIBLE.replace("#", ""), max_size=40).map(lambda text: "/" + text)
url_targets = st.text(string.ascii_letters + string.digits + "/%-._~!$&'()*+,;=:@", max_size=40)
bodies = st.binary(max_size=200)


# --- round trips --------------------------------------------------------------------------------


def signed_by_us(style: SignatureStyle, target: str, body: bytes) -> SignedRequest:
    url = "https://node.example" + target
    if style is SignatureStyle.CAVAGE:
        headers = sign_cavage(
            method="POST", url=url, body=body, key=ALICE_ED25519, key_id=KEY_ID, date=NOW
        )
    else:
        headers = sign_rfc9421(
            method="POST", url=url, body=body, key=ALICE_ED25519, key_id=KEY_ID, created=NOW
        )
    return SignedRequest(method="POST", target=target, headers=tuple(headers.items()), body=body)


@given(
    style=st.sampled_from(SignatureStyle),
    path=url_targets.map(lambda text: "/" + text.lstrip("/")),
    query=st.just("") | url_targets.filter(bool).map(lambda text: "?" + text),
    body=bodies,
)
def test_what_we_sign_we_verify_and_only_that(
    style: SignatureStyle, path: str, query: str, body: bytes
) -> None:
    request = signed_by_us(style, path + query, body)
    assert outcome(request, ALICE_ED25519.public) == 202
    assert outcome(request, ALICE.public) == 401
    for other in (
        replace(request, body=body + b"x"),
        replace(request, target=request.target + "x"),
        replace(request, method="PUT"),
    ):
        assert outcome(other, ALICE_ED25519.public) == 401


@given(place=st.integers(0, 600), bit=st.integers(0, 7), make=st.sampled_from([cavage, rfc9421]))
def test_no_flipped_bit_of_the_signature_header_helps(
    place: int, bit: int, make: Callable[[], SignedRequest]
) -> None:
    """A changed header is refused, or it still says the same thing."""
    request = make()
    text = bytearray(dict(request.headers)["Signature"].encode())
    text[place % len(text)] ^= 1 << bit
    flipped = text.decode("latin-1")
    headers = tuple((n, flipped if n == "Signature" else v) for n, v in request.headers)
    changed = replace(request, headers=headers)
    if outcome(changed) == 202:
        before, after = read_signature(request), read_signature(changed)
        assert before.signature == after.signature
        assert before.components == after.components


# --- judges -------------------------------------------------------------------------------------


@given(
    headers=st.dictionaries(names, values, min_size=1, max_size=6),
    target=targets,
    method=st.sampled_from(["GET", "POST", "Delete"]),
    data=st.data(),
)
def test_signing_string_is_httpsigs(
    headers: dict[str, str], target: str, method: str, data: st.DataObject
) -> None:
    headers = {"host": "node.example"} | headers
    listed = data.draw(st.permutations(["(request-target)", *headers]))
    text = signing_string(tuple(listed), combine(headers.items()), method=method, target=target)
    host = headers["host"]
    assert text == generate_message(listed, headers, host, method, target)


@given(key_id=st.text(VISIBLE.replace('"', "").replace("\\", ""), max_size=40))
@example(key_id="users/a,b#main-key")
def test_parameters_are_read_as_httpsig_reads_them(key_id: str) -> None:
    header = f'keyId="https://x.example/{key_id}",algorithm="hs2019",headers="host date",signature="AAAA"'
    claim = read_signature(
        SignedRequest(method="GET", target="/", headers=(("Signature", header),))
    )
    theirs = parse_signature_header(header)
    assert claim.key_id == theirs["keyId"]
    assert " ".join(claim.components) == theirs["headers"]


keys_ = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,8}", fullmatch=True)
bare = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.text(VISIBLE + " ", max_size=12),
    st.from_regex(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,8}", fullmatch=True).map(Token),
    st.binary(max_size=12),
    st.booleans(),
)
items = st.builds(Item, bare, st.dictionaries(keys_, bare, max_size=3))
inner_lists = st.builds(
    InnerList, st.lists(items, max_size=4).map(tuple), st.dictionaries(keys_, bare, max_size=3)
)
dictionaries = st.dictionaries(keys_, items | inner_lists, max_size=4)


def judged_keys(text: str) -> list[str]:
    """The keys of a dictionary as the parser behind the RFC 9421 judge reads them."""
    parsed = http_sf.parse(text.encode(), tltype="dictionary")
    assert isinstance(parsed, dict)
    return list(parsed)


@given(members=dictionaries)
def test_structured_fields_survive_writing_and_reading(
    members: dict[str, Item | InnerList],
) -> None:
    text = ", ".join(f"{key}={member}" for key, member in members.items())
    assert parse_dictionary(text) == members
    assert not members or judged_keys(text) == list(members)


@given(text=st.text(string.printable, max_size=40) | st.text(' abz=;,"()?01:*-', max_size=20))
def test_structured_fields_read_nothing_the_rfc_forbids(text: str) -> None:
    """What we read, the judge reads too, and with the same keys; we may refuse more."""
    try:
        ours = parse_dictionary(text)
    except SignatureMalformed:
        return
    assert not ours or judged_keys(text) == list(ours)


# --- hostile input ------------------------------------------------------------------------------

header_names = st.sampled_from(
    ["Signature", "signature-input", "Digest", "Content-Digest", "Host", "Date", "Authorization"]
)
PIECES = """keyId="https://x.example/"|keyId=|created=1|headers="host|(created)|"@method"|"|,|, |=
sig1=|sig1=(|)|:AAAA:|;|\\|\0|é|\ud800| |"@query-param";name="a"|;keyid=|;created=1805040000|K"""
pieces = st.sampled_from([*PIECES.replace("\n", "|").split("|"), "\n", "|"])
hostile = st.text(max_size=60) | st.lists(pieces, max_size=16).map("".join)
hostile_headers = st.lists(st.tuples(header_names | hostile, hostile), max_size=6).map(tuple)


def only_known_errors(request: SignedRequest) -> None:
    try:
        claim = read_signature(request)
        verify(request, claim, ALICE.public, now=NOW, hosts=HOSTS)
    except KNOWN:
        return
    pytest.fail("accepted")


@given(
    headers=hostile_headers,
    method=st.sampled_from(["GET", "POST"]) | hostile,
    target=st.sampled_from(["/inbox", "/inbox?a=%ff"]) | hostile,
    body=bodies,
)
def test_arbitrary_requests_raise_only_the_three_errors(
    headers: tuple[tuple[str, str], ...], method: str, target: str, body: bytes
) -> None:
    only_known_errors(SignedRequest(method=method, target=target, headers=headers, body=body))


@given(
    make=st.sampled_from([cavage, rfc9421]),
    name=header_names,
    at=st.integers(0, 500),
    cut=st.integers(0, 5),
    put=hostile,
)
def test_damaged_requests_raise_only_the_three_errors(
    make: Callable[[], SignedRequest], name: str, at: int, cut: int, put: str
) -> None:
    """One piece of an honest, fully covered request replaced by something else."""
    request = make()
    headers = dict(request.headers)
    old = next((headers[key] for key in headers if key.lower() == name.lower()), "")
    at = min(at, len(old))
    new = old[:at] + put + old[at + cut :]
    kept = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    changed = replace(request, headers=(*kept, (name, new)))
    try:
        verify(changed, read_signature(changed), ALICE.public, now=NOW, hosts=HOSTS)
    except KNOWN:
        return
    before, after = read_signature(request), read_signature(changed)
    assert (before.signature, before.components) == (after.signature, after.components)


@given(pem=st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
def test_arbitrary_pems_raise_only_unusable_key(pem: str) -> None:
    good = KEYS["accepted"]["rsa 2048"]
    for text in (pem, good[: len(pem) * 4] + pem + good[len(pem) * 4 :]):
        with suppress(UnusableKey):
            load_public_pem(text)


@given(data=st.binary(max_size=300))
def test_base58_survives_and_arbitrary_multikeys_raise_only_unusable_key(data: bytes) -> None:
    text = encode_base58btc(data)
    assert decode_base58btc(text) == data
    for candidate in (text, encode_base58btc(b"\x85\x24" + data), "z" + data.decode("latin-1")):
        with suppress(UnusableKey):
            load_multikey(candidate)


@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_dates_survive_writing_and_reading(moment: datetime) -> None:
    assert parse_http_date(http_date(moment)) == moment.replace(microsecond=0)


@given(text=st.text(max_size=40))
def test_base64_is_read_strictly(text: str) -> None:
    """A signature value is accepted only in the one spelling that its bytes are written in."""
    header = f'keyId="{KEY_ID}",signature="{text}"'
    request = SignedRequest(method="GET", target="/", headers=(("Signature", header),))
    try:
        made = read_signature(request).signature
    except KNOWN:
        return
    try:
        assert base64.b64decode(text, validate=True) == made
    except (binascii.Error, ValueError):
        pytest.fail("read what is not base64")
