"""RFC 9421: what is accepted, what is refused, and with which status."""

from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.signatures import (
    SignatureMalformed,
    SignatureRefused,
    SignatureStyle,
    SignedRequest,
    SigningKey,
    read_signature,
    sign_rfc9421,
)
from tests.signing import (
    ALICE,
    ALICE_ED25519,
    BASE,
    BODY,
    CREATED,
    KEY_ID,
    MALLORY,
    NOW,
    PARAMETERS,
    base64_sha256,
    cavage,
    changed,
    doubled,
    outcome,
    rfc9421,
)

SHA256 = base64_sha256(BODY)
GET = '"@method" "@target-uri"'
MANY = " ".join(f'"h{number}"' for number in range(70))


# --- what we send -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [ALICE, ALICE_ED25519], ids=["rsa", "ed25519"])
def test_post_signed_by_us_holds(key: SigningKey) -> None:
    headers = sign_rfc9421(
        method="POST",
        url="https://node.example/inbox?a=b",
        body=BODY,
        key=key,
        key_id=KEY_ID,
        created=NOW,
    )
    assert list(headers) == ["Host", "Content-Digest", "Signature-Input", "Signature"]
    assert headers["Content-Digest"] == f"sha-256=:{SHA256}:"
    request = SignedRequest(
        method="POST", target="/inbox?a=b", headers=tuple(headers.items()), body=BODY
    )
    assert outcome(request, key.public) == 202


def test_get_is_signed_without_digest() -> None:
    headers = sign_rfc9421(
        method="GET", url="https://node.example", body=None, key=ALICE, key_id=KEY_ID, created=NOW
    )
    assert headers["Signature-Input"] == (
        f'sig1=("@method" "@target-uri");created={CREATED};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    )
    request = SignedRequest(method="GET", target="/", headers=tuple(headers.items()))
    assert outcome(request) == 202


# --- coverage -----------------------------------------------------------------------------------


def test_claim_says_whose_key_and_what_is_covered() -> None:
    claim = read_signature(rfc9421())
    assert (claim.style, claim.key_id) == (SignatureStyle.RFC9421, KEY_ID)
    assert claim.components == ("@method", "@target-uri", "content-digest")
    assert claim.created == CREATED


@pytest.mark.parametrize(
    ("covered", "status"),
    [
        (BASE, 202),
        ('"content-digest" "@target-uri" "@method"', 202),
        ('"@method" "@authority" "@path" "@query" "content-digest"', 202),
        ('"@method" "@authority" "@request-target" "@scheme" "content-digest"', 202),
        ('"@method" "@target-uri"', 401),
        ('"@target-uri" "content-digest"', 401),
        ('"@method" "content-digest"', 401),
        ('"@method" "@authority" "content-digest"', 401),
        ('"@method" "@authority" "@path" "content-digest"', 401),
        ('"@method" "@path" "@query" "content-digest"', 401),
        ('"@method" "@request-target" "content-digest"', 401),
        ("", 401),
    ],
)
def test_post_must_cover_method_where_and_body(covered: str, status: int) -> None:
    assert outcome(rfc9421(covered, target="/inbox?a=1")) == status


def test_get_needs_no_digest_but_a_body_does() -> None:
    assert outcome(rfc9421(GET, method="GET", body=b"")) == 202
    assert outcome(rfc9421(GET, method="GET", body=b"x")) == 401
    assert outcome(rfc9421('"@method"', method="GET", body=b"")) == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ('"@target-uri"', "https://node.example/inbox?a=2"),
        ('"@target-uri"', "http://node.example/inbox?a=1"),
        ('"@target-uri"', "https://other.example/inbox?a=1"),
        ('"@method"', "GET"),
        ('"@method"', "post"),
    ],
)
def test_other_method_or_target_is_401(name: str, value: str) -> None:
    assert outcome(rfc9421(target="/inbox?a=1", signed={name: value})) == 401


def test_query_left_out_is_401_here() -> None:
    assert (
        outcome(rfc9421(target="/i?a", signed={'"@target-uri"': "https://node.example/i"})) == 401
    )


def test_scheme_is_that_of_our_public_address() -> None:
    signed = {'"@target-uri"': "http://node.example/inbox"}
    assert outcome(rfc9421(signed=signed), scheme="http") == 202
    assert outcome(rfc9421(), scheme="http") == 401


def test_host_must_be_ours() -> None:
    assert outcome(rfc9421(headers={"Host": "other.example"})) == 401
    signed = {'"@target-uri"': "https://node.example/inbox"}
    assert outcome(rfc9421(headers={"Host": "Node.Example:443"}, signed=signed)) == 202


def test_more_may_be_covered() -> None:
    headers = {"Date": "Sun, 14 Mar 2027 16:00:00 GMT", "Content-Type": "application/activity+json"}
    assert outcome(rfc9421(BASE + ' "date" "content-type"', headers=headers)) == 202
    assert outcome(rfc9421(BASE + ' "date"')) == 401
    stale = {"Date": "Sun, 14 Mar 2027 12:00:00 GMT"}
    assert outcome(rfc9421(BASE + ' "date"', headers=stale)) == 401


@pytest.mark.parametrize(
    ("component", "value", "status"),
    [
        ('"@query-param";name="a"', "1%202", 202),
        ('"@query-param";name="b"', "", 202),
        ('"@query-param";name="d%C3%A9"', "%7E", 202),
        ('"@query-param";name="c"', "1", 401),
        ('"@query-param";name="none"', "", 401),
        ('"@query-param"', "", 400),
        ('"@query-param";name=a', "1%202", 400),
        ('"@query-param";name="a";req', "1%202", 400),
        ('"@status"', "200", 401),
        ('"@unheard-of"', "", 401),
        ('"host";sf', "node.example", 401),
        ('"host";bs', ":bm9kZS5leGFtcGxl:", 401),
        ('"@method";req', "POST", 401),
        ('"x-missing"', "", 401),
        ('"@signature-params"', "", 400),
        ('"Host"', "node.example", 400),
        ("host", "node.example", 400),
        ("1", "", 400),
        ('"@method"', "POST", 400),
    ],
)
def test_components(component: str, value: str, status: int) -> None:
    target = "/inbox?a=1+2&b=&c=1&c=2&d%C3%A9=~"
    request = rfc9421(f"{BASE} {component}", target=target, signed={component: value})
    assert outcome(request) == status


def test_query_that_is_not_utf8_is_400() -> None:
    request = rfc9421(BASE + ' "@query-param";name="a"', target="/inbox?a=%ff")
    assert outcome(request) == 400


# --- parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        (PARAMETERS + ';nonce="x"', 202),
        (PARAMETERS + ';tag="activitypub"', 202),
        (PARAMETERS + ';tag="web-bot-auth"', 401),
        (PARAMETERS + ";unheard=?0", 202),
        (PARAMETERS + ';alg="rsa-v1_5-sha256"', 202),
        (PARAMETERS + ';alg="rsa-pss-sha512"', 401),
        (PARAMETERS + ';alg="hmac-sha256"', 401),
        (PARAMETERS + ';alg="ed25519"', 401),
        (PARAMETERS + ';alg="ecdsa-p256-sha256"', 401),
        (PARAMETERS + ";alg=rsa", 400),
        (PARAMETERS + f";expires={CREATED + 60}", 202),
        (PARAMETERS + f";expires={CREATED - 1}", 401),
        (PARAMETERS + f";expires={CREATED + 12 * 3600 + 1}", 401),
        (PARAMETERS + ";expires=-1", 400),
        (PARAMETERS + ";expires=1.5", 400),
        (PARAMETERS + ';expires="1"', 400),
        (PARAMETERS + f";created={CREATED}", 400),
        (f';keyid="{KEY_ID}"', 401),
        (f";created={CREATED}", 400),
        (f';created={CREATED};keyid="acct:alice@peer.example"', 401),
        (f";created={CREATED};keyid=alice", 400),
        (f';created=?1;keyid="{KEY_ID}"', 400),
        (f';created={"9" * 13};keyid="{KEY_ID}"', 400),
        (f';created={"9" * 12};keyid="{KEY_ID}"', 401),
    ],
)
def test_parameters(parameters: str, status: int) -> None:
    assert outcome(rfc9421(parameters=parameters)) == status


@pytest.mark.parametrize(("minutes", "status"), [(-60, 202), (-61, 401), (65, 202), (66, 401)])
def test_created_window(minutes: int, status: int) -> None:
    assert outcome(rfc9421(), now=NOW + timedelta(minutes=minutes)) == status


def test_rsa_pss_is_read_where_it_says_so() -> None:
    made = rfc9421(parameters=PARAMETERS + ';alg="rsa-pss-sha512"')
    text = "\n".join(
        [
            '"@method": POST',
            '"@target-uri": https://node.example/inbox',
            f'"content-digest": sha-256=:{SHA256}:',
            f'"@signature-params": ({BASE}){PARAMETERS};alg="rsa-pss-sha512"',
        ]
    )
    assert isinstance(ALICE.key, RSAPrivateKey)
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
    signature = ALICE.key.sign(text.encode(), pss, hashes.SHA512())
    header = f"sig1=:{b64encode(signature).decode()}:"
    assert outcome(changed(made, Signature=header)) == 202


def test_ed25519_needs_an_ed25519_key() -> None:
    request = rfc9421(key=ALICE_ED25519)
    assert outcome(request, ALICE_ED25519.public) == 202
    assert outcome(request, ALICE.public) == 401
    labelled = rfc9421(key=ALICE_ED25519, parameters=PARAMETERS + ';alg="rsa-v1_5-sha256"')
    assert outcome(labelled, ALICE_ED25519.public) == 401


def test_key_of_another_is_401() -> None:
    assert outcome(rfc9421(key=MALLORY)) == 401


# --- digest -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "status"),
    [
        (f"sha-256=:{SHA256}:", 202),
        (f"md5=:AAAA:, sha-256=:{SHA256}:", 202),
        (f"sha-256=:{SHA256}:;x=1", 202),
        (f"sha-256=:{base64_sha256(b'other')}:", 401),
        (f"sha-512=:AAAA:, sha-256=:{SHA256}:", 401),
        ("sha-256=:AAAA:", 401),
        ("sha-256", 400),
        ("sha-256=(:AAAA:)", 400),
        ("md5=:AAAA:", 401),
        ("", 401),
        (f"sha-256={SHA256}", 400),
        (f"SHA-256=:{SHA256}:", 400),
        (f"sha-256=:{SHA256[:-1]}:", 400),
        (f"sha-256=:{SHA256}", 400),
        (f"sha-256=:{SHA256}:,", 400),
        (f"sha-256=:{SHA256}:,sha-256=:AAAA:", 400),
        ("sha-256=:*:", 400),
    ],
)
def test_content_digest(digest: str, status: int) -> None:
    assert outcome(rfc9421(headers={"Content-Digest": digest})) == status


def test_missing_content_digest_is_401() -> None:
    request = rfc9421()
    kept = tuple(pair for pair in request.headers if pair[0] != "Content-Digest")
    bare = SignedRequest(method="POST", target="/inbox", headers=kept, body=BODY)
    assert outcome(bare) == 401


def test_body_swapped_after_signing_is_401() -> None:
    headers = rfc9421().headers
    swapped = SignedRequest(method="POST", target="/inbox", headers=headers, body=b"{}")
    assert outcome(swapped) == 401
    new = f"sha-256=:{base64_sha256(b'{}')}:"
    assert outcome(changed(swapped, Content_Digest=new)) == 401


# --- one signature, one meaning -----------------------------------------------------------------


def test_any_label_will_do() -> None:
    assert outcome(rfc9421(label="activitypub")) == 202


def test_several_labels_are_400() -> None:
    request = rfc9421()
    headers = dict(request.headers)
    for name in ("Signature-Input", "Signature"):
        two = headers[name] + ", " + headers[name].replace("sig1", "sig2")
        assert outcome(changed(request, **{name: two})) == 400
    both = {
        name: headers[name] + ", " + headers[name].replace("sig1", "sig2")
        for name in ("Signature-Input", "Signature")
    }
    assert outcome(changed(request, **both)) == 400


def test_both_styles_in_one_request_are_refused() -> None:
    old = dict(cavage().headers)["Signature"]
    assert outcome(doubled(rfc9421(), "Signature", old)) == 401
    assert outcome(changed(rfc9421(), Signature=old)) == 400
    assert (
        outcome(changed(cavage(), Signature_Input=dict(rfc9421().headers)["Signature-Input"]))
        == 400
    )


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest", "Host"])
def test_security_header_that_stands_twice_is_refused(name: str) -> None:
    status = 401 if name.startswith("Signature") else 400
    assert outcome(doubled(rfc9421(), name)) == status


def test_input_without_signature_is_401() -> None:
    request = rfc9421()
    kept = tuple(pair for pair in request.headers if pair[0] != "Signature")
    assert outcome(SignedRequest(method="POST", target="/inbox", headers=kept, body=BODY)) == 401


@pytest.mark.parametrize(
    ("signature_input", "signature"),
    [
        ("", ""),
        ("sig1", "sig1=:AAAA:"),
        ("sig1=1", "sig1=:AAAA:"),
        (f"sig1=1{PARAMETERS}", "sig1=:AAAA:"),
        (f"sig1=(){PARAMETERS} sig2=()", "sig1=:AAAA:"),
        (f"sig1=(){PARAMETERS}", "sig2=:AAAA:"),
        (f"sig1=(){PARAMETERS}", "sig1=AAAA"),
        (f"sig1=(){PARAMETERS}", 'sig1="AAAA"'),
        (f"sig1=(){PARAMETERS}", "sig1=:AAA:"),
        (f"sig1=(){PARAMETERS}", "sig1=()"),
        (f'sig1=("host" "host"){PARAMETERS}', "sig1=:AAAA:"),
        (f'sig1=("host""date"){PARAMETERS}', "sig1=:AAAA:"),
        (f'sig1=("host"){PARAMETERS}', "sig1=:AAAA:, "),
        ('sig1=("host"', "sig1=:AAAA:"),
        (f"sig1=(){PARAMETERS};{'a' * 9000}", "sig1=:AAAA:"),
        (f"sig1=({MANY}){PARAMETERS}", "sig1=:AAAA:"),
        (f"SIG1=(){PARAMETERS}", "SIG1=:AAAA:"),
    ],
)
def test_headers_that_cannot_be_read_are_400(signature_input: str, signature: str) -> None:
    request = changed(rfc9421(), Signature_Input=signature_input, Signature=signature)
    with pytest.raises(SignatureMalformed):
        read_signature(request)


def test_blanks_the_rfc_allows_are_read() -> None:
    request = rfc9421()
    spaced = dict(request.headers)["Signature-Input"].replace("=(", "=(  ").replace('" "', '"   "')
    assert outcome(changed(request, Signature_Input=spaced.replace(";", "; "))) == 202


def test_refusal_names_what_is_missing() -> None:
    claim = read_signature(rfc9421())
    assert "content-digest" in claim.components
    with pytest.raises(SignatureRefused, match="https"):
        read_signature(rfc9421(parameters=f';created={CREATED};keyid="alice"'))
