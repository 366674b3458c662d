"""One fixture: the inbox and its surroundings."""

from collections.abc import AsyncIterator

import pytest

from federation.signatures import SigningKey
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.inbox.world import World, open_world


@pytest.fixture
async def world(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...]
) -> AsyncIterator[World]:
    """Our inbox, its workers and a peer."""
    async with open_world(database, clock, rsa_keys[0]) as opened:
        yield opened
