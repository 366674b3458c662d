"""The bundled sample network: six invented groups with their events, reflections and practices.

    document = moved_to(load(), clock.now())

Its dates belong to the moment in `_meta.reference_now`; `moved_to` brings them near to any other.
"""

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any

from node.clock import rfc3339
from node.domain.walltime import (
    AmbiguousTimeError,
    ImpossibleTimeError,
    Moment,
    parse_wall,
    resolve,
)

_WEEK = timedelta(weeks=1)
_TIMES = ("start", "end", "previous_start")


def load() -> dict[str, Any]:
    """The sample network as an exchange document; a new copy at each call."""
    text = (resources.files("node.sample") / "network.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def moved_to(document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A copy whose dates lie around `now` as the original's lie around its `_meta.reference_now`.

    Everything moves by the same whole number of weeks, so days of the week stay what they are and
    reference_now comes to lie at most half a week from `now`. Wall times stay what they are; UTC
    times are worked out anew. A wall time that the clocks skip on its new day moves on by an hour;
    where it comes twice, the first is meant.
    """
    moved = copy.deepcopy(document)
    reference = datetime.fromisoformat(moved["_meta"]["reference_now"])
    shift = round((now - reference) / _WEEK) * _WEEK
    moved["_meta"]["reference_now"] = rfc3339(reference + shift)
    for event in moved.get("events", ()):
        _move_event(event, shift)
    for reflection in moved.get("reflections", ()):
        _change(reflection, "published", lambda text: _instant(text, shift))
        _change(reflection, "withdrawn", lambda text: _instant(text, shift))
        _change(reflection.get("consent") or {}, "on", lambda text: _day(text, shift))
    return moved


def _move_event(event: dict[str, Any], shift: timedelta) -> None:
    zone = event["timezone"]
    for name in _TIMES:
        _move_time(event, name, zone, shift)
    _move_time(event.get("registration") or {}, "deadline", zone, shift)
    series = event.get("series") or {}
    for name in ("excluded_local", "added_local"):
        if series.get(name):
            series[name] = [_written(_moment(text, zone, shift)) for text in series[name]]


def _move_time(holder: dict[str, Any], name: str, zone: str, shift: timedelta) -> None:
    local, utc = f"{name}_local", f"{name}_utc"
    if holder.get(local):
        moment = _moment(holder[local], zone, shift)
        holder[local] = _written(moment)
        if utc in holder or _comes_twice(moment):
            holder[utc] = rfc3339(moment.utc)


def _moment(text: str, zone: str, shift: timedelta) -> Moment:
    """The wall time on its new day: an hour later where the clocks skip it, the first of two."""
    wall = parse_wall(text) + shift
    try:
        return Moment(wall, zone, resolve(wall, zone))
    except AmbiguousTimeError as error:
        return Moment(wall, zone, error.earlier)
    except ImpossibleTimeError:
        later = wall + timedelta(hours=1)
        return Moment(later, zone, resolve(later, zone))


def _comes_twice(moment: Moment) -> bool:
    try:
        resolve(moment.wall, moment.zone)
    except AmbiguousTimeError:
        return True
    return False


def _written(moment: Moment) -> str:
    return moment.wall.isoformat(timespec="seconds")


def _change(holder: dict[str, Any], name: str, change: Callable[[str], str]) -> None:
    if holder.get(name):
        holder[name] = change(holder[name])


def _instant(text: str, shift: timedelta) -> str:
    return rfc3339(datetime.fromisoformat(text).astimezone(UTC) + shift)


def _day(text: str, shift: timedelta) -> str:
    return (date.fromisoformat(text) + shift).isoformat()
