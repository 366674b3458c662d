"""What of a document may be given to everyone: fields that are known to be public, nothing else."""

from collections.abc import Mapping
from typing import Any

from node.exchange.unknown import known_only

# What everyone may know of a hidden place; its coordinates are rounded to about 11 km.
_OF_A_HIDDEN_PLACE = ("visibility", "public_area", "country", "lat", "lon", "coordinates_precision")


def public_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event without its private place, hidden link and unknown fields."""
    copy = known_only(event, "event")
    _hide(copy)
    series = copy.get("series") or {}
    for changes in (series.get("sessions") or {}).values():
        _hide(changes)
    return copy


def _hide(copy: dict[str, Any]) -> None:
    """Take what is hidden out of an event, or out of what differs on one date of a series."""
    if copy.get("location"):
        copy["location"] = _location(copy["location"])
    if copy.get("online") and copy["online"].get("url_visibility") != "public":
        copy["online"].pop("url", None)


def _location(location: dict[str, Any]) -> dict[str, Any]:
    if location.get("visibility") in (None, "public"):
        return {name: value for name, value in location.items() if name != "private"}
    told = {name: location[name] for name in _OF_A_HIDDEN_PLACE if name in location}
    for name in ("lat", "lon"):
        if told.get(name) is not None:
            told[name] = round(told[name], 1)
    return told
