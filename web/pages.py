"""A long list in parts, `?page=2`: none is heavy, and each is one step away from every other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

MOST: Final = 480  # things of a list that are shown at all; the archive has everything
_ON_ONE: Final = 12  # so that the text-only view is light in every script
_LAST: Final = MOST // _ON_ONE


@dataclass(frozen=True, slots=True)
class Part:
    """What stands on one page of a list, which page it is, and how many there are."""

    shown: Sequence[Any]
    number: int
    last: int

    @property
    def query(self) -> list[tuple[str, str]]:
        """What the address of the page says of it."""
        return [("page", str(self.number))] if self.number > 1 else []


def number(request: web.Request) -> int:
    """The page that is asked for, from 1 to the last there can be; the first where that is no number."""
    text = request.query.get("page", "")
    return min(max(int(text), 1), _LAST) if text.isdecimal() and len(text) < 5 else 1


def part(found: Sequence[Any], asked_for: int) -> Part:
    """One page of what was found; the last one where the list ends before the page that was asked for."""
    last = max(-(-len(found) // _ON_ONE), 1)
    at = min(asked_for, last)
    return Part(found[(at - 1) * _ON_ONE : at * _ON_ONE], at, last)
