"""Fetching a list of groups from the address that a steward was given."""

from federation.client import Client
from node.domain.starter_list import LARGEST
from node.errors import TooLargeError

_ACCEPT = "application/json"
_SECONDS = 15.0


class ListFetcher:
    """Implements `node.ports.ListFetcher` with the guarded client; nothing is signed, nothing kept."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fetch(self, address: str) -> bytes:
        """The bytes at an address, as `Client.get`; raises TooLargeError, too."""
        fetched = await self._client.get(address, accept=_ACCEPT, signed=False, timeout=_SECONDS)
        if len(fetched.body) > LARGEST:
            raise TooLargeError("That is too long for a list of groups.")
        return fetched.body
