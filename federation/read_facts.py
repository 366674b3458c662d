"""Reading from anybody's Event what one chooses gatherings by: language, place, price, access and kind.

`accessFacts`, `gatheringKind` and `spokenLanguages` are ours (docs/proposals/facts.md), `isAccessibleForFree` is of
schema.org. From everybody else come the languages of the text, coordinates, and whether there is a room online.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from federation.parse import Document, as_list, language_of
from federation.read_event import Where, degrees
from node.domain.event_terms import EventKind
from node.domain.facts import Facts, Point, primary

_MOST: Final = 60
_CODE: Final = re.compile(r"[a-z][a-z_]{1,39}")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_KINDS: Final = frozenset(EventKind)


def read_facts(document: Document, where: Where) -> Facts:
    """What is known; whatever cannot be read is unknown."""
    kind, free = document.get("gatheringKind"), document.get("isAccessibleForFree")
    online = document.get("isOnline") is True or where.online_url is not None
    return Facts(
        kind=kind if isinstance(kind, str) and kind in _KINDS else "",
        languages=_languages(document),
        online=online,
        free=free if isinstance(free, bool) else None,
        access=_matching(document.get("accessFacts"), _CODE),
        point=_point(document),
    )


def _languages(document: Document) -> tuple[str, ...]:
    """Those it is held in, else those it is told in."""
    spoken = _matching(document.get("spokenLanguages"), _TAG)
    told = language_of(document)
    tags = spoken or ((told,) if told is not None else ())
    return tuple(dict.fromkeys(primary(tag) for tag in tags))


def _matching(value: Any, pattern: re.Pattern[str]) -> tuple[str, ...]:
    words = (word for word in as_list(value)[:_MOST] if isinstance(word, str))
    return tuple(dict.fromkeys(word for word in words if pattern.fullmatch(word)))


def _point(document: Document) -> Point | None:
    """The first coordinates of its places; 0, 0 stands for nothing said."""
    for place in as_list(document.get("location"))[:8]:
        if not isinstance(place, Mapping):
            continue
        latitude = degrees(place.get("latitude"), 90)
        longitude = degrees(place.get("longitude"), 180)
        if latitude is not None and longitude is not None and (latitude or longitude):
            return Point(latitude=latitude, longitude=longitude)
    return None
