"""`init`: make a new node and print the link with which its first steward sets a password."""

import argparse
import asyncio
import json
import re
from pathlib import Path
from typing import Any

from federation import keypairs
from node.clock import SystemClock
from node.commands.new_node import building
from node.config import FILE_NAME, Config, check, environment
from node.control import Outcome
from node.domain.walltime import UnknownZoneError, zone
from node.errors import InvalidDocumentError, Problem
from node.services import stewards
from node.store import groups, migrations
from node.store.database import Database, Session

_HANDLE = re.compile(r"[a-z0-9_]{1,30}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # the shape of BCP 47 that is in use
_LONGEST_NAME = 200
_LONGEST_SUMMARY = 5000

_TOML = """\
# The settings of this node; docs/hosting.md lists them all, “roughweather config” shows those in force.
# A variable such as ROUGHWEATHER_MAIL__HOST goes before this file.

# The public address. Every id the node gives out starts with it: it can never change.
url = {url}

# Behind a reverse proxy on this machine, take the # from the next line, so that visitors are told apart.
# trusted_proxies = ["127.0.0.1", "::1"]
"""
_PRIVATE = """
[federation]
# Reach http and private addresses: for a local network without Internet, and for tests.
allow_private_networks = true
"""


def main(data: Path, options: argparse.Namespace) -> Outcome:
    """Make the node; raises InvalidDocumentError naming every argument that cannot be used."""
    config = _check(data, options)
    with building(data) as workshop:
        _write_files(workshop, options)
        token = asyncio.run(_fill(workshop / config.database_path.name, options))
    return Outcome(
        stdout=f"Made the node of @{options.handle}@{config.urls.host} in {data}.\n"
        f"Start it with “roughweather serve --data {data}”. Then “{options.steward}” signs in, once,\n"
        f"within 72 hours, with this link:\n{config.urls.origin}/sign-in/{token}\n"
    )


def _check(data: Path, options: argparse.Namespace) -> Config:
    problems = []
    if not _HANDLE.fullmatch(options.handle):
        problems.append(Problem("--handle", "must be 1 to 30 of a-z, 0-9 and _"))
    for flag, text, longest in (
        ("--name", options.name, _LONGEST_NAME),
        ("--summary", options.summary or "-", _LONGEST_SUMMARY),
    ):
        if not text.strip() or len(text) > longest:
            problems.append(Problem(flag, f"must have 1 to {longest} characters"))
    problems += [
        Problem("--language", f"“{tag}” is not a language tag such as en or pt-BR")
        for tag in options.language or ()
        if not _LANGUAGE.fullmatch(tag)
    ]
    try:
        zone(options.timezone)
    except UnknownZoneError:
        problems.append(
            Problem("--timezone", f"“{options.timezone}” is not a zone such as Europe/Paris")
        )
    given: dict[str, Any] = environment() | {"url": options.url}
    if options.allow_private_networks:
        given["federation.allow_private_networks"] = True
    try:
        config = check(data, given)
    except InvalidDocumentError as error:
        raise InvalidDocumentError([*problems, *error.problems]) from error
    if problems:
        raise InvalidDocumentError(problems)
    return config


def _write_files(workshop: Path, options: argparse.Namespace) -> None:
    text = _TOML.format(url=json.dumps(options.url))
    if options.allow_private_networks:
        text += _PRIVATE
    settings = workshop / FILE_NAME
    settings.touch(mode=0o600)
    settings.write_text(text, encoding="utf-8")
    (workshop / "media").mkdir(mode=0o700)


async def _fill(path: Path, options: argparse.Namespace) -> str:
    """Make the database with group, keys and first steward; the token of the steward's link."""
    migrations.create(path)
    now = SystemClock().now()
    pairs = keypairs.generate()

    def fill(session: Session) -> str:
        groups.create(session, options.handle, _group(options), now)
        keypairs.keep(session, pairs, now=now)
        return stewards.invite(session, options.steward, now=now)

    async with await Database.open(path) as database:
        return await database.write(fill)


def _group(options: argparse.Namespace) -> dict[str, Any]:
    """The group as a document of the exchange format."""
    languages = options.language or ["en"]
    document: dict[str, Any] = {
        "slug": options.handle.replace("_", "-").strip("-") or "group",
        "name": {languages[0]: options.name.strip()},
        "languages": languages,
        "timezone": options.timezone,
    }
    if options.summary:
        document["about"] = {languages[0]: options.summary.strip()}
    return document
