"""Independent judges: what we sign they accept, what they sign we accept.

`httpsig` (draft-cavage) and `http-message-signatures` (RFC 9421) are used here and nowhere else;
docs/adr/0004-signatures.md says why.
"""

import ast
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import http_message_signatures as judge9421
import pytest

from federation.signatures import (
    SignedRequest,
    SigningKey,
    read_signature,
    sign_cavage,
    sign_rfc9421,
    verify,
)
from tests.signing import ALICE, ALICE_ED25519, BODY, HOSTS, KEY_ID, KEYS, MALLORY, NOW, outcome

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources
    from httpsig.sign import HeaderSigner  # type: ignore[import-untyped]
    from httpsig.verify import HeaderVerifier  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
URL = "https://node.example/inbox?from=relay"
TARGET = "/inbox?from=relay"
REQUIRED = ["(request-target)", "host", "date", "digest"]
ALGORITHMS = {
    "rsa": judge9421.algorithms.RSA_V1_5_SHA256,
    "ed25519": judge9421.algorithms.ED25519,
}


@pytest.mark.parametrize("signer", [ALICE, MALLORY], ids=["ours", "another's"])
def test_httpsig_judges_our_draft_cavage(signer: SigningKey) -> None:
    headers = sign_cavage(method="POST", url=URL, body=BODY, key=signer, key_id=KEY_ID, date=NOW)
    verifier = HeaderVerifier(
        headers,
        ALICE.public_pem().encode(),
        required_headers=REQUIRED,
        method="POST",
        path=TARGET,
        sign_header="signature",
    )
    assert verifier.verify() is (signer is ALICE)


@pytest.mark.parametrize("signer", ["alice_rsa", "mallory_rsa"])
def test_we_judge_httpsigs_draft_cavage(signer: str) -> None:
    honest = sign_cavage(method="POST", url=URL, body=BODY, key=ALICE, key_id=KEY_ID, date=NOW)
    unsigned = {name: value for name, value in honest.items() if name != "Signature"}
    secret = KEYS["private"][signer].encode()
    maker = HeaderSigner(KEY_ID, secret, "rsa-sha256", REQUIRED, sign_header="signature")
    made = dict(maker.sign(unsigned, method="POST", path=TARGET))
    request = SignedRequest(method="POST", target=TARGET, headers=tuple(made.items()), body=BODY)
    assert outcome(request) == (202 if signer == "alice_rsa" else 401)


def test_forgery_that_httpsig_accepts_is_refused_here() -> None:
    """HMAC with the public key as its secret: the reason why httpsig only judges."""
    honest = sign_cavage(method="POST", url=URL, body=BODY, key=ALICE, key_id=KEY_ID, date=NOW)
    unsigned = {name: value for name, value in honest.items() if name != "Signature"}
    public = ALICE.public_pem().encode()
    maker = HeaderSigner(KEY_ID, public, "hmac-sha256", REQUIRED, sign_header="signature")
    forged = dict(maker.sign(unsigned, method="POST", path=TARGET))
    verifier = HeaderVerifier(
        forged, public, REQUIRED, method="POST", path=TARGET, sign_header="signature"
    )
    assert verifier.verify() is True
    request = SignedRequest(method="POST", target=TARGET, headers=tuple(forged.items()), body=BODY)
    assert outcome(request) == 401


def resolver(key: SigningKey) -> judge9421.MappingKeyResolver:
    return judge9421.MappingKeyResolver(
        public_keys={KEY_ID: key.public.key}, private_keys={KEY_ID: key.key}
    )


@pytest.mark.parametrize("key", [ALICE, ALICE_ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("body", [BODY, None], ids=["POST", "GET"])
def test_http_message_signatures_judges_our_rfc9421(key: SigningKey, body: bytes | None) -> None:
    method = "POST" if body else "GET"
    now = datetime.now(UTC)  # the judge asks the clock of the machine
    headers = sign_rfc9421(method=method, url=URL, body=body, key=key, key_id=KEY_ID, created=now)
    verifier = judge9421.HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[key.type], key_resolver=resolver(key)
    )
    message = SimpleNamespace(method=method, url=URL, headers=headers)
    required = ("@method", "@target-uri") + (("content-digest",) if body else ())
    (result,) = verifier.verify(
        message, max_age=timedelta(hours=1), require_components=required, body=body
    )
    assert result.parameters["keyid"] == KEY_ID
    with pytest.raises(judge9421.InvalidSignature):
        verifier.verify(SimpleNamespace(method=method, url=URL + "x", headers=headers))


@pytest.mark.parametrize("key", [ALICE, ALICE_ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize(
    "covered",
    [
        ("@method", "@target-uri"),
        ("@method", "@authority", "@path", "@query", "date"),
        ("@method", "@authority", "@request-target", "@scheme", '"@query-param";name="from"'),
    ],
)
@pytest.mark.parametrize("include_alg", [True, False])
def test_we_judge_http_message_signatures(
    key: SigningKey, covered: tuple[str, ...], include_alg: bool
) -> None:
    headers = {"Host": "node.example", "Date": "Sun, 14 Mar 2027 16:00:00 GMT"}
    message = SimpleNamespace(method="POST", url=URL, headers=headers)
    judge9421.HTTPMessageSigner(
        signature_algorithm=ALGORITHMS[key.type], key_resolver=resolver(key)
    ).sign(
        message,
        key_id=KEY_ID,
        created=NOW,
        covered_component_ids=covered,
        include_alg=include_alg,
        body=BODY,
        tag="activitypub",
        nonce='with "quotes"',
    )
    request = SignedRequest(method="POST", target=TARGET, headers=tuple(headers.items()), body=BODY)
    verify(request, read_signature(request), key.public, now=NOW, hosts=HOSTS)
    tampered = SignedRequest(method="PUT", target=TARGET, headers=request.headers, body=BODY)
    assert outcome(tampered, key.public) == 401


@pytest.mark.parametrize("package", ["node", "federation", "web"])
def test_judges_are_never_used_at_run_time(package: str) -> None:
    judges = {"httpsig", "http_message_signatures", "http_sf"}
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not judges & {name.partition(".")[0] for name in names}, path
