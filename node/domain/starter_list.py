"""Lists of groups that travel: a new node follows all of one in one step (docs/starter-list.md).

Pure. A list comes from anywhere, so nothing of it is believed but addresses: who is followed speaks for
itself before it is, as with any other follow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain.group import Group
from node.domain.known_group import GroupProfile, Spot
from node.domain.sentence import Sentence
from node.domain.text import clean
from node.errors import MalformedError
from node.urls import Urls

FORMAT = "groups"
VERSION = 1
MOST = 200
LARGEST = 256 * 1024  # bytes
_LONGEST_ADDRESS = 2048
_LONGEST_NAME = 120
_HANDLE = re.compile(r"@?[^\s@/]{1,64}@[^\s@/]{1,255}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One group of a list: where it is found (an id, or `@name@host`), and what the list calls it."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class StarterList:
    """What a list is called, and its groups, each once."""

    name: str
    entries: tuple[Entry, ...]


def written(ours: Group, urls: Urls, others: Sequence[GroupProfile], name: str) -> dict[str, Any]:
    """Our group and those it stands with, as a list; coordinates to a tenth of a degree."""
    own = GroupProfile(
        id=urls.group,
        name=ours.name.text,
        url=urls.group,
        languages=ours.languages,
        place=ours.region.text if ours.region else "",
        spot=Spot.of(ours.latitude, ours.longitude) if ours.discoverable else None,
        stands_with=None,
        listed=True,
    )
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "url": f"{urls.origin}/groups.json",
        "groups": [_entry(one) for one in (own, *others[: MOST - 1])],
    }


def read(document: Any) -> StarterList:
    """The list in a JSON value; raises MalformedError for what is none, or one of a later version.

    An entry is an object with `id`, or just an address. What is no address is passed over.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise MalformedError(Sentence("This is no list of groups."))
    if document.get("version") != VERSION:
        raise MalformedError(
            Sentence("This list of groups is of a kind that this program cannot read.")
        )
    given = document.get("groups")
    if not isinstance(given, list) or len(given) > MOST:
        raise MalformedError(Sentence("A list of groups has between 1 and 200 of them."))
    return _made(_line(document.get("name")), (_read(one) for one in given))


def read_lines(text: str) -> StarterList:
    """The list in plain text: one address on a line. Raises MalformedError where there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise MalformedError(Sentence("A list of groups has between 1 and 200 of them."))
    return _made("", (_read(line) for line in lines))


def _made(name: str, found: Any) -> StarterList:
    entries: dict[str, Entry] = {}
    for one in found:
        if one is not None:
            entries.setdefault(one.address, one)
    if not entries:
        raise MalformedError(Sentence("There is no address of a group in it."))
    return StarterList(name, tuple(entries.values()))


def _read(value: Any) -> Entry | None:
    address, name = value, ""
    if isinstance(value, Mapping):
        address, name = value.get("id"), _line(value.get("name"))
    if not isinstance(address, str) or len(address) > _LONGEST_ADDRESS:
        return None
    if clean(address) != address or any(part.isspace() for part in address):
        return None
    if address.startswith(("https://", "http://")) or _HANDLE.fullmatch(address):
        return Entry(address, name or address)
    return None


def _line(value: Any) -> str:
    text = " ".join(clean(value[: 4 * _LONGEST_NAME]).split()) if isinstance(value, str) else ""
    return text[:_LONGEST_NAME]


def _entry(one: GroupProfile) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "name": one.name, "url": one.url}
    if one.languages:
        told["languages"] = list(one.languages)
    if one.place:
        told["place"] = one.place
    if one.spot is not None:
        told |= {"latitude": one.spot.latitude, "longitude": one.spot.longitude}
    return told
