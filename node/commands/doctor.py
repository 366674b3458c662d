"""`doctor`: proves from outside that the node works, and says in plain words what to fix."""

import argparse
import asyncio
import os
import shutil
import smtplib
import sqlite3
import ssl
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from federation import keypairs
from federation.signatures import SigningKey
from node import backup
from node.clock import SystemClock
from node.commands import outside
from node.commands.check import full_text, modes, sqlite_version
from node.commands.findings import Finding, Verdict, fail, ok, report, skip, warn
from node.commands.migrate import pending
from node.config import Config, load
from node.control import Outcome
from node.errors import InvalidDocumentError, RefusedError, RoughweatherError
from node.store import following, groups
from node.store.database import Session, connect

_MAIL_SECONDS = 10.0
_LITTLE_DISK, _NO_DISK = 1_000_000_000, 200_000_000
_OLD_BACKUP = timedelta(days=7)


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Asks everything, also where something failed before; exit 1 where something fails."""
    return report(asyncio.run(_gather(data)), json=options.json)


async def _gather(data: Path) -> list[Finding]:
    try:
        config = load(data)
    except InvalidDocumentError as error:
        return [
            fail("CONFIG", str(one), f"Correct it in {data}/node.toml.") for one in error.problems
        ]
    local = [ok("CONFIG", f"the settings of {config.urls.origin} can be used")]
    local += [modes(config), sqlite_version(), full_text(), disk(config), last_backup(config)]
    local.append(await asyncio.to_thread(mail, config))
    return [*local, *[finding async for finding in _from_outside(config)]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """What the node says of itself, to compare with what the world sees."""

    handle: str
    key: SigningKey
    neighbours: list[str]


def _own(config: Config) -> _Own:
    """Read from the database beside the server; raises RefusedError where it cannot be read."""
    pending(config)
    connection = connect(config.database_path, read_only=True)
    try:
        session = Session(connection)
        hosts = {urlsplit(one.actor_id) for one in following.every(session)}
        return _Own(
            handle=groups.get(session).handle,
            key=keypairs.signing_key(session, "group"),
            neighbours=sorted({f"{parts.scheme}://{parts.netloc}" for parts in hosts}),
        )
    except sqlite3.Error as error:
        raise RefusedError(f"the database cannot be read: {error}") from error
    finally:
        connection.close()


async def _from_outside(config: Config) -> AsyncIterator[Finding]:
    urls = config.urls
    try:
        own = _own(config)
    except RoughweatherError as error:
        yield fail("DATABASE", str(error), "See what “roughweather check” says.")
        return
    yield await outside.dns(urls)
    yield await outside.tls(urls)
    async with aiohttp.ClientSession() as client:
        visitor = outside.Visitor(client)
        answers = await outside.reachable(visitor, urls)
        yield answers
        if answers.verdict is Verdict.FAIL:
            for code in ("WEBFINGER", "ACTOR", "SIGNATURE", "INBOX"):
                yield skip(code, "the public address does not answer")
            return
        yield await outside.webfinger(visitor, urls, own.handle)
        finding, document = await outside.actor(visitor, urls)
        yield finding
        if document is None:
            yield skip("SIGNATURE", "there is no actor to compare with")
        else:
            yield outside.signature(urls, document, own.key)
        yield await outside.inbox(visitor, urls)
        yield await outside.clock(visitor, urls, own.neighbours)


def disk(config: Config) -> Finding:
    """Can it be written, and is there room for what comes in, and for a backup?"""
    refused = _refused(config.data)
    if refused:
        return fail("DISK", f"it cannot be written: {refused}", "Make room, or have it repaired.")
    free = shutil.disk_usage(config.data).free
    room = f"{free / 1_000_000_000:.1f} GB free"
    if free < _NO_DISK:
        return fail("DISK", room, "Make room now: without it the node can keep nothing.")
    if free < _LITTLE_DISK:
        return warn("DISK", room, "Make room, or move the node to a larger disk.")
    return ok("DISK", room)


def _refused(directory: Path) -> str:
    """Why a file cannot be kept there; empty where it can."""
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def last_backup(config: Config) -> Finding:
    """When was the node last backed up from here?"""
    made = backup.last_made(config)
    fix = "Run “roughweather backup FILE” every night, and keep the file on another machine."
    if made is None:
        return warn("BACKUP", "there has never been a backup", fix)
    age = SystemClock().now() - made
    if age > _OLD_BACKUP:
        return warn("BACKUP", f"the last backup is {age.days} days old", fix)
    return ok("BACKUP", f"last made {made:%Y-%m-%d %H:%M} UTC")


def mail(config: Config) -> Finding:
    """Does the mail server let us in? Nothing is sent."""
    host, port = config["mail.host"], config["mail.port"]
    if not host:
        return skip("MAIL", "no mail server is set, and none is needed")
    try:
        with smtplib.SMTP(host, port, timeout=_MAIL_SECONDS) as server:
            if config["mail.starttls"]:
                server.starttls(context=ssl.create_default_context())
            if config["mail.user"]:
                server.login(config["mail.user"], config["mail.password"])
            server.noop()
    except (smtplib.SMTPException, OSError) as error:
        return fail("MAIL", f"{host}:{port}: {error}", "Check mail.* in node.toml.")
    if not config["mail.from"]:
        return fail(
            "MAIL", "no sender is set, so no letters are sent", "Set mail.from in node.toml."
        )
    return ok("MAIL", f"{host}:{port} lets us in")
