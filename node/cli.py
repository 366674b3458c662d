"""The command `roughweather`: reads its words, finds who does the work, prints what comes of it.

Commands about the content of a node are answered by the running server, or done here under the node's
lock where none runs; the others always run here. See docs/commands.md.
"""

import argparse
import contextlib
import importlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from node import __version__
from node.commands import arguments
from node.control import MODULES, ON_NODE, Outcome, ask, explain
from node.errors import RefusedError, RoughweatherError
from node.lock import PAUSE_SECONDS, WAIT_SECONDS, busy, try_hold

# One byte more than a document may have, and the node says so; a device would never end.
_MOST_READ = 20_000_001
_PATHS = ("image", "pictures")  # read and written here, not by the node
_NOT_SENT = frozenset({"command", "data", "reads", "writes", "version"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    os.umask(0o077)  # whatever a node writes is its own business
    parser = arguments.build()
    try:
        options = parser.parse_args(argv)
    except (
        SystemExit
    ) as wrong:  # argparse has printed what is wrong, or the help that was asked for
        return wrong.code if isinstance(wrong.code, int) else 2
    if options.version:
        return _print(Outcome(0, f"roughweather {__version__}\n"))
    if options.command is None:
        parser.print_usage(sys.stderr)
        return 2
    try:
        return _print(_run(options))
    except RoughweatherError as error:
        return _print(explain(error))
    except BrokenPipeError:  # whoever read what we print has seen enough
        _discard(sys.stdout)
        return 1
    except OSError as error:  # a full disk, a directory of somebody else's
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _print(Outcome.refused(f"The system refused: {what}."))
    except KeyboardInterrupt:
        return 1


def _run(options: argparse.Namespace) -> Outcome:
    data = Path(options.data or os.environ.get("ROUGHWEATHER_DATA") or "data").absolute()
    if options.command in ON_NODE:
        return _on_node(data, options)
    # By name: each command brings what it needs, and no other command pays for it.
    module = importlib.import_module(
        f"node.commands.{MODULES.get(options.command, options.command)}"
    )
    outcome: Outcome = module.main(data, options)
    return outcome


def _on_node(data: Path, options: argparse.Namespace) -> Outcome:
    """Have the running server do it; do it here, under the lock, where none runs."""
    if not (data / "node.toml").is_file():
        raise RefusedError(f"There is no node in {data}: make one with “roughweather init”.")
    stdin = _read(getattr(options, options.reads)) if options.reads else b""
    given = {name: value for name, value in vars(options).items() if name not in _NOT_SENT}
    _refuse_bytes(given, but=(options.reads, options.writes, *_PATHS))
    enclosed: Any = None
    if any(getattr(options, name, None) for name in _PATHS):
        enclosed = importlib.import_module("node.commands.enclosed")
        given["image"] = enclosed.send(options, stdin, partial(_performed, data))
        given.pop("pictures", None)
    outcome = _performed(data, options.command, given, stdin)
    if enclosed is not None and outcome.exit == 0:
        enclosed.collect(options, data, outcome.stdout)
    if options.writes and outcome.exit == 0:
        return _write(getattr(options, options.writes), outcome)
    return outcome


def _performed(data: Path, command: str, given: Mapping[str, Any], stdin: bytes) -> Outcome:
    """What the running server says, or this process where none runs; waits while another holds the node."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        work = (data, command, given, stdin)
        outcome = ask(*work) or _here(*work)
        if outcome is not None:
            return outcome
        if time.monotonic() >= deadline:  # somebody holds the lock and does not answer
            raise RefusedError(busy(data))
        time.sleep(PAUSE_SECONDS)  # between two tries, until the deadline


def _refuse_bytes(given: Mapping[str, Any], but: tuple[str | None, ...]) -> None:
    """Refuse arguments that are no text in UTF-8; the names of files may be any bytes."""
    for name, value in given.items():
        if isinstance(value, str) and name not in but:
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise RefusedError(f"The argument “{name}” is not UTF-8.") from error


def _here(data: Path, command: str, given: Mapping[str, Any], stdin: bytes) -> Outcome | None:
    """Do it in this process; None while another process holds the node."""
    lock = try_hold(data)
    if lock is None:
        return None
    with lock:
        # By name: this imports the whole node, which takes longer than any answer of a server.
        outcome: Outcome = importlib.import_module("node.commands.here").run(
            data, command, given, stdin
        )
    return outcome


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(_MOST_READ)
    try:
        with Path(name).open("rb") as file:
            return file.read(_MOST_READ)
    except OSError as error:
        raise RefusedError(f"{name} cannot be read: {error.strerror}.") from error


def _write(name: str, outcome: Outcome) -> Outcome:
    """Put what the command printed into the file the user named, whole or not at all."""
    if name == "-":
        return outcome
    path = Path(name).absolute()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(outcome.stdout.encode("utf-8", "replace"))
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RefusedError(f"{name} cannot be written: {error.strerror}.") from error
    return Outcome(0, f"Written to {name}.\n", outcome.stderr)


def _print(outcome: Outcome) -> int:
    """Print both texts, in UTF-8 whatever the locale says: scripts read them."""
    for stream, text in ((sys.stdout, outcome.stdout), (sys.stderr, outcome.stderr)):
        stream.flush()
        try:
            stream.buffer.write(text.encode("utf-8", "replace"))
            stream.flush()
        except BrokenPipeError:  # “| head” has seen enough
            _discard(stream)
    return outcome.exit


def _discard(stream: TextIO) -> None:
    """Send what is still to be printed nowhere, or Python complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
