"""`import FILE [--group SLUG]`: take in a whole document of the exchange format."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.exchange.part import read_part
from node.exchange.reading import read_json
from node.services import transfer
from node.services.transfer import Count, Imported
from node.store import groups


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Everything in one transaction; raises InvalidDocumentError naming each value it refuses.

    The document is read and checked beside the writing thread: a long one must not hold up others.
    """
    group = await node.database.read(groups.get)
    part = await asyncio.to_thread(
        lambda: read_part(read_json(stdin), group_slug=arguments["group"], handle=group.handle)
    )
    now = node.clock.now()
    imported = await node.database.write(lambda session: transfer.import_part(session, part, now))
    notes = "".join(f"note: {one}\n" for one in imported.warnings)
    if arguments["json"]:
        return Outcome(stdout=as_json(asdict(imported)), stderr=notes)
    return Outcome(stdout=f"Imported {imported.group}:\n{_table(imported)}", stderr=notes)


def _table(imported: Imported) -> str:
    parts = (
        ("events", imported.events),
        ("reflections", imported.reflections),
        ("practices", imported.practices),
    )
    return columns([(name, _sentence(count)) for name, count in parts], "")


def _sentence(count: Count) -> str:
    said = [f"{number} {name}" for name, number in asdict(count).items() if number]
    return ", ".join(said) or "none"
