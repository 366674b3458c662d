"""activitypub-testsuite: a pytest suite that needs a checkout; `testsuite/` adapts a node to it."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from conformance.result import FAILED, PASSED, SKIPPED, Result
from tests.running_node import RunningNode, free_port, running_node

HERE = Path(__file__).parent / "testsuite"
SUITE = "activitypub-testsuite"
_OUTCOMES = {"passed": PASSED, "skipped": SKIPPED}


async def run(program: Path, checkout: Path) -> list[Result]:
    """Run all of it; `program` is the bin directory of its environment."""
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        # The suite's own server is `localhost` as well, and lets nobody choose.
        async with running_node(
            directory, "alder", url=f"http://localhost:{port}", port=port
        ) as node:
            report = directory / "report.json"
            await _pytest(program / "python", checkout, node, report)
            return [_result(test) for test in json.loads(report.read_text())["tests"]]


async def _pytest(python: Path, checkout: Path, node: RunningNode, report: Path) -> None:
    tests = sorted((checkout / "activitypub_testsuite" / "tests").glob("_test_*.py"))
    arguments = [
        "-m",
        "pytest",
        "-q",
        "-c",
        str(HERE / "pytest.ini"),
        "--json-report-file",
        str(report),
    ]
    process = await asyncio.create_subprocess_exec(
        str(python),
        *(*arguments, *map(str, tests)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ
        | {
            "PYTHONPATH": str(HERE),
            "CONFORMANCE_URL": node.url,
            "CONFORMANCE_DATABASE": str(node.data / "node.sqlite3"),
            "CONFORMANCE_COMMAND": json.dumps(
                [sys.executable, "-m", "node", "--data", str(node.data)]
            ),
        },
    )
    said, _ = await process.communicate()
    assert report.exists(), said.decode()


def _result(test: dict[str, object]) -> Result:
    outcome = _OUTCOMES.get(str(test["outcome"]), FAILED)
    name = str(test["nodeid"]).rpartition("::")[2]
    if outcome == SKIPPED:
        metadata = test.get("metadata")
        return Result(
            SUITE,
            name,
            outcome,
            str(metadata.get("reason", "")) if isinstance(metadata, dict) else "",
        )
    return Result(SUITE, name, outcome, _crash(test) if outcome == FAILED else "")


def _crash(test: dict[str, object]) -> str:
    for stage in ("setup", "call", "teardown"):
        part = test.get(stage)
        if isinstance(part, dict) and "crash" in part:
            return " ".join(str(part["crash"]["message"]).split())
    return "It ended badly."
