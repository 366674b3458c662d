"""Drives a node process and kills it, again and again, and remembers everything that must hold."""

import asyncio
import contextlib
import os
import random
import sqlite3
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.federation.sink import Received, Reply, Sink

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "node_process.py"
Pair = tuple[str, str]  # (inbox, activity id)

_CLIENTS = 6
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that another server took."""

    host: str
    inbox: str
    activity: dict[str, Any]

    @property
    def pair(self) -> Pair:
        return self.inbox, self.activity["id"]

    @property
    def object_id(self) -> str:
        return self.activity["object"]["id"]


@dataclass(slots=True)
class Ledger:
    """What was acknowledged to us, as far as it was."""

    published: set[int] = field(default_factory=set)
    versions: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    asked_to_remove: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    received: set[int] = field(default_factory=set)


class Crashing:
    """A database, a sink for its deliveries, and one process after another on it."""

    def __init__(self, path: Path, sink: Sink, seed: int) -> None:
        self.path = path
        self.ledger = Ledger()
        self.arrivals: list[Arrival] = []
        self.kills = 0
        self.resendable: Counter[Pair] = Counter()
        self._sink = sink
        self._sink.answer = self._answer
        self._random = random.Random(seed)
        self._numbers = count()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def round(self) -> None:
        """Start a process, keep it busy, kill it at some moment, look at what is left."""
        process = await self._start()
        clients = [asyncio.create_task(self._client(process)) for _ in range(_CLIENTS)]
        reading = asyncio.create_task(self._read(process))
        await self._some_moment()
        if (
            self.kills % 10 == 9
        ):  # else the work would pile up, and the first rows be all that is seen
            await _end(*clients)
            async with asyncio.timeout(_PATIENCE):
                await self._ask(process, "drain")
        process.kill()
        await process.wait()
        await reading
        await _end(*clients)
        self._waiting.clear()
        self.kills += 1
        await self._sink.quiet()
        self._note_unrecorded()

    async def _some_moment(self) -> None:
        """In one of five rounds while the process still starts, else while it works."""
        if self._random.random() < 0.2:
            await asyncio.sleep(self._random.uniform(0.2, 0.5))
            return
        async with asyncio.timeout(_PATIENCE):
            await self._answered("ready")
        await asyncio.sleep(self._random.uniform(0, 0.25))

    async def finish(self) -> None:
        """A last process that may deliver all that is left and end in good order."""
        process = await self._start()
        reading = asyncio.create_task(self._read(process))
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._ask(process, "drain")
                await self._ask(process, "stop")
                await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await reading
        assert process.returncode == 0

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database, while no process has it."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()

    # ---------------------------------------------------------------------------------- inside

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(SCRIPT),
            str(self.path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.endswith(b"\n"):
                answered = self._answered(line.decode().strip().removeprefix("ok "))
                if not answered.cancelled():  # whoever asked may be gone
                    answered.set_result(None)

    def _answered(self, command: str) -> asyncio.Future[None]:
        return self._waiting.setdefault(command, asyncio.get_running_loop().create_future())

    async def _ask(self, process: asyncio.subprocess.Process, command: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{command}\n".encode())
        await self._answered(command)

    async def _client(self, process: asyncio.subprocess.Process) -> None:
        """Somebody who publishes, changes their mind, and now and then takes it back."""
        while True:
            number, ledger = next(self._numbers), self.ledger
            await self._ask(process, f"publish {number}")
            ledger.published.add(number)
            for version in range(1, self._random.randrange(4)):
                await self._ask(process, f"edit {number} {version}")
                ledger.versions[number] = version
            await self._ask(process, f"receive {number}")
            ledger.received.add(number)
            if self._random.random() < 0.2:
                ledger.asked_to_remove.add(number)
                await self._ask(process, f"remove {number}")
                ledger.removed.add(number)

    def _answer(self, post: Received) -> Reply:
        if self._random.random() < 0.03:
            return Reply(503)
        self.arrivals.append(Arrival(post.host, post.inbox, post.activity))
        return Reply(202)

    def _note_unrecorded(self) -> None:
        """What arrived, but the node that died could not write down: only that may come again."""
        recorded = set(
            self.rows(
                "SELECT inbox, id FROM delivery JOIN activity ON activity.seq = delivery.activity"
                " WHERE state = 'delivered'"
            )
        )
        self.resendable.update({one.pair for one in self.arrivals} - recorded)


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
