"""Asks the judges of this directory: programs of other people that read what the node publishes."""

import fcntl
import json
import subprocess
from pathlib import Path
from typing import Any

from tests.fedify import living

HERE = Path(__file__).parent


def judge(name: str, given: Any) -> Any:
    """What the judge `name`.mjs says of `given`: JSON in, JSON out. Raises CalledProcessError where it cannot."""
    _install()
    asked = subprocess.run(
        [living.node_program(), HERE / f"{name}.mjs"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(asked.stdout)


def _install() -> None:
    """What `make test` has done already, unless somebody runs a test by itself."""
    living.install()  # the Node that runs them
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests of several modules may run side by side
        subprocess.run(["make", "--silent", "judges"], cwd=living.ROOT, check=True)
