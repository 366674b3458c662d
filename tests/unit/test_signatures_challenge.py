"""`Accept-Signature`: what is asked for is signed, and never less than we sign anyway."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.signatures import (
    SignedRequest,
    generate_ed25519,
    read_challenge,
    read_signature,
    sign_rfc9421,
    verify,
)

KEY = generate_ed25519()
KEY_ID = "https://node.example/group#main-key"
NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
BODY = b'{"type":"Create"}'


def read(header: str) -> object:
    return read_challenge(header, key_id=KEY_ID, algorithm="ed25519")


def signed(header: str) -> SignedRequest:
    """A POST signed as asked."""
    challenge = read_challenge(header, key_id=KEY_ID, algorithm="ed25519")
    assert challenge is not None
    extra = {"Content-Type": "application/activity+json"}
    headers = sign_rfc9421(
        method="POST",
        url="https://peer.example/inbox",
        body=BODY,
        key=KEY,
        key_id=KEY_ID,
        created=NOW,
        challenge=challenge,
        extra=extra,
    )
    return SignedRequest(
        method="POST", target="/inbox", headers=tuple((headers | extra).items()), body=BODY
    )


@pytest.mark.parametrize(
    ("header", "covered", "parameters"),
    [
        (
            'fedify=("@method" "@target-uri" "content-digest");created;nonce="n-1";tag="activitypub"',
            ("@method", "@target-uri", "content-digest"),
            ';nonce="n-1";tag="activitypub"',
        ),
        (
            'a=("@authority" "content-type" "date" "host");created;expires;alg="ed25519"',
            (
                *("@authority", "content-type", "date", "host"),
                *("@method", "@target-uri", "content-digest"),
            ),
            ";expires=1805040300",
        ),
        ("b=()", ("@method", "@target-uri", "content-digest"), ""),
        (
            'c=("@method");created;keyid;alg',
            ("@method", "@target-uri", "content-digest"),
            f';keyid="{KEY_ID}";alg="ed25519"',
        ),
        (
            'x=("@method";req), y=("@path");keyid="https://node.example/group#main-key"',
            ("@path", "@method", "@target-uri", "content-digest"),
            "",
        ),
    ],
)
def test_what_is_asked_for_is_signed(
    header: str, covered: tuple[str, ...], parameters: str
) -> None:
    request = signed(header)
    claim = read_signature(request)
    assert claim.components == covered
    verify(request, claim, KEY.public, now=NOW, hosts=frozenset({"peer.example"}))
    assert parameters in dict(request.headers)["Signature-Input"]


def test_the_label_is_theirs() -> None:
    headers = dict(signed('their-label=("@method")').headers)
    assert headers["Signature-Input"].startswith("their-label=(")
    assert headers["Signature"].startswith("their-label=:")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sig",
        'sig="x"',
        'sig=("@method" "@method")',
        'sig=("Date")',
        "sig=(@method)",
        'sig=("@signature-params")',
        'sig=("authorization")',
        'sig=("@method");keyid="https://else.example/#k"',
        'sig=("@method");alg="hmac-sha256"',
        'sig=("@method");keyid=1',
        'sig=("@method");keyid=?0',
        'sig=("@method");nonce=1',
        'sig=("@method");more="x"',
        'sig=("@method");nonce="' + "x" * 513 + '"',
        "sig=(" + '"@method" ' * 5000 + ")",
    ],
)
def test_what_we_cannot_meet_is_as_if_nothing_were_asked(header: str) -> None:
    assert read(header) is None


def test_what_belongs_to_a_body_cannot_be_covered_without_one() -> None:
    header = 'sig=("content-digest")'
    assert read(header) is not None
    assert read_challenge(header, key_id=KEY_ID, algorithm="ed25519", body=False) is None


@given(st.text(max_size=200))
def test_no_header_is_too_odd(header: str) -> None:
    read(header)
