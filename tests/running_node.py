"""A real node in a process of its own, driven as an operator would: by its command and over HTTP."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from node.commands.arguments import build as parser
from node.control import ON_NODE, ask

AS2 = "application/activity+json"
ENVIRONMENT = os.environ | {
    "ROUGHWEATHER_FEDERATION__ALLOW_PRIVATE_NETWORKS": "true",
    "ROUGHWEATHER_FEDERATION__RETRY_BASE_SECONDS": "0.2",
    "ROUGHWEATHER_FEDERATION__NOTICE_QUIET_SECONDS": "0.3",
}


@dataclass(slots=True)
class RunningNode:
    """A node that serves on loopback, at `port`; `command` runs `roughweather` on it."""

    data: Path
    url: str
    handle: str
    port: int
    environment: Mapping[str, str]
    process: Any = None  # of asyncio, or what does the same

    @property
    def address(self) -> str:
        """`@handle@host`."""
        return f"@{self.handle}@{self.url.partition('://')[2]}"

    @property
    def log_file(self) -> Path:
        """Where its standard error goes."""
        return self.data.parent / f"{self.handle}.log"

    async def command(self, *arguments: str, stdin: Any = None, code: int = 0) -> str:
        """Run a subcommand; its standard output. Asserts the exit code.

        A node that serves is asked as the command asks it, without the half second that a process costs.
        """
        text = b"" if stdin is None else json.dumps(stdin).encode()
        serving = self.process is not None and self.process.returncode is None
        if serving and arguments[0] in ON_NODE:
            options = vars(parser().parse_args(arguments))
            name = options.pop("command")
            outcome = await asyncio.to_thread(ask, self.data, name, options, text)
            assert outcome is not None
            assert outcome.exit == code, (arguments, outcome)
            return outcome.stdout
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "node", "--data", str(self.data), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        out, err = await process.communicate(text)
        assert process.returncode == code, (arguments, process.returncode, err.decode())
        return out.decode()

    async def json(self, *arguments: str, stdin: Any = None) -> Any:
        """Run a subcommand and read the JSON it prints."""
        return json.loads(await self.command(*arguments, stdin=stdin))

    async def start(self) -> None:
        """Serve, and wait until the node says it is well."""
        await self.launch()
        await self.well()

    async def launch(self) -> None:
        """Start to serve; not yet well."""
        with self.log_file.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "node", "--data", str(self.data), "serve"),
                *("--port", str(self.port)),
                stderr=log,
                env=self.environment,
            )

    async def well(self) -> None:
        """Wait until the node says it is well."""

        async def said() -> bool:
            async with aiohttp.ClientSession() as session:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    assert self.process is not None
                    assert self.process.returncode is None, self.log()
                    return False

        await eventually(said, seconds=60)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(12):
            return await self.process.wait()

    def log(self) -> str:
        """What the node said on standard error so far."""
        return self.log_file.read_text()


@asynccontextmanager
async def running_node(
    directory: Path,
    handle: str,
    *,
    serve: bool = True,
    url: str | None = None,
    port: int | None = None,
    environment: Mapping[str, str] = ENVIRONMENT,
) -> AsyncIterator[RunningNode]:
    """A fresh node called `handle` on a free port; stopped at the end, with a clean log asserted.

    `url` is its public origin where that is not `port` itself: something stands in front of it.
    """
    port = port or free_port()
    url = url or f"http://127.0.0.1:{port}"
    node = RunningNode(directory / handle, url, handle, port, environment)
    await node.command("init", "--url", node.url, "--handle", handle, "--name", f"Circle {handle}")
    if serve:
        await node.start()
    try:
        yield node
    finally:
        if node.process is not None:
            await node.stop()
            assert "Traceback" not in node.log(), node.log()


async def eventually(condition: Callable[[], Awaitable[Any]], *, seconds: float = 5.0) -> Any:
    """The first true answer of `condition`, asked again and again; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.02)  # between two looks, never instead of one
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def page(url: str, accept: str = "text/html") -> str:
    """The text of a page; asserts that it is there."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": accept}) as answer,
    ):
        assert answer.status == 200, (url, answer.status)
        return await answer.text()


async def document(url: str) -> dict[str, Any]:
    """An ActivityStreams document, asked for as a server does."""
    found: dict[str, Any] = json.loads(await page(url, AS2))
    return found
