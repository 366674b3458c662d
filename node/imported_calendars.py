"""Calendars from elsewhere: looking at one, taking it in, and keeping it in step.

Looking fetches or takes a file, reads it beside the writing thread, and rehearses what taking it would do; the
bytes are kept, so that what is taken is what was looked at. A kept address is read again every few hours, asked
whether anything has changed; what cannot be read changes nothing here, and is asked for ever more seldom.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from node.calendars.content import LARGEST
from node.calendars.gathering import Manner
from node.calendars.reading import Reading, read_calendar
from node.clock import Clock
from node.domain.sentence import Sentence
from node.errors import (
    ConflictError,
    GoneError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RoughweatherError,
    TooLargeError,
)
from node.ports import CalendarFetcher
from node.services import imported_calendars as service
from node.store import audit, groups
from node.store import imported_calendars as store
from node.store.database import Database, Session
from node.store.imported_calendars import ImportedCalendar, Line, State
from node.urls import Urls

log = logging.getLogger(__name__)

MOST_KEPT: Final = 20
_MOST_PROPOSED: Final = 20
_PROPOSED_FOR: Final = timedelta(days=2)
_EVERY: Final = timedelta(hours=4)
_PAUSES: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)
_JITTER: Final = 0.25
_IDLE: Final = timedelta(hours=1)
_LONGEST_ADDRESS: Final = 2000
_EMPTY: Final = Sentence("The calendar holds no gathering at all, so nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a calendar is taken: are places and calls told to everyone, is what is over taken, too."""

    open_places: bool = False
    with_past: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all of this works with."""

    database: Database
    fetcher: CalendarFetcher
    clock: Clock
    urls: Urls


def address_in(text: str) -> str:
    """The address to fetch for what somebody typed; `webcal:` means https. Raises MalformedError."""
    scheme, colon, rest = text.strip().partition("://")
    scheme = {"webcal": "https", "webcals": "https"}.get(scheme.lower(), scheme.lower())
    if not colon or scheme not in ("https", "http") or not rest or len(text) > _LONGEST_ADDRESS:
        raise MalformedError(
            Sentence("Give an address that begins with https://, http:// or webcal://.")
        )
    return f"{scheme}://{rest}"


async def look_at_address(desk: Desk, text: str, wishes: Wishes, *, who: str) -> int:
    """Fetch a calendar and rehearse taking it; the number under which it waits.

    Raises what fetching and reading raise.
    """
    address = address_in(text)
    if await desk.database.read(partial(store.kept_at, address=address)) is not None:
        raise ConflictError(Sentence("This address is kept in step already."))
    edition = await desk.fetcher.fetch(address)
    name = urlsplit(address).hostname or address
    return await _look(desk, edition.body or b"", address, name, wishes, who=who)


async def look_at_file(desk: Desk, body: bytes, name: str, wishes: Wishes, *, who: str) -> int:
    """Rehearse taking a file; the number under which it waits. Raises what reading raises."""
    return await _look(desk, body, None, name, wishes, who=who)


async def take(desk: Desk, number: int, *, keep: bool, who: str) -> ImportedCalendar:
    """Take in what was looked at; with `keep` its address is read again from now on.

    Raises NotFoundError, ConflictError where it was taken already or its address is kept, RefusedError.
    """
    calendar = await desk.database.read(partial(store.get, number=number))
    body = await desk.database.read(partial(store.body, number=number))
    if body is None:
        raise ConflictError(Sentence("This calendar was taken in already."))
    reading = await _read(desk, calendar, body)

    def work(session: Session) -> ImportedCalendar:
        now = desk.clock.now()
        if store.body(session, number) is None:
            raise ConflictError(Sentence("This calendar was taken in already."))
        _refuse_keeping(session, calendar, keep=keep)
        lines = service.take(session, calendar, reading, urls=desk.urls, now=now)
        state, again = (State.KEPT, _after(now, _EVERY)) if keep else (State.TAKEN, None)
        store.settle(session, number, state, name=calendar.name, not_before=again)
        store.note_read(
            session, number, digest=_digest(body), etag=None, now=now, again=_after(now, _EVERY)
        )
        store.report(session, number, lines)
        deed = "keep calendar" if keep else "take calendar"
        audit.note(session, who, deed, calendar.name, now)
        return store.get(session, number)

    return await desk.database.write(work)


def stop(session: Session, number: int, *, who: str, now: datetime) -> None:
    """Read a calendar no more; its events stay as they are. Raises NotFoundError."""
    calendar = store.get(session, number)
    if calendar.state is State.KEPT:
        store.settle(session, number, State.STOPPED, name=calendar.name, not_before=None)
        audit.note(session, who, "stop calendar", calendar.name, now)


def go_on(session: Session, number: int, *, who: str, now: datetime) -> None:
    """Read a calendar again that was no longer read. Raises NotFoundError, ConflictError, RefusedError."""
    calendar = store.get(session, number)
    if calendar.state is State.STOPPED:
        _refuse_keeping(session, calendar, keep=True)
        store.settle(session, number, State.KEPT, name=calendar.name, not_before=now)
        store.read_soon(session, number, now)
        audit.note(session, who, "keep calendar", calendar.name, now)


def forget(session: Session, number: int, *, who: str, now: datetime) -> None:
    """Forget a calendar; its events stay. Raises NotFoundError."""
    calendar = store.get(session, number)
    store.forget(session, number)
    if calendar.state is not State.PROPOSED:
        audit.note(session, who, "forget calendar", calendar.name, now)


async def read_again(desk: Desk, calendar: ImportedCalendar) -> bool:
    """Read a kept calendar and follow what changed; whether it could be read.

    What goes wrong is kept in words; it changes nothing else.
    """
    assert calendar.address is not None  # only an address is kept
    try:
        edition = await desk.fetcher.fetch(calendar.address, calendar.etag)
        body = edition.body
        unchanged = body is None or _digest(body) == calendar.digest
        # What went missing is looked at once more, also where nothing else changed.
        waits = unchanged and await desk.database.read(partial(_waits, number=calendar.id))
        if waits and body is None:
            edition = await desk.fetcher.fetch(calendar.address)
            body = edition.body
        if body is None or (unchanged and not waits):
            await desk.database.write(
                partial(_note_unchanged, desk=desk, calendar=calendar, etag=edition.etag)
            )
            return True
        reading = await _read(desk, calendar, body)
        if not reading.uids:
            raise RefusedError(_EMPTY)
    except RoughweatherError as error:
        # By its number: whoever knows the address of a calendar may read it.
        log.info("the calendar %d cannot be read: %s", calendar.id, error)
        await desk.database.write(partial(_put_off, desk=desk, calendar=calendar, error=error))
        return False
    await desk.database.write(
        partial(_keep, desk=desk, calendar=calendar, reading=reading, body=body, etag=edition.etag)
    )
    return True


class CalendarWorker:
    """Reads the kept calendars, one after the other, each when its time has come."""

    name = store.CALENDAR_WORKER

    def __init__(
        self, database: Database, fetcher: CalendarFetcher, clock: Clock, urls: Urls
    ) -> None:
        self._desk = Desk(database=database, fetcher=fetcher, clock=clock, urls=urls)

    async def step(self) -> bool:
        """Read one calendar; False when none is due."""
        database, now = self._desk.database, self._desk.clock.now()
        old = partial(store.has_proposals, before=now - _PROPOSED_FOR)
        if await database.read(old):
            await database.write(
                partial(store.forget_proposals, before=now - _PROPOSED_FOR, most=_MOST_PROPOSED)
            )
        calendar = await database.read(partial(store.due, now=now))
        if calendar is None:
            return False
        await read_again(self._desk, calendar)
        return True

    async def idle_seconds(self) -> float:
        """Until the next calendar is due, at most an hour, in seconds."""
        again = self._desk.database.peek(store.next_due)
        wait = again - self._desk.clock.now() if again is not None else _IDLE
        return max(0.0, min(wait, _IDLE).total_seconds())


async def _look(
    desk: Desk, body: bytes, address: str | None, name: str, wishes: Wishes, *, who: str
) -> int:
    if len(body) > LARGEST:
        raise TooLargeError(Sentence("The calendar is larger than 1 MiB."))
    now = desk.clock.now()
    reading = await _read_bytes(
        desk, body, open_places=wishes.open_places, with_past=wishes.with_past
    )
    if not reading.uids:
        raise RefusedError(Sentence("The calendar holds no gathering."))

    def work(session: Session) -> int:
        store.forget_proposals(session, now - _PROPOSED_FOR, _MOST_PROPOSED)
        number = store.add(
            session,
            address=address,
            name=reading.name or name,
            open_places=wishes.open_places,
            with_past=wishes.with_past,
            body=body,
            who=who,
            now=now,
        )
        calendar = store.get(session, number)
        lines = service.rehearse(session, calendar, reading, urls=desk.urls, now=now)
        store.report(session, number, lines)
        return number

    return await desk.database.write(work)


async def _read(desk: Desk, calendar: ImportedCalendar, body: bytes) -> Reading:
    return await _read_bytes(
        desk, body, open_places=calendar.open_places, with_past=calendar.with_past
    )


async def _read_bytes(desk: Desk, body: bytes, *, open_places: bool, with_past: bool) -> Reading:
    """Read a file in a thread: a long one must not hold up others. Raises MalformedError, TooLargeError."""
    now = desk.clock.now()

    def ask(session: Session) -> tuple[str, Callable[[str], date]]:
        known, other = service.since(session, now, with_past=with_past)
        return groups.get(session).timezone, lambda uid: known.get(uid, other)

    timezone, since = await desk.database.read(ask)
    manner = Manner(open_places=open_places, timezone=timezone)
    return await asyncio.to_thread(read_calendar, body, manner, since)


def _keep(
    session: Session,
    *,
    desk: Desk,
    calendar: ImportedCalendar,
    reading: Reading,
    body: bytes,
    etag: str | None,
) -> None:
    now = desk.clock.now()
    if not _is_still_kept(session, calendar):
        return
    lines: list[Line] = service.take(session, calendar, reading, urls=desk.urls, now=now)
    store.report(session, calendar.id, lines)
    again = _after(now, _EVERY)
    store.note_read(session, calendar.id, digest=_digest(body), etag=etag, now=now, again=again)


def _note_unchanged(
    session: Session, *, desk: Desk, calendar: ImportedCalendar, etag: str | None
) -> None:
    now = desk.clock.now()
    if _is_still_kept(session, calendar):
        store.note_read(
            session,
            calendar.id,
            digest=calendar.digest,
            etag=etag,
            now=now,
            again=_after(now, _EVERY),
        )


def _put_off(
    session: Session, *, desk: Desk, calendar: ImportedCalendar, error: RoughweatherError
) -> None:
    if not _is_still_kept(session, calendar):
        return
    gone = isinstance(error, GoneError)
    pause = _PAUSES[-1] if gone else _PAUSES[min(calendar.attempts, len(_PAUSES) - 1)]
    again = _after(desk.clock.now(), pause)
    store.note_problem(session, calendar.id, error.sentence, again)


def _is_still_kept(session: Session, calendar: ImportedCalendar) -> bool:
    """Whether nobody stopped or forgot it while it was read."""
    try:
        return store.get(session, calendar.id).state is State.KEPT
    except NotFoundError:
        return False


def _waits(session: Session, number: int) -> bool:
    """Whether something is missing from a calendar and not settled yet."""
    return any(one.missing is not None for one in store.events_of(session, number))


def _refuse_keeping(session: Session, calendar: ImportedCalendar, *, keep: bool) -> None:
    if not keep:
        return
    if calendar.address is None:
        raise RefusedError(Sentence("A file cannot be kept in step: give its address."))
    if store.kept_at(session, calendar.address) is not None:
        raise ConflictError(Sentence("This address is kept in step already."))
    if store.count_kept(session) >= MOST_KEPT:
        raise RefusedError(
            Sentence("At most %(most)s calendars can be kept in step.", most=MOST_KEPT)
        )


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()


def _after(now: datetime, pause: timedelta) -> datetime:
    return now + pause * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
