"""The inbox: from a POST to a row that outlives a crash, and 202.

The order is from cheap to dear, and nothing is asked of other servers before the block list and the
gate have passed: size, media type, strict JSON, closed doors, signature, signer is the actor, one
INSERT. What the activity does is for the worker.

Statuses (interop g8): 202 taken, had before, of a type we do not know, forwarded, or an unknown
actor that deletes itself; 400 unreadable; 401 not proved; 403 blocked; 413, 415, 429; 503 where the
key cannot be had at the moment or the disk cannot be written.

Forwarded activities (signed by a server that is not the actor's) carry a proof of their author inside,
which we do not read: they are acknowledged, so that they are not sent again, and dropped. A reply
that matters to us comes to us from its author.
"""

import asyncio
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import hdrs, web

from federation.addresses import host_of, origin
from federation.gate import parse_json
from federation.inbox.dispatch import HANDLERS
from federation.inbox.limits import Limiter
from federation.keyring import Keyring
from federation.keys import KEYRING
from federation.parse import Activity, read_activity
from federation.signatures import SignatureRefused, SignedRequest, read_signature, verify
from federation.signatures.claims import SignatureClaim
from federation.signatures.requests import normal_host
from node.config import Config
from node.errors import (
    ForbiddenError,
    MalformedError,
    TooLargeError,
    TryLaterError,
    UnauthenticatedError,
)
from node.keys import CLOCK, CONFIG, DATABASE, URLS
from node.services.moderation import host_targets, targets
from node.store import blocks, inbound
from node.store.database import Session
from node.urls import Urls

MAX_BODY: Final = 1024 * 1024
_MOST_HEADERS: Final = 100
_BODY_SECONDS: Final = 10.0
_MEDIA_TYPES: Final = frozenset(
    {"application/activity+json", "application/ld+json", "application/json"}
)
_PROOFS: Final = ("signature", "proof")


class UnsupportedMediaTypeError(MalformedError):
    """The body is of a kind, or packed in a way, that the inbox does not take."""

    status = 415


class Receiver:
    """The handler of every inbox of the node, with its memory of who sends how fast."""

    def __init__(self) -> None:
        self._per_actor = Limiter(per_minute=60, burst=300)
        self._per_host = Limiter(per_minute=6000, burst=20_000)

    async def receive(self, request: web.Request) -> web.Response:
        """Take one activity. Raises RoughweatherErrors, which the application answers."""
        app = request.app
        now = app[CLOCK].now()
        database, urls = app[DATABASE], app[URLS]
        hosts = _own_hosts(urls, app[CONFIG])
        _check_headers(request, hosts, urls)
        body = await _read(request)
        activity = read_activity(parse_json(body))
        if database.peek(partial(_is_idle_farewell, activity=activity)):
            return web.Response(status=202)
        database.peek(partial(_check_doors, activity=activity, urls=urls))
        signed = _signed(request, body)
        claim = read_signature(signed)
        database.peek(partial(_check_key_door, claim=claim, urls=urls))
        owner = await _prove(app[KEYRING], signed, claim, now=now, hosts=hosts, urls=urls)
        sender = origin(owner)
        self._per_host.take(sender.host, now)
        self._per_actor.take(owner, now)
        if owner != activity.actor:
            return _not_by_its_actor(activity)
        if activity.type in HANDLERS:
            await database.write(
                partial(
                    inbound.add,
                    origin=inbound.origin_of(owner),
                    activity_id=activity.key,
                    actor_id=owner,
                    kind=activity.type,
                    body=body,
                    now=now,
                )
            )
        return web.Response(status=202)


def routes() -> list[web.RouteDef]:
    """The inboxes of one application: the group's, the instance actor's and the shared one."""
    receiver = Receiver()
    paths = ("/inbox", "/group/inbox", "/instance/inbox")
    return [web.post(path, receiver.receive) for path in paths]


def _own_hosts(urls: Urls, config: Config) -> frozenset[str]:
    """The hosts a signature may be made for; in private networks also our own port on loopback."""
    scheme = "https" if urls.secure else "http"
    public = normal_host(urls.host, scheme)
    if not config.allow_private_networks:
        return frozenset({public})
    port = origin(urls.origin).port
    local = (normal_host(f"{name}:{port}", scheme) for name in ("localhost", "127.0.0.1"))
    return frozenset({public, *local})


def _check_headers(request: web.Request, hosts: frozenset[str], urls: Urls) -> None:
    """Refuse by its head alone what cannot be taken."""
    if not request.raw_path.startswith("/"):
        raise MalformedError("The request target must be a path.")
    if len(request.raw_headers) > _MOST_HEADERS:
        raise MalformedError("The request has too many headers.")
    scheme = "https" if urls.secure else "http"
    if normal_host(request.headers.get(hdrs.HOST, ""), scheme) not in hosts:
        raise UnauthenticatedError("The request was made for another host.")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("The body must not be compressed.")
    media_type = request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0]
    if media_type.strip().lower() not in _MEDIA_TYPES:
        raise UnsupportedMediaTypeError("The body must be application/activity+json.")
    if (request.content_length or 0) > MAX_BODY:
        raise TooLargeError("The body must not be larger than 1 MiB.")


async def _read(request: web.Request) -> bytes:
    """The body, at most 1 MiB, within ten seconds; most are all there when the handler starts."""
    content = request.content
    if content.is_eof():
        body = content.read_nowait()
    else:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_slowly(request)
        except TimeoutError:
            request.protocol.force_close()
            raise TryLaterError("The body did not arrive in time.") from None
    if len(body) > MAX_BODY:
        raise TooLargeError("The body must not be larger than 1 MiB.")
    return body


async def _read_slowly(request: web.Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MAX_BODY:
            break
    return b"".join(parts)


def _signed(request: web.Request, body: bytes) -> SignedRequest:
    """The request as it came over the wire."""
    return SignedRequest(
        method=request.method,
        target=request.raw_path,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
        ),
        body=body,
    )


def _is_idle_farewell(session: Session, activity: Activity) -> bool:
    """Whether an actor deletes itself of whom we never heard: every server gets those in thousands.

    Its key is gone already, so nobody could check the signature, and there is nothing to delete.
    """
    if activity.type != "Delete" or activity.object_id != activity.actor:
        return False
    return not blocks.is_at_hand(session, activity.actor)


def _check_doors(session: Session, activity: Activity, urls: Urls) -> None:
    if urls.is_ours(activity.actor):
        raise UnauthenticatedError("The node sends nothing to itself.")
    if blocks.any_of(session, targets(activity.actor)):
        raise ForbiddenError("The door is closed.")


def _check_key_door(session: Session, claim: SignatureClaim, urls: Urls) -> None:
    if urls.is_ours(claim.key_id):
        raise UnauthenticatedError("The node sends nothing to itself.")
    if blocks.any_of(session, host_targets(host_of(claim.key_id))):
        raise ForbiddenError("The door is closed.")


async def _prove(
    keyring: Keyring,
    signed: SignedRequest,
    claim: SignatureClaim,
    *,
    now: datetime,
    hosts: frozenset[str],
    urls: Urls,
) -> str:
    """The id of the actor who signed; asks once for a newer key where ours does not fit."""
    scheme = "https" if urls.secure else "http"
    owner = await keyring.find(claim.key_id)
    try:
        verify(signed, claim, owner.key, now=now, hosts=hosts, scheme=scheme)
    except SignatureRefused:
        newer = await keyring.refetch(claim.key_id, owner)
        if newer is None:
            raise
        verify(signed, claim, newer.key, now=now, hosts=hosts, scheme=scheme)
        return newer.actor_id
    return owner.actor_id


def _not_by_its_actor(activity: Activity) -> web.Response:
    if any(name in activity.raw for name in _PROOFS):
        return web.Response(status=202)
    raise UnauthenticatedError("The activity is not signed by its actor.")
