"""One SQLite file, one writing thread, a few reading ones.

A transaction is one plain function that takes a `Session` and is run whole on the writing thread:
there is no `await` inside, so a cancelled request cannot split it, and no network. Functions that
arrive while a commit is under way share the next one (group commit), each in its own savepoint, so
that `synchronous=FULL` costs little. A caller continues only after the commit.

    await database.write(lambda session: events.add(session, event))   # in a transaction
    await database.read(lambda session: events.upcoming(session))      # on a reading thread
    database.peek(lambda session: page_version(session, "local"))      # here and now: point reads only
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from node.errors import DiskError, DiskFullError, TryLaterError

Row = sqlite3.Row
Parameters = Mapping[str, Any]
T = TypeVar("T")

_READERS = 2
_LARGEST_GROUP = 256
_GATHER_SECONDS = 0.001
_BUSY_SECONDS = 5.0
_SOUND_SQLITE = (3, 51, 3)
_NOTHING: Parameters = {}


class Session:
    """A connection as the store's functions see it: plain SQL with named parameters."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.woken: set[str] = set()

    def run(self, sql: str, parameters: Parameters = _NOTHING) -> int:
        """Run one statement; the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, parameters: Sequence[Parameters]) -> int:
        """Run one statement for each of `parameters`; the number of rows they changed."""
        return self._connection.executemany(sql, parameters).rowcount

    def row(self, sql: str, parameters: Parameters = _NOTHING) -> Row | None:
        """The first row, or None."""
        return cast("Row | None", self._connection.execute(sql, parameters).fetchone())

    def rows(self, sql: str, parameters: Parameters = _NOTHING) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Parameters = _NOTHING) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    def alone(self, work: Callable[[Self], T]) -> T:
        """Run a part of a transaction that fails alone: what it changed is undone, the rest stays.

        Raises what `work` raised, and DiskError where it was the disk.
        """
        self._connection.execute("SAVEPOINT part")
        try:
            result = work(self)
        except Exception as error:
            if self._connection.in_transaction:  # else the disk failed: nothing of it is left
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            failure = _explain(error)
            if failure is error:
                raise
            raise failure from error
        self._connection.execute("RELEASE part")
        return result

    def wake(self, worker: str) -> None:
        """Ask that `worker` be woken once this transaction is committed."""
        self.woken.add(worker)


class _UndoneError(Exception):
    """Ends a rehearsal."""


@dataclass(slots=True)
class _Job:
    """One function waiting for the writing thread, and where its result goes."""

    work: Callable[[Session], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    woken: set[str] = field(default_factory=set)


class Database:
    """The open database of a node. Made by `open`; `close` once, at the end."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.path = path
        self.trouble: DiskError | None = None  # what the last change met; None where it went well
        self._loop = loop
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._wakes: dict[str, asyncio.Event] = {}
        self._closed = False
        self._commits = 0
        self._kept: dict[Callable[[Session], Any], tuple[int, Any]] = {}
        self._writer_connection = connect(path)
        self._peek_connection = connect(path, read_only=True)
        self._peek_session = Session(self._peek_connection)
        self._local = threading.local()
        self._reader_connections: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="database-read")
        self._writer = threading.Thread(target=self._write_jobs, name="database-write", daemon=True)
        self._writer.start()

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the database file at `path`, whose schema must be current (`store.migrations`)."""
        return cls(path, asyncio.get_running_loop())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what is queued, then close every connection. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown(wait=True)
        for connection in (
            *self._reader_connections,
            self._peek_connection,
            self._writer_connection,
        ):
            connection.close()

    def wake_event(self, worker: str) -> asyncio.Event:
        """The event that is set after every commit that asked to wake `worker`."""
        return self._wakes.setdefault(worker, asyncio.Event())

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction; its result, after the commit.

        Raises whatever `work` raised, with all it changed rolled back, DiskFullError or DiskError
        when the disk is full or cannot be written, and TryLaterError at the end of the node.
        """
        if self._closed:
            raise TryLaterError("The node is shutting down.", retry_after=30)
        job = _Job(work, self._loop.create_future())
        self._jobs.put(job)
        return cast("T", await job.future)

    async def rehearse(self, work: Callable[[Session], T]) -> T:
        """What `work` would give, with all that it changes undone: nothing comes of it, nobody is woken.

        It runs where writing runs, so it must be short. Raises as `write`.
        """
        found: list[T] = []

        def work_and_undo(session: Session) -> None:
            found.append(work(session))
            raise _UndoneError

        with contextlib.suppress(_UndoneError):
            await self.write(work_and_undo)
        return found[0]

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which only reads, on a reading thread. Raises DiskError beside what it raises."""
        return await self._loop.run_in_executor(self._readers, self._read, work)

    def peek(self, work: Callable[[Session], T]) -> T:
        """Run `work` at once on the event loop's own connection: indexed point reads only (~20 µs).

        Raises DiskError beside what `work` raises.
        """
        return _reading(work, self._peek_session)

    def peek_kept(self, work: Callable[[Session], T]) -> T:
        """What `peek(work)` says, asked again only after a commit: nobody else writes this file.

        `work` must be a function that stays the same object, such as one of a module.
        """
        commits = self._commits
        kept = self._kept.get(work)
        if kept is None or kept[0] != commits:
            kept = self._kept[work] = (commits, _reading(work, self._peek_session))
        return cast("T", kept[1])

    def _read(self, work: Callable[[Session], T]) -> T:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            connection = connect(self.path, read_only=True)
            self._reader_connections.append(connection)
            session = self._local.session = Session(connection)
        return _reading(work, session)

    def _write_jobs(self) -> None:
        """The writing thread: take what is waiting, run it as one commit, answer, again."""
        open_for_business = True
        busy = False
        while open_for_business:
            group: list[_Job] = []
            job = self._jobs.get()
            if busy:
                time.sleep(_GATHER_SECONDS)  # others are on their way: one flush for all of them
            while True:
                if job is None:
                    open_for_business = False
                    break
                group.append(job)
                if len(group) == _LARGEST_GROUP:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            busy = len(group) > 1
            if group:
                changes = self._writer_connection.total_changes
                _commit_group(self._writer_connection, group)
                failures = [job.error for job in group if isinstance(job.error, DiskError)]
                if failures or self._writer_connection.total_changes > changes:
                    self.trouble = failures[0] if failures else None
                self._commits += 1
                self._loop.call_soon_threadsafe(self._answer, group)

    def _answer(self, group: list[_Job]) -> None:
        for job in group:
            if not job.future.done():
                if job.error is not None:
                    job.future.set_exception(job.error)
                else:
                    job.future.set_result(job.result)
            for worker in job.woken:
                self.wake_event(worker).set()


def faulty_sqlite() -> str | None:
    """The version of SQLite, if it has the WAL-reset bug: two connections that write can corrupt the log.

    We never have two, so it is a warning: no other program may write to the file (security advice of SQLite 3.51.3).
    """
    return sqlite3.sqlite_version if sqlite3.sqlite_version_info < _SOUND_SQLITE else None


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the settings every one of ours has; a reading one cannot write at all."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_SECONDS,
        cached_statements=256,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
    return connection


def _commit_group(connection: sqlite3.Connection, group: list[_Job]) -> None:
    """Run a group of jobs in one transaction; each fails or succeeds alone, unless the disk fails."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in group:
            _run(connection, job)
        connection.execute("COMMIT")
    except BaseException as error:  # noqa: BLE001 - whatever it is, every waiting caller must hear of it
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        failure = _explain(error)
        for job in group:
            if job.error is None or not isinstance(error, Exception):
                job.error = failure
            job.woken = set()


def _run(connection: sqlite3.Connection, job: _Job) -> None:
    session = Session(connection)
    try:
        job.result = session.alone(job.work)
    except Exception as error:
        if not connection.in_transaction:
            raise  # nothing of the group is left
        job.error = _explain(error)
    else:
        job.woken = session.woken


def _reading(work: Callable[[Session], T], session: Session) -> T:
    try:
        return work(session)
    except sqlite3.DatabaseError as error:
        explained = _explain(error)
        if explained is error or error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            raise  # our own mistake: whoever reads must not write
        raise explained from error


def _explain(error: BaseException) -> BaseException:
    """Turn the disk's troubles into the error that callers answer with 507 or 503."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    unreadable = code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    if code == sqlite3.SQLITE_ERROR or not (
        unreadable or isinstance(error, sqlite3.OperationalError)
    ):
        return error  # our own mistake
    trouble: DiskError
    if code == sqlite3.SQLITE_FULL:
        trouble = DiskFullError("The node's disk is full.")
    else:
        trouble = DiskError("The node cannot use its disk at the moment.")
    trouble.__cause__ = error
    return trouble
