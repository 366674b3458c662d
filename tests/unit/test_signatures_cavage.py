"""draft-cavage: what is accepted, what is refused, and with which status."""

from datetime import timedelta

import pytest

from federation.signatures import (
    SignatureMalformed,
    SignatureMismatch,
    SignatureRefused,
    SignatureStyle,
    SignedRequest,
    read_signature,
    sign_cavage,
    verify,
)
from tests.signing import (
    ALICE,
    ALICE_ED25519,
    BODY,
    CREATED,
    GET,
    HOSTS,
    KEY_ID,
    MALLORY,
    NOW,
    POST,
    base64_sha256,
    cavage,
    changed,
    doubled,
    outcome,
)

SHA256 = base64_sha256(BODY)
HS2019 = f'algorithm="hs2019",created={CREATED}'
TIMED = "(request-target) host (created) digest"


def post_of(headers: dict[str, str], target: str = "/inbox", body: bytes = BODY) -> SignedRequest:
    return SignedRequest(method="POST", target=target, headers=tuple(headers.items()), body=body)


def with_signature(value: str) -> SignedRequest:
    return changed(cavage(), Signature=value)


# --- what we send -------------------------------------------------------------------------------


def test_post_is_signed_in_the_spelling_every_server_reads() -> None:
    headers = sign_cavage(
        method="POST",
        url="https://node.example/inbox?a=b",
        body=BODY,
        key=ALICE,
        key_id=KEY_ID,
        date=NOW,
    )
    assert list(headers) == ["Host", "Date", "Digest", "Signature"]
    assert headers["Host"] == "node.example"
    assert headers["Date"] == "Sun, 14 Mar 2027 16:00:00 GMT"
    assert headers["Digest"] == f"SHA-256={SHA256}"
    assert headers["Signature"].startswith(
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="'
    )
    assert outcome(post_of(headers, "/inbox?a=b")) == 202


def test_get_is_signed_without_digest() -> None:
    headers = sign_cavage(
        method="GET", url="https://Node.Example:443", body=None, key=ALICE, key_id=KEY_ID, date=NOW
    )
    assert list(headers) == ["Host", "Date", "Signature"]
    request = SignedRequest(method="GET", target="/", headers=tuple(headers.items()))
    assert read_signature(request).components == tuple(GET.split(" "))
    assert outcome(request) == 202


def test_extra_headers_are_signed_and_a_given_digest_is_used() -> None:
    headers = sign_cavage(
        method="POST",
        url="http://127.0.0.1:8080/inbox",
        body=BODY,
        key=ALICE,
        key_id=KEY_ID,
        date=NOW,
        digest="SHA-256=computed-before",
        extra={"Content-Type": "application/activity+json"},
    )
    assert headers["Host"] == "127.0.0.1:8080"
    assert headers["Digest"] == "SHA-256=computed-before"
    assert read_signature(post_of(headers)).components[-1] == "content-type"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://node.example/",
        "/inbox",
        "https:///inbox",
        "https://a@node.example/",
        "https://node.example/a b",
        "https://node.example/ä",
    ],
)
def test_url_that_cannot_stand_on_a_request_line_is_not_signed(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        sign_cavage(method="GET", url=url, body=None, key=ALICE, key_id=KEY_ID, date=NOW)


# --- coverage -----------------------------------------------------------------------------------


def test_claim_says_whose_key_and_what_is_covered() -> None:
    claim = read_signature(cavage())
    assert (claim.style, claim.key_id) == (SignatureStyle.CAVAGE, KEY_ID)
    assert claim.components == tuple(POST.split(" "))


def test_unsigned_request_is_401() -> None:
    assert outcome(post_of({"Host": "node.example"})) == 401


def test_authorization_header_is_never_looked_at() -> None:
    signature = dict(cavage().headers)["Signature"]
    only = changed(cavage(), Authorization=f"Signature {signature}")
    without = SignedRequest(
        method="POST",
        target="/inbox",
        headers=tuple(pair for pair in only.headers if pair[0] != "Signature"),
        body=BODY,
    )
    assert outcome(without) == 401
    assert outcome(changed(cavage(), Authorization="Signature nonsense")) == 202


@pytest.mark.parametrize("missing", POST.split(" "))
def test_post_must_cover_target_host_date_and_digest(missing: str) -> None:
    names = " ".join(name for name in POST.split(" ") if name != missing)
    assert outcome(cavage(names)) == 401


@pytest.mark.parametrize("missing", GET.split(" "))
def test_get_must_cover_target_host_and_date(missing: str) -> None:
    names = " ".join(name for name in GET.split(" ") if name != missing)
    assert outcome(cavage(GET, method="GET", body=b"")) == 202
    assert outcome(cavage(names, method="GET", body=b"")) == 401


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_with_a_body_must_cover_it(method: str) -> None:
    assert outcome(cavage(GET, method=method, body=b"x")) == 401
    assert outcome(cavage(POST, method=method, body=b"x")) == 202


@pytest.mark.parametrize("value", ["", "None"])
def test_covered_header_that_is_absent_is_401(value: str) -> None:
    assert outcome(cavage(POST + " content-type", signed={"content-type": value})) == 401
    signed = {"(created)": value}
    assert outcome(cavage(POST + " (created)", parameters="", signed=signed)) == 401


def test_covered_digest_that_is_absent_is_401() -> None:
    kept = tuple(pair for pair in cavage().headers if pair[0] != "Digest")
    bare = SignedRequest(method="POST", target="/inbox", headers=kept, body=BODY)
    assert outcome(bare) == 401


def test_uncovered_digest_of_a_get_says_nothing() -> None:
    wrong = {"Digest": "SHA-256=" + base64_sha256(b"other")}
    assert outcome(cavage(GET, method="GET", body=b"", headers=wrong)) == 202
    assert outcome(cavage(POST, method="GET", body=b"", headers=wrong)) == 401


def test_header_list_may_be_left_out_but_then_proves_nothing() -> None:
    assert outcome(with_signature(f'keyId="{KEY_ID}",signature="AAAA"')) == 401


def test_repeated_ordinary_header_is_joined() -> None:
    request = cavage(POST + " accept", headers={"Accept": "a/b"}, signed={"accept": "a/b, c/d"})
    assert outcome(doubled(request, "Accept", "c/d")) == 202


# --- target and host ----------------------------------------------------------------------------


def test_query_may_be_signed_or_left_out_but_not_changed() -> None:
    assert outcome(cavage(target="/inbox?a=1")) == 202
    plain = {"(request-target)": "post /inbox"}
    assert outcome(cavage(target="/inbox?a=1", signed=plain)) == 202
    assert (
        outcome(cavage(target="/inbox?a=2", signed={"(request-target)": "post /inbox?a=1"})) == 401
    )
    assert outcome(cavage(target="/inbox", signed={"(request-target)": "post /inbox?a=1"})) == 401


@pytest.mark.parametrize("signed", ["get /inbox", "post /group/inbox", "post /inb%6Fx", "post /"])
def test_other_method_or_path_is_401(signed: str) -> None:
    assert outcome(cavage(signed={"(request-target)": signed})) == 401


def test_percent_encoding_is_left_alone() -> None:
    assert outcome(cavage(target="/a%2Fb//c?x=%20+y")) == 202


@pytest.mark.parametrize(
    "target", ["https://node.example/inbox", "*", "", "inbox", "/a b", "/a#b", "/ä", "/a\nb"]
)
def test_target_that_is_not_a_path_is_400(target: str) -> None:
    assert outcome(cavage(target=target)) == 400


@pytest.mark.parametrize("method", ["", "PO ST", "POST\n", "PÖST"])
def test_method_that_is_no_word_is_400(method: str) -> None:
    assert outcome(cavage(method=method)) == 400


def test_request_for_another_host_cannot_be_replayed_here() -> None:
    assert outcome(cavage(headers={"Host": "other.example"})) == 401
    assert outcome(changed(cavage(headers={"Host": "other.example"}), Host="node.example")) == 401
    assert outcome(changed(cavage(), Host="other.example")) == 401


def test_host_is_compared_without_case_and_default_port() -> None:
    assert outcome(cavage(headers={"Host": "Node.Example:443"})) == 202
    assert outcome(cavage(headers={"Host": "node.example:80"}), scheme="http") == 202
    assert outcome(cavage(headers={"Host": "node.example:8080"})) == 401
    assert outcome(cavage(headers={"Host": "a:8080"}), hosts=frozenset({"a:8080"})) == 202


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "status"), [(-60, 202), (-61, 401), (65, 202), (66, 401)])
def test_date_window(minutes: int, status: int) -> None:
    assert outcome(cavage(), now=NOW + timedelta(minutes=minutes)) == status


@pytest.mark.parametrize(("minutes", "status"), [(-60, 202), (-61, 401), (65, 202), (66, 401)])
def test_created_window(minutes: int, status: int) -> None:
    request = cavage(TIMED, parameters=HS2019)
    assert outcome(request, now=NOW + timedelta(minutes=minutes)) == status


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "2027-03-14T16:00:00Z",
        "Sun, 31 Feb 2027 16:00:00 GMT",
        "Sun, 14 Mar 2027 16:00:00 CET",
    ],
)
def test_covered_date_that_cannot_be_read_is_401(date: str) -> None:
    assert outcome(cavage(headers={"Date": date})) == 401


def test_uncovered_created_does_not_refresh_a_stale_date() -> None:
    stale = {"Date": "Sun, 14 Mar 2027 12:00:00 GMT"}
    assert outcome(cavage(headers=stale, parameters=HS2019)) == 401


def test_uncovered_date_does_not_refresh_a_stale_created() -> None:
    old = CREATED - 2 * 3600
    parameters = f'algorithm="hs2019",created={old}'
    assert outcome(cavage(TIMED, parameters=parameters, signed={"(created)": str(old)})) == 401


@pytest.mark.parametrize("label", ["rsa-sha256", "RSA-SHA512", "hmac-sha256", "ecdsa-sha256"])
def test_created_does_not_go_with_old_labels(label: str) -> None:
    assert outcome(cavage(TIMED, parameters=f'algorithm="{label}",created={CREATED}')) == 401


def test_covered_created_without_the_parameter_is_401() -> None:
    assert outcome(cavage(TIMED, parameters='algorithm="hs2019"')) == 401


@pytest.mark.parametrize(
    ("seconds", "status"), [(-1, 401), (0, 202), (60, 202), (12 * 3600, 202), (12 * 3600 + 1, 401)]
)
def test_expiry(seconds: int, status: int) -> None:
    expires = CREATED + seconds
    names = TIMED + " (expires)"
    parameters = f"{HS2019},expires={expires}"
    signed = {"(expires)": str(expires)}
    assert outcome(cavage(names, parameters=parameters, signed=signed)) == status
    assert outcome(cavage(parameters=f'algorithm="rsa-sha256",expires={expires}')) == status


def test_expiry_before_creation_is_401() -> None:
    parameters = f'algorithm="hs2019",created={CREATED},expires={CREATED - 60}'
    request = cavage(TIMED, parameters=parameters)
    assert outcome(request, now=NOW - timedelta(minutes=5)) == 401


@pytest.mark.parametrize("seconds", ["-1", "1.5", "01", "9" * 13, '"x"', '""', '" 1"'])
def test_timestamp_that_is_no_whole_number_is_400(seconds: str) -> None:
    assert outcome(cavage(parameters=f'algorithm="hs2019",created={seconds}')) == 400


def test_far_future_is_refused_not_an_overflow() -> None:
    parameters = f'algorithm="hs2019",created={CREATED},expires={"9" * 12}'
    assert outcome(cavage(TIMED, parameters=parameters)) == 401


# --- digest -------------------------------------------------------------------------------------


def test_body_swapped_after_signing_is_401() -> None:
    request = cavage()
    swapped = SignedRequest(method="POST", target="/inbox", headers=request.headers, body=b"{}")
    assert outcome(swapped) == 401
    assert outcome(changed(swapped, Digest=f"SHA-256={base64_sha256(b'{}')}")) == 401


@pytest.mark.parametrize(
    ("digest", "status"),
    [
        (f"sha-256={SHA256}", 202),
        (f"SHA-512=AAAA,SHA-256={SHA256}", 202),
        (f"unixsum=1 , sha-256={SHA256}", 202),
        (f"SHA-256={SHA256},sha-256={SHA256}", 202),
        (f"SHA-256={SHA256},SHA-256={base64_sha256(b'other')}", 401),
        (f"SHA-256={base64_sha256(b'other')},SHA-256={SHA256}", 401),
        ("SHA-256=", 401),
        ("SHA-256", 401),
        ("SHA-512=AAAA", 401),
        ("MD5=AAAA", 401),
        ("", 401),
        (f"SHA-256={SHA256[:-1]}", 401),
    ],
)
def test_digest_header(digest: str, status: int) -> None:
    assert outcome(cavage(headers={"Digest": digest})) == status


def test_digest_outside_ascii_is_refused() -> None:
    assert outcome(changed(cavage(), Digest="SHA-256=é")) in (400, 401)


# --- keys and algorithms ------------------------------------------------------------------------


def test_key_of_another_is_401() -> None:
    assert outcome(cavage(key=MALLORY)) == 401


@pytest.mark.parametrize("label", ["hs2019", "rsa-sha256", "RSA-SHA256"])
def test_labels_that_go_with_rsa(label: str) -> None:
    assert outcome(cavage(parameters=f'algorithm="{label}"')) == 202


def test_label_may_be_absent() -> None:
    assert outcome(cavage(parameters="")) == 202
    assert outcome(cavage(parameters="", key=ALICE_ED25519), ALICE_ED25519.public) == 202


@pytest.mark.parametrize(
    "label", ["rsa-sha1", "hmac-sha256", "ed25519", "ecdsa-sha256", "rsa-sha512", "none", ""]
)
def test_labels_that_do_not_go_with_rsa(label: str) -> None:
    assert outcome(cavage(parameters=f'algorithm="{label}"')) == 401


def test_labels_that_go_with_ed25519() -> None:
    for label, status in {"ed25519": 202, "hs2019": 202, "rsa-sha256": 401}.items():
        request = cavage(parameters=f'algorithm="{label}"', key=ALICE_ED25519)
        assert outcome(request, ALICE_ED25519.public) == status
    assert outcome(cavage(parameters='algorithm="hs2019"', key=ALICE_ED25519)) == 401


def test_we_sign_with_ed25519_as_hs2019() -> None:
    headers = sign_cavage(
        method="POST",
        url="https://node.example/inbox",
        body=BODY,
        key=ALICE_ED25519,
        key_id=KEY_ID,
        date=NOW,
    )
    assert 'algorithm="hs2019"' in headers["Signature"]
    assert outcome(post_of(headers), ALICE_ED25519.public) == 202


# --- the header itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Signature", "Digest", "Host", "Date", "Content-Type", "Content-Length"]
)
def test_security_header_that_stands_twice_is_refused(name: str) -> None:
    request = cavage(headers={"Content-Type": "a/b", "Content-Length": "15"})
    assert outcome(request) == 202
    status = 401 if name == "Signature" else 400
    assert outcome(doubled(request, name)) == status
    assert outcome(doubled(request, name.upper(), "x")) == status


GOOD = f'keyId="{KEY_ID}",headers="host",signature="AAAA"'


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Signature",
        "nonsense",
        GOOD + ",",
        "," + GOOD,
        GOOD.replace(",", ",,"),
        GOOD.replace(",", ";"),
        GOOD.replace('"', "'"),
        GOOD.replace('"', ""),
        GOOD[:-1],
        GOOD + '"',
        GOOD + " x",
        GOOD + '\\"',
        GOOD + ",opaque=1",
        GOOD.replace("keyId", "keyid"),
        GOOD.replace("keyId=", "keyId ="),
        GOOD.replace(KEY_ID, ""),
        GOOD.replace(KEY_ID, "https://x.example/" + "a" * 2048),
        GOOD.replace(KEY_ID, "https://x.example/\\"),
        GOOD.replace(KEY_ID, "https://x.example/ä"),
        GOOD.replace("AAAA", "***"),
        GOOD.replace("AAAA", "AAA"),
        GOOD.replace("AAAA", ""),
        GOOD.replace("AAAA", "AA AA"),
        GOOD.replace('"host"', '""'),
        GOOD.replace('"host"', '"host  date"'),
        GOOD.replace('"host"', '"host host"'),
        GOOD.replace('"host"', '"' + " ".join(f"h{n}" for n in range(40)) + '"'),
        GOOD + ",a=" + '"' + "a" * 65536 + '"',
    ],
)
def test_header_that_is_not_a_list_of_parameters_is_400(header: str) -> None:
    with pytest.raises(SignatureMalformed):
        read_signature(with_signature(header))


@pytest.mark.parametrize("again", ['keyId="https://evil.example/"', 'headers="host"', "keyId=1"])
def test_parameter_that_stands_twice_is_401(again: str) -> None:
    with pytest.raises(SignatureRefused):
        read_signature(with_signature(f"{GOOD},{again}"))


@pytest.mark.parametrize(
    "key_id",
    ["acct:alice@peer.example", "javascript:alert(1)", "main-key", "HTTPS//x", "file:///x"],
)
def test_key_id_that_is_no_url_is_401(key_id: str) -> None:
    with pytest.raises(SignatureRefused):
        read_signature(with_signature(GOOD.replace(KEY_ID, key_id)))


def test_comma_and_unknown_parameters_inside_quotes_are_just_text() -> None:
    header = GOOD.replace(KEY_ID, "https://x.example/a,b=c") + ',version="1,2"'
    assert read_signature(with_signature(header)).key_id == "https://x.example/a,b=c"


@pytest.mark.parametrize("value", ["a\r\n b", "a\nhost: other.example", "a\x00", "ä", "a\tb"])
def test_covered_value_that_could_be_read_as_more_lines_is_400(value: str) -> None:
    request = cavage(POST + " x-a", headers={"X-A": "a"})
    assert outcome(changed(request, X_A=value)) == 400


def test_both_steps_look_at_the_request_line() -> None:
    """No key is fetched for a request that is refused anyway, and no claim carries one past."""
    honest, absolute = cavage(), cavage(target="https://node.example/inbox")
    with pytest.raises(SignatureMalformed):
        read_signature(absolute)
    with pytest.raises(SignatureMalformed):
        verify(absolute, read_signature(honest), ALICE.public, now=NOW, hosts=HOSTS)


@pytest.mark.parametrize(
    ("request_", "newer_key_may_help"),
    [
        (cavage(key=MALLORY), True),
        (cavage(parameters='algorithm="ed25519"'), True),
        (cavage(headers={"Date": "Sun, 14 Mar 2027 12:00:00 GMT"}, key=MALLORY), False),
        (cavage(headers={"Digest": "SHA-256=AAAA"}, key=MALLORY), False),
    ],
)
def test_refusal_tells_whether_a_newer_key_may_help(
    request_: SignedRequest, newer_key_may_help: bool
) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        verify(request_, read_signature(request_), ALICE.public, now=NOW, hosts=HOSTS)
    assert isinstance(refusal.value, SignatureMismatch) is newer_key_may_help
