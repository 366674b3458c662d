"""The real command, run as a process of its own, on a copy of one node that was made once."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
INIT = [
    "init", "--url", "http://127.0.0.1:8999", "--handle", "norcal", "--name", "North Coast Circle",
    "--summary", "We meet by the river.", "--timezone", "America/Los_Angeles", "--allow-private-networks",
]  # fmt: skip
EVENT = {
    "id": "river-day",
    "title": "A day by the river",
    "start_local": "2027-05-01T10:00:00",
    "end_local": "2027-05-01T16:00:00",
    "timezone": "America/Los_Angeles",
    "location": {"name": "The river bank", "visibility": "public"},
}


@dataclass
class Ran:
    """What became of one run of the command."""

    exit: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)


@dataclass
class Command:
    """`roughweather` with the variables of one test; `data` is the default `--data`."""

    data: Path
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, *words: str | Path, code: str = "", **options: Any) -> subprocess.Popen[bytes]:
        """Start it, with pipes for its output; or start other Python `code` in its place."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ROUGHWEATHER_")}
        environment |= {
            "ROUGHWEATHER_DATA": str(self.data),
            "PYTHONPATH": str(ROOT),
        } | self.variables
        return subprocess.Popen(
            [sys.executable, *(["-c", code] if code else ["-m", "node"]), *map(str, words)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def __call__(self, *words: str | Path, stdin: bytes | Any = b"", **options: Any) -> Ran:
        """Run it to its end; `stdin` that is no bytes goes in as JSON."""
        given = stdin if isinstance(stdin, bytes) else json.dumps(stdin).encode()
        process = self.start(*words, stdin=subprocess.PIPE, **options)
        stdout, stderr = process.communicate(given, timeout=60)
        return Ran(process.returncode, stdout.decode(), stderr.decode())


@dataclass
class Server:
    """A running `serve`."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code, which must come within ten seconds."""
        self.process.send_signal(number)
        self.process.communicate(timeout=10)
        return self.process.returncode


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a fresh node `norcal`, to be copied."""
    data = tmp_path_factory.mktemp("template") / "node"
    made = Command(data)(*INIT)
    assert made.exit == 0, made.stderr
    return data


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """A node of this test's own."""
    copy = tmp_path / "node"
    shutil.copytree(template, copy)
    return copy


@pytest.fixture
def run(data: Path) -> Command:
    """The command on the node of this test."""
    return Command(data)


@pytest.fixture
def empty(tmp_path: Path) -> Command:
    """The command with a directory in which no node is yet."""
    return Command(tmp_path / "new")


@contextlib.contextmanager
def serving(command: Command, *words: str) -> Iterator[Server]:
    """A server on the node of `command`, which then knows its address as the public one."""
    port = free_port()
    command.variables["ROUGHWEATHER_URL"] = f"http://127.0.0.1:{port}"
    process = command.start("serve", "--port", str(port), *words)
    try:
        assert process.stderr is not None
        said = b""
        for line in process.stderr:
            said += line
            if b"Serving" in line:
                break
        else:
            pytest.fail(f"the server did not start: {said.decode()}")
        yield Server(process, port)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def serve(run: Command) -> Iterator[Callable[..., Server]]:
    """Starts servers, on the node of this test unless told otherwise."""
    with contextlib.ExitStack() as servers:

        def start(*words: str, command: Command = run) -> Server:
            return servers.enter_context(serving(command, *words))

        yield start


@pytest.fixture(scope="session")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command on a node with a server, for tests that change nothing."""
    data = tmp_path_factory.mktemp("shared") / "node"
    shutil.copytree(template, data)
    command = Command(data)
    with serving(command):
        yield command


@pytest.fixture(params=["with a server", "without a server"])
def anyhow(request: pytest.FixtureRequest, run: Command, serve: Callable[..., Server]) -> Command:
    """The command on a node, with and without a server that runs on it."""
    if request.param == "with a server":
        serve()
    return run


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
