"""What the core and the pages need from federation, named here so that they need not import it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteActor:
    """Somebody on another server, as far as we need to know: ids and addresses are full URLs."""

    id: str
    type: str
    handle: str
    name: str
    summary: str
    url: str | None
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    upcoming: str | None
    featured: str | None
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None


class ActorFinder(Protocol):
    """Finds somebody on another server; the network is asked only where the cache cannot tell."""

    async def find(self, target: str) -> RemoteActor:
        """By `@name@host`, actor URL or profile page URL.

        Raises NotFoundError when nobody answers to it, RefusedError when it may not be asked
        (blocked, private network), TryLaterError when its server is in trouble.
        """
        ...


class ListFetcher(Protocol):
    """Fetches a list of groups from an address."""

    async def fetch(self, address: str) -> bytes:
        """What is at an address. Raises NotFoundError, RefusedError, TooLargeError, TryLaterError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What stands at an address: None where it is as it was; `etag` names the edition, to ask with next time."""

    body: bytes | None
    etag: str | None


class CalendarFetcher(Protocol):
    """Fetches a calendar file from an address."""

    async def fetch(self, address: str, etag: str | None = None) -> Edition:
        """What is at an address, if it is another edition than `etag`.

        Raises NotFoundError, GoneError, RefusedError, TooLargeError, TryLaterError.
        """
        ...


class Deed(StrEnum):
    """What somebody wants to do from their own server: follow an actor, join an event, pass a thing on."""

    FOLLOW = "follow"
    JOIN = "join"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A server that was named, and the address there where the deed is done; None where it tells none."""

    host: str
    url: str | None = None


class WayFinder(Protocol):
    """Finds the way from our pages to somebody's own server."""

    async def way(self, home: str, deed: Deed, thing: str, words: str) -> Way:
        """Where somebody from `home` (`@name@host`, or a host) does `deed` with `thing`, an id.

        `words` name the thing, for servers that begin a post with them. Raises RefusedError where
        `home` is no address or may not be asked, TryLaterError where it does not answer.
        """
        ...
