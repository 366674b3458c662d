"""Looking into a database file from outside, read-only, whoever else has it open (aiosqlite)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite

# Kind of document, and the statement that reads every one of them with the name it goes by.
_DOCUMENTS = {
    "group": "SELECT handle, document FROM group_profile",
    "event": "SELECT slug, document FROM event WHERE document IS NOT NULL ORDER BY slug",
    "reflection": "SELECT slug, document FROM reflection WHERE document IS NOT NULL ORDER BY slug",
    "practice": "SELECT slug, document FROM practice ORDER BY slug",
}
# The latest moment at which this node wrote something, in milliseconds.
_LATEST = (
    "SELECT max(moment) FROM (SELECT max(updated_at) AS moment FROM event"
    " UNION ALL SELECT max(updated_at) FROM reflection UNION ALL SELECT max(updated_at) FROM group_profile"
    " UNION ALL SELECT max(received_at) FROM inbound UNION ALL SELECT max(created_at) FROM outbox_entry)"
)


async def documents(path: Path) -> AsyncIterator[tuple[str, str, Any]]:
    """Every stored document as `(kind, name, document)`; None for a text that is no JSON."""
    async with _open(path) as connection:
        for kind, sql in _DOCUMENTS.items():
            for name, text in await connection.execute_fetchall(sql):
                try:
                    document = json.loads(text)
                except ValueError:
                    document = None
                yield kind, name, document


async def latest_ms(path: Path) -> int:
    """When something was last written, in milliseconds since 1970; 0 for an empty database."""
    async with _open(path) as connection:
        [[moment]] = await connection.execute_fetchall(_LATEST)
        return moment or 0


async def keypair_actors(path: Path) -> list[str]:
    """The actors of ours that have a pair of the kind they need: RSA, which every server reads."""
    async with _open(path) as connection:
        rows = await connection.execute_fetchall(
            "SELECT actor FROM keypair WHERE kind = 'rsa' AND replaced_at IS NULL ORDER BY actor"
        )
        return [row[0] for row in rows]


def _open(path: Path) -> aiosqlite.Connection:
    return aiosqlite.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
