"""Bringing a database file to the current schema, and refusing one from the future.

A new file is made from `schema.sql`. An older one takes the numbered steps of `node/migrations`, each
in one transaction with its version. Step N turns version N-1 into N.
"""

import sqlite3
from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from node.errors import RefusedError
from node.store import layout
from node.store.database import connect

SCHEMA_VERSION = 4


def schema_sql() -> str:
    """The text of `schema.sql`: inside the installed package, or at the top of a checkout."""
    packaged = resources.files("node") / "schema.sql"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "schema.sql").read_text(encoding="utf-8")


def require_full_text() -> None:
    """Raise RefusedError where this machine's SQLite was built without full text search."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("SELECT fts5_source_id()")
    except sqlite3.OperationalError as error:
        raise RefusedError(
            "SQLite on this machine has no full text search: run the node with a Python whose SQLite was"
            " built with ENABLE_FTS5, such as the system's own."
        ) from error
    finally:
        connection.close()


def create(path: Path) -> None:
    """Make a new database file (0600) with the current schema; it must not be there yet."""
    require_full_text()
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


def pending(path: Path, to: int = SCHEMA_VERSION) -> list[int]:
    """The steps the file still needs to reach version `to`, in order.

    Raises RefusedError when it is newer than we are, is no node's database, or SQLite cannot read ours.
    """
    require_full_text()
    found = version(path)
    if found < 1:
        raise RefusedError(f"{path} is not a node's database.")
    if found > to:
        raise RefusedError(
            f"The database has schema {found}, newer than this program's {to}:"
            " install the newer version that wrote it."
        )
    if found == SCHEMA_VERSION:
        check_layout(path)
    return list(range(found + 1, to + 1))


def check_layout(path: Path) -> None:
    """Raise RefusedError for a file of the current version that is laid out otherwise."""
    differing = layout.differences(path, schema_sql())
    if differing:
        raise RefusedError(f"{path} is not a sound node's database: {differing[0]}.")


def migrate(
    path: Path,
    before: Callable[[Path], None],
    *,
    steps: Traversable | None = None,
    to: int = SCHEMA_VERSION,
) -> list[int]:
    """Apply what is pending, after `before(path)` has made a safe copy; the steps applied.

    Each step is one transaction with its version: a failing one leaves the file at the step before.
    """
    numbers = pending(path, to)
    if numbers:
        before(path)
        folder = steps or resources.files("node") / "migrations"
        connection = connect(path)
        try:
            for number in numbers:
                _apply(connection, folder, number)
        finally:
            connection.close()
    return numbers


def _apply(connection: sqlite3.Connection, folder: Traversable, number: int) -> None:
    [script] = [entry for entry in folder.iterdir() if entry.name.startswith(f"{number:04d}_")]
    sql = script.read_text(encoding="utf-8")
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {sql} ; PRAGMA user_version = {number}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
