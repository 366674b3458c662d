"""Where a request comes from, so that what one place asks for can be bounded."""

import ipaddress

from aiohttp import web

from node.keys import CONFIG


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
