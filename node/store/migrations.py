"""Bringing a database file to the current schema, and refusing one from the future.

A new file is made from `schema.sql`. An older one takes the numbered steps of `node/migrations`, each
in one transaction with its version. Step N turns version N-1 into N.
"""

import sqlite3
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from node.errors import RefusedError
from node.store.database import connect

SCHEMA_VERSION = 1


def schema_sql() -> str:
    """The text of `schema.sql`: inside the installed package, or at the top of a checkout."""
    packaged = resources.files("node") / "schema.sql"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "schema.sql").read_text(encoding="utf-8")


def create(path: Path) -> None:
    """Make a new database file (0600) with the current schema; it must not be there yet."""
    path.touch(mode=0o600, exist_ok=False)
    connection = connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"BEGIN; {schema_sql()}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    finally:
        connection.close()


def version(path: Path) -> int:
    """The schema version of the file."""
    connection = connect(path, read_only=True)
    try:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()
    return found


def pending(path: Path) -> list[int]:
    """The steps the file still needs, in order. Raises RefusedError when it is newer than we are."""
    found = version(path)
    if found > SCHEMA_VERSION:
        raise RefusedError(
            f"The database has schema {found}, newer than this program's {SCHEMA_VERSION}:"
            " install the newer version that wrote it."
        )
    return list(range(found + 1, SCHEMA_VERSION + 1))


def migrate(path: Path, before: Callable[[Path], None]) -> list[int]:
    """Apply what is pending, after `before(path)` has made a safe copy; the steps applied."""
    steps = pending(path)
    if steps:
        before(path)
        connection = connect(path)
        try:
            for step in steps:
                _apply(connection, step)
        finally:
            connection.close()
    return steps


def _apply(connection: sqlite3.Connection, step: int) -> None:
    folder = resources.files("node") / "migrations"
    [script] = [entry for entry in folder.iterdir() if entry.name.startswith(f"{step:04d}_")]
    sql = script.read_text(encoding="utf-8")
    connection.executescript(f"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {step}; COMMIT;")
