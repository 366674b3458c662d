"""Fetching a calendar file from the address that a host gave."""

from federation.client import NOT_MODIFIED, Client
from node.ports import Edition

_ACCEPT = "text/calendar, text/plain;q=0.5, */*;q=0.1"
_SECONDS = 20.0


class CalendarFetcher:
    """Implements `node.ports.CalendarFetcher` with the guarded client; nothing is signed, nothing kept."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fetch(self, address: str, etag: str | None = None) -> Edition:
        """What is at an address, as `Client.get`; its size is bounded there."""
        fetched = await self._client.get(
            address, accept=_ACCEPT, signed=False, timeout=_SECONDS, etag=etag
        )
        if fetched.status == NOT_MODIFIED:
            return Edition(body=None, etag=etag)
        return Edition(body=fetched.body, etag=fetched.etag)
