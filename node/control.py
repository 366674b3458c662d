"""The door through which the command line reaches a running node.

The server owns the database while it runs (a second writer is what triggers SQLite's WAL-reset bug),
so a command goes to it through `DIR/control.sock` (0600, in a 0700 directory). One connection carries
one command; each side sends one JSON object and closes its half:

    {"command": "event", "arguments": {"action": "add"}, "stdin": base64}
    {"exit": 0, "stdout": "…", "stderr": ""}

Where no server runs, the same function runs in the process of the command, which then holds the
lock (`node.lock`).
"""

import asyncio
import base64
import contextlib
import importlib
import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from node.errors import InvalidDocumentError, RefusedError, RoughweatherError
from node.logs import escaped

if TYPE_CHECKING:
    from node.app import (
        Node,
    )  # for its type only: importing it costs a client half a second

SOCKET = "control.sock"
MODULES = {
    "import": "import_",
    "unfollow": "follow",
    "following": "follow",
    "followers": "follow",
}
MODULES |= {"import-ics": "import_ics"}
MODULES |= {"unboost": "boost", "boosts": "boost"}
MODULES |= {"unblock": "block", "blocks": "block"}
ON_NODE = frozenset(
    {
        "event",
        "reflection",
        "picture",
        "export",
        "rsvps",
        "invite",
        "calendar",
        "queue",
        "steward",
        "audit",
        "migrate",
        "block",
        "boost",
        "cohost",
        "follow",
        "groups",
        "neighbours",
        "alias",
        "move",
        "keys",
        "retire",
    }
)
ON_NODE |= frozenset(MODULES)

_LONGEST_REQUEST = 128 * 1024 * 1024
_READ_SECONDS = 30.0
_GRACE_SECONDS = 1.5  # serve has ten seconds for everything
_LONGEST_ADDRESS = 100  # sockaddr_un holds 108 bytes on Linux, 104 elsewhere
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command has to say: its exit code and the two texts it prints."""

    exit: int = 0
    stdout: str = ""
    stderr: str = ""

    @classmethod
    def refused(cls, *sentences: str) -> Self:
        """Exit 1, with one line on stderr for each thing that is wrong."""
        return cls(1, "", "".join(f"{escaped(sentence)}\n" for sentence in sentences))


async def perform(
    node: "Node", command: str, arguments: Mapping[str, Any], stdin: bytes
) -> Outcome:
    """Run one command on an open node; what goes wrong is in the outcome, nothing is raised."""
    if command not in ON_NODE:
        return Outcome.refused(f"The running node does not know the command “{command}”.")
    # By name and when first asked for, so that neither a server nor another command pays for it.
    module = importlib.import_module(f"node.commands.{MODULES.get(command, command)}")
    try:
        outcome: Outcome = await module.run(node, arguments, stdin)
    except RoughweatherError as error:
        return explain(error)
    except Exception:
        _logger.exception("The command %s failed", command)
        return Outcome.refused("Something went wrong inside the node; its log tells more.")
    return outcome


def explain(error: RoughweatherError) -> Outcome:
    """The outcome of a refusal: one sentence, or one line per refused value with its path."""
    if isinstance(error, InvalidDocumentError):
        return Outcome.refused(*(str(problem) for problem in error.problems))
    return Outcome.refused(str(error))


class ControlServer:
    """Answers commands for `node` while the context is open; the process must hold the lock."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        listener = _bind(self._node.config.data)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take no more commands, give those at work a moment to finish, then break them off."""
        self._server.close()
        (self._node.config.data / SOCKET).unlink(missing_ok=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # asyncio runs every connection in a task
        self._tasks.add(task)
        try:
            writer.write(_encode(asdict(await self._answer(reader))))
            await writer.drain()
        except (OSError, TimeoutError):
            _logger.info("A command went away before its answer")
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Outcome:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                request = json.loads(await _read_all(reader))
            command, arguments = str(request["command"]), dict(request["arguments"])
            stdin = base64.b64decode(request["stdin"], validate=True)
        except (ValueError, KeyError, TypeError, RecursionError):
            return Outcome.refused("The command could not be read.")
        return await perform(self._node, command, arguments, stdin)


def ask(data: Path, command: str, arguments: Mapping[str, Any], stdin: bytes) -> Outcome | None:
    """The running server's answer; None where no server listens on the node in `data`.

    Raises RefusedError when the server goes away before it has answered.
    """
    request = {
        "command": command,
        "arguments": dict(arguments),
        "stdin": base64.b64encode(stdin).decode(),
    }
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
        _address(data) as address,
    ):
        try:
            connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise RefusedError(f"The running node cannot be reached: {error.strerror}.") from error
        try:
            connection.sendall(_encode(request))
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as stream:
                answer = json.loads(stream.read())
        except (OSError, ValueError) as error:
            raise RefusedError(
                "The node stopped before it answered; see whether it was done."
            ) from error
    return Outcome(**answer)


@contextlib.contextmanager
def _address(data: Path) -> Iterator[str]:
    """A path of the socket that fits into a socket address, however long `data` is."""
    direct = os.fspath(data.absolute() / SOCKET)
    if len(os.fsencode(direct)) <= _LONGEST_ADDRESS:
        yield direct
        return
    directory = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{SOCKET}"
    finally:
        os.close(directory)


def _bind(data: Path) -> socket.socket:
    (data / SOCKET).unlink(missing_ok=True)  # a stale one: whoever binds holds the lock
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(data) as address:
            listener.bind(address)
        (data / SOCKET).chmod(0o600)
        listener.listen(16)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _encode(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    chunks, size = [], 0
    while chunk := await reader.read(256 * 1024):
        size += len(chunk)
        if size > _LONGEST_REQUEST:
            raise ValueError("the request is too long")
        chunks.append(chunk)
    return b"".join(chunks)
