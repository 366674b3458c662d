"""The delivery worker: leases due rows, signs them in threads, posts them, records what was answered.

One transaction a round writes what became of the last posts and leases the next rows; between
rounds the lanes in memory keep the road full. Signing (0.8 ms of processor time each) happens in
two threads, several at a time; the event loop only posts. What was on its way when the process died
is sent again under the same activity id.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from federation import queue_upkeep
from federation.backoff import LONGEST_WAIT, is_trouble
from federation.client import Client, Unreachable
from federation.clock_keeper import ClockKeeper
from federation.clock_watch import ClockWatch
from federation.keypairs import Keypair, Keypairs, key_id
from federation.lanes import TOTAL, Lanes, Parcel
from federation.outcomes import Attempt, offline_probe, record
from federation.signing import Manner, once_more, signed_headers, usual
from federation.uplink import Uplink
from node.clock import Clock
from node.store import activities, delivery_queue, hosts
from node.store.activities import StoredActivity
from node.store.database import Database, Session
from node.store.delivery_queue import Leased
from node.store.keypairs import is_to_be_announced

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/activity+json"
_SIGNING_THREADS = 2
_SIGNED_TOGETHER = 8  # a hop to a thread costs a tenth of a signature: share it, but start soon
_IN_MEMORY = 4 * TOTAL
_REFILL_BELOW = 2 * TOTAL  # leasing looks at many rows: take many at a time
_PER_HOST_IN_MEMORY = 8
_FAILING_IN_MEMORY = 32  # one of each host
_RECORD_AFTER = 0.01  # seconds that answers are gathered: bounds what a crash can send twice
_SMALLEST_BASE = 0.02  # seconds; a base of nothing would spin
_UPKEEP = timedelta(hours=1)
_PUT_BACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What one round is to write and to lease; made on the event loop, carried out on the writing thread."""

    attempts: Sequence[Attempt]
    unsent: Sequence[Leased]
    now: datetime
    offline: bool
    clock_wrong: bool
    room: int
    room_for_failing: int
    busy: Sequence[str]
    at_hand: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What a round gave: rows to send, what they carry, and hosts to leave alone from now on."""

    rows: Sequence[Leased]
    bodies: dict[int, StoredActivity]
    closed: Sequence[str]
    rfc9421: frozenset[str]


class DeliveryWorker:
    """Sends what waits in `delivery`. `retry_base` is `federation.retry_base_seconds`; no `watch`: trust the clock."""

    name = "delivery"

    def __init__(
        self,
        database: Database,
        client: Client,
        keypairs: Keypairs,
        clock: Clock,
        *,
        retry_base: float = 30.0,
        watch: ClockWatch | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._keypairs = keypairs
        self._key_changes = keypairs.changes
        self._clock = clock
        self._base = timedelta(seconds=max(retry_base, _SMALLEST_BASE))
        self._boot = secrets.token_hex(8)
        self._wake = database.wake_event(self.name)
        self._threads = ThreadPoolExecutor(_SIGNING_THREADS, thread_name_prefix="sign")
        self._lanes = Lanes()
        self._uplink = Uplink(clock.now())
        self._clock_keeper = ClockKeeper(database, watch)
        self._tasks: set[asyncio.Task[None]] = set()
        self._attempts: list[Attempt] = []
        self._unsent: list[Leased] = []
        self._filling: asyncio.Handle | None = None
        self._recording: asyncio.TimerHandle | None = None
        self._stopping = False
        self._next_upkeep: datetime | None = None
        self._next_probe = clock.now()

    @property
    def busy(self) -> bool:
        """Whether anything is on its way, waits in memory or is not recorded yet."""
        return bool(self._tasks or self._attempts or self._unsent or self._lanes.waiting)

    async def step(self) -> bool:
        """One round: record, lease, start sending. Always False: posts that end wake the worker."""
        if self._stopping:
            return False
        now = self._clock.now()
        if self._next_upkeep is None or now >= self._next_upkeep:
            await self._upkeep(now)
        if await self._clock_keeper.look(now):
            await self._database.write(partial(queue_upkeep.bring_near, now=now))
            self._next_probe = now
            self._unsent.extend(self._lanes.drop_all() if self._holds else ())
        plan = self._plan(now)
        try:
            done = await self._database.write(partial(self._carry_out, plan=plan))
        except BaseException:
            # Recording twice does no harm: the lease is gone then.
            self._attempts[:0] = plan.attempts
            self._unsent[:0] = plan.unsent
            self._unsent.extend(self._lanes.drop_all())  # what cannot be recorded is not sent
            raise
        self._take_in(done)
        return False

    async def idle_seconds(self) -> float:
        """Until the next row is due, in seconds."""
        now = self._clock.now()
        due = self._database.peek(partial(delivery_queue.next_due, now=now))
        if self._holds:
            due = self._next_probe
        return max(0.0, (due - now).total_seconds()) if due else _UPKEEP.total_seconds()

    async def close(self, timeout: float = 8.0) -> None:
        """Lease no more; finish what is on its way within `timeout` seconds, put the rest back."""
        self._stopping = True
        self._unsent.extend(self._lanes.drop_all())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, timeout - _PUT_BACK_SECONDS))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._recording is not None:
            self._recording.cancel()
        plan = self._plan(self._clock.now())
        await self._database.write(partial(self._carry_out, plan=plan))
        await self._database.write(
            lambda session: delivery_queue.free_leases(session, held_by=self._boot)
        )
        now = self._clock.now()
        await self._clock_keeper.note(now)
        self._threads.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------------------------- a round

    def _plan(self, now: datetime) -> _Plan:
        attempts, unsent = self._attempts, self._unsent
        self._attempts, self._unsent = [], []
        if self._recording is not None:
            self._recording.cancel()
            self._recording = None
        room, room_for_failing = self._room(now)
        return _Plan(
            attempts=attempts,
            unsent=unsent,
            now=now,
            offline=self._uplink.offline,
            clock_wrong=self._clock_keeper.in_doubt,
            room=room,
            room_for_failing=room_for_failing,
            busy=self._lanes.busy(_PER_HOST_IN_MEMORY // 2),
            at_hand=self._lanes.busy(1),
        )

    def _room(self, now: datetime) -> tuple[int, int]:
        """How many rows to lease: of hosts that are sound, and of hosts that failed last."""
        if self._stopping:
            return 0, 0
        if self._holds:
            if self._tasks or now < self._next_probe:
                return 0, 0
            self._next_probe = now + offline_probe(self._base)
            return 1, 1
        waiting = self._lanes.sound.waiting
        room = _IN_MEMORY - waiting if waiting < _REFILL_BELOW else 0
        return room, _FAILING_IN_MEMORY - self._lanes.failing.here

    def _carry_out(self, session: Session, plan: _Plan) -> _Round:
        """The transaction of a round."""
        closed = record(
            session,
            self._boot,
            plan.attempts,
            plan.now,
            base=self._base,
            offline=plan.offline,
            clock_wrong=plan.clock_wrong,
        )
        delivery_queue.put_back(session, self._boot, [row.seq for row in plan.unsent])
        # Nothing may reach a host before the news of a new key, not even while that is being made.
        room, room_for_failing = (
            (0, 0) if is_to_be_announced(session) else (plan.room, plan.room_for_failing)
        )
        rows = delivery_queue.claim(
            session,
            self._boot,
            plan.now,
            room=room,
            per_host=_PER_HOST_IN_MEMORY,
            busy=plan.busy,
        )
        rows += delivery_queue.claim_failing(
            session, self._boot, plan.now, room=room_for_failing, busy=plan.at_hand
        )
        bodies = activities.bodies(session, {row.activity for row in rows})
        rfc9421 = hosts.readers_of_rfc9421(session, {row.host for row in rows}, plan.now)
        return _Round(rows=rows, bodies=bodies, closed=closed, rfc9421=rfc9421)

    def _take_in(self, done: _Round) -> None:
        for host in done.closed:
            self._unsent.extend(self._lanes.drop(host))
        for row in done.rows:
            activity = done.bodies.get(row.activity)
            if activity is None or self._stopping:
                self._unsent.append(row)  # withdrawn meanwhile: putting it back ends it
            else:
                self._lanes.add([Parcel(row, activity, row.host in done.rfc9421)])
        if self._unsent:
            self._record_soon()
        self._fill()

    @property
    def _holds(self) -> bool:
        """Whether but one post at a time goes out, to learn whether our line or our clock is well again."""
        return self._uplink.offline or self._clock_keeper.in_doubt

    async def _upkeep(self, now: datetime) -> None:
        """At the start and every hour: free the leases of dead processes, forget what is long past."""
        await self._clock_keeper.note(now)
        await self._database.write(
            lambda session: delivery_queue.free_leases(session, but=self._boot)
        )
        await self._database.write(partial(queue_upkeep.bring_near, now=now))
        if not self._clock_keeper.in_doubt:
            await self._database.write(
                lambda session: delivery_queue.drop_late_announcements(session, now)
            )
        self._next_upkeep = now + _UPKEEP
        more = True
        while more:
            more = await self._database.write(partial(queue_upkeep.purge, now=now))

    # ----------------------------------------------------------------------------- the sending

    def _fill(self) -> None:
        """Start what the lanes let go, signing several together."""
        self._filling = None
        if self._key_changes != self._keypairs.changes:
            # What waits here was leased before the news of the new key: that goes first.
            self._key_changes = self._keypairs.changes
            self._unsent.extend(self._lanes.drop_all())
            self._record_soon()
        parcels = self._lanes.take() if not self._stopping else []
        for at in range(0, len(parcels), _SIGNED_TOGETHER):
            self._start(self._sign(parcels[at : at + _SIGNED_TOGETHER]))

    async def _sign(self, parcels: Sequence[Parcel]) -> None:
        loop = asyncio.get_running_loop()
        signing = partial(sign_all, parcels, self._keypairs, self._clock.now())
        try:
            signed = await loop.run_in_executor(self._threads, signing)
        except BaseException:
            for parcel in parcels:
                self._unsent.append(parcel.row)
                self._lanes.done(parcel.row)
            raise
        for parcel, headers in zip(parcels, signed, strict=True):
            if isinstance(headers, str):
                self._ended(Attempt(row=parcel.row, error=headers, hopeless=True))
            else:
                self._start(self._post(parcel, headers))

    async def _post(self, parcel: Parcel, headers: dict[str, str]) -> None:
        row, manner = parcel.row, usual(rfc9421=parcel.rfc9421)
        try:
            answer = await self._client.post(row.inbox, parcel.activity.body, headers)
            signer, asked = _signer(parcel, self._keypairs), answer.accept_signature
            again = once_more(manner, answer.status, asked, signer, body=True)
            if again is not None:
                headers, manner = await self._sign_anew(parcel, again), again
                answer = await self._client.post(row.inbox, parcel.activity.body, headers)
        except Unreachable as error:
            attempt = Attempt(row=row, error=str(error) or "The server does not answer.")
        except asyncio.CancelledError:
            self._unsent.append(row)
            self._lanes.done(row)
            raise
        except Exception as error:
            log.exception("delivery to %s failed in a way nobody expected", row.inbox)
            attempt = Attempt(row=row, error=f"Internal error: {type(error).__name__}")
        else:
            delivered = 200 <= answer.status < 300
            attempt = Attempt(
                row=row,
                status=answer.status,
                error=None if delivered else answer.excerpt[:200],
                retry_after=_wait(answer.retry_after),
                took=manner.style if delivered and again is not None else None,
                ahead=self._clock.now() - answer.date if answer.date is not None else None,
            )
            if attempt.ahead is not None:
                self._clock_keeper.told(row.host, attempt.ahead, self._clock.now())
        self._ended(attempt)

    async def _sign_anew(self, parcel: Parcel, manner: Manner) -> dict[str, str]:
        """Headers for a host that refused the first ones."""
        loop = asyncio.get_running_loop()
        signing = partial(_signed, parcel, self._keypairs, self._clock.now(), manner)
        return await loop.run_in_executor(self._threads, signing)

    def _ended(self, attempt: Attempt) -> None:
        """A post ended: note it, make room for the next, and have it recorded soon."""
        now, row = self._clock.now(), attempt.row
        self._attempts.append(attempt)
        self._lanes.done(row)
        if attempt.status is not None:
            if self._uplink.answered(now):
                log.info("online again: %s answered", row.host)
        elif not attempt.hopeless and self._uplink.silent(row.host, now, failed_before=row.failing):
            log.warning("we seem to be offline: attempts do not count until somebody answers")
            self._unsent.extend(self._lanes.drop_all())
        if is_trouble(attempt.status) and not attempt.hopeless:
            self._unsent.extend(self._lanes.drop(row.host))  # from now on it gets one at a time
        self._record_soon()
        if self._filling is None:
            self._filling = asyncio.get_running_loop().call_soon(self._fill)

    def _record_soon(self) -> None:
        if self._recording is None and not self._stopping:
            self._recording = asyncio.get_running_loop().call_later(_RECORD_AFTER, self._wake.set)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def sign_all(
    parcels: Sequence[Parcel], keypairs: Keypairs, date: datetime
) -> list[dict[str, str] | str]:
    """The headers of each post, or in words why it cannot be signed. For a thread: 0.8 ms each."""
    return [_sign(parcel, keypairs, date) for parcel in parcels]


def _sign(parcel: Parcel, keypairs: Keypairs, date: datetime) -> dict[str, str] | str:
    try:
        return _signed(parcel, keypairs, date, usual(rfc9421=parcel.rfc9421))
    except ValueError as error:
        return f"It cannot be signed: {error}"


def _signed(parcel: Parcel, keypairs: Keypairs, date: datetime, manner: Manner) -> dict[str, str]:
    activity = parcel.activity
    return signed_headers(
        "POST",
        parcel.row.inbox,
        activity.body,
        _signer(parcel, keypairs),
        manner=manner,
        date=date,
        digest=activity.digest,
        content_type=CONTENT_TYPE,
    )


def _signer(parcel: Parcel, keypairs: Keypairs) -> Keypair:
    activity = parcel.activity
    if activity.key_name is not None:
        former = keypairs.replaced.get(key_id(keypairs.group.owner, activity.key_name))
        if former is not None:
            return former
    return keypairs.group if activity.signer == "group" else keypairs.instance


def _wait(seconds: float | None) -> timedelta | None:
    return None if seconds is None else min(timedelta(seconds=min(seconds, 1e6)), LONGEST_WAIT)
