"""A group that agreed to hold a gathering of ours together with us."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cohost:
    """Its actor id, what it is called, and its page; the page is its id while we know of no other."""

    id: str
    name: str
    url: str
