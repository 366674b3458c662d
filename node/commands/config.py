"""`config`: the settings in force and where they can be changed; secrets are masked."""

import argparse
from pathlib import Path

from node.commands.printing import as_json, columns
from node.config import load
from node.control import Outcome


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Raises InvalidDocumentError where the configuration cannot be used."""
    shown = load(data).shown()
    if options.json:
        return Outcome(stdout=as_json(shown))
    return Outcome(stdout=columns([*shown.items()], ""))
