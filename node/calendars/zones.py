"""Which IANA time zone a calendar file means by a TZID: programs call the same zone by many names.

| written by | as |
|---|---|
| Google, Apple, Nextcloud, Mobilizon | `Europe/Berlin` |
| Outlook, Exchange | `W. Europe Standard Time`, or any words, told by a VTIMEZONE |
| Mozilla, Evolution | `/mozilla.org/20050126_1/Europe/Berlin` |
| old libraries | `America/New York`, `europe/berlin` |

A VTIMEZONE is looked at only where its name says nothing; its rules are never expanded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from node.calendars.content import Component

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_MONTH = re.compile(r"BYMONTH=(\d{1,2})")
_LONGEST = 200


def zone_named(name: str) -> str | None:
    """The IANA zone that a name means by itself; None where it means none."""
    name = name.strip().strip('"')[:_LONGEST]
    parts = [part.replace(" ", "_").lower() for part in name.split("/") if part]
    known = _by_lower_case()
    for start in range(len(parts)):
        if found := known.get("/".join(parts[start:])):
            return found
    # Imported here because it costs 10 MB and half a second, and most calendars need it not.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    return WINDOWS_TO_OLSON.get(name)


def zones_of(calendar: Component, likely: Sequence[str], year: int) -> Mapping[str, str]:
    """The zones that the VTIMEZONEs of a calendar define, by TZID.

    One whose name says nothing is the first with the same clocks: of `likely`, then of the others in the
    calendar, then of all well-known ones.
    """
    found: dict[str, str] = {}
    unnamed = []
    for one in calendar.named("VTIMEZONE"):
        name = zone_named(one.value("X-LIC-LOCATION")) or zone_named(one.value("TZID"))
        if name:
            found[one.value("TZID")] = name
        else:
            unnamed.append(one)
    near = (*likely, *found.values())
    for one in unnamed:
        wanted = _clocks_of(one)
        name = next((n for n in _candidates(near) if _clocks(n, year) == wanted), None)
        if name:
            found[one.value("TZID")] = name
    return found


def _clocks_of(definition: Component) -> tuple[timedelta, timedelta] | None:
    """The offsets in January and in July, as the last rules of a VTIMEZONE tell them."""
    standard = _last(definition, "STANDARD")
    if standard is None:
        return None
    daylight = _last(definition, "DAYLIGHT") or standard
    month = _MONTH.search(daylight[1])
    southern = month is not None and int(month[1]) > 6
    return (daylight[0], standard[0]) if southern else (standard[0], daylight[0])


def _last(definition: Component, name: str) -> tuple[timedelta, str] | None:
    """Offset and rule of the part of a VTIMEZONE that began last."""
    found = [
        (one.value("DTSTART"), offset, one.value("RRULE"))
        for one in definition.named(name)
        if (offset := _offset(one.value("TZOFFSETTO"))) is not None
    ]
    return max(found)[1:] if found else None


def _offset(text: str) -> timedelta | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size


def _candidates(near: Sequence[str]) -> Iterator[str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - as above

    yield from near
    yield from WINDOWS_TO_OLSON.values()


@lru_cache(maxsize=512)
def _clocks(name: str, year: int) -> tuple[timedelta | None, timedelta | None]:
    where = ZoneInfo(name)
    january, july = datetime(year, 1, 2, tzinfo=UTC), datetime(year, 7, 2, tzinfo=UTC)
    return january.astimezone(where).utcoffset(), july.astimezone(where).utcoffset()


@lru_cache(maxsize=1)
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in sorted(available_timezones())}
