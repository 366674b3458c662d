"""Write peers.json: inbox requests as each server family signs them, and attacks on them.

Everything is spelled out by hand on `cryptography`, so that an error in our own signer or in our
own reading of the draft cannot agree with itself here.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

HERE = Path(__file__).parent
KEYS = json.loads((HERE / "keys.json").read_text("utf-8"))
BODY = '{"type":"Like","actor":"https://peer.example/users/alice"}'
KEY_ID = "https://peer.example/users/alice#main-key"
DATE = "Sun, 14 Mar 2027 16:00:00 GMT"
CREATED = 1805040000  # the same moment
SHA256 = base64.b64encode(hashlib.sha256(BODY.encode()).digest()).decode()
HEADERS = {
    "Host": "node.example",
    "Date": DATE,
    "Digest": f"SHA-256={SHA256}",
    "Content-Type": "application/activity+json",
    "Content-Length": str(len(BODY)),
}


def private_key() -> RSAPrivateKey:
    """Alice's key."""
    pem = KEYS["private"]["alice_rsa"].encode()
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


KEY = private_key()


def rsa(text: str, algorithm: hashes.HashAlgorithm | None = None) -> str:
    """A PKCS#1 v1.5 signature in base64."""
    made = KEY.sign(text.encode(), padding.PKCS1v15(), algorithm or hashes.SHA256())
    return base64.b64encode(made).decode()


def public_pem_hmac(text: str) -> str:
    """The forgery that needs no secret: HMAC with the public key as its password."""
    secret = KEYS["accepted"]["rsa 2048"].encode()
    return base64.b64encode(hmac.digest(secret, text.encode(), "sha256")).decode()


def text(names: str, target: str = "/inbox", headers: dict[str, str] | None = None) -> str:
    """The signing string of the draft."""
    values = {name.lower(): value for name, value in {**HEADERS, **(headers or {})}.items()}
    values["(request-target)"] = f"post {target}"
    values["(created)"] = str(CREATED)
    return "\n".join(f"{name}: {values[name]}" for name in names.split(" "))


def case(
    name: str, signature: str, status: int, target: str = "/inbox", **headers: str
) -> dict[str, Any]:
    """One request and the status it deserves (202: the signature holds)."""
    changed = {header.replace("_", "-"): value for header, value in headers.items()}
    sent = {**HEADERS, **changed, "Signature": signature}
    return {"name": name, "target": target, "headers": sent, "status": status}


def quoted(label: str | None, names: str, made: str, *, between: str = ",", more: str = "") -> str:
    """The header as the draft writes it."""
    parts = [f'keyId="{KEY_ID}"', f'algorithm="{label}"' if label else "", more]
    parts += [f'headers="{names}"', f'signature="{made}"']
    return between.join(part for part in parts if part)


PLAIN = "(request-target) host date digest"
PLEROMA = "(request-target) content-length date digest host"
LEMMY = "(request-target) content-type date digest host"
TIMED = "(request-target) host (created) digest"
WITH_QUERY = "/inbox?from=relay"
LOWER = {"Digest": f"sha-256={SHA256}"}
LISTED = {"Digest": f"SHA-512=AAAA,SHA-256={SHA256}"}

PEERS = [
    case(
        "Mastodon, Misskey, Pixelfed",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN))),
        202,
    ),
    case("GoToSocial", quoted("hs2019", PLAIN, rsa(text(PLAIN))), 202),
    case("Lemmy", quoted("hs2019", LEMMY, rsa(text(LEMMY))), 202),
    case("Pleroma, Mobilizon", quoted("rsa-sha256", PLEROMA, rsa(text(PLEROMA))), 202),
    case("no algorithm", quoted(None, PLAIN, rsa(text(PLAIN))), 202),
    case(
        "blanks after commas",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN)), between=", "),
        202,
    ),
    case("old prefix", "Signature " + quoted("rsa-sha256", PLAIN, rsa(text(PLAIN))), 202),
    case("capital names", quoted("rsa-sha256", PLAIN.title(), rsa(text(PLAIN))), 202),
    case(
        "created, bare",
        quoted("hs2019", TIMED, rsa(text(TIMED)), more=f"created={CREATED}"),
        202,
    ),
    case(
        "created, quoted",
        quoted("hs2019", TIMED, rsa(text(TIMED)), more=f'created="{CREATED}"'),
        202,
    ),
    case("RSA-SHA512", quoted("hs2019", PLAIN, rsa(text(PLAIN), hashes.SHA512())), 202),
    case(
        "query",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN, WITH_QUERY))),
        202,
        WITH_QUERY,
    ),
    case(
        "query not signed",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN))),
        202,
        WITH_QUERY,
    ),
    case(
        "small digest",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN, "/inbox", LOWER))),
        202,
        **LOWER,
    ),
    case(
        "digests",
        quoted("rsa-sha256", PLAIN, rsa(text(PLAIN, "/inbox", LISTED))),
        202,
        **LISTED,
    ),
]
ATTACKS = [
    case(
        "HMAC with public key",
        quoted("hmac-sha256", PLAIN, public_pem_hmac(text(PLAIN))),
        401,
    ),
    case("HMAC called hs2019", quoted("hs2019", PLAIN, public_pem_hmac(text(PLAIN))), 401),
    case("SHA-1", quoted("rsa-sha1", PLAIN, rsa(text(PLAIN), hashes.SHA1())), 401),
    case(
        "SHA-1 called hs2019",
        quoted("hs2019", PLAIN, rsa(text(PLAIN), hashes.SHA1())),
        401,
    ),
    case("ed25519 label", quoted("ed25519", PLAIN, rsa(text(PLAIN))), 401),
    case(
        "created with rsa-sha256",
        quoted("rsa-sha256", TIMED, rsa(text(TIMED)), more=f"created={CREATED}"),
        401,
    ),
    case("query lost", quoted("rsa-sha256", PLAIN, rsa(text(PLAIN, WITH_QUERY))), 401),
    *(
        case(f"{name} not covered", quoted("rsa-sha256", names, rsa(text(names))), 401)
        for name in PLAIN.split(" ")
        for names in [" ".join(other for other in PLAIN.split(" ") if other != name)]
    ),
]


if __name__ == "__main__":
    document = {
        "moment": "2027-03-14T16:00:00Z",
        "host": "node.example",
        "body": BODY,
        "key_id": KEY_ID,
        "cases": PEERS + ATTACKS,
    }
    (HERE / "peers.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
