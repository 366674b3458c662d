"""Looking around: which groups stand with which, learned from the neighbours, with no directory anywhere.

A neighbour that agrees names the groups it stands with (`standsWith`); so do those. Each group that is named
is asked what it says of itself, and only that is believed. Two steps, no further: a neighbour's list, and
the lists of the groups on it. Once a day each, asked whether anything has changed; four servers at once, one
request at a time at each, with a rest between two groups of one server. Nothing is followed by itself.
The bounds are in `node.services.known_groups`.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from federation.client import Client
from federation.media_types import ACCEPT
from federation.read_group import read_group, read_standing
from node.clock import Clock
from node.domain.known_group import GroupProfile
from node.errors import GoneError, NotFoundError, RefusedError, RoughweatherError
from node.services import known_groups as service
from node.store import known_groups
from node.store.database import Database, Session
from node.store.known_groups import Due
from node.urls import Urls

log = logging.getLogger(__name__)

_AT_ONCE: Final = 4
_SECONDS: Final = 10.0
_REST: Final = timedelta(seconds=5)
_JITTER: Final = 0.25
_IDLE: Final = timedelta(hours=1)
_PAUSES: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What was found: None for what is as it was. `ids` is empty where a group names nobody."""

    profile: GroupProfile | None
    actor_etag: str | None
    ids: Sequence[str] | None
    list_etag: str | None


class CrawlWorker:
    """Looks at the known groups, each when its time has come; `every` is how often, in the usual case."""

    name = known_groups.CRAWL_WORKER

    def __init__(
        self, database: Database, client: Client, clock: Clock, urls: Urls, *, every: timedelta
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._urls = urls
        self._every = every

    async def step(self) -> bool:
        """Look at a few groups, each on another server; False when none is due."""
        now = self._clock.now()
        if await self._database.read(known_groups.is_unsettled):
            await self._database.write(partial(known_groups.settle, now=now))
        due = await self._database.read(partial(known_groups.due, now=now, limit=_AT_ONCE))
        await asyncio.gather(*(self._visit(one) for one in due))
        return bool(due)

    async def idle_seconds(self) -> float:
        """Until the next group is due, at most an hour, in seconds."""
        again = self._database.peek(known_groups.next_due)
        wait = again - self._clock.now() if again is not None else _IDLE
        return max(0.0, min(wait, _IDLE).total_seconds())

    async def _visit(self, one: Due) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                look = await self._look(one)
        except (RoughweatherError, TimeoutError) as error:
            log.info("the group %s cannot be looked at: %s", one.id, error)
            work = partial(self._put_off, one=one)
        else:
            work = partial(self._keep, one=one, look=look)
        await self._database.write(work)

    async def _look(self, one: Due) -> _Look:
        """The group's own document, and its list. Raises what the client raises, RefusedError, MalformedError."""
        fetched = await self._client.get(one.id, accept=ACCEPT, etag=one.actor_etag)
        profile, stands_with = None, one.stands_with
        if fetched.status == 200:
            profile = read_group(await self._client.document(fetched, one.id))
            if profile.id != one.id:
                raise RefusedError("The group has another id than the one it is named by.")
            stands_with = profile.stands_with
        edition = one.list_etag if stands_with == one.stands_with else None
        reads = stands_with if one.reads_list else None
        ids, list_etag = await self._list(one.id, reads, edition)
        actor_etag = fetched.etag if fetched.status == 200 else one.actor_etag
        return _Look(profile=profile, actor_etag=actor_etag, ids=ids, list_etag=list_etag)

    async def _list(
        self, owner: str, address: str | None, etag: str | None
    ) -> tuple[Sequence[str] | None, str | None]:
        """Whom a group says it stands with, and which edition this is; None where that is as it was.

        A list that cannot be had or read today counts as it was, one that is not there as empty.
        """
        if address is None:
            return (), None
        try:
            fetched = await self._client.get(address, accept=ACCEPT, etag=etag)
            if fetched.status != 200:
                return None, etag
            document = await self._client.document(fetched, address)
            return read_standing(document, owner, service.FROM_A_NEIGHBOUR), fetched.etag
        except (NotFoundError, GoneError):
            return (), None
        except RoughweatherError as error:
            log.info("the list of %s cannot be read: %s", owner, error)
            return None, etag

    def _keep(self, session: Session, one: Due, look: _Look) -> None:
        now = self._clock.now()
        if look.profile is not None:
            known_groups.confirm(session, look.profile, look.actor_etag)
        if look.ids is not None:
            service.take_list(session, one.id, look.ids, urls=self._urls, now=now)
            known_groups.note_list(session, one.id, look.list_etag)
        known_groups.rest(session, one.host, now + _REST)
        known_groups.seen(session, one.id, now, self._after(now, self._every))

    def _put_off(self, session: Session, one: Due) -> None:
        now = self._clock.now()
        pause = _PAUSES[min(one.attempts, len(_PAUSES) - 1)]
        known_groups.rest(session, one.host, now + _REST)
        known_groups.put_off(session, one.id, self._after(now, pause))

    def _after(self, now: datetime, pause: timedelta) -> datetime:
        return now + pause * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
