"""`demo`: a throw-away network on this machine: real servers that follow each other over real HTTP.

Each node gets its own directory, process and port. The content is the bundled sample network, moved
to today. Ctrl-C stops the servers and removes everything, unless `--keep` names a place for it.
"""

import argparse
import contextlib
import copy
import importlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from node import sample
from node.clock import SystemClock
from node.commands import here, init
from node.commands.printing import columns
from node.config import FILE_NAME, load
from node.control import Outcome, ask
from node.domain.text import localised
from node.errors import RefusedError
from node.lock import hold

_START_SECONDS, _ARRIVE_SECONDS, _STOP_SECONDS = 60.0, 60.0, 15.0
_PAUSE_SECONDS = 0.1
_STEWARD = "steward"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoNode:
    """One node of the demo: its group as a document, its handle, where it lives and answers."""

    group: Mapping[str, Any]
    name: str
    data: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        """The public origin."""
        return f"http://{self.host}:{self.port}"

    @property
    def handle(self) -> str:
        """How others follow it."""
        return f"@{self.name}@{self.host}:{self.port}"

    @property
    def title(self) -> str:
        """What the group is called, in its main language."""
        return str(localised(self.group["name"]) or self.name)

    def command(self, verb: str, /, **arguments: Any) -> str:
        """What a command prints that the running server carries out; raises RefusedError."""
        stdin = arguments.pop("stdin", b"")
        outcome = ask(self.data, verb, {"verb": verb, "json": True} | arguments, stdin)
        if outcome is None or outcome.exit != 0:
            why = outcome.stderr.strip() if outcome else "it does not run"
            raise RefusedError(f"{self.handle} refused “{verb}”: {why}")
        return outcome.stdout


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Runs until Ctrl-C or SIGTERM; raises RefusedError where the network does not come up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    document = sample.moved_to(sample.load(), SystemClock().now())
    with contextlib.ExitStack() as stack:
        folder = _folder(stack, options.keep)
        nodes = [_planned(document, folder, options, place) for place in range(options.nodes)]
        for node in nodes:
            _refuse_taken(node.port)
        print("Making the nodes and starting them …\n", flush=True)
        try:
            for node in nodes:
                _make(node, document)
            servers = [stack.enter_context(_server(node)) for node in nodes]
            _follow_each_other(nodes)
            _introduce(nodes, options.keep)
            _watch(servers)
        except KeyboardInterrupt:
            print("\nStopping.", flush=True)
    return Outcome()


def _planned(
    document: Mapping[str, Any], folder: Path, options: argparse.Namespace, place: int
) -> DemoNode:
    """The node at one place; where the sample has no more groups it starts over, as `norcal2`."""
    groups = document["groups"]
    group = groups[place % len(groups)]
    name = group["slug"].replace("-", "_") + (
        str(place // len(groups) + 1) if place >= len(groups) else ""
    )
    return DemoNode(
        group=group, name=name, data=folder / name, host=options.host, port=options.port + place
    )


def _folder(stack: contextlib.ExitStack, keep: str | None) -> Path:
    if keep is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="roughweather-demo-")))
    folder = Path(keep).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _refuse_taken(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RefusedError(f"Port {port} is taken; choose others with --port.") from error


def _make(node: DemoNode, document: Mapping[str, Any]) -> None:
    """Make the node and give it its part of the sample; one that was kept stays as it is."""
    if (node.data / FILE_NAME).exists():
        kept = load(node.data).urls.origin
        if kept != node.url:
            raise RefusedError(f"{node.data} is kept for {kept}: give the same --host and --port.")
        return
    languages = node.group.get("languages") or ["en"]
    options = argparse.Namespace(
        url=node.url,
        handle=node.name,
        name=node.title,
        summary=None,
        language=languages,
        timezone=node.group.get("timezone") or "UTC",
        steward=_STEWARD,
        allow_private_networks=True,
    )
    init.main(node.data, options)
    given = {"verb": "import", "group": node.group["slug"], "json": False}
    with hold(node.data):
        shown = _with_drawings(node, document)
        outcome = here.run(node.data, "import", given, json.dumps(shown).encode())
    if outcome.exit != 0:
        raise RefusedError(f"The sample was refused: {outcome.stderr.strip()}")


def _with_drawings(node: DemoNode, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sample with the group's pictures, given to the node; as it is where the node can take none."""
    if find_spec("PIL") is None:
        return document
    # By name: Pillow is an extra.
    drawings = importlib.import_module("node.sample.drawings")
    shown = copy.deepcopy(dict(document))
    for drawing in drawings.of_group(shown, node.group["slug"]):
        outcome = here.run(node.data, "picture", {"action": "add"}, drawing.png())
        if outcome.exit == 0:
            drawings.put(shown, drawing, json.loads(outcome.stdout)["file"])
    return shown


@contextlib.contextmanager
def _server(node: DemoNode) -> Iterator[subprocess.Popen[bytes]]:
    """`serve` in a process of its own, ready to answer; stopped at the end."""
    log = node.data / "demo.log"
    words = ["--data", str(node.data), "serve", "--host", "127.0.0.1", "--port", str(node.port)]
    with log.open("wb") as output:
        # Its own session: Ctrl-C reaches us alone, and we stop the servers in good order.
        process = subprocess.Popen(  # noqa: S603 - our own program with our own words
            [sys.executable, "-m", "node", *words],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        if not _wait(lambda: process.poll() is not None or _answers(node), _START_SECONDS):
            raise RefusedError(f"{node.handle} did not come up: see {log}.")
        if process.poll() is not None:
            raise RefusedError(f"{node.handle} stopped: {_last_line(log)}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _follow_each_other(nodes: Sequence[DemoNode]) -> None:
    pairs = [(one, other) for one in nodes for other in nodes if one is not other]
    for one, other in pairs:
        one.command("follow", target=other.handle)

    def accepted() -> bool:
        states = [
            neighbour["state"]
            for one in nodes
            for neighbour in json.loads(one.command("following"))
        ]
        return states.count("accepted") == len(pairs)

    if pairs and not _wait(accepted, _ARRIVE_SECONDS):
        raise RefusedError("The nodes did not accept each other's Follow within a minute.")
    for one in nodes:
        one.command("groups", tell="yes", hide=None, show=None)


def _introduce(nodes: Sequence[DemoNode], keep: str | None) -> None:
    """Say what there is to see; publish something fresh and say where it arrived."""
    first, *others = nodes
    end = "keeps it" if keep else "removes it"
    count = "A node runs" if len(nodes) == 1 else f"{len(nodes)} nodes run"
    print(f"{count} on this machine. Ctrl-C ends the demo and {end}.\n")
    print(columns([(node.url + "/", node.handle, node.title) for node in nodes], ""))
    if others:
        document = _fresh_event(first)
        added = json.loads(
            first.command("event", action="add", stdin=json.dumps(document).encode())
        )
        page = f"{others[0].url}/neighbours"
        if not _wait(lambda: document["title"] in _page(page), _ARRIVE_SECONDS):
            raise RefusedError(f"What {first.handle} published did not arrive at {page}.")
        print(f"{first.handle} has just published “{document['title']}”.")
        print(f"It has arrived at {others[0].handle}: {page}")
        _hold_together(first, others[0], added)
        print(f"Both groups hold it together now: {added['url']}\n")
    link = json.loads(first.command("steward", action="reset", name=_STEWARD))["link"]
    print(f"The desk of {first.title}, with this link, once:\n{link}\n", flush=True)


def _hold_together(home: DemoNode, other: DemoNode, event: Mapping[str, str]) -> None:
    """The other group is asked to hold a gathering together with its home, and agrees."""
    home.command("cohost", action="offer", slug=event["slug"], target=other.handle)

    def stands(node: DemoNode, state: str) -> bool:
        found = json.loads(node.command("cohost", action="list"))
        return any(
            one["state"] == state and one["event"] in (event["slug"], event["id"]) for one in found
        )

    if _wait(lambda: stands(other, "pending"), _ARRIVE_SECONDS):
        other.command("cohost", action="agree", event=event["id"])
    if not _wait(lambda: stands(home, "accepted"), _ARRIVE_SECONDS):
        raise RefusedError(f"{other.handle} did not come to hold the gathering together.")


def _fresh_event(node: DemoNode) -> dict[str, Any]:
    """A small gathering in three days, as a document of the exchange format."""
    day = (SystemClock().now() + timedelta(days=3)).date()
    return {
        "title": f"Soup and listening, {day:%d %B}",
        "summary": "A pot of soup, a round of listening, nobody needs to prepare anything.",
        "start_local": f"{day.isoformat()}T18:30:00",
        "end_local": f"{day.isoformat()}T20:30:00",
        "timezone": node.group.get("timezone") or "UTC",
        "languages": ["en"],
        "format": "in_person",
        "location": {"name": "The community kitchen", "visibility": "public"},
    }


def _watch(servers: Sequence[subprocess.Popen[bytes]]) -> None:
    """Stay until Ctrl-C; raises RefusedError when a server stops by itself."""
    while all(server.poll() is None for server in servers):
        time.sleep(
            _PAUSE_SECONDS
        )  # several processes are watched, and none can be waited for alone
    raise RefusedError("One of the servers stopped by itself; the demo ends with it.")


def _wait(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether `holds()` came true within that many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE_SECONDS)  # between two looks, until the deadline
    return True


def _answers(node: DemoNode) -> bool:
    return _page(f"http://127.0.0.1:{node.port}/healthz") != ""


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own addresses
            text: str = response.read().decode()
            return text
    except OSError:
        return ""


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
