"""Public keys of other servers by key id: memory first, then the database, then the network.

A key is believed only if both sides agree: the document at the key id (or its owner's) shows the key,
and the owner's own document lists it, on one origin (FEP-fe34, C12-C14). Whoever signs badly or
names dead keys must not make us fetch: what failed is remembered for a while, callers share one
fetch, and a key that does not fit is fetched again at most once in five minutes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from federation.addresses import (
    BlockedAddress,
    InvalidUrl,
    canonical,
    fetchable,
    origin,
    same_origin,
    without_fragment,
)
from federation.client import Client
from federation.inbox.limits import Limiter
from federation.read_actor import (
    ActorKey,
    advertises_rfc9421,
    expiry_of,
    key_ids,
    keys_to_keep,
    load_key,
    owner_of,
    read_actor,
    read_id,
    read_keys,
)
from federation.signatures import PublicKey, load_public_pem
from federation.signing import REMEMBERED
from federation.single_flight import SingleFlight
from node.clock import Clock
from node.errors import (
    GoneError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RoughweatherError,
    TooManyRequestsError,
    TryLaterError,
    UnauthenticatedError,
)
from node.ports import RemoteActor
from node.store import actors, hosts
from node.store.database import Database, Session
from node.urls import Urls

FRESH: Final = timedelta(hours=24)
REFUSED_FOR: Final = timedelta(minutes=5)
REFETCH_AFTER: Final = timedelta(minutes=5)
_FETCH_SECONDS: Final = 3.0  # peers wait 5 to 10 seconds for our answer to their delivery
_SECOND_FAILURE: Final = timedelta(seconds=30)
_REMEMBERED: Final = 4096
# Of one server. A post that many like brings thousands of new actors of a large server at once.
_KEYS_AT_ONCE: Final = 10_000
_KEYS_PER_MINUTE: Final = 1200

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwner:
    """A loaded public key, the id of the one actor it speaks for, and until when it does."""

    key: PublicKey
    actor_id: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A key in memory, and until when it is believed without asking again."""

    owner: KeyOwner
    until: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a key could not be had, until when nobody is asked, and how often in a row."""

    message: str
    retry_after: int | None
    until: datetime
    times: int

    def error(self) -> RoughweatherError:
        """The error to raise, made anew: one that is raised again and again grows."""
        if self.retry_after is None:
            return UnauthenticatedError(self.message)
        return TryLaterError(self.message, retry_after=self.retry_after)


@dataclass(frozen=True, slots=True)
class _Learned:
    """What a fetch brought: the key, all keys of its owner, and the owner where it can be written to.

    `newer`: its server says that it reads RFC 9421.
    """

    owner: KeyOwner
    keys: tuple[ActorKey, ...]
    actor: RemoteActor | None
    newer: bool


class _Recent(Generic[T]):
    """A mapping that keeps the `limit` entries used last."""

    def __init__(self, limit: int = _REMEMBERED) -> None:
        self._limit = limit
        self._entries: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str) -> T | None:
        found = self._entries.get(name)
        if found is not None:
            self._entries.move_to_end(name)
        return found

    def put(self, name: str, value: T) -> None:
        self.drop(name)
        self._entries[name] = value
        if len(self._entries) > self._limit:
            self.drop(next(iter(self._entries)))

    def drop(self, name: str) -> T | None:
        return self._entries.pop(name, None)


class _Keys(_Recent[_Held]):
    """Keys by their id, and which of them are one actor's."""

    def __init__(self) -> None:
        super().__init__()
        self._by_actor: dict[str, set[str]] = {}

    def put(self, name: str, value: _Held) -> None:
        super().put(name, value)
        self._by_actor.setdefault(value.owner.actor_id, set()).add(name)

    def drop(self, name: str) -> _Held | None:
        held = super().drop(name)
        if held is not None:
            others = self._by_actor[held.owner.actor_id]
            others.discard(name)
            if not others:
                del self._by_actor[held.owner.actor_id]
        return held

    def drop_all_of(self, actor_id: str) -> None:
        for name in tuple(self._by_actor.get(actor_id, ())):
            self.drop(name)


class Keyring:
    """Finds the key a signature names. One per process; `close` when done."""

    def __init__(self, database: Database, client: Client, clock: Clock, urls: Urls) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._urls = urls
        self._held = _Keys()
        self._failures: _Recent[_Failure] = _Recent()
        self._refetched: _Recent[datetime] = _Recent()
        self._flights: SingleFlight[KeyOwner] = SingleFlight()
        self._pace = Limiter(per_minute=_KEYS_PER_MINUTE, burst=_KEYS_AT_ONCE)

    async def find(self, key_id: str) -> KeyOwner:
        """The key and whose it is; under 5 µs where it is held in memory.

        Raises UnauthenticatedError (401) where the key is gone or does not hold together,
        TryLaterError (503) where its server is in trouble, and TooManyRequestsError (429) where its
        server was asked for too many keys already.
        """
        now = self._clock.now()
        held = self._held.get(key_id)
        if held is not None and now < held.until:
            return held.owner
        failure = self._failures.get(key_id)
        if failure is not None and now < failure.until:
            raise failure.error()
        return await self._flights.run(
            key_id, lambda: self._look_up(key_id), share=_server_of(key_id)
        )

    async def refetch(self, key_id: str, tried: KeyOwner | None = None) -> KeyOwner | None:
        """The key fetched anew, for a signature that `tried` does not fit; None if it is no other.

        At most once per key in five minutes, else None (f10, C15); who comes while it is fetched
        waits for the same answer. Raises as `find`.
        """
        now = self._clock.now()
        held, last, failure = (
            self._held.get(key_id),
            self._refetched.get(key_id),
            self._failures.get(key_id),
        )
        if tried is not None and held is not None and held.owner is not tried:
            return held.owner
        flight = ("refetch", key_id)
        if not self._flights.under_way(flight):
            if last is not None and now < last + REFETCH_AFTER:
                return None
            if failure is not None and now < failure.until:
                raise failure.error()
            self._refetched.put(key_id, now)
        before = tried or await self.find(key_id)
        try:
            after = await self._flights.run(
                flight, lambda: self._fetch(key_id), share=_server_of(key_id)
            )
        except (TryLaterError, TooManyRequestsError):
            self._refetched.drop(key_id)  # nothing was learned: the next one may ask again
            raise
        return after if after.key.pem() != before.key.pem() else None

    def forget(self, actor_id: str) -> None:
        """Drop an actor's keys from memory, after its document was stored anew or deleted."""
        self._held.drop_all_of(actor_id)

    async def close(self) -> None:
        """Stop what is being fetched."""
        await self._flights.close()

    async def _look_up(self, key_id: str) -> KeyOwner:
        now = self._clock.now()
        stored = self._database.peek(lambda session: actors.find_key(session, key_id))
        if stored is not None and now < stored.fetched + FRESH:
            owner = KeyOwner(key=load_public_pem(stored.pem), actor_id=stored.owner)
            self._hold(key_id, owner, stored.fetched + FRESH)
            return owner
        try:
            return await self._fetch(key_id)
        except (TryLaterError, TooManyRequestsError):
            if stored is None:
                raise
            # Its server is down; what it said yesterday is still the best we know.
            owner = KeyOwner(key=load_public_pem(stored.pem), actor_id=stored.owner)
            self._hold(key_id, owner, now + REFETCH_AFTER)
            return owner

    async def _fetch(self, key_id: str) -> KeyOwner:
        # Key ids are whatever strangers write: nobody shall make us flood a third.
        self._pace.take(_server_of(key_id), self._clock.now())
        try:
            learned = await self._learn(key_id)
            if learned.owner.expires is not None and learned.owner.expires <= self._clock.now():
                raise UnauthenticatedError("The key has expired.")
        except RoughweatherError as error:
            raise await self._failed(key_id, error) from error
        now = self._clock.now()
        await self._database.write(lambda session: _store(session, key_id, learned, now))
        self.forget(learned.owner.actor_id)
        self._failures.drop(key_id)
        until, expires = now + FRESH, learned.owner.expires
        self._hold(key_id, learned.owner, until if expires is None else min(until, expires))
        return learned.owner

    def _hold(self, key_id: str, owner: KeyOwner, until: datetime) -> None:
        self._held.put(key_id, _Held(owner, until))

    async def _failed(self, key_id: str, error: RoughweatherError) -> RoughweatherError:
        """Remember a failure; the error that callers get for it.

        The first trouble with a server is not held against it: it may be well the next second.
        """
        now = self._clock.now()
        earlier = self._failures.get(key_id)
        times = 1 if earlier is None else earlier.times + 1
        if isinstance(error, TryLaterError):
            wait = (timedelta(0), _SECOND_FAILURE)[times - 1] if times <= 2 else REFUSED_FOR
            failure = _Failure(str(error), error.retry_after, now + wait, times)
        else:
            failure = _Failure(_reason(error), None, now + REFUSED_FOR, times)
            self._held.drop(key_id)
            if self._database.peek(lambda session: actors.find_key(session, key_id)) is not None:
                await self._database.write(lambda session: actors.delete_key(session, key_id))
        self._failures.put(key_id, failure)
        return failure.error()

    async def _learn(self, key_id: str) -> _Learned:
        """Fetch a key and what proves whose it is."""
        wanted = self._checked(key_id)
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                document = await self._client.get_json(without_fragment(wanted))
                if "publicKeyPem" in document or "publicKeyMultibase" in document:
                    return await self._from_key(document, wanted)
                return _learned(document, read_keys(document), wanted)
        except TimeoutError as error:
            raise TryLaterError("The key's server takes too long to answer.") from error

    def _checked(self, key_id: str) -> str:
        """The canonical key id, if it may be asked for at all."""
        if same_origin(key_id, self._urls.home):
            raise UnauthenticatedError("Our own keys do not speak to us.")
        fetchable(key_id, private=self._client.allow_private)
        return canonical(key_id)

    async def _from_key(self, document: Mapping[str, Any], wanted: str) -> _Learned:
        """From a key with a document of its own: its owner is asked, and must list it."""
        owner, key = owner_of(document), load_key(document)
        if read_id(document) != wanted or owner is None or not same_origin(owner, wanted):
            raise UnauthenticatedError("The key and its owner do not hold together.")
        actor = await self._client.get_json(owner)
        if read_id(actor) != owner or wanted not in key_ids(actor) or key is None:
            raise UnauthenticatedError("The key's owner does not list it.")
        shown = read_keys(actor)
        if all(one.id != wanted for one in shown):
            shown = (*shown, ActorKey(id=wanted, key=key, expires=expiry_of(document)))
        return _learned(actor, shown, wanted)


def _learned(document: Mapping[str, Any], keys: tuple[ActorKey, ...], wanted: str) -> _Learned:
    found = next((one for one in keys if one.id == wanted), None)
    if found is None and len(keys) == 1 and wanted == read_id(document):
        found = keys[0]  # gancio before 2024 and small servers name the actor itself
    if found is None:
        raise UnauthenticatedError("The actor does not list the key, or it is none we use.")
    try:
        actor = read_actor(document)
    except MalformedError:
        actor = None  # a stub, as GoToSocial shows to strangers: enough to know whose key it is
    owner = KeyOwner(key=found.key, actor_id=read_id(document), expires=found.expires)
    return _Learned(owner, keys, actor, advertises_rfc9421(document))


def _store(session: Session, key_id: str, learned: _Learned, now: datetime) -> None:
    """Keep what was learned; the key under the id that signatures name it by."""
    owner = learned.owner
    actors.delete_key(session, key_id)
    pems = dict(keys_to_keep(learned.keys, owner.actor_id))
    if owner.expires is None:
        pems[key_id] = owner.key.pem()
    actors.put_keys(session, owner.actor_id, pems.items(), now)
    if learned.actor is not None:
        actors.put(session, learned.actor, now)
    if learned.newer:
        hosts.reads_rfc9421(session, origin(owner.actor_id).netloc, now + REMEMBERED)


def _reason(error: RoughweatherError) -> str:
    if isinstance(error, NotFoundError | GoneError):
        return "The key that signed this is gone."
    if isinstance(error, InvalidUrl | BlockedAddress):
        return "The key cannot be asked for at its address."
    if isinstance(error, RefusedError | MalformedError):
        return f"The key cannot be believed. {error}"
    return str(error)


def _server_of(key_id: str) -> str:
    """The server to ask for a key; empty where the id names none, and so nobody will be asked."""
    try:
        return origin(key_id).netloc
    except InvalidUrl:
        return ""
