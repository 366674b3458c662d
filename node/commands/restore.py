"""`restore FILE`: make DIR from a backup."""

import argparse
from pathlib import Path

from node import backup
from node.commands.new_node import building
from node.control import Outcome


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """All or nothing; raises RefusedError where DIR holds a node or the file cannot be trusted."""
    with building(data) as workshop:
        restored = backup.restore(Path(options.file).absolute(), workshop)
    return Outcome(
        stdout=f"Restored the node of {restored.url} as it was at"
        f" {restored.created:%Y-%m-%d %H:%M} UTC, {restored.files} files, into {data}.\n"
    )
