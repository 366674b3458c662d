"""`backup FILE`: one consistent file of everything, also while the node runs."""

import argparse
from pathlib import Path

from node import backup
from node.clock import SystemClock
from node.config import load
from node.control import Outcome


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Only reads the node, so it needs neither the server nor the lock. Raises RefusedError."""
    made = backup.make(load(data), Path(options.file).absolute(), now=SystemClock().now())
    return Outcome(
        stdout=f"Backed up {made.files} files ({made.size / 1_000_000:.1f} MB) to {options.file}.\n"
        "It holds the node's private keys: keep it where only you can read it.\n"
    )
