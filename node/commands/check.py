"""`check`: is the configuration usable and the data sound? Reads only; changes nothing."""

import argparse
import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from node.clock import RELEASED, SystemClock, from_ms
from node.commands.findings import Finding, fail, ok, report, warn
from node.config import FILE_NAME, Config, load
from node.control import Outcome
from node.errors import InvalidDocumentError, Problem, RefusedError
from node.exchange.check import check_event, check_group, check_practice, check_reflection
from node.lock import LOCK
from node.store import inspection, migrations, pictures, search
from node.store.database import Session, connect, faulty_sqlite
from node.store.snapshot import damage

_SKEW = timedelta(minutes=10)
_MOST_NAMED = 5
_PRIVATE = (FILE_NAME, "node.sqlite3", "node.sqlite3-wal", "node.sqlite3-shm", LOCK, "control.sock")


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Everything that can be said without the network; exit 1 where something fails."""
    return report(asyncio.run(_gather(data)), json=options.json)


async def _gather(data: Path) -> list[Finding]:
    return [finding async for finding in _findings(data)]


async def _findings(data: Path) -> AsyncIterator[Finding]:
    try:
        config = load(data)
    except InvalidDocumentError as error:
        for problem in error.problems:
            yield fail(
                "CONFIG", str(problem), f"Correct it in {data / FILE_NAME} or the environment."
            )
        return
    yield ok("CONFIG", f"the settings of {config.urls.origin} can be used")
    yield modes(config)
    yield sqlite_version()
    yield full_text()
    try:
        schema = _schema(config)
    except sqlite3.Error as error:
        schema = fail("DATABASE", f"the database cannot be opened: {error}", _RESTORE)
    yield schema
    if schema.code == "DATABASE" or not schema.detail.startswith("the schema is current"):
        return
    found = await asyncio.to_thread(damage, config.database_path)
    if found:
        yield fail("DATABASE", f"the database is damaged: {'; '.join(found)}", _RESTORE)
        return
    yield ok("DATABASE", "no damage found")
    yield await asyncio.to_thread(_index, config)
    yield await _documents(config)
    yield await asyncio.to_thread(media, config)
    yield await _keys(config)
    yield await _clock(config)


_RESTORE = "Stop the node, put this directory aside, and restore the last backup into a new one."


def modes(config: Config) -> Finding:
    """Whether others on the machine could read the node's secrets, or the node could not."""
    owner = config.data.stat().st_uid
    wrong = []
    for path in (config.data, config.media, *(config.data / name for name in _PRIVATE)):
        if not path.exists():
            continue
        found = path.stat()
        if found.st_mode & 0o077:
            wrong.append(f"{path.name} is {found.st_mode & 0o777:04o}")
        if found.st_uid != owner:
            wrong.append(f"{path.name} belongs to another user than its directory")
    if wrong:
        return fail(
            "MODES", "; ".join(wrong), f"chmod -R go= {config.data}, and chown it to one user."
        )
    return ok("MODES", "only its owner can read the node")


def sqlite_version() -> Finding:
    """Whether the SQLite in use is free of the WAL-reset bug."""
    version = sqlite3.sqlite_version
    if faulty_sqlite():
        return warn(
            "SQLITE",
            f"SQLite {version} has a bug that hits databases with two writers; we have one",
            "Nothing urgent: let no other program write to node.sqlite3; update the system in time.",
        )
    return ok("SQLITE", f"SQLite {version}")


def full_text() -> Finding:
    """Whether SQLite was built with what the search needs."""
    try:
        migrations.require_full_text()
    except RefusedError as error:
        return fail("FULLTEXT", str(error), "Install Python from the system's packages.")
    return ok("FULLTEXT", "SQLite has full text search (FTS5)")


def _index(config: Config) -> Finding:
    connection = connect(config.database_path, read_only=True)
    try:
        differing = search.differences(Session(connection))
    except sqlite3.Error as error:
        return fail("SEARCH", f"the index of the search cannot be read: {error}", _RESTORE)
    finally:
        connection.close()
    if differing:
        return warn(
            "SEARCH",
            f"{differing} things in the index of the search are not as they should be",
            "Restart the node: it makes the index anew.",
        )
    return ok("SEARCH", "the index of the search is sound")


def media(config: Config) -> Finding:
    """Whether the folder of pictures holds what the database speaks of, and nothing else."""
    connection = connect(config.database_path, read_only=True)
    try:
        known = set(pictures.files(Session(connection)))
    finally:
        connection.close()
    there = {
        path.relative_to(config.media).as_posix()
        for path in config.media.rglob("*")
        if path.is_file() or path.is_symlink()
    }
    missing, extra = sorted(known - there), sorted(there - known)
    if missing:
        return fail("MEDIA", f"files of pictures are missing: {_some(missing)}", _RESTORE)
    if extra:
        return warn(
            "MEDIA",
            f"files that no picture speaks of: {_some(extra)}",
            "Restart the node: it takes away its own; look at the others yourself.",
        )
    return ok("MEDIA", f"{len(known)} files of pictures are there")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _schema(config: Config) -> Finding:
    try:
        steps = migrations.pending(config.database_path)
    except RefusedError as error:
        return fail("SCHEMA", str(error), "Install the newer version again.")
    if steps:
        return fail(
            "SCHEMA", "the schema is older than this program", "Run “roughweather migrate”."
        )
    return ok("SCHEMA", f"the schema is current ({migrations.SCHEMA_VERSION})")


async def _documents(config: Config) -> Finding:
    count, languages, bad = 0, ("en",), []
    async for kind, name, document in inspection.documents(config.database_path):
        count += 1
        problems = _problems(kind, document, languages)
        if kind == "group" and not problems:
            languages = tuple(document["languages"])
        if problems:
            bad.append(f"{kind} {name}: {problems[0]}")
    if bad:
        more = f" and {len(bad) - _MOST_NAMED} more" if len(bad) > _MOST_NAMED else ""
        detail = "; ".join(bad[:_MOST_NAMED]) + more
        return fail("DOCUMENTS", detail, "Correct them with “event edit”, or at the desk.")
    return ok("DOCUMENTS", f"{count} stored documents are valid")


def _problems(kind: str, document: Any, languages: tuple[str, ...]) -> list[Problem]:
    match kind:
        case "event":
            return check_event(document, languages)
        case "reflection":
            return check_reflection(document)
        case "practice":
            return check_practice(document)
        case _:
            return check_group(document)


async def _keys(config: Config) -> Finding:
    actors = await inspection.keypair_actors(config.database_path)
    if actors != ["group", "instance"]:
        return fail("KEYS", "a key pair is missing: nothing can be signed", _RESTORE)
    return ok("KEYS", "both key pairs are there")


async def _clock(config: Config) -> Finding:
    now = SystemClock().now()
    written = from_ms(await inspection.latest_ms(config.database_path))
    if now < max(RELEASED, written - _SKEW):
        return fail(
            "CLOCK",
            f"the clock shows {now:%Y-%m-%d %H:%M} UTC, a time that has passed",
            "Set the clock, and let it be kept (timedatectl set-ntp true).",
        )
    return ok("CLOCK", f"{now:%Y-%m-%d %H:%M} UTC")
