"""The worker that keeps the index of the search up, so that a question seldom has to wait for it."""

import logging

from node.services import search as search_service
from node.store import search
from node.store.database import Database

_logger = logging.getLogger(__name__)


class SearchWorker:
    """Takes in what changed, a portion a step; as it starts it makes an unsound index anew."""

    name = "search"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked = False

    async def step(self) -> bool:
        """Take in one portion; False when nothing is left."""
        if not self._looked:
            if await self._database.read(search.differences):
                _logger.warning("The index of the search is unsound; making it anew")
                await self._database.write(search.start_over)
            self._looked = True
        if not self._database.peek(search.is_behind):
            return False
        return await self._database.write(search_service.read_due)
