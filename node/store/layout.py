"""Whether a database file is laid out as `schema.sql` says: nothing missing, nothing that acts by itself.

A file from outside (a backup) may call itself current and hold other tables, or triggers of a stranger
that would run at every write of ours.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from node.store.database import connect

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'"
# A virtual table may read another one in place of its own words.
_ACTING = (
    "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    " OR sql LIKE 'CREATE VIRTUAL TABLE%'"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    tables: dict[str, set[tuple[str, str]]]
    indexes: set[str]
    acting: dict[str, str]


def differences(path: Path, schema: str) -> list[str]:
    """How a file differs from a database made by the SQL of `schema`, each in a few words.

    More tables, columns and indexes do no harm and are passed over. Raises sqlite3.Error for a file
    that cannot be read.
    """
    wanted, found = _wanted(schema), _found(path)
    lost = [f"the table {name} is missing" for name in wanted.tables if name not in found.tables]
    for table, columns in wanted.tables.items():
        have = found.tables.get(table, columns)
        lost += [f"the column {table}.{name} is missing" for name, _ in sorted(columns - have)]
    lost += [f"the index {name} is missing" for name in sorted(wanted.indexes - found.indexes)]
    lost += [f"{name} is not as it should be" for name in wanted.acting if name not in found.acting]
    strange = [
        f"{name!r} is not ours"
        for name, sql in found.acting.items()
        if wanted.acting.get(name) != sql
    ]
    return [*lost, *strange]


def _wanted(schema: str) -> _Layout:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(schema)
        return _layout(connection)
    finally:
        connection.close()


def _found(path: Path) -> _Layout:
    connection = connect(path, read_only=True)
    try:
        return _layout(connection)
    finally:
        connection.close()


def _layout(connection: sqlite3.Connection) -> _Layout:
    tables = [row[0] for row in connection.execute(_TABLES)]
    columns = "SELECT name, type FROM pragma_table_info(:table)"
    return _Layout(
        tables={
            table: {(row[0], row[1]) for row in connection.execute(columns, {"table": table})}
            for table in tables
        },
        indexes={row[0] for row in connection.execute(_INDEXES)},
        acting={row[0]: " ".join(row[1].split()) for row in connection.execute(_ACTING)},
    )
