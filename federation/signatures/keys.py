"""Keys as loaded objects: loading is dear (a private PEM 50 ms, a public one 8 µs), using is not.

Cache a `PublicKey` by its key id and load our own `SigningKey` once per process.
"""

from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

from federation.signatures.errors import UnusableKey
from federation.signatures.multibase import decode_base58btc, encode_base58btc

RSA_BITS = 2048  # every server reads it; 4096 costs seven times as much per delivery
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 4096
_MIN_EXPONENT, _MAX_EXPONENT = 3, 2**32 - 1
_MAX_PEM = 8192  # characters
_MULTICODEC_ED25519 = b"\xed\x01"
_MULTICODEC_RSA = b"\x85\x24"
_ED25519_BYTES = 32

_PKCS1V15 = padding.PKCS1v15()
_PSS_SHA512 = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=64)
_SHA256, _SHA512 = hashes.SHA256(), hashes.SHA512()


class KeyType(StrEnum):
    """The kinds of key we use."""

    RSA = "rsa"
    ED25519 = "ed25519"


class Primitive(StrEnum):
    """The signature operations we know, whatever a header calls them."""

    RSA_SHA256 = "RSASSA-PKCS1-v1_5 with SHA-256"
    RSA_SHA512 = "RSASSA-PKCS1-v1_5 with SHA-512"
    RSA_PSS_SHA512 = "RSASSA-PSS with SHA-512 and a salt of 64 bytes"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Somebody's loaded public key."""

    key: RSAPublicKey | Ed25519PublicKey

    @property
    def type(self) -> KeyType:
        """What kind of key it is; it alone decides which algorithms are tried."""
        return KeyType.RSA if isinstance(self.key, RSAPublicKey) else KeyType.ED25519

    def matches(self, primitive: Primitive, signature: bytes, message: bytes) -> bool:
        """Whether `signature` over `message` was made with this key by `primitive`."""
        try:
            if isinstance(self.key, Ed25519PublicKey):
                if primitive is not Primitive.ED25519:
                    return False
                self.key.verify(signature, message)
            elif primitive is Primitive.RSA_SHA256:
                self.key.verify(signature, message, _PKCS1V15, _SHA256)
            elif primitive is Primitive.RSA_SHA512:
                self.key.verify(signature, message, _PKCS1V15, _SHA512)
            elif primitive is Primitive.RSA_PSS_SHA512:
                self.key.verify(signature, message, _PSS_SHA512, _SHA512)
            else:
                return False
        except InvalidSignature:
            return False
        return True

    def pem(self) -> str:
        """The key as SPKI PEM, as `publicKeyPem` carries it."""
        encoding = serialization.Encoding.PEM
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_bytes(encoding, form).decode("ascii")

    def multikey(self) -> str:
        """An Ed25519 key as `publicKeyMultibase` carries it (FEP-521a); raises UnusableKey for RSA."""
        if isinstance(self.key, RSAPublicKey):
            raise UnusableKey("Only an Ed25519 key is shown as a Multikey.")
        return encode_base58btc(_MULTICODEC_ED25519 + self.key.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One of our own loaded private keys."""

    key: RSAPrivateKey | Ed25519PrivateKey

    @property
    def type(self) -> KeyType:
        """What kind of key it is."""
        return KeyType.RSA if isinstance(self.key, RSAPrivateKey) else KeyType.ED25519

    @property
    def public(self) -> PublicKey:
        """The half that is published."""
        return PublicKey(self.key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-256, or with Ed25519. RSA takes about 0.8 ms."""
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(message)
        return self.key.sign(message, _PKCS1V15, _SHA256)

    def private_pem(self) -> str:
        """The secret half as unencrypted PKCS#8 PEM, for our own database only."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        secret = self.key.private_bytes(encoding, form, serialization.NoEncryption())
        return secret.decode("ascii")

    def public_pem(self) -> str:
        """The public half as SPKI PEM, as `publicKeyPem` carries it."""
        return self.public.pem()


def generate_rsa() -> SigningKey:
    """A new RSA-2048 key; takes about 60 ms."""
    return SigningKey(generate_private_key(public_exponent=65537, key_size=RSA_BITS))


def generate_ed25519() -> SigningKey:
    """A new Ed25519 key; takes less than 0.1 ms."""
    return SigningKey(Ed25519PrivateKey.generate())


def load_private_pem(pem: str, *, trusted: bool = True) -> SigningKey:
    """Load a private key of ours; raises UnusableKey.

    `trusted` skips the consistency check of RSA keys (50 ms): right for a key this node made and
    kept itself, wrong for one that came from outside, for instance with a move from elsewhere.
    """
    try:
        loaded = serialization.load_pem_private_key(
            pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=trusted
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("The private key cannot be read.") from error
    if not isinstance(loaded, RSAPrivateKey | Ed25519PrivateKey):
        raise UnusableKey("The key must be RSA or Ed25519.")
    _check_public(loaded.public_key())
    return SigningKey(loaded)


def load_public_pem(pem: str) -> PublicKey:
    """Load somebody's `publicKeyPem` (SPKI, or PKCS#1 as some send it); raises UnusableKey."""
    if len(pem) > _MAX_PEM or pem.count("-----BEGIN ") != 1:
        raise UnusableKey("The public key cannot be read.")
    try:
        loaded = serialization.load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("The public key cannot be read.") from error
    return _check_public(loaded)


def load_multikey(multibase: str) -> PublicKey:
    """Load the `publicKeyMultibase` of a Multikey (FEP-521a), Ed25519 or RSA; raises UnusableKey."""
    data = decode_base58btc(multibase)
    prefix, payload = data[:2], data[2:]
    if prefix == _MULTICODEC_ED25519 and len(payload) == _ED25519_BYTES:
        return PublicKey(Ed25519PublicKey.from_public_bytes(payload))
    if prefix != _MULTICODEC_RSA:
        raise UnusableKey("The key must be RSA or Ed25519.")
    try:
        return _check_public(serialization.load_der_public_key(payload))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("The public key cannot be read.") from error


def _check_public(key: object) -> PublicKey:
    """Accept Ed25519, and RSA of sane size and exponent (1024 is broken, 16384 is a way to burn
    our processor, e=1 verifies everything).
    """
    if isinstance(key, Ed25519PublicKey):
        return PublicKey(key)
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("The key must be RSA or Ed25519.")
    exponent = key.public_numbers().e
    if not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
        raise UnusableKey("An RSA key must have 2048 to 4096 bits.")
    if not _MIN_EXPONENT <= exponent <= _MAX_EXPONENT or exponent % 2 == 0:
        raise UnusableKey("The RSA key has an unusable exponent.")
    return PublicKey(key)
