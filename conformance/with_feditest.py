"""FediTest: its framework is on PyPI and judges WebFinger; its tests need a checkout.

Without one, the few tests of `feditest/tests` run. Two nodes of ours stand for two servers.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from conformance.result import FAILED, PASSED, SKIPPED, Result
from tests.certificates import Certificates
from tests.running_node import ENVIRONMENT, RunningNode, free_port, running_node
from tests.terminator import terminator

HERE = Path(__file__).parent / "feditest"
_LINE = re.compile(r"(not )?ok \d+ - (.+?)(?: # SKIP ?(.*))?")
_NOT_OURS = "Not implemented by node"  # by the driver: what a group does not do


async def run(program: Path, checkout: Path | None) -> list[Result]:
    """Run what there is; `program` is the bin directory of FediTest's environment."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        certificates = Certificates.make(directory)
        async with (
            _node(directory, "alder", "localhost", certificates) as alder,
            _node(directory, "birch", "127.0.0.2", certificates) as birch,
            _only_https("localhost"),
        ):
            drive = Drive(program / "feditest", directory, certificates)
            roles = {"client": {"nodedriver": "ImpInProcessNodeDriver"}, "server": _driven(alder)}
            results = await drive.tests("FediTest, our own tests", HERE / "tests", "", roles)
            if checkout is not None:
                tests = checkout / "tests"
                results += await drive.tests(
                    "FediTest, WebFinger", tests, r"^webfinger\.server", roles
                )
                roles = {"sender_node": _driven(alder), "receiver_node": _driven(birch)}
                results += await drive.tests("FediTest, two nodes", tests, r"^system2", roles)
            return results


class Drive:
    """Runs `feditest` in a directory of its own."""

    def __init__(self, program: Path, directory: Path, certificates: Certificates) -> None:
        self.program = program
        self.directory = directory
        self.environment = os.environ | {"SSL_CERT_FILE": str(certificates.authority)}

    async def tests(
        self, suite: str, tests: Path, pattern: str, roles: dict[str, object]
    ) -> list[Result]:
        """Those of `tests` whose name matches `pattern`, with a node for each role."""
        arguments = ["run", "--testsdir", str(tests), "--nodedriversdir", str(HERE / "drivers")]
        arguments += ["--filter-regex", pattern] if pattern else []
        for role, node in roles.items():
            file = self.directory / f"{role}.json"
            file.write_text(json.dumps(node))
            arguments += ["--node", f"{role}={file}"]
        process = await asyncio.create_subprocess_exec(
            str(self.program),
            *(*arguments, "--tap"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            cwd=self.directory,
        )
        said, errors = await process.communicate()
        results = list(read_tap(suite, said.decode()))
        assert results, errors.decode()
        return results


def read_tap(suite: str, text: str) -> Iterator[Result]:
    """The results in what FediTest prints with `--tap` (Test Anything Protocol)."""
    blocks = re.split(r"^(?=(?:not )?ok )", text, flags=re.MULTILINE)[1:]
    for block in blocks:
        first, _, rest = block.partition("\n")
        match = _LINE.fullmatch(first)
        if match is None or match[2].startswith("noop"):
            continue
        if match[3] is not None:
            yield Result(suite, match[2], SKIPPED, match[3])
        elif match[1]:
            words = " ".join(rest.partition("message:")[2].partition("where:")[0].split())
            outcome = SKIPPED if words.startswith(_NOT_OURS) else FAILED
            yield Result(suite, match[2], outcome, words)
        else:
            yield Result(suite, match[2], PASSED)


@asynccontextmanager
async def _node(
    directory: Path, handle: str, host: str, certificates: Certificates
) -> AsyncIterator[RunningNode]:
    port = free_port()
    async with (
        terminator(certificates, port, host=host, at=443) as url,
        running_node(
            directory,
            handle,
            url=url,
            port=port,
            environment=ENVIRONMENT | {"SSL_CERT_FILE": str(certificates.authority)},
        ) as node,
    ):
        yield node


def _driven(node: RunningNode) -> dict[str, object]:
    """How `feditest/drivers/roughweather.py` finds the node."""
    parameters = {
        "hostname": node.url.removeprefix("https://"),
        "handle": node.handle,
        "command": [sys.executable, "-m", "node", "--data", str(node.data)],
        "database": str(node.data / "node.sqlite3"),
    }
    return {"nodedriver": "roughweather.RoughweatherDriver", "parameters": parameters}


@asynccontextmanager
async def _only_https(host: str) -> AsyncIterator[None]:
    """Port 80, as a proxy keeps it: it leads to https."""

    async def lead(request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPMovedPermanently(f"https://{host}{request.path_qs}")

    runner = web.ServerRunner(web.Server(lead))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 80).start()
    yield
    await runner.cleanup()
