"""Whole copies of a database file: made while it is in use, and judged before anybody trusts them."""

import os
import sqlite3
from pathlib import Path

from node.errors import RefusedError
from node.store.database import connect

_MOST_FINDINGS = 10


def snapshot(source: Path, target: Path) -> None:
    """A consistent, compact copy of a database (0600, synced), also while a server writes to it.

    `VACUUM INTO` on a reading connection, since the stepwise backup interface starts over at every
    write of others. It gets its name once it is whole, so that whoever is killed on the way leaves
    nothing that could be taken for a copy. Raises RefusedError, and leaves no `target`, where the copy
    fails or is damaged.
    """
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    try:
        connection = connect(source, read_only=True)
        try:
            connection.execute(
                "PRAGMA query_only = OFF"
            )  # it would forbid writing the copy as well
            connection.execute("VACUUM INTO :target", {"target": os.fspath(partial)})
        finally:
            connection.close()
        found = damage(partial)
        if found:
            raise RefusedError(f"The copy of the database is damaged: {found[0]}.")
        sync(partial)
        partial.replace(target)
        sync(target.parent)
    except sqlite3.Error as error:
        raise RefusedError(f"The database cannot be copied: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def damage(path: Path, *, quick: bool = False) -> list[str]:
    """What SQLite finds wrong with a database file, ten findings at most; empty where it is sound.

    `quick`: without comparing tables with their indexes, in a fraction of the time.
    """
    try:
        connection = connect(path, read_only=True)
        try:
            check = "quick_check" if quick else "integrity_check"
            rows = connection.execute(f"PRAGMA {check}(10)").fetchall()
            found = [row[0] for row in rows if row[0] != "ok"]
            if quick:
                return found
            dangling = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FINDINGS)
            found += [f"a row of {row[0]} points to nothing in {row[2]}" for row in dangling]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return [str(error)]
    return found[:_MOST_FINDINGS]


def make_current(path: Path) -> None:
    """Turn a copy back into a live database: `VACUUM INTO` leaves it without a write-ahead log."""
    connection = connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def sync(path: Path) -> None:
    """Have a file, or the names in a directory, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
