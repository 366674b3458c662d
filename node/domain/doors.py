"""Which blocks cover an address: a door is closed to an actor, to its host, or to a domain above it."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def targets(url: str) -> Sequence[str]:
    """Every target a block could name that covers this URL: itself, its host, the domains above it."""
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return (url,)
    return (url, *host_targets(netloc))


def host_targets(host: str) -> Sequence[str]:
    """Every host whose block covers this one: with port, without, and each domain above it."""
    name = host.lower().rstrip(".")
    found = [name]
    bare = name if name.endswith("]") else name.rpartition(":")[0] or name
    if bare != name:
        found.append(bare.rstrip("."))
    if not bare.startswith("["):
        labels = found[-1].split(".")
        found.extend(".".join(labels[start:]) for start in range(1, len(labels)))
    return found
