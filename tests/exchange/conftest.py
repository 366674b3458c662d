"""A real database with a fresh group in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.store import groups, migrations
from node.store.database import Database

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
async def database(tmp_path: Path):
    path = tmp_path / "node.sqlite3"
    migrations.create(path)
    async with await Database.open(path) as opened:
        yield opened


@pytest.fixture
async def node(database: Database):
    """A node right after `init`: the handle is `norcal`, nothing is in it yet."""
    profile = {"slug": "norcal", "name": {"en": "New group"}, "languages": ["en"]}
    await database.write(lambda session: groups.create(session, "norcal", profile, NOW))
    return database
