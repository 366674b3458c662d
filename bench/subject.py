"""The server under measurement: a node of ours in a temporary directory, or any other by its URLs."""

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Subject:
    """Where the server is, which process it is, and how one publishes on it."""

    url: str
    actor: str
    inbox: str
    page: str
    event: str
    webfinger: str
    publish_command: list[str]
    pid: int
    data: Path | None = None
    cold_start: float | None = None
    process: subprocess.Popen[bytes] | None = None
    published: int = field(default=0)

    async def publish(self) -> float:
        """Publish one event (or whatever the command publishes); when the command returned."""
        self.published += 1
        document = {
            "id": f"bench-{self.published}-{int(time.time() * 1000)}",
            "title": {"en": f"An evening in the Spiral {self.published}"},
            "summary": {"en": "We sit together and listen. " * 10},
            "start_local": "2030-04-17T10:00:00",
            "end_local": "2030-04-17T12:00:00",
            "timezone": "Europe/Berlin",
            "location": {
                "visibility": "public",
                "name": "Hall",
                "locality": "Berlin",
                "country": "DE",
            },
        }
        process = await asyncio.create_subprocess_exec(
            *self.publish_command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        await process.communicate(json.dumps(document).encode())
        assert process.returncode == 0, "the publish command failed"
        return time.time()


@contextmanager
def own_node() -> Iterator[Subject]:
    """A fresh node of ours, serving, until the context ends."""
    with tempfile.TemporaryDirectory(prefix="roughweather-bench-") as directory:
        data = Path(directory) / "node"
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        environment = os.environ | {"ROUGHWEATHER_FEDERATION__ALLOW_PRIVATE_NETWORKS": "true"}
        command = [sys.executable, "-m", "node", "--data", str(data)]
        initialise = [*command, "init", "--url", url, "--handle", "bench", "--name", "Bench Circle"]
        subprocess.run(initialise, check=True, env=environment, stdout=subprocess.DEVNULL)
        _add_many(data, command, environment)
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(f"{url}/group")
            yield Subject(
                url=url,
                actor=f"{url}/group",
                inbox=f"{url}/inbox",
                page=f"{url}/events",
                event=f"{url}/events/circle-0",
                webfinger=f"{url}/.well-known/webfinger?resource=acct:bench@127.0.0.1:{port}",
                publish_command=[*command, "event", "add", "-"],
                pid=process.pid,
                data=data,
                cold_start=time.perf_counter() - began,
                process=process,
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def other(arguments: dict[str, str]) -> Subject:
    """A server that is running already, described by the command line."""
    url = arguments["url"].rstrip("/")
    return Subject(
        url=url,
        actor=arguments["actor"],
        inbox=arguments["inbox"],
        page=arguments.get("page") or url + "/",
        event=arguments.get("event") or arguments["actor"],
        webfinger=arguments.get("webfinger")
        or f"{url}/.well-known/webfinger?resource={arguments['actor']}",
        publish_command=shlex.split(arguments.get("publish") or ""),
        pid=int(arguments["pid"]),
    )


def _add_many(data: Path, command: list[str], environment: dict[str, str]) -> None:
    group = {
        "slug": "bench",
        "name": {"en": "Bench Circle"},
        "languages": ["en"],
        "timezone": "Europe/Berlin",
    }
    events = [_sample_event(number) for number in range(50)]
    document = {"groups": [group], "events": events, "reflections": [], "practices": []}
    path = data.parent / "events.json"
    path.write_text(json.dumps(document))
    subprocess.run(
        [*command, "import", str(path)], check=True, env=environment, stdout=subprocess.DEVNULL
    )


def _sample_event(number: int) -> dict[str, object]:
    return {
        "id": f"circle-{number}",
        "title": {"en": f"Open circle {number}"},
        "summary": {"en": "An evening of listening, in pairs and in the round. Tea is shared."},
        "start_local": f"2030-{number % 12 + 1:02}-{number % 28 + 1:02}T19:00:00",
        "end_local": f"2030-{number % 12 + 1:02}-{number % 28 + 1:02}T21:00:00",
        "timezone": "Europe/Berlin",
        "location": {"visibility": "public", "name": "Hall", "locality": "Berlin", "country": "DE"},
        "price": {"model": "gift"},
        "spiral_stages": ["gratitude"],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    request = urllib.request.Request(url, headers={"Accept": "application/activity+json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # between two looks, until the deadline
