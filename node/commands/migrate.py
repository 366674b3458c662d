"""`migrate`: bring the database to the schema of this program, after a copy into DIR/backups."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node.app import Node
from node.clock import SystemClock
from node.config import Config
from node.control import Outcome
from node.errors import RefusedError
from node.store import migrations
from node.store.snapshot import snapshot


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """On a running server there is nothing to do: it had to be current to start."""
    return Outcome(stdout=f"The schema is current ({migrations.SCHEMA_VERSION}).\n")


def here(config: Config) -> Outcome:
    """Migrate in this process, which holds the lock."""
    steps = bring_up(config)
    if not steps:
        return Outcome(stdout=f"The schema is current ({migrations.SCHEMA_VERSION}).\n")
    applied = ", ".join(map(str, steps))
    return Outcome(
        stdout=f"Applied {applied}; a copy from before lies in {config.data / 'backups'}.\n"
    )


def bring_up(config: Config, *, allowed: bool = True) -> list[int]:
    """The steps applied, none where the schema was current.

    Raises RefusedError for a schema from the future, and for an older one unless `allowed`.
    """
    steps = pending(config)
    if not allowed and steps:
        raise RefusedError("The database has an older schema: run “roughweather migrate” first.")
    return migrations.migrate(config.database_path, lambda path: _copy(config, path))


def pending(config: Config) -> list[int]:
    """The steps the database still needs.

    Raises RefusedError where it cannot be opened, and for a schema from the future.
    """
    try:
        return migrations.pending(config.database_path)
    except sqlite3.Error as error:
        raise RefusedError(
            f"{config.database_path} cannot be used: {error}. “roughweather check” tells more."
        ) from error


def _copy(config: Config, path: Path) -> None:
    folder = config.data / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    for abandoned in folder.glob(".before-*"):  # whoever was killed at it; we hold the lock
        abandoned.unlink()
    stamp = f"{SystemClock().now():%Y%m%dT%H%M%SZ}"
    snapshot(path, folder / f"before-{migrations.SCHEMA_VERSION}-{stamp}.sqlite3")
