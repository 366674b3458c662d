"""Groups around us: what each says of itself, roughly where it is, and how far that is from here."""

import math
from dataclasses import dataclass
from datetime import datetime

_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Roughly where a group is: degrees, to a tenth (11 km at most), so that it leads to nobody's door."""

    latitude: float
    longitude: float

    @classmethod
    def of(cls, latitude: float | None, longitude: float | None) -> "Spot | None":
        """The spot of coordinates in degrees; None where one is missing or on no globe."""
        if latitude is None or longitude is None:
            return None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # NaN is refused here, too
            return None
        return cls(round(float(latitude), 1), round(float(longitude), 1))

    def km(self, other: "Spot") -> int:
        """How far it is along the great circle, in kilometres."""
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        across = math.radians(other.longitude - self.longitude)
        half = (
            math.sin((there - here) / 2) ** 2
            + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
        )
        return round(2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half))))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupProfile:
    """A group as its own document describes it: plain text, full URLs.

    `stands_with` is where it says whom it stands with; None where it does not. `listed` is false where it
    asks not to be named to strangers, or has moved away.
    """

    id: str
    name: str
    url: str
    languages: tuple[str, ...]
    place: str
    spot: Spot | None
    stands_with: str | None
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGroup:
    """A group that was found, and when its own document was last read. `followed_by` are names of groups."""

    profile: GroupProfile
    seen: datetime
    followed_by: tuple[str, ...] = ()
