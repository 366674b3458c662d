"""The whole program as a process to be killed, started in a tenth of a second."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.running_node import ENVIRONMENT, RunningNode, eventually, free_port

ROOT = Path(__file__).parents[2]
_PATIENCE = 90.0  # all of a machine may be at work


class Warm:
    """Forks the program on request. Made by `warm`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._one_at_a_time = asyncio.Lock()

    async def fork(self, log: Path, *arguments: str) -> "Forked":
        """A process that is `roughweather` with these arguments."""
        return Forked(self, await self.ask({"arguments": arguments, "log": str(log)}))

    async def ask(self, request: Mapping[str, object]) -> int:
        """One line there, one number back."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        async with self._one_at_a_time, asyncio.timeout(_PATIENCE):
            stdin.write(json.dumps(request).encode() + b"\n")
            return int(await stdout.readline())


class Forked:
    """One process; what of `asyncio.subprocess.Process` a `RunningNode` needs."""

    def __init__(self, warm: Warm, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._warm = warm
        self._ended = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._note_end)

    def send_signal(self, number: int) -> None:
        """To the process, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    async def wait(self) -> int:
        """Its exit code, once it ended; negative is the signal that ended it."""
        await self._ended.wait()
        if self.returncode is None:
            self.returncode = await self._warm.ask({"reap": self.pid})
        return self.returncode

    def _note_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self._ended.set()


@asynccontextmanager
async def warm(environment: Mapping[str, str] = ENVIRONMENT) -> AsyncIterator[Warm]:
    """The program in memory, with this environment; everything that it forked ends with it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash.warm"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    try:
        yield Warm(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@dataclass(slots=True, kw_only=True)
class WarmNode(RunningNode):
    """A node whose server is forked."""

    warm: Warm = field(repr=False)

    async def launch(self) -> None:
        """Start to serve; not yet well."""
        self.process = await self.fork("serve", "--port", str(self.port))

    async def fork(self, *arguments: str) -> Forked:
        """A process that carries out a subcommand, to be killed or waited for."""
        return await self.warm.fork(self.log_file, "--data", str(self.data), *arguments)

    async def run(self, *arguments: str, code: int = 0) -> None:
        """A subcommand to its end. Asserts the exit code."""
        process = await self.fork(*arguments)
        async with asyncio.timeout(_PATIENCE):
            assert await process.wait() == code, (arguments, self.log())

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """What the database holds, read from outside; its log is left for the next process."""
        path = (self.data / "node.sqlite3").as_uri()
        with closing(sqlite3.connect(f"{path}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    async def settled(self, seconds: float = 60) -> None:
        """Wait until nothing is left to do in either direction."""

        async def done() -> bool:
            queue = await self.json("queue", "--json")
            waiting = self.rows("SELECT count(*) FROM inbound WHERE state = 'waiting'")
            entries = self.rows("SELECT count(*) FROM outbox_entry")
            return queue["pending"] + queue["retrying"] == 0 and waiting == entries == [(0,)]

        await eventually(done, seconds=seconds)

    async def kill(self) -> None:
        """-9, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def warm_node(directory: Path, handle: str, **settings: str) -> AsyncIterator[WarmNode]:
    """A fresh node that does not serve yet; at the end it is stopped, and its log was clean.

    `settings` are variables of its environment.
    """
    port = free_port()
    environment = ENVIRONMENT | settings
    async with warm(environment) as forking:
        url = f"http://127.0.0.1:{port}"
        node = WarmNode(directory / handle, url, handle, port, environment, warm=forking)
        await node.run("init", "--url", url, "--handle", handle, "--name", f"Circle {handle}")
        try:
            yield node
        finally:
            if node.process is not None:
                await node.stop()
            assert "Traceback" not in node.log(), node.log()
