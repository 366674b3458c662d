"""Dates, times and durations of a calendar file, as wall times with their zones (RFC 5545 §3.3)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from node.calendars.content import Property
from node.calendars.zones import zone_named
from node.domain.sentence import Sentence
from node.domain.walltime import zone
from node.errors import RefusedError

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
_YEARS = range(1970, 2101)
UTC_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A wall time in a zone; `all_day` where only the day was said, which then begins at midnight."""

    wall: datetime
    zone: str
    all_day: bool = False

    @property
    def day(self) -> date:
        """The day on the wall."""
        return self.wall.date()

    def in_zone(self, name: str) -> "When":
        """The same moment on the clocks of another zone; a day stays that day."""
        if self.all_day or name == self.zone:
            return When(wall=self.wall, zone=name, all_day=self.all_day)
        there = self.wall.replace(tzinfo=zone(self.zone)).astimezone(zone(name))
        return When(wall=there.replace(tzinfo=None), zone=name)

    @property
    def utc(self) -> datetime:
        """The moment; of an hour that comes twice the first, as RFC 5545 §3.3.5 has it."""
        return self.wall.replace(tzinfo=zone(self.zone), fold=0).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the times of one calendar mean: the zones it defines, and the one of times that name none."""

    defined: Mapping[str, str]
    floating: str

    def read(self, given: Property) -> list[When]:
        """The times of a property, one or a list; of a PERIOD its start. Raises RefusedError."""
        where = self._zone(given)
        return [_when(text.strip().partition("/")[0], where) for text in given.value.split(",")]

    def one(self, given: Property) -> When:
        """The one time of a property. Raises RefusedError."""
        return _when(given.value.strip(), self._zone(given))

    def _zone(self, given: Property) -> str:
        name = given.parameters.get("TZID", "").strip()
        if not name:
            return self.floating
        found = zone_named(name) or self.defined.get(name)
        if found is None:
            raise RefusedError(Sentence("“%(name)s” is not a known time zone", name=name[:60]))
        return found


def every(properties: list[Property], clocks: Clocks) -> Iterator[When]:
    """The times of several properties, such as all EXDATE of an entry. Raises RefusedError."""
    for one in properties:
        yield from clocks.read(one)


def duration(text: str) -> timedelta | None:
    """A DURATION that goes forward; None for anything else."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _when(text: str, where: str) -> When:
    found = _TIME.fullmatch(text)
    try:
        if found is None or int(found[1]) not in _YEARS:
            raise ValueError(text)
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if found[4] is None:
            return When(wall=datetime.combine(day, time()), zone=where, all_day=True)
        clock = time(int(found[4]), int(found[5]), min(int(found[6] or 0), 59))
    except ValueError:
        raise RefusedError(
            Sentence("“%(text)s” is not a day and time that exists", text=text[:40])
        ) from None
    zone_name = UTC_ZONE if found[7] else where
    return When(wall=datetime.combine(day, clock), zone=zone_name)
