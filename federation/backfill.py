"""Reading a neighbour's upcoming events: once it has accepted our Follow, then about once a day.

Nobody sends old posts to a new follower, so a calendar would stay empty until the next gathering is
announced. Asked for are `upcomingEvents` (FEP-8a8e), else `featured`, else the first pages of the
outbox (Mobilizon, Gancio, EveryCal and the Event Bridge list full Creates there). Collections of other
servers may be endless or run in circles: pages, items and time are bounded, and nothing outside the
neighbour's own origin is asked for.

What arrives keeps the calendar current; reading again finds what was lost on the way, and what servers that send
nothing (a calendar that is only read) have new. It is gentle: eight servers at once, of each one neighbour at a
time, at an hour of its own, with the ETag of last time where whole events stand in the collection, and ever more
rarely where it fails, down to once in sixteen days. Nothing is deleted because it is not there: what is over is
kept, what is withdrawn is told of.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zlib import crc32

from federation.addresses import same_origin
from federation.client import NOT_MODIFIED, Client
from federation.fetch_lanes import FetchLanes
from federation.media_types import ACCEPT
from federation.parse import Audience, Document, as_list, audience_of, carried, id_of, types_of
from federation.read_gathering_actor import gathering_of
from federation.read_post import EVENT, authors_of, read_post
from federation.resolve import Resolver
from node.clock import Clock
from node.domain.neighbour import NeighbourPost, PostKind
from node.errors import GoneError, MalformedError, NotFoundError, RoughweatherError, TryLaterError
from node.ports import RemoteActor
from node.services import boosts
from node.store import following, neighbours, tombstones
from node.store.database import Database, Session
from node.store.following import Turn
from node.store.inbound import origin_of
from node.urls import Urls

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8
_MOST_PAGES: Final = 5
_MOST_ITEMS: Final = 100
_MOST_FETCHES: Final = 60
_SECONDS: Final = 60.0
_PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
_EVERY: Final = timedelta(days=1)
_SPREAD: Final = timedelta(hours=6)  # so much later at most, each neighbour at an hour of its own
_LONGEST_PAUSE: Final = 16  # days, where it fails again and again
_CARRIERS: Final = frozenset({"Create", "Update", "Add"})
_EVERYONE: Final = {"to": "as:Public"}


class BackfillWorker:
    """Reads the upcoming events of neighbours, a few at a time: one that is slow keeps no other waiting."""

    name = following.BACKFILL_WORKER

    def __init__(
        self, database: Database, client: Client, resolver: Resolver, clock: Clock, urls: Urls
    ) -> None:
        self._database = database
        self._client = client
        self._resolver = resolver
        self._clock = clock
        self._urls = urls
        self._lanes = FetchLanes(database.wake_event(self.name), at_once=_AT_ONCE, of_one_server=1)

    async def step(self) -> bool:
        """Begin to read the events of one neighbour; False when nobody's turn has come, or all lanes are taken.

        Raises what ended the reading of one begun by an earlier step.
        """
        self._lanes.raise_failure()
        now = self._clock.now()
        turn = await self._database.read(partial(_next, now=now, besides=self._lanes.full))
        if turn is None:
            return False
        server = origin_of(turn.actor_id)
        if not self._lanes.has_room(server):
            return False
        self._lanes.begin((server, turn.actor_id), self._read(turn, now))
        return True

    async def settle(self) -> None:
        """Wait until all that was begun is read. Raises what ended one."""
        await self._lanes.settle()

    async def close(self, timeout: float) -> None:
        """Wait `timeout` seconds for what is being read; the rest has its turn again."""
        await self._lanes.close(timeout)

    async def _read(self, turn: Turn, now: datetime) -> None:
        try:
            found = await self._upcoming(turn, now)
            found = replace(found, practices=await self._practices(turn.actor_id, now))
        except RoughweatherError as error:
            log.info("the events of %s cannot be read now: %s", turn.actor_id, error)
            for_good = not isinstance(error, TryLaterError)
            await self._database.write(partial(_put_off, turn=turn, now=now, for_good=for_good))
        else:
            await self._database.write(partial(_keep, turn=turn, found=found, now=now))

    async def _upcoming(self, turn: Turn, now: datetime) -> "_Found":
        """The neighbour's events that are not over, from the first collection that has any."""
        actor_id = turn.actor_id
        actor = await self._resolver.actor(actor_id)
        trouble: TryLaterError | None = None
        try:
            async with asyncio.timeout(_SECONDS):
                if (own := await self._itself(actor, now)) is not None:
                    return _Found((own,))
                for collection in _collections(actor):
                    etag = turn.etag if collection == actor.upcoming else None
                    walk = _Walk(self._client, actor_id, now, etag)
                    found = await walk.events(collection)
                    if found or walk.unchanged:
                        kept = walk.etag if collection == actor.upcoming else None
                        return _Found(found, kept)
                    trouble = trouble or walk.trouble
        except TimeoutError:
            raise TryLaterError("It took too long.") from None
        if trouble is not None:
            raise trouble
        return _Found(())

    async def _practices(self, actor_id: str, now: datetime) -> Sequence[NeighbourPost] | None:
        """The practices in a neighbour's library, at most 100; None where it cannot be read now."""
        try:
            async with asyncio.timeout(_SECONDS):
                address = id_of((await self._client.get_json(actor_id)).get("practices"))
                if address is None or not same_origin(address, actor_id):
                    return ()
                items = as_list((await self._client.get_json(address)).get("orderedItems"))
        except (NotFoundError, GoneError):
            return ()
        except (RoughweatherError, TimeoutError) as error:
            log.info("the practices of %s cannot be read now: %s", actor_id, error)
            return None
        return [
            replace(read_post(one, via=actor_id, now=now), kind=PostKind.PRACTICE)
            for one in items[:_MOST_ITEMS]
            if isinstance(one, dict) and _is_practice(one, actor_id)
        ]

    async def _itself(self, actor: RemoteActor, now: datetime) -> NeighbourPost | None:
        """The gathering that a neighbour is, where its server makes each of them an actor.

        What was read now is as of now: actors rarely say when they were changed.
        """
        if actor.type != "Group":
            return None
        gathering = gathering_of(await self._client.get_json(actor.id))
        if gathering is None:
            return None
        return replace(read_post(gathering, via=actor.id, now=now), updated=now)


def _is_practice(document: Document, actor_id: str) -> bool:
    """An Article for everyone that the neighbour wrote, on its own server."""
    named = id_of(document.get("id"))
    return (
        named is not None
        and same_origin(named, actor_id)
        and "Article" in types_of(document)
        and EVENT not in types_of(document)
        and authors_of(document) == (actor_id,)
        and audience_of(document) is Audience.PUBLIC
    )


def _collections(actor: RemoteActor) -> Sequence[str]:
    named = (actor.upcoming, actor.featured, actor.outbox)
    return [url for url in named if url is not None and same_origin(url, actor.id)]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a neighbour has upcoming; the `etag` of the collection where whole events stood in it.

    `practices` are those of its library, None where that could not be read.
    """

    posts: Sequence[NeighbourPost]
    etag: str | None = None
    practices: Sequence[NeighbourPost] | None = None


class _Walk:
    """One walk through a collection, with what it may still fetch and where it has been."""

    def __init__(
        self, client: Client, actor_id: str, now: datetime, etag: str | None = None
    ) -> None:
        self.etag = etag
        self.unchanged = False
        self._client = client
        self._actor_id = actor_id
        self._now = now
        self._visited: set[str] = set()
        self.trouble: TryLaterError | None = None

    async def events(self, collection: str) -> list[NeighbourPost]:
        """The neighbour's events in a collection that are not over.

        What cannot be had or read is passed over; `trouble` says what could not be reached.
        """
        found: list[NeighbourPost] = []
        items = 0
        try:
            first = await self._first(collection)
            async for item in self._items(first):
                items += 1
                if items > _MOST_ITEMS:
                    break
                post = await self._event(item)
                if post is not None:
                    found.append(post)
        except TryLaterError as error:
            self.trouble = error
        except RoughweatherError as error:
            log.info("%s ends early: %s", collection, error)
        return found

    async def _event(self, item: object) -> NeighbourPost | None:
        try:
            return self._read(await self._object(item))
        except TryLaterError as error:
            self.trouble = error
        except RoughweatherError as error:
            log.info("an item of %s is passed over: %s", self._actor_id, error)
        return None

    async def _first(self, collection: str) -> Document | None:
        """The collection itself; None where it is as it was when it had our `etag`."""
        self._visited.add(collection)
        fetched = await self._client.get(collection, accept=ACCEPT, etag=self.etag)
        if fetched.status == NOT_MODIFIED:
            self.unchanged = True
            return None
        self.etag = fetched.etag
        document: Document = await self._client.document(fetched, collection)
        return document

    async def _items(self, page: Document | None) -> AsyncIterator[Any]:
        """Items page by page; the first page may be embedded, the others are fetched."""
        for _ in range(_MOST_PAGES + 1):
            if page is None:
                return
            for name in ("orderedItems", "items"):
                for item in as_list(page.get(name)):
                    yield item
            follow = page.get("first") if page.get("first") is not None else page.get("next")
            if isinstance(follow, dict):
                page = follow
                continue
            named = id_of(follow)
            page = await self._get(named) if named is not None else None

    async def _get(self, url: str) -> Document | None:
        """A document of the neighbour's server that was not read on this walk; else None."""
        known = url in self._visited or len(self._visited) >= _MOST_FETCHES
        if known or not same_origin(url, self._actor_id):
            return None
        self._visited.add(url)
        document: Document = await self._client.get_json(url)
        return document

    async def _object(self, item: object) -> Document | None:
        """The object an item stands for: itself, what its Create carries, or what its id leads to.

        What is embedded in a document of the neighbour's own server is as good as fetched there.
        """
        if isinstance(item, dict) and _CARRIERS & set(types_of(item)):
            inner = item.get("object")
            item = carried(item, inner) if isinstance(inner, dict) else inner
        if isinstance(item, dict) and EVENT in types_of(item):
            named = id_of(item)
            return item if named is not None and same_origin(named, self._actor_id) else None
        if isinstance(item, dict) and types_of(item) and "Link" not in types_of(item):
            return None
        named = id_of(item)
        document = await self._get(named) if named is not None else None
        if document is not None and _CARRIERS & set(types_of(document)):
            return await self._object(document)
        return document

    def _read(self, document: Document | None) -> NeighbourPost | None:
        """An Event of the neighbour that everyone may see and that is not over; else None.

        What it lists and addresses to nobody (gathio, the examples of FEP-8a8e) is for everyone.
        """
        if document is None or EVENT not in types_of(document):
            return None
        event_id, authors = id_of(document.get("id")), authors_of(document)
        if event_id is None or not same_origin(event_id, self._actor_id):
            return None
        if authors and not any(same_origin(author, self._actor_id) for author in authors):
            return None
        document = carried(_EVERYONE, document)
        if audience_of(document) is Audience.PRIVATE:
            return None
        try:
            post = read_post(document, via=self._actor_id, now=self._now)
        except MalformedError:
            return None
        over = post.end or post.start
        return post if over is not None and over > self._now else None


def _next(session: Session, now: datetime, besides: Sequence[str]) -> Turn | None:
    """New neighbours first; nobody on a server that is being asked just now."""
    return following.next_backfill(session, now, besides) or following.next_refresh(
        session, now, besides
    )


def _keep(session: Session, turn: Turn, found: _Found, now: datetime) -> None:
    """Store what was read, unless we stopped following meanwhile; the neighbour's turn is over.

    What we have as new already is left alone, so that reading again changes nothing.
    """
    actor_id = turn.actor_id
    following.end_backfill(session, actor_id)
    if not following.is_listened_to(session, actor_id):
        return
    following.read_again(session, actor_id, now + _pause(turn, 0), failures=0, etag=found.etag)
    if found.practices is not None:
        neighbours.keep_practices(session, actor_id, [one.id for one in found.practices])
    for post in (*found.posts, *(found.practices or ())):
        neighbours.bring_home(session, post)
        before = neighbours.find(session, post.id)
        known = before is not None and before.updated >= post.updated
        if not known and not tombstones.stands(session, post.id):
            neighbours.put(session, post)
            boosts.changed(session, post.id, now)


def _put_off(session: Session, turn: Turn, now: datetime, *, for_good: bool) -> None:
    if not turn.again and not for_good and turn.failures < len(_PAUSES):
        until = now + _PAUSES[turn.failures]
        following.postpone_backfill(session, turn.actor_id, until)
        return
    following.end_backfill(session, turn.actor_id)
    failures = turn.failures + 1 if turn.again else 1
    again = now + _pause(turn, failures)
    following.read_again(session, turn.actor_id, again, failures=failures, etag=turn.etag)


def _pause(turn: Turn, failures: int) -> timedelta:
    """A day and a little, which is always the same for one neighbour; twice as long for each failure."""
    days = min(1 << min(failures, 10), _LONGEST_PAUSE)
    own_hour: timedelta = _SPREAD * (crc32(turn.actor_id.encode()) % 1000 / 1000)
    return days * _EVERY + own_hour
