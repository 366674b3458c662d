"""Where groups are: rounded so that it leads to nobody's door, and how far that is."""

import math

import pytest

from node.domain.known_group import Spot


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((52.52, 13.405), (4.711, -74.072), 9430),
        ((0, 179.9), (0, -179.9), 22),
        ((90, 0), (-90, 0), 20015),
        ((10, 10), (10, 10), 0),
    ],
    ids=["Berlin to Bogotá", "over the date line", "pole to pole", "here"],
)
def test_distances_are_those_of_the_globe(
    one: tuple[float, float], other: tuple[float, float], km: int
) -> None:
    here, there = Spot.of(*one), Spot.of(*other)
    assert here is not None
    assert there is not None
    assert here.km(there) == pytest.approx(km, abs=15)
    assert here.km(there) == there.km(here)


def test_a_place_is_told_to_a_tenth_of_a_degree() -> None:
    assert Spot.of(52.5234, 13.4114) == Spot(52.5, 13.4)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(None, 1.0), (1.0, None), (91.0, 0.0), (0.0, 181.0), (math.nan, 0.0)],
)
def test_what_is_on_no_globe_is_nowhere(latitude: float | None, longitude: float | None) -> None:
    assert Spot.of(latitude, longitude) is None
