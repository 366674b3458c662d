"""The inbox worker: lets what was received take effect, in order for each actor, many at a time.

Documents are fetched while no transaction is open. The effects of an activity, the record that it was
seen and the outcome are one transaction; many such transactions share a commit. An activity that
cannot be worked off is tried five times and then parked, and the queue goes on.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from federation.client import Client
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
from federation.resolve import Resolver
from node.clock import Clock
from node.errors import (
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

_BATCH: Final = 50
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
    """A row, read: who handles it and what they ask for."""

    row: Inbound
    activity: Activity
    handler: Handler
    wanted: Wanted


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
    gather_seconds = 0.02

    def __init__(
        self, database: Database, client: Client, resolver: Resolver, clock: Clock, urls: Urls
    ) -> None:
        self._database = database
        self._client = client
        self._resolver = resolver
        self._clock = clock
        self._urls = urls

    async def step(self) -> bool:
        """Work off what is due, at most fifty activities; False when nothing was."""
        now = self._clock.now()
        rows, neighbours = await self._database.read(partial(_due, now=now))
        if not rows:
            return False
        context = Context(urls=self._urls, now=now, neighbours=neighbours)
        await self._settle(rows, context)
        return True

    async def idle_seconds(self) -> float:
        """Until an activity that was put off is to be tried again, in seconds."""
        now = self._clock.now()
        again = await self._database.read(partial(inbound.next_due, now=now))
        return max(0.0, (again - now).total_seconds()) if again else 3600.0

    async def _settle(self, rows: Sequence[Inbound], context: Context) -> None:
        """Start every row in the order it came; one whose actor still waits for a fetch waits too.

        Writes are queued in the order they are started, so an actor's activities stay in order.
        """
        fetching: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            for row in rows:
                task = _read(row, context)
                before = fetching.get(row.actor_id)
                running = group.create_task(self._work_off(task, row, context, before))
                if before is not None or (task is not None and task.wanted):
                    fetching[row.actor_id] = running

    async def _work_off(
        self,
        task: _Task | None,
        row: Inbound,
        context: Context,
        before: asyncio.Task[None] | None,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            if task is None:
                raise MalformedError("The activity cannot be read any more.")
            documents = await self._fetch(task.wanted) if task.wanted else _NO_DOCUMENTS
            await self._database.write(
                partial(_apply, task=task, documents=documents, context=context)
            )
        except TryLaterError:
            raise  # the disk's fault, not the activity's
        except RoughweatherError as error:
            done = Outcome(OutcomeKind.REFUSED, str(error))
            await self._database.write(partial(_finish, row=row, outcome=done, now=context.now))
        except Exception as error:
            log.exception("inbound activity %d could not be worked off", row.seq)
            failed = partial(_try_again, row=row, words=repr(error), now=context.now)
            await self._database.write(failed)

    async def _fetch(self, wanted: Wanted) -> Documents:
        """Ask for everything wanted at once, five seconds at most."""
        found = _Found()
        asked = [
            *(self._ask(found, one, self._actor) for one in wanted.actors),
            *(self._ask(found, one, self._fresh_actor) for one in wanted.fresh_actors),
            *(self._ask(found, one, self._object) for one in wanted.objects),
        ]
        await asyncio.gather(*asked)
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
        document: dict[str, Any] = await self._client.get_json(named)
        if id_of(document) == named:
            found.objects[named] = document


def _due(session: Session, now: datetime) -> tuple[list[Inbound], frozenset[str]]:
    rows = inbound.due(session, now, _BATCH)
    return rows, following.listened_to(session) if rows else frozenset()


def _read(row: Inbound, context: Context) -> _Task | None:
    """The row as a task, or None; it passed the gate when it was received."""
    try:
        activity = read_activity(json.loads(row.body))
        handler = HANDLERS[activity.type]
        return _Task(row, activity, handler, handler.wants(activity, context) or NOTHING)
    except Exception:
        log.exception("inbound activity %d cannot be read", row.seq)
        return None


def _apply(session: Session, task: _Task, documents: Documents, context: Context) -> None:
    """One transaction: the effects and what came of it, unless it was taken back meanwhile."""
    if not inbound.is_waiting(session, task.row.seq):
        return
    outcome = task.handler.apply(session, task.activity, documents, context)
    _finish(session, task.row, outcome, context.now)
    hosts.seen_alive(session, task.row.origin.partition("://")[2], context.now)


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
