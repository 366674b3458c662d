"""Time as people keep it: what the clock on the wall says, and in which zone.

A gathering at seven in the evening stays at seven when the clocks change, so the wall time and the
IANA zone are what is kept; the moment in UTC is worked out from them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from node.domain.sentence import Sentence


class UnknownZoneError(ValueError):
    """Not a name of the IANA time zone database."""


class ImpossibleTimeError(ValueError):
    """The clocks jump over this wall time on this day."""


class AmbiguousTimeError(ValueError):
    """The clocks show this wall time twice on this day; `earlier` and `later` are the moments."""

    def __init__(self, message: str, earlier: datetime, later: datetime) -> None:
        super().__init__(message)
        self.earlier = earlier
        self.later = later


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA zone called `name`; raises UnknownZoneError (also for tricks such as `../etc`)."""
    try:
        found = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(f"“{name}” is not a known time zone") from error
    return found


def parse_wall(text: str) -> datetime:
    """A naive `YYYY-MM-DDTHH:MM[:SS]`; raises ValueError for anything else, offsets included."""
    wall = datetime.fromisoformat(text)
    if wall.tzinfo is not None:
        raise ValueError("a local time carries no offset; the zone stands in “timezone”")
    if "T" not in text:
        raise ValueError("a local time has a date and a time: 2027-04-17T10:00:00")
    return wall.replace(microsecond=0)


def resolve(wall: datetime, zone_name: str, hint: datetime | None = None) -> datetime:
    """The UTC moment of a naive `wall` time in a zone.

    `hint` (an aware moment) settles which of two passes is meant when the clocks go back.
    Raises UnknownZoneError, ImpossibleTimeError, AmbiguousTimeError.
    """
    where = zone(zone_name)
    earlier = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    later = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    if earlier == later:
        return earlier
    if earlier.astimezone(where).replace(tzinfo=None) != wall:
        raise ImpossibleTimeError(
            Sentence(
                "%(time)s does not exist in %(zone)s on %(day)s: the clocks go forward over it",
                time=f"{wall:%H:%M}",
                zone=zone_name,
                day=f"{wall:%Y-%m-%d}",
            )
        )
    if hint in (earlier, later):
        return hint
    raise AmbiguousTimeError(
        Sentence(
            "%(time)s comes twice in %(zone)s on %(day)s: the clocks go back;"
            " say which with the UTC time, %(earlier)s or %(later)s",
            time=f"{wall:%H:%M}",
            zone=zone_name,
            day=f"{wall:%Y-%m-%d}",
            earlier=f"{earlier:%H:%M}Z",
            later=f"{later:%H:%M}Z",
        ),
        earlier,
        later,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall time in a zone, with the moment in UTC that it is."""

    wall: datetime
    zone: str
    utc: datetime

    @property
    def local(self) -> datetime:
        """The aware local time, with the offset that holds on that day."""
        return self.utc.astimezone(zone(self.zone))

    def iso(self) -> str:
        """RFC 3339 with offset, `2027-03-14T09:00:00-07:00`."""
        return self.local.isoformat(timespec="seconds")

    @classmethod
    def at(cls, utc: datetime, zone_name: str) -> "Moment":
        """A moment in UTC as the clocks of a zone show it. Raises UnknownZoneError."""
        return cls(utc.astimezone(zone(zone_name)).replace(tzinfo=None), zone_name, utc)

    def plus(self, duration: timedelta) -> "Moment":
        """The moment `duration` later, in elapsed time."""
        return Moment.at(self.utc + duration, self.zone)


def moment(local: str, zone_name: str, hint: str | None = None) -> Moment:
    """A `Moment` from the exchange format's strings; raises ValueError and its kin above."""
    wall = parse_wall(local)
    settled = datetime.fromisoformat(hint).astimezone(UTC) if hint else None
    return Moment(wall, zone_name, resolve(wall, zone_name, settled))
