"""The inbox worker: lets what was received take effect, in order for each actor, many at a time.

Documents are fetched while no transaction is open, and nobody waits for another's: whose documents are slow to come
waits alone, with what else they sent, and the queue goes on. The effects of an activity, the record that it was
seen and the outcome are one transaction; many such transactions share a commit. An activity that
cannot be worked off is tried five times and then parked.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from federation.addresses import same_origin
from federation.client import Client
from federation.fetch_lanes import FetchLanes, Lane
from federation.inbox import forwarded
from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Handler,
    Outcome,
    OutcomeKind,
    Wanted,
)
from federation.parse import Activity, Document, id_of, read_activity
from federation.read_post import host_of
from federation.resolve import Resolver
from node.clock import Clock
from node.errors import (
    DiskError,
    GoneError,
    MalformedError,
    NotFoundError,
    RoughweatherError,
    TryLaterError,
)
from node.ports import RemoteActor
from node.store import following, hosts, inbound
from node.store.database import Database, Session
from node.store.inbound import Inbound
from node.urls import Urls

log = logging.getLogger(__name__)

_BATCH: Final = 100
_AT_ONCE: Final = 64  # actors for whom documents are fetched
_OF_ONE_SERVER: Final = 4
_IN_A_LANE: Final = 10  # activities held in memory while documents are fetched for them
_FETCH_SECONDS: Final = 5.0
_PAUSES: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=8),
    timedelta(minutes=32),
)
_STATES: Final = {
    OutcomeKind.APPLIED: "applied",
    OutcomeKind.DUPLICATE: "ignored",
    OutcomeKind.IGNORED: "ignored",
    OutcomeKind.REFUSED: "refused",
}
_LONGEST_WORDS: Final = 500
_NO_DOCUMENTS: Final = Documents()


@dataclass(frozen=True, slots=True)
class _Task:
    """A row and, as far as it can be read: what it says, who handles it and what they ask for.

    `refused`: it was passed on, and this came of asking for it where it comes from.
    """

    row: Inbound
    read: tuple[Activity, Handler] | None
    wanted: Wanted = NOTHING
    refused: Outcome | None = None


@dataclass(slots=True)
class _Found:
    """What the fetches of one activity brought so far."""

    actors: dict[str, RemoteActor] = field(default_factory=dict)
    objects: dict[str, Document] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)


class InboxWorker:
    """Works off what the inbox took in."""

    name = inbound.WORKER
    gather_seconds = 0.01

    def __init__(
        self, database: Database, client: Client, resolver: Resolver, clock: Clock, urls: Urls
    ) -> None:
        self._database = database
        self._client = client
        self._resolver = resolver
        self._clock = clock
        self._urls = urls
        self._lanes = FetchLanes(
            database.wake_event(self.name), at_once=_AT_ONCE, of_one_server=_OF_ONE_SERVER
        )

    async def step(self) -> bool:
        """Work off what is due, at most a hundred activities; False when nothing was, or all of it waits.

        Raises DiskError, also where a fetch that was begun by an earlier step met it.
        """
        self._lanes.raise_failure()
        now = self._clock.now()
        rows, neighbours = await self._database.read(
            partial(_due, now=now, held=self._lanes.taken, full=self._lanes.full)
        )
        context = Context(urls=self._urls, now=now, neighbours=neighbours)
        ready, lanes = self._sort(rows, context)
        await self._work_off(ready, context)
        for lane, tasks in lanes.items():
            self._lanes.begin(lane, self._one_by_one(tasks, context))
        return bool(ready or lanes)

    async def idle_seconds(self) -> float:
        """Until an activity that was put off is to be tried again, in seconds."""
        now = self._clock.now()
        again = await self._database.read(partial(inbound.next_due, now=now))
        return max(0.0, (again - now).total_seconds()) if again else 3600.0

    async def settle(self) -> None:
        """Wait until everything is in for which documents are being fetched. Raises DiskError."""
        await self._lanes.settle()

    async def close(self, timeout: float) -> None:
        """Finish what is being fetched, in `timeout` seconds; what is left then waits on the disk."""
        await self._lanes.close(timeout)

    def _sort(
        self, rows: Sequence[Inbound], context: Context
    ) -> tuple[list[tuple[_Task, Documents]], dict[Lane, list[_Task]]]:
        """What can be worked off at once, and what must be fetched for first, a lane for each actor.

        What an actor sent after something that waits for a fetch waits, too. What finds no room in
        its lane, or no lane, stays where it is until there is some.
        """
        ready: list[tuple[_Task, Documents]] = []
        lanes: dict[Lane, list[_Task]] = {}
        held_up: set[Lane] = set()
        for row in rows:
            lane = (row.origin, row.actor_id)
            task = _read(row, context)
            documents = self._at_hand(task.wanted) if lane not in held_up else None
            if documents is not None:
                ready.append((task, documents))
                continue
            held_up.add(lane)
            if lane in lanes or self._lanes.has_room(row.origin, lanes):
                lanes.setdefault(lane, []).append(task)
        return ready, {lane: tasks[:_IN_A_LANE] for lane, tasks in lanes.items()}

    async def _one_by_one(self, tasks: Sequence[_Task], context: Context) -> None:
        for task in tasks:
            await self._fetch_first(task, context)

    async def _work_off(self, tasks: Sequence[tuple[_Task, Documents]], context: Context) -> None:
        if tasks:
            await self._database.write(partial(_work_off, tasks=tasks, context=context))

    async def _fetch_first(self, task: _Task, context: Context) -> None:
        try:
            if task.row.forwarded:
                task = await self._confirm(task, context)
            documents = await self._fetch(task.wanted)
        except DiskError:
            raise
        except Exception as error:
            log.exception("inbound activity %d could not be worked off", task.row.seq)
            failed = partial(_try_again, row=task.row, words=repr(error), now=context.now)
            await self._database.write(failed)
        else:
            await self._work_off([(task, documents)], context)

    async def _confirm(self, task: _Task, context: Context) -> _Task:
        """A task as its author's server confirms it; what it then wants is fetched like any other's."""
        if task.read is None:
            return task
        activity, handler = task.read
        said = forwarded.confirmed(activity, await self._fetch(task.wanted))
        if isinstance(said, Outcome):
            return replace(task, wanted=NOTHING, refused=said)
        return _Task(task.row, (said, handler), handler.wants(said, context))

    def _at_hand(self, wanted: Wanted) -> Documents | None:
        """What is wanted, where all of it is in the cache; None where others must be asked."""
        if not wanted:
            return _NO_DOCUMENTS
        if wanted.fresh_actors or wanted.objects:
            return None
        known = {named: self._resolver.at_hand(named) for named in wanted.actors}
        found = {named: actor for named, actor in known.items() if actor is not None}
        return Documents(actors=found) if len(found) == len(known) else None

    async def _fetch(self, wanted: Wanted) -> Documents:
        """Ask for everything wanted at once, five seconds at most; then for the hosts of what came."""
        found = _Found()
        asked = [
            *(self._ask(found, one, self._actor) for one in wanted.actors),
            *(self._ask(found, one, self._fresh_actor) for one in wanted.fresh_actors),
            *(self._ask(found, one, self._object) for one in wanted.objects),
        ]
        await asyncio.gather(*asked)
        if wanted.and_hosts:
            hosts_of = (host_of(document) for document in found.objects.values())
            await asyncio.gather(*(self._ask(found, one, self._actor) for one in hosts_of if one))
        return Documents(
            actors=found.actors,
            objects=found.objects,
            gone=frozenset(found.gone),
            unreachable=frozenset(found.unreachable),
        )

    async def _ask(
        self, found: _Found, named: str, ask: Callable[[_Found, str], Awaitable[None]]
    ) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                await ask(found, named)
        except (NotFoundError, GoneError):
            found.gone.add(named)
        except (TryLaterError, TimeoutError):
            found.unreachable.add(named)
        except RoughweatherError as error:
            log.info("%s is not believed: %s", named, error)

    async def _actor(self, found: _Found, named: str) -> None:
        found.actors[named] = await self._resolver.actor(named)

    async def _fresh_actor(self, found: _Found, named: str) -> None:
        found.actors[named] = await self._resolver.actor(named, max_age=timedelta(0))

    async def _object(self, found: _Found, named: str) -> None:
        """What is found by an id; where it is called otherwise, only its own server may say so."""
        document: dict[str, Any] = await self._client.get_json(named)
        called = id_of(document)
        if called is not None and same_origin(called, named):
            found.objects[named] = document


def _due(
    session: Session, now: datetime, held: Sequence[Lane], full: Sequence[str]
) -> tuple[list[Inbound], frozenset[str]]:
    rows = inbound.due(session, now, _BATCH, held=held, full=full)
    return rows, following.listened_to(session) if rows else frozenset()


def _read(row: Inbound, context: Context) -> _Task:
    """The row as a task; it passed the gate when it was received."""
    try:
        activity = read_activity(json.loads(row.body))
        handler = HANDLERS[activity.type]
        if row.forwarded:
            return _Task(row, (activity, handler), forwarded.wanted(activity))
        return _Task(row, (activity, handler), handler.wants(activity, context))
    except Exception:
        log.exception("inbound activity %d cannot be read", row.seq)
        return _Task(row, None)


def _work_off(session: Session, tasks: Sequence[tuple[_Task, Documents]], context: Context) -> None:
    """Let each task take effect or fail alone, and write down what came of it."""
    for task, documents in tasks:
        row, now = task.row, context.now
        try:
            session.alone(partial(_apply, task=task, documents=documents, context=context))
        except DiskError:
            raise  # not the activity's fault
        except RoughweatherError as error:
            _finish(session, row, Outcome(OutcomeKind.REFUSED, str(error)), now)
        except Exception as error:
            log.exception("inbound activity %d could not be worked off", row.seq)
            _try_again(session, row, repr(error), now)
    for host in {task.row.origin.partition("://")[2] for task, _ in tasks}:
        hosts.seen_alive(session, host, context.now)


def _apply(session: Session, task: _Task, documents: Documents, context: Context) -> None:
    """The effects and what came of it, unless it was taken back meanwhile."""
    if not inbound.is_waiting(session, task.row.seq):
        return
    if task.read is None:
        raise MalformedError("The activity cannot be read any more.")
    activity, handler = task.read
    outcome = task.refused or handler.apply(session, activity, documents, context)
    _finish(session, task.row, outcome, context.now)


def _finish(session: Session, row: Inbound, outcome: Outcome, now: datetime) -> None:
    words = outcome.reason[:_LONGEST_WORDS]
    if outcome.kind is not OutcomeKind.LATER:
        inbound.finish(session, row.seq, _STATES[outcome.kind], words)
    elif row.attempts < len(_PAUSES):
        inbound.postpone(session, row.seq, now + _PAUSES[row.attempts], words)
    else:
        inbound.finish(session, row.seq, "ignored", words)


def _try_again(session: Session, row: Inbound, words: str, now: datetime) -> None:
    """After a failure of ours: some tries, in case it heals, then out of the others' way."""
    if row.attempts < len(_PAUSES):
        inbound.postpone(session, row.seq, now + _PAUSES[row.attempts], words[:_LONGEST_WORDS])
    else:
        log.error("inbound activity %d is parked: %s", row.seq, words)
        inbound.park(session, row.seq, words[:_LONGEST_WORDS])
