"""A calendar file as a whole: its name, the gatherings in it, and what is left out and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from time import monotonic
from typing import Final

from node.calendars.content import Component, Property, read_calendars
from node.calendars.gathering import (
    Gathering,
    Manner,
    recurs,
    repeated,
    sequence,
    single,
    title_of,
)
from node.calendars.moments import UTC_ZONE, Clocks
from node.calendars.zones import zone_named, zones_of
from node.domain.sentence import Sentence
from node.errors import RefusedError, TooLargeError
from node.sanitize import one_line

MOST: Final = 500  # gatherings of one calendar
_LONGEST_UID: Final = 500
_LONGEST_NAME: Final = 200
_SECONDS: Final = 15.0
_CANCELLED: Final = [Property("STATUS", {}, "CANCELLED")]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that cannot be taken, and why in a sentence."""

    uid: str
    title: str
    why: str


@dataclass(slots=True)
class Reading:
    """What a calendar holds. `name` is empty where it has none."""

    name: str = ""
    gatherings: list[Gathering] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def uids(self) -> set[str]:
        """Every entry that is in the calendar, whether it can be taken or not."""
        return {one.uid for one in self.gatherings} | {one.uid for one in self.left_out}


@dataclass(slots=True)
class _Entries:
    """All entries of one UID: the latest revision of the whole, and of each single date."""

    whole: Component | None = None
    dates: dict[str, Component] = field(default_factory=dict)


def read_calendar(data: bytes, manner: Manner, since: Callable[[str], date]) -> Reading:
    """The gatherings of a calendar file; `since` tells for a UID from which day on a series is taken.

    Raises MalformedError for what is no calendar, TooLargeError beyond the bounds.
    """
    reading, began = Reading(), monotonic()
    for calendar in read_calendars(data):
        reading.name = reading.name or _name(calendar)
        clocks = _clocks(calendar, manner, since("").year)
        for uid, entries in _by_uid(calendar).items():
            if len(reading.gatherings) + len(reading.left_out) >= MOST:
                raise TooLargeError(
                    Sentence("The calendar holds more than %(most)s gatherings.", most=MOST)
                )
            if monotonic() - began > _SECONDS:
                raise TooLargeError(Sentence("The calendar takes too long to read."))
            _take(reading, uid, entries, clocks, manner, since=since(uid))
    return reading


def _take(
    reading: Reading,
    uid: str,
    entries: _Entries,
    clocks: Clocks,
    manner: Manner,
    *,
    since: date,
) -> None:
    for name, whole, dates in _parts(uid, entries):
        if name in reading.uids:
            continue
        try:
            if recurs(whole):
                found = repeated(name, whole, dates, clocks, manner, since=since)
            else:
                found = single(name, whole, clocks, manner)
        except RefusedError as error:
            reading.left_out.append(LeftOut(name, title_of(whole), error.sentence))
        except (ValueError, OverflowError):
            why = Sentence("It cannot be read.")
            reading.left_out.append(LeftOut(name, title_of(whole), why))
        else:
            reading.gatherings.append(found)


def _parts(uid: str, entries: _Entries) -> Iterator[tuple[str, Component, list[Component]]]:
    """A series with its changed dates; single dates whose series is not in the file, each for itself."""
    if entries.whole is not None:
        yield uid, entries.whole, list(entries.dates.values())
        return
    for recurrence, entry in entries.dates.items():
        yield f"{uid}#{recurrence}"[:_LONGEST_UID], entry, []


def _by_uid(calendar: Component) -> Mapping[str, _Entries]:
    found: dict[str, _Entries] = {}
    cancelled = calendar.value("METHOD").upper() == "CANCEL"
    for entry in calendar.named("VEVENT"):
        if cancelled:
            entry.properties["STATUS"] = _CANCELLED
        entries = found.setdefault(_uid(entry), _Entries())
        recurrence = entry.value("RECURRENCE-ID")[:40]
        if not recurrence:
            entries.whole = _later(entries.whole, entry)
        else:
            entries.dates[recurrence] = _later(entries.dates.get(recurrence), entry)
    return found


def _later(had: Component | None, entry: Component) -> Component:
    """Of two copies the later revision."""
    if had is None or _revision(entry) > _revision(had):
        return entry
    return had


def _revision(entry: Component) -> tuple[int, str]:
    return sequence(entry), entry.value("LAST-MODIFIED") or entry.value("DTSTAMP")


def _uid(entry: Component) -> str:
    """The UID; where a program left it out, or wrote a whole book, one made from what it says."""
    uid = one_line(entry.value("UID"), _LONGEST_UID + 1)
    if 0 < len(uid) <= _LONGEST_UID:
        return uid
    said = "\n".join((uid, entry.value("DTSTART"), entry.value("SUMMARY")))
    return "made:" + sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _name(calendar: Component) -> str:
    for name in ("NAME", "X-WR-CALNAME"):
        found = calendar.first(name)
        if found is not None and found.text.strip():
            return one_line(found.text, _LONGEST_NAME)
    return ""


def _clocks(calendar: Component, manner: Manner, year: int) -> Clocks:
    stated = zone_named(calendar.value("X-WR-TIMEZONE"))
    floating = stated if stated and stated != UTC_ZONE else manner.timezone
    likely = (manner.timezone, floating)
    return Clocks(defined=zones_of(calendar, likely, year), floating=floating)
