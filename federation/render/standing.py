"""Whom a group stands with, as a collection (docs/proposals/standing.md), and where a group roughly is."""

from collections.abc import Sequence

from federation.render.encode import Document
from federation.render.text import one_line
from federation.vocab import STANDING_CONTEXT
from node.domain.known_group import GroupProfile, Spot
from node.urls import Urls

_LONGEST_NAME = 200


def standing(groups: Sequence[GroupProfile], urls: Urls) -> Document:
    """The collection; each entry says of a group what that group's own document says."""
    return {
        "@context": STANDING_CONTEXT,
        "id": urls.collection("stands-with"),
        "type": "OrderedCollection",
        "attributedTo": urls.group,
        "totalItems": len(groups),
        "orderedItems": [_entry(one) for one in groups],
    }


def place(name: str, spot: Spot | None) -> Document:
    """A `Place` with a name, coordinates or both; they are rounded to a tenth of a degree."""
    document: Document = {"type": "Place"}
    if name:
        document["name"] = one_line(name, _LONGEST_NAME)
    if spot is not None:
        document |= {"latitude": spot.latitude, "longitude": spot.longitude}
    return document


def _entry(one: GroupProfile) -> Document:
    entry: Document = {"type": "Group", "id": one.id, "name": one.name, "url": one.url}
    if one.languages:
        entry["knowsLanguage"] = list(one.languages)
    if one.place or one.spot:
        entry["location"] = place(one.place, one.spot)
    return entry
