"""How our requests are signed: in the older style first, in the newer one where a server wants it.

Mastodon before 4.4, Misskey, Pleroma, GoToSocial and Lemmy read only draft-cavage, and Pleroma answers 200
to an RFC 9421 signature that it drops. So the newer style is for servers that refused the older one with
400 or 401, that advertise it (FEP-844e), or that ask for it with `Accept-Signature`. And the other way
round: a server that is taken for such a one and refuses is asked once more in the older style.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from federation.addresses import origin
from federation.keypairs import Keypair
from federation.signatures import (
    Challenge,
    SignatureStyle,
    content_digest,
    read_challenge,
    sign_cavage,
    sign_rfc9421,
)
from federation.signatures.rfc9421 import ALGORITHMS
from node.clock import Clock
from node.store import hosts
from node.store.database import Database

# How long a style is remembered that a host was found to want.
REMEMBERED: Final = timedelta(days=30)
_KNOCK_AGAIN: Final = (400, 401)  # what servers answer that read only the other kind of signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """One way to sign a request."""

    style: SignatureStyle
    challenge: Challenge | None = None


FIRST: Final = Manner(style=SignatureStyle.CAVAGE)
NEWER: Final = Manner(style=SignatureStyle.RFC9421)


def usual(*, rfc9421: bool) -> Manner:
    """How to sign for a host, by what is remembered of it."""
    return NEWER if rfc9421 else FIRST


def once_more(
    used: Manner, status: int, accept_signature: str | None, pair: Keypair, *, body: bool
) -> Manner | None:
    """How to sign a request again that was answered with `status`; None where that is no use."""
    if status not in _KNOCK_AGAIN:
        return None
    if accept_signature is not None:
        algorithm = ALGORITHMS[pair.key.type]
        challenge = read_challenge(
            accept_signature, key_id=pair.key_id, algorithm=algorithm, body=body
        )
        if challenge is not None:
            return Manner(style=SignatureStyle.RFC9421, challenge=challenge)
    return NEWER if used.style is SignatureStyle.CAVAGE else FIRST


def signed_headers(
    method: str,
    url: str,
    body: bytes | None,
    pair: Keypair,
    *,
    manner: Manner,
    date: datetime,
    digest: str | None = None,
    content_type: str | None = None,
) -> dict[str, str]:
    """The headers of a signed request; `digest` is the legacy one, where it was worked out before.

    RSA takes 0.8 ms: for a thread. Raises ValueError for what cannot be signed.
    """
    extra = {"Content-Type": content_type} if content_type else {}
    if manner.style is SignatureStyle.CAVAGE:
        headers = sign_cavage(
            method=method,
            url=url,
            body=body,
            key=pair.key,
            key_id=pair.key_id,
            date=date,
            digest=digest,
        )
    else:
        headers = sign_rfc9421(
            method=method,
            url=url,
            body=body,
            key=pair.key,
            key_id=pair.key_id,
            created=date,
            digest=content_digest(body) if body is not None else None,
            challenge=manner.challenge,
            extra=extra,
        )
    return headers | extra


class Styles(Protocol):
    """What is known of hosts as readers of signatures."""

    def reads_rfc9421(self, url: str) -> bool:
        """Whether the host of a URL is to be written to in the newer style."""
        ...

    async def learned(self, url: str, *, rfc9421: bool) -> None:
        """Remember which style the host of a URL took, after it refused the other."""
        ...


class HostStyles:
    """`Styles` in the database, for every part of the node."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def reads_rfc9421(self, url: str) -> bool:
        """As `Styles`."""
        host, now = origin(url).netloc, self._clock.now()
        return bool(
            self._database.peek(lambda session: hosts.readers_of_rfc9421(session, {host}, now))
        )

    async def learned(self, url: str, *, rfc9421: bool) -> None:
        """As `Styles`."""
        host, now = origin(url).netloc, self._clock.now()
        until = now + REMEMBERED if rfc9421 else now
        await self._database.write(lambda session: hosts.reads_rfc9421(session, host, until))


class NoStyles:
    """`Styles` that remember nothing."""

    def reads_rfc9421(self, url: str) -> bool:
        """As `Styles`."""
        del url
        return False

    async def learned(self, url: str, *, rfc9421: bool) -> None:
        """As `Styles`."""
