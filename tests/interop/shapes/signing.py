"""Requests signed by hand as other servers sign them: on `cryptography` alone, with none of our own code.

An error in our own signer or in our own reading of the drafts cannot agree with itself here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from federation.signatures import SigningKey
from tests.signing import base64_sha256, raw_signature


class Signs(Protocol):
    """Either generation of signatures."""

    def headers(
        self,
        key: SigningKey,
        key_id: str,
        method: str,
        url: str,
        sent: Mapping[str, str],
        body: bytes | None,
        moment: datetime,
    ) -> dict[str, str]:
        """What is added to the headers `sent` with the request; `body` is None for a GET."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cavage:
    """draft-cavage-http-signatures: the lines in their order, the label, the order of parameters.

    `algorithm` None leaves the label out; `query` says whether (request-target) has it; `expires`
    seconds and `created` add those parameters, bare as hs2019 has them.
    """

    post: str = "(request-target) host date digest"
    get: str = "(request-target) host date"
    algorithm: str | None = "rsa-sha256"
    parameters: str = "keyId algorithm created expires headers signature"
    query: bool = True
    created: bool = False
    expires: int | None = None
    digest: str = "SHA-256"

    def headers(
        self,
        key: SigningKey,
        key_id: str,
        method: str,
        url: str,
        sent: Mapping[str, str],
        body: bytes | None,
        moment: datetime,
    ) -> dict[str, str]:
        parts, created = urlsplit(url), int(moment.timestamp())
        target = parts.path + (f"?{parts.query}" if parts.query and self.query else "")
        added = {"Host": parts.netloc, "Date": http_date(moment)}
        if body is not None:
            added["Digest"] = f"{self.digest}={base64_sha256(body)}"
            added["Content-Length"] = str(len(body))
        values = {name.lower(): value for name, value in {**sent, **added}.items()}
        values["(request-target)"] = f"{method.lower()} {target}"
        values["(created)"] = str(created)
        values["(expires)"] = str(created + (self.expires or 0))
        names = self.get if body is None else self.post
        text = "\n".join(f"{name}: {values[name]}" for name in names.split())
        said = {
            "keyId": f'"{key_id}"',
            "algorithm": f'"{self.algorithm}"' if self.algorithm else None,
            "created": values["(created)"] if self.created else None,
            "expires": values["(expires)"] if self.expires else None,
            "headers": f'"{names}"',
            "signature": f'"{raw_signature(key, text)}"',
        }
        order = [name for name in self.parameters.split() if said[name] is not None]
        return added | {"Signature": ",".join(f"{name}={said[name]}" for name in order)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rfc9421:
    """HTTP Message Signatures: the covered components, the label, whether `alg` is said."""

    post: str = '"@method" "@target-uri" "@authority" "host" "date" "content-digest"'
    get: str = '"@method" "@target-uri" "@authority" "host" "date"'
    label: str = "sig1"
    algorithm: str | None = "rsa-v1_5-sha256"
    tag: str | None = None

    def headers(
        self,
        key: SigningKey,
        key_id: str,
        method: str,
        url: str,
        sent: Mapping[str, str],
        body: bytes | None,
        moment: datetime,
    ) -> dict[str, str]:
        parts = urlsplit(url)
        added = {"Host": parts.netloc, "Date": http_date(moment)}
        if body is not None:
            added["Content-Digest"] = f"sha-256=:{base64_sha256(body)}:"
            added["Content-Length"] = str(len(body))
        values = {f'"{name.lower()}"': value for name, value in {**sent, **added}.items()}
        values |= {
            '"@method"': method,
            '"@target-uri"': url,
            '"@authority"': parts.netloc,
            '"@path"': parts.path,
            '"@query"': f"?{parts.query}",
        }
        covered = self.get if body is None else self.post
        said = [f'alg="{self.algorithm}"' if self.algorithm else "", f'keyid="{key_id}"']
        said += [f"created={int(moment.timestamp())}", f'tag="{self.tag}"' if self.tag else ""]
        signed = f"({covered});" + ";".join(one for one in said if one)
        lines = [f"{name}: {values[name]}" for name in covered.split()]
        text = "\n".join([*lines, f'"@signature-params": {signed}'])
        return added | {
            "Signature-Input": f"{self.label}={signed}",
            "Signature": f"{self.label}=:{raw_signature(key, text)}:",
        }


def http_date(moment: datetime) -> str:
    """A moment as the Date header has it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
