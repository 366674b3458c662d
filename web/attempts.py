"""How often something may be tried: a sliding window per key, in memory."""

import ipaddress
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from aiohttp import web

from node.errors import TooManyRequestsError
from node.keys import CONFIG

_MOST_KEYS = 10_000
_LONGEST_KEY = 200  # names come as strangers send them
_SLOWER = "There were too many tries. Please wait a little."


class Attempts:
    """At most `most` tries per key within `window`."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def spend(self, key: str, now: datetime) -> None:
        """Count one try. Raises TooManyRequestsError where there were too many."""
        key = key[:_LONGEST_KEY]
        tries = self._tries.setdefault(key, deque())
        self._tries.move_to_end(key)
        while tries and now - tries[0] >= self._window:
            tries.popleft()
        if len(tries) >= self._most:
            wait = self._window - (now - tries[0])
            raise TooManyRequestsError(_SLOWER, retry_after=int(wait.total_seconds()) + 1)
        tries.append(now)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the tries of a key, after one that was right."""
        self._tries.pop(key[:_LONGEST_KEY], None)


def asker(request: web.Request) -> str:
    """Where a request comes from: an IPv4 address or an IPv6 /64, behind proxies we were told to trust.

    `X-Forwarded-For` is read from its end, and only as long as each hop is a trusted proxy.
    """
    address = request.remote or ""
    trusted = [
        ipaddress.ip_network(one, strict=False) for one in request.app[CONFIG]["trusted_proxies"]
    ]
    hops = [
        hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    ]
    while hops and _within(address, trusted):
        address = hops.pop() or address
    return _network(address)


def _within(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A Unix socket has no address: whoever sits behind it is a proxy on this machine.
        return address == "" and bool(networks)
    return any(parsed in network for network in networks)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
