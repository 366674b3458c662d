"""Keys: what is loaded, what is refused, and that loading again gives the same key."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from federation.signatures import (
    KeyType,
    PublicKey,
    UnusableKey,
    generate_rsa,
    load_multikey,
    load_private_pem,
    load_public_pem,
)
from federation.signatures.keys import Primitive
from federation.signatures.multibase import decode_base58btc
from tests.signing import ALICE, ALICE_ED25519, KEYS, encode_base58btc

ED25519_PREFIX, RSA_PREFIX = b"\xed\x01", b"\x85\x24"


def multikey(key: PublicKey) -> str:
    if isinstance(key.key, Ed25519PublicKey):
        raw = key.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return encode_base58btc(ED25519_PREFIX + raw)
    raw = key.key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return encode_base58btc(RSA_PREFIX + raw)


@pytest.mark.parametrize("name", KEYS["accepted"])
def test_usable_public_keys_are_loaded(name: str) -> None:
    key = load_public_pem(KEYS["accepted"][name])
    assert key.type is (KeyType.ED25519 if name == "ed25519" else KeyType.RSA)
    assert load_public_pem("\r\n " + key.pem().replace("\n", "\r\n")).pem() == key.pem()
    assert load_multikey(multikey(key)).pem() == key.pem()


@pytest.mark.parametrize("name", KEYS["refused"])
def test_unusable_public_keys_are_refused(name: str) -> None:
    with pytest.raises(UnusableKey) as refusal:
        load_public_pem(KEYS["refused"][name])
    assert refusal.value.status == 401


def test_endless_pem_is_refused() -> None:
    with pytest.raises(UnusableKey):
        load_public_pem(KEYS["accepted"]["ed25519"] + " " * 10_000)


def test_new_key_survives_the_database() -> None:
    key = generate_rsa()
    again = load_private_pem(key.private_pem())
    assert again.public_pem() == key.public_pem() == key.public.pem()
    assert isinstance(key.public.key, RSAPublicKey)
    assert key.public.key.key_size == 2048
    assert again.public.matches(Primitive.RSA_SHA256, key.sign(b"text"), b"text")


def test_key_from_outside_is_checked() -> None:
    pem = KEYS["private"]["alice_rsa"]
    assert load_private_pem(pem, trusted=False).public_pem() == ALICE.public_pem()


@pytest.mark.parametrize(
    "pem", ["", "nonsense", KEYS["accepted"]["ed25519"], KEYS["refused"]["private"], "é"]
)
@pytest.mark.parametrize("trusted", [True, False])
def test_unusable_private_keys_are_refused(pem: str, trusted: bool) -> None:
    with pytest.raises(UnusableKey):
        load_private_pem(pem, trusted=trusted)


def test_elliptic_curve_private_key_is_refused() -> None:
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(*form).decode()
    with pytest.raises(UnusableKey):
        load_private_pem(pem)


def test_secret_does_not_show() -> None:
    assert "PRIVATE KEY-" not in repr(ALICE)
    assert ALICE_ED25519.private_pem() not in repr(ALICE_ED25519)


@pytest.mark.parametrize("primitive", Primitive)
def test_signature_matches_only_its_own_primitive(primitive: Primitive) -> None:
    rsa, ed25519 = ALICE.sign(b"text"), ALICE_ED25519.sign(b"text")
    assert ALICE.public.matches(primitive, rsa, b"text") is (primitive is Primitive.RSA_SHA256)
    assert not ALICE.public.matches(primitive, ed25519, b"text")
    holds = ALICE_ED25519.public.matches(primitive, ed25519, b"text")
    assert holds is (primitive is Primitive.ED25519)
    assert not ALICE_ED25519.public.matches(primitive, rsa, b"text")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("z7paNL19xttacUY", b"yes mani !"),
        ("z17paNL19xttacUY", b"\0yes mani !"),
        ("z117paNL19xttacUY", b"\0\0yes mani !"),
        ("z", b""),
    ],
)
def test_base58btc(text: str, data: bytes) -> None:
    """The examples of the multibase specification."""
    assert decode_base58btc(text) == data
    assert encode_base58btc(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "7paNL19xttacUY",
        "Z7Pznk19XTTzBtx",
        "z0OIl",
        "zé",
        "z" + "2" * 1024,
        encode_base58btc(ED25519_PREFIX + b"k" * 31),
        encode_base58btc(ED25519_PREFIX + b"k" * 33),
        encode_base58btc(b"\x80\x24" + b"k" * 33),
        encode_base58btc(RSA_PREFIX + b"k" * 200),
        encode_base58btc(RSA_PREFIX),
    ],
)
def test_unusable_multikeys_are_refused(text: str) -> None:
    with pytest.raises(UnusableKey):
        load_multikey(text)


@pytest.mark.parametrize("text", ["", "7paNL19xttacUY", "z" + "2" * 1024])
def test_what_is_not_base58btc_is_not_decoded(text: str) -> None:
    """The length is bounded because decoding is quadratic."""
    with pytest.raises(UnusableKey):
        decode_base58btc(text)


def test_multikey_is_what_its_prefix_says() -> None:
    with_rsa_prefix = decode_base58btc(multikey(ALICE.public))
    with pytest.raises(UnusableKey):
        load_multikey(encode_base58btc(b"\x80\x24" + with_rsa_prefix[2:]))


def test_multikey_of_a_short_rsa_key_is_refused() -> None:
    short = load_without_rules(KEYS["refused"]["rsa 1024"])
    with pytest.raises(UnusableKey, match="2048"):
        load_multikey(multikey(short))


def load_without_rules(pem: str) -> PublicKey:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    return PublicKey(key)
