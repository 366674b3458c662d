"""Who made a request: the actor whose key signed it, for POSTs to an inbox and for fetches alike."""

from datetime import datetime
from functools import partial

from aiohttp import web

from federation.addresses import host_of, origin
from federation.keyring import Keyring
from federation.keys import CLOCK_WATCH, KEYRING
from federation.signatures import SignatureRefused, SignedRequest, read_signature, verify
from federation.signatures.claims import SignatureClaim
from federation.signatures.requests import normal_host
from node.config import Config
from node.errors import RoughweatherError
from node.keys import CLOCK, CONFIG, URLS
from node.urls import Urls


def as_it_came(request: web.Request, body: bytes = b"") -> SignedRequest:
    """The request as it came over the wire."""
    return SignedRequest(
        method=request.method,
        target=request.raw_path,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
        ),
        body=body,
    )


def own_hosts(urls: Urls, config: Config) -> frozenset[str]:
    """The hosts a signature may be made for.

    In private networks also our own port on loopback, and our name without the port: gancio, Pixelfed and
    many small servers leave it out of `Host`, which nobody notices where it is the default one.
    """
    scheme = "https" if urls.secure else "http"
    public = normal_host(urls.host, scheme)
    if not config.allow_private_networks:
        return frozenset({public})
    port = origin(urls.origin).port
    local = (normal_host(f"{name}:{port}", scheme) for name in ("localhost", "127.0.0.1"))
    return frozenset({public, *local, host_of(urls.origin)})


async def prove(
    signed: SignedRequest,
    claim: SignatureClaim,
    keyring: Keyring,
    *,
    may_be: tuple[datetime, datetime],
    hosts: frozenset[str],
    scheme: str,
) -> str:
    """The id of the actor who signed; asks once for a newer key where ours does not fit.

    `may_be`: between which moments it is now (`ClockWatch.may_be`).
    """
    now, latest = may_be
    check = partial(verify, signed, claim, now=now, latest=latest, hosts=hosts, scheme=scheme)
    owner = await keyring.find(claim.key_id)
    try:
        check(key=owner.key)
    except SignatureRefused:
        newer = await keyring.refetch(claim.key_id, owner)
        if newer is None:
            raise
        check(key=newer.key)
        return newer.actor_id
    return owner.actor_id


async def fetcher(request: web.Request) -> str | None:
    """The id of the actor in whose name something is fetched; None where that is not proved."""
    urls = request.app[URLS]
    signed = as_it_came(request)
    try:
        return await prove(
            signed,
            read_signature(signed),
            request.app[KEYRING],
            may_be=request.app[CLOCK_WATCH].may_be(request.app[CLOCK].now()),
            hosts=own_hosts(urls, request.app[CONFIG]),
            scheme="https" if urls.secure else "http",
        )
    except RoughweatherError:
        return None
