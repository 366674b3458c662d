"""The inbox: from a POST to a row that outlives a crash, and 202.

The order is from cheap to dear, and nothing is asked of other servers before the block list and the
gate have passed: size, media type, strict JSON, closed doors, signature, signer is the actor, one
INSERT. What the activity does is for the worker.

Statuses (interop g8): 202 taken, had before, of a type we do not know, forwarded, or an unknown
actor that deletes itself; 400 unreadable; 401 not proved; 403 blocked; 413, 415, 429; 503 where the
key cannot be had at the moment or the disk cannot be written.

Forwarded activities, signed by a server that is not the actor's, count as the actor's own where a proof
inside says so (FEP-8b32). Without one that holds, those that concern us are kept to be asked for at
their origin, and the others are acknowledged, so that they are not sent again, and dropped.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Self

from aiohttp import hdrs, web

from federation.addresses import host_of, same_origin
from federation.clock_watch import ClockWatch
from federation.gate import parse_json
from federation.inbox.dispatch import HANDLERS
from federation.inbox.forwarded import SPREAD, concerns_us, is_forwarded, source
from federation.inbox.limits import Limiter
from federation.keyring import Keyring
from federation.keys import CLOCK_WATCH, KEYRING
from federation.parse import Activity, read_activity
from federation.proofs import check_proof, read_proof
from federation.proving import as_it_came, own_hosts, prove
from federation.signatures import read_signature
from federation.signatures.requests import normal_host
from node.body import read_body
from node.clock import Clock
from node.errors import (
    ForbiddenError,
    MalformedError,
    RoughweatherError,
    UnauthenticatedError,
)
from node.keys import CLOCK, CONFIG, DATABASE, URLS
from node.refusals import CLAIMED
from node.services.moderation import Doors
from node.store import blocks, inbound
from node.store.database import Database
from node.store.inbound import Arrival
from node.urls import Urls

_MOST_HEADERS: Final = 100
_GATHER_SECONDS: Final = 0.002
# Canonical JSON takes about 0.2 ms per KB of processor time; what is larger is asked for at its origin.
_LARGEST_PROVED: Final = 64 * 1024
_MEDIA_TYPES: Final = frozenset(
    {"application/activity+json", "application/ld+json", "application/json"}
)


class UnsupportedMediaTypeError(MalformedError):
    """The body is of a kind, or packed in a way, that the inbox does not take."""

    status = 415


class Receiver:
    """The handler of every inbox of one application, with its memory of doors and of speed."""

    def __init__(self) -> None:
        self._per_actor = Limiter(per_minute=60, burst=300)
        self._per_host = Limiter(per_minute=6000, burst=20_000)
        self._per_forwarder = Limiter(per_minute=60, burst=300)  # each makes us ask a third
        self._place: _Place | None = None

    async def receive(self, request: web.Request) -> web.Response:
        """Take one activity. Raises RoughweatherErrors, which the application answers."""
        place = self._place = self._place or _Place.of(request.app)
        now = place.clock.now()
        _check_headers(request, place)
        body = await read_body(request)
        activity = read_activity(parse_json(body))
        request[CLAIMED] = host_of(activity.actor)
        if _is_idle_farewell(activity, place.database):
            return web.Response(status=202)
        _check_doors(activity.actor, place)
        signed = as_it_came(request, body)
        claim = read_signature(signed)
        _check_doors(claim.key_id, place)
        owner = await prove(
            signed,
            claim,
            place.keyring,
            may_be=place.watch.may_be(now),
            hosts=place.hosts,
            scheme=place.scheme,
        )
        self._per_host.take(host_of(owner), now)
        self._per_actor.take(owner, now)
        forwarded = owner != activity.actor
        if forwarded and not is_forwarded(activity):
            raise UnauthenticatedError("The activity is not signed by its actor.")
        if forwarded and len(body) <= _LARGEST_PROVED and await _is_proved(activity, now, place):
            owner, forwarded = activity.actor, False
        if forwarded and not _is_worth_asking(activity, place):
            return web.Response(status=202)
        if activity.type in HANDLERS:
            if forwarded:
                self._per_forwarder.take(host_of(owner), now)
            await place.intake.keep(
                Arrival(
                    origin=inbound.origin_of(owner),
                    activity_id=activity.key,
                    actor_id=activity.actor,
                    type=activity.type,
                    body=body,
                    received=now,
                    forwarded=forwarded,
                )
            )
        return web.Response(status=202)


class _Intake:
    """Keeps what arrives, one transaction at a time; what comes meanwhile shares the next one.

    A commit for each would cost most of what an activity costs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()
        self._waiting: list[Arrival] = []
        self._next: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Return once it is committed. Raises TryLaterError where the disk cannot be written."""
        self._waiting.append(arrival)
        if self._next is None:
            self._next = asyncio.create_task(self._write())
        await asyncio.shield(self._next)  # others wait for the same commit

    async def _write(self) -> None:
        async with self._turn:
            await asyncio.sleep(_GATHER_SECONDS)  # others are on their way
            arrivals, self._waiting, self._next = self._waiting, [], None
            await self._database.write(partial(inbound.add, arrivals=arrivals))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the inbox is: the parts of its application that every request needs.

    `hosts` are those a signature may be made for, `scheme` is that of our public address.
    """

    clock: Clock
    watch: ClockWatch
    database: Database
    doors: Doors
    intake: _Intake
    keyring: Keyring
    urls: Urls
    scheme: str
    hosts: frozenset[str]

    @classmethod
    def of(cls, app: web.Application) -> Self:
        """The place in an application that runs."""
        urls = app[URLS]
        return cls(
            clock=app[CLOCK],
            watch=app[CLOCK_WATCH],
            database=app[DATABASE],
            doors=Doors(app[DATABASE]),
            intake=_Intake(app[DATABASE]),
            keyring=app[KEYRING],
            urls=urls,
            scheme="https" if urls.secure else "http",
            hosts=own_hosts(urls, app[CONFIG]),
        )


def routes() -> list[web.RouteDef]:
    """The inboxes of one application: the group's, the instance actor's and the shared one."""
    receiver = Receiver()
    paths = ("/inbox", "/group/inbox", "/instance/inbox")
    return [web.post(path, receiver.receive) for path in paths]


def _check_headers(request: web.Request, place: _Place) -> None:
    """Refuse by its head alone what cannot be taken."""
    if not request.raw_path.startswith("/"):
        raise MalformedError("The request target must be a path.")
    if len(request.raw_headers) > _MOST_HEADERS:
        raise MalformedError("The request has too many headers.")
    if normal_host(request.headers.get(hdrs.HOST, ""), place.scheme) not in place.hosts:
        raise UnauthenticatedError("The request was made for another host.")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("The body must not be compressed.")
    media_type = request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0]
    if media_type.strip().lower() not in _MEDIA_TYPES:
        raise UnsupportedMediaTypeError("The body must be application/activity+json.")


def _is_idle_farewell(activity: Activity, database: Database) -> bool:
    """Whether an actor deletes itself of whom we never heard: every server gets those in thousands.

    Its key is gone already, so nobody could check the signature, and there is nothing to delete.
    """
    if activity.type != "Delete" or activity.object_id != activity.actor:
        return False
    return not database.peek(partial(blocks.is_at_hand, actor_id=activity.actor))


def _check_doors(url: str, place: _Place) -> None:
    """Refuse an actor or key of ours, or one whose door is closed."""
    if place.urls.is_ours(url):
        raise UnauthenticatedError("The node sends nothing to itself.")
    if place.doors.is_closed(url):
        raise ForbiddenError("The door is closed.")


def _is_worth_asking(activity: Activity, place: _Place) -> bool:
    """Whether its origin can be asked for what somebody passes on, and it matters here."""
    if source(activity) is None:
        return False
    known = partial(blocks.is_at_hand, actor_id=activity.actor)
    return concerns_us(activity, place.urls) or place.database.peek(known)


async def _is_proved(activity: Activity, now: datetime, place: _Place) -> bool:
    """Whether a proof inside an activity shows that its actor said it (FEP-8b32, FEP-fe34).

    What cannot be checked is as if there were none, never an error.
    """
    proof = read_proof(activity.raw) if activity.type in SPREAD else None
    if proof is None or not same_origin(proof.method, activity.actor):
        return False
    try:
        owner = await place.keyring.find(proof.method)
        if owner.actor_id != activity.actor:
            return False
        check_proof(activity.raw, proof, owner.key, now=now)
    except RoughweatherError:
        return False
    return True
