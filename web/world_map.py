"""A map of groups, drawn by ourselves: one SVG in the page, no tiles, no request, no script.

The list is primary; the map is a second way into it: each dot leads to its group there. Groups that would
cover each other share a dot. Units are half degrees, as in `templates/partials/world.html`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.known_group import Spot
from web.found_groups import ShownGroup

_WIDTH, _HEIGHT = 720, 288
_NARROWEST = 120  # 60 degrees: the outline is too coarse for more
_MARGIN = 24
_DOTS_ACROSS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the map."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot: where it is, the place in the list it leads to, whose it is, and how many share it."""

    x: float
    y: float
    anchor: str
    names: str
    number: int


@dataclass(frozen=True, slots=True)
class WorldMap:
    """As much of the world as holds all dots; `here` is our own group."""

    view_box: str
    radius: float
    marks: tuple[Mark, ...]
    here: Place | None


def drawn(groups: Sequence[ShownGroup], here: Spot | None) -> WorldMap | None:
    """The map of groups that say where they are; None where none does."""
    placed = [
        (f"g{number}", one.group.profile.name, _place(one.group.profile.spot))
        for number, one in enumerate(groups, 1)
        if one.group.profile.spot is not None
    ]
    if not placed:
        return None
    own = _place(here) if here is not None else None
    points = [place for _, _, place in placed] + ([own] if own else [])
    left, top, width, height = _view(points)
    radius = round(width / _DOTS_ACROSS, 2)
    return WorldMap(
        view_box=f"{left} {top} {width} {height}",
        radius=radius,
        marks=_marks(placed, 2.2 * radius),
        here=own,
    )


def _place(spot: Spot) -> Place:
    """In range also for who is nearer a pole than the map goes."""
    return Place(
        round((spot.longitude + 180) * 2, 1), round(min(max(84 - spot.latitude, 0), 144) * 2, 1)
    )


def _view(points: Sequence[Place]) -> tuple[int, int, int, int]:
    """The part of the map around all points, in its own proportions: left, top, width, height."""
    xs, ys = [point.x for point in points], [point.y for point in points]
    wide = max(max(xs) - min(xs), (max(ys) - min(ys)) * _WIDTH / _HEIGHT) + 2 * _MARGIN
    width = round(min(max(wide, _NARROWEST), _WIDTH))
    height = round(width * _HEIGHT / _WIDTH)
    left = round((max(xs) + min(xs) - width) / 2)
    top = round((max(ys) + min(ys) - height) / 2)
    return _within(left, width, _WIDTH), _within(top, height, _HEIGHT), width, height


def _within(start: int, length: int, whole: int) -> int:
    return min(max(start, 0), whole - length)


def _marks(placed: Sequence[tuple[str, str, Place]], apart: float) -> tuple[Mark, ...]:
    """A dot for each, or for several that are closer than `apart`."""
    found: list[tuple[str, list[str], Place]] = []
    for anchor, name, place in placed:
        near = next((names for _, names, other in found if _close(place, other, apart)), None)
        if near is None:
            found.append((anchor, [name], place))
        else:
            near.append(name)
    return tuple(
        Mark(place.x, place.y, anchor, " · ".join(names), len(names))
        for anchor, names, place in found
    )


def _close(one: Place, other: Place, apart: float) -> bool:
    return abs(one.x - other.x) < apart and abs(one.y - other.y) < apart
