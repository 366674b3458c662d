"""URLs of other servers: one spelling for each, and which of them may be asked at all.

Ids are compared in canonical form and origins as (scheme, host, port): two spellings of one host
must not be two servers, and two servers must not pass for one. What may be fetched is decided
twice: here for the URL, before anything is looked up, and by `allowed_ip` for the address that a
socket is about to connect to, because a name can point anywhere and change its mind.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

import idna

from node.errors import MalformedError, RefusedError

MAX_URL: Final = 2048
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_MAX_HOST: Final = 253
_NETLOC: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@]+)(?::([0-9]{0,5}))?")
_PARTS: Final = re.compile(r"[^/?#]+://[^/?#]*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER: Final = re.compile(
    r"[0-9]+|0x[0-9a-f]*"
)  # a last label like this makes it an IPv4 address
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
_LOCAL_NAMES: Final = ("onion", "i2p", "local", "localhost", "internal", "home.arpa")

# Nothing in these ever goes out, even where private networks are allowed: "this" network, groups,
# the reserved class E with broadcast, and the two addresses where clouds keep their secrets.
_NEVER_V4: Final = tuple(
    map(ip_network, ("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "169.254.169.254/32"))
)
_NEVER_V6: Final = tuple(map(ip_network, ("::/128", "ff00::/8", "fd00:ec2::254/128")))
# The IANA special-purpose registries. `ipaddress.is_global` is no substitute: Python 3.11 takes
# NAT64, 6to4 and site-local addresses for global ones.
_SPECIAL_V4: Final = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
        ),
    )
)
# Version 6 the other way round: only what is handed out for global unicast, less what is special.
_GLOBAL_V6: Final = ip_network("2000::/3")
_SPECIAL_V6: Final = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks …
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",
        ),
    )
)


class InvalidUrl(MalformedError):  # noqa: N818 - names the finding, like the signature errors
    """It is no http(s) URL, or one that two readers could take for two different ones (400)."""


class BlockedAddress(RefusedError):  # noqa: N818
    """The address may not be asked: private, ours, blocked, a scheme or port we do not use (422)."""


class Origin(NamedTuple):
    """Who answers for a URL; `host` is an A-label in lower case or an IP address."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and, where it is not the scheme's own, port; IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def canonical(url: str) -> str:
    """The one spelling of an http(s) URL, at most 2048 characters; raises InvalidUrl.

    Scheme and host become lower case, an international host its A-label, a default port goes, and
    characters outside ASCII are percent-encoded. Path, query and fragment are otherwise kept as
    they are written, because other servers compare ids as strings. Refused: user names, backslashes,
    spaces and control characters, a dot after the host, and numbers that only some readers take
    for an IPv4 address (`127.1`, `0x7f000001`).
    """
    return _take_apart(url)[1]


def origin(url: str) -> Origin:
    """Scheme, host and port of a URL; raises InvalidUrl."""
    return _take_apart(url)[0]


def same_origin(one: str, other: str) -> bool:
    """Whether both URLs are answered for by the same server; False if either is no URL."""
    try:
        return origin(one) == origin(other)
    except InvalidUrl:
        return False


def host_of(url: str) -> str:
    """The host of a URL as an A-label in lower case, without port; raises InvalidUrl."""
    return origin(url).host


def without_fragment(url: str) -> str:
    """The canonical URL of the document that `url` points into; raises InvalidUrl."""
    return canonical(url).partition("#")[0]


@lru_cache(maxsize=4096)
def fetchable(url: str, *, private: bool) -> str:
    """The canonical URL, without fragment, that may be asked for `url`.

    Raises BlockedAddress for what is no URL and, unless `private` networks are allowed, for plain
    http, ports other than 443, special addresses and names that belong to no public DNS.
    """
    try:
        there, found = _take_apart(url)
    except InvalidUrl as error:
        raise BlockedAddress(str(error)) from error
    address = _ip_literal(there.host)
    if address is not None and not allowed_ip(address, private=private):
        raise BlockedAddress("The address belongs to no public server.")
    if not private:
        if there.scheme != "https" or there.port != _DEFAULT_PORTS["https"]:
            raise BlockedAddress("Only https on its own port may be asked.")
        if address is None and is_local_name(there.host):
            raise BlockedAddress("The host name belongs to no public server.")
    return found.partition("#")[0]


def is_local_name(host: str) -> bool:
    """Whether a host name means something only here: one label, `.local`, `.internal`, `.onion` …"""
    return "." not in host or any(
        host == name or host.endswith("." + name) for name in _LOCAL_NAMES
    )


def allowed_ip(address: str | IPv4Address | IPv6Address, *, private: bool) -> bool:
    """Whether a socket may connect to `address`; with `private`, loopback and local ones too."""
    try:
        ip = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is None:
            return _allowed_v6(ip, private=private)
        ip = ip.ipv4_mapped
    if any(ip in network for network in _NEVER_V4):
        return False
    return private or not any(ip in network for network in _SPECIAL_V4)


def _allowed_v6(ip: IPv6Address, *, private: bool) -> bool:
    if any(ip in network for network in _NEVER_V6):
        return False
    return private or (ip in _GLOBAL_V6 and not any(ip in network for network in _SPECIAL_V6))


@lru_cache(maxsize=8192)
def _take_apart(url: str) -> tuple[Origin, str]:
    if len(url) > MAX_URL:
        raise InvalidUrl("The URL is longer than 2048 characters.")
    if not url.isprintable() or " " in url or "\\" in url:
        raise InvalidUrl("The URL holds characters that do not belong in one.")
    match = _PARTS.match(url)
    if match is None:
        raise InvalidUrl("The URL must name an http or https host and no user.")
    there, start = _where(match[0])
    rest = url[match.end() :]
    found = start + (rest if rest.isascii() else quote(rest, safe=_ASCII))
    if len(found) > MAX_URL:
        raise InvalidUrl("The URL is longer than 2048 characters.")
    return there, found


@lru_cache(maxsize=8192)  # new ids come all the time, new servers do not
def _where(start: str) -> tuple[Origin, str]:
    """Scheme, host and port of `scheme://netloc`, and how it is spelled."""
    try:
        parts = urlsplit(start)
    except ValueError as error:
        raise InvalidUrl("The URL cannot be read.") from error
    match = _NETLOC.fullmatch(parts.netloc)
    if parts.scheme not in _DEFAULT_PORTS or match is None:
        raise InvalidUrl("The URL must name an http or https host and no user.")
    port = int(match[2]) if match[2] else _DEFAULT_PORTS[parts.scheme]
    if not 0 < port < 2**16:
        raise InvalidUrl("The URL names no possible port.")
    there = Origin(parts.scheme, _host(match[1]), port)
    return there, f"{there.scheme}://{there.netloc}"


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except ValueError as error:
            raise InvalidUrl("The host is no IPv6 address.") from error
    host = text.lower() if text.isascii() else _to_ascii(text)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError as error:
            raise InvalidUrl("The host is no IPv4 address as everybody reads it.") from error
    if len(host) > _MAX_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise InvalidUrl("The host name cannot be read.")
    return host


def _to_ascii(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise InvalidUrl("The international host name cannot be read.") from error


def _ip_literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
