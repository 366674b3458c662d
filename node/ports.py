"""What the core and the pages need from federation, named here so that they need not import it."""

from dataclasses import dataclass
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


class ActorFinder(Protocol):
    """Finds somebody on another server; the network is asked only where the cache cannot tell."""

    async def find(self, target: str) -> RemoteActor:
        """By `@name@host`, actor URL or profile page URL.

        Raises NotFoundError when nobody answers to it, RefusedError when it may not be asked
        (blocked, private network), TryLaterError when its server is in trouble.
        """
        ...
