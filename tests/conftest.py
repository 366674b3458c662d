"""Fixtures for every test: keys that took a while to make, a database with a group, a clock to turn."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from federation.signatures import SigningKey, generate_rsa
from node.store import groups, migrations
from node.store.database import Database

# The same examples at every run, however busy the machine; EXPLORE=1 looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if "EXPLORE" in os.environ else "repeatable")

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
GROUP: dict[str, Any] = {
    "slug": "norcal",
    "name": {"en": "Northern California Work That Reconnects"},
    "about": {"en": "We practise together by the river."},
    "languages": ["en"],
    "timezone": "America/Los_Angeles",
}


class TurnableClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was turned to."""
        return self.moment

    def set(self, moment: datetime) -> None:
        """Turn it to a moment."""
        self.moment = moment

    def advance(self, **by: float) -> None:
        """Turn it on: `clock.advance(minutes=5)`."""
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> TurnableClock:
    """A clock at 2027-03-14 16:00 UTC."""
    return TurnableClock()


@pytest.fixture(scope="session")
def rsa_keys() -> tuple[SigningKey, ...]:
    """Four RSA-2048 keys."""
    return tuple(generate_rsa() for _ in range(4))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh database with the current schema and the group `norcal`."""
    path = tmp_path / "node.sqlite3"
    migrations.create(path)
    async with await Database.open(path) as opened:
        await opened.write(lambda session: groups.create(session, "norcal", GROUP, NOW))
        yield opened
