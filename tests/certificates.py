"""A certificate authority of our own, and what it signs: TLS on loopback with nobody's permission."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = (
    x509.DNSName("localhost"),
    *(x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "127.0.0.2")),
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: the authority to trust, and the key and certificate of both servers; one that ran out."""

    authority: Path
    key: Path
    certificate: Path
    expired: Path

    @classmethod
    def make(cls, directory: Path) -> Self:
        """Fresh files in `directory`, good for `localhost` and two addresses of it for a day."""
        authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        authority_name = _name("An authority of the tests")
        authority = (
            _certificate(authority_name, authority_name, authority_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        certificate, expired = (
            _certificate(_name("localhost"), authority_name, key.public_key(), ends)
            .add_extension(x509.SubjectAlternativeName(HOSTS), critical=False)
            .sign(authority_key, hashes.SHA256())
            for ends in (timedelta(days=1), timedelta(minutes=-1))
        )
        names = ("authority.pem", "key.pem", "certificate.pem", "expired.pem")
        made = cls(*(directory / name for name in names))
        made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.expired.write_bytes(expired.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    ends: timedelta = timedelta(days=1),
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + ends)
    )
