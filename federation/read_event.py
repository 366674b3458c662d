"""Reading when, where and whether from anybody's Event: the many spellings, one answer.

Pure and total: an Event that says nothing readable of its time or place gives None or an empty text,
never an exception. The spellings come from Mobilizon, Gancio, Friendica, Hubzilla, PieFed, EveryCal,
gathio, Bonfire, the Event Bridge for WordPress and FEP-8a8e, which none of them follows to the letter.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from federation.parse import Document, as_list, id_of, page_of, parse_time, text_of, types_of
from node.domain.event import EventStatus
from node.domain.walltime import UnknownZoneError, zone
from node.sanitize import one_line, plain_text

_LONGEST_PLACE: Final = 300
_MOST_PLACES: Final = 8
_VIRTUAL: Final = "VirtualLocation"
_MARKUP: Final = re.compile(r"<[A-Za-z/!]|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]{1,30});")
_DURATION: Final = re.compile(
    r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
# At the ends of the calendar the clocks of some zones would leave it.
_YEARS: Final = range(2, 9999)
_OFF: Final = frozenset({"false", "no", "0"})
_STATUS: Final = {
    "scheduled": EventStatus.SCHEDULED,
    "confirmed": EventStatus.SCHEDULED,
    "tentative": EventStatus.TENTATIVE,
    "postponed": EventStatus.POSTPONED,
    "rescheduled": EventStatus.RESCHEDULED,
    "movedonline": EventStatus.MOVED_ONLINE,
    "cancelled": EventStatus.CANCELLED,
    "canceled": EventStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Start and end in UTC, and how the people there count: a zone, an offset in minutes, or days.

    `end` is None where there is none or where it is not to be shown. `previous` is the start it was
    to have before it was moved; FEP-8a8e lets one that is postponed have no other.
    """

    start: datetime | None = None
    end: datetime | None = None
    timezone: str | None = None
    utc_offset: int | None = None
    previous: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The place in one line of plain text, and the address of the room online; either may be empty."""

    place: str
    online_url: str | None


def as_line(text: str, longest: int) -> str:
    """One line of plain text from what should be plain and may be HTML all the same."""
    return one_line(plain_text(text) if _MARKUP.search(text) else text, longest)


def read_status(document: Document) -> EventStatus:
    """`eventStatus`, `ical:status` or `status`: a bare word or a URI; whoever says cancelled wins."""
    found = [
        status
        for field in ("eventStatus", "schema:eventStatus", "ical:status", "status")
        for value in as_list(document.get(field))[:4]
        if (status := _status(value)) is not None
    ]
    if EventStatus.CANCELLED in found:
        return EventStatus.CANCELLED
    return found[0] if found else EventStatus.SCHEDULED


def _status(value: object) -> EventStatus | None:
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("@id")
    if not isinstance(value, str):
        return None
    word = (
        re.split(r"[/#:]", value.strip().rstrip("/"))[-1].lower().replace("_", "").replace("-", "")
    )
    return _STATUS.get(word.removeprefix("event"))


def read_when(document: Document) -> When:
    """Start, end and zone; date-only times make an all-day event, whatever zone stands beside them."""
    zone_name = _zone_of(document)
    previous = _previous(document, zone_name)
    start = parse_time(document.get("startTime"))
    if start is None:
        return When(timezone=zone_name if previous else None, previous=previous)
    if not isinstance(start, datetime) or document.get("allDay") is True:
        return _whole_days(start, parse_time(document.get("endTime")), zone_name)
    begins = _utc(start, zone_name)
    if begins is None:
        return When(previous=previous)
    offset = start.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    return When(
        start=begins,
        end=_end(document, begins, zone_name) if _end_is_shown(document) else None,
        timezone=zone_name,
        utc_offset=None if zone_name else minutes,
        previous=previous,
    )


def _previous(document: Document, zone_name: str | None) -> datetime | None:
    value = parse_time(document.get("previousStartTime"))
    return _utc(value, zone_name) if isinstance(value, datetime) else None


def _whole_days(start: date, end: date | None, zone_name: str | None) -> When:
    first = _day(start, zone_name)
    if first.year not in _YEARS:
        return When()
    last = max(first, _day(end, zone_name)) if end is not None else first
    last = last if last.year in _YEARS else first
    return When(
        start=datetime.combine(first, time.min, UTC),
        end=datetime.combine(last, time(23, 59, 59), UTC),
    )


def _day(value: date, zone_name: str | None) -> date:
    """The calendar day of a value; a moment in UTC is counted where the event is."""
    if not isinstance(value, datetime):
        return value
    if (
        value.tzinfo is not None
        and zone_name is not None
        and (moment := _utc(value, None)) is not None
    ):
        return moment.astimezone(zone(zone_name)).date()
    return value.date()


def _zone_of(document: Document) -> str | None:
    for field in ("timezone", "eventTimezone", "timeZone"):
        name = document.get(field)
        if isinstance(name, str) and 0 < len(name) <= 64:
            try:
                zone(name)
            except UnknownZoneError:
                continue
            return name
    return None


def _utc(value: datetime, zone_name: str | None) -> datetime | None:
    """The moment in UTC; what carries no offset is wall time in the zone, or UTC without one.

    None outside the years that every zone can count.
    """
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone(zone_name) if zone_name else UTC)
    try:
        moment = value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment.year in _YEARS else None


def _end_is_shown(document: Document) -> bool:
    """FEP-8a8e `displayEndTime`; Bonfire sends the string "false"."""
    shown = document.get("displayEndTime")
    return not (shown is False or str(shown).lower() in _OFF)


def _end(document: Document, begins: datetime, zone_name: str | None) -> datetime | None:
    end = parse_time(document.get("endTime"))
    if isinstance(end, datetime):
        ends = _utc(end, zone_name)
    elif end is not None:
        ends = _utc(datetime.combine(end, time(23, 59, 59)), zone_name)
    else:
        ends = _plus(begins, document.get("duration"))
    return ends if ends is not None and ends > begins and ends.year in _YEARS else None


def _plus(begins: datetime, duration: object) -> datetime | None:
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return begins + timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
        )
    except OverflowError:
        return None


def read_where(document: Document) -> Where:
    """The first physical place that says anything, and the first address of a room online."""
    items = as_list(document.get("location"))[:_MOST_PLACES]
    places = [line for item in items if not _is_online(item) and (line := _place(item))]
    rooms = [item for item in items if _is_online(item)]
    named = [line for item in rooms if (line := _room_name(item))]
    links = [link for item in (*rooms, document.get("onlineLink")) if (link := _room_link(item))]
    return Where(place=next(iter(places or named), ""), online_url=next(iter(links), None))


def _is_online(item: object) -> bool:
    """A VirtualLocation, Gancio's Place whose `address` is one, or a bare web address."""
    if isinstance(item, str):
        return id_of(item.strip()) is not None
    if not isinstance(item, Mapping):
        return False
    address = item.get("address")
    return _VIRTUAL in types_of(item) or (
        isinstance(address, Mapping) and _VIRTUAL in types_of(address)
    )


def _room_link(item: object) -> str | None:
    if isinstance(item, str):
        return id_of(item.strip())
    if not isinstance(item, Mapping):
        return None
    address = item.get("address")
    inner = address if isinstance(address, Mapping) else {}
    return page_of(item) or page_of(inner) or id_of(item.get("href")) or id_of(item.get("id"))


def _room_name(item: object) -> str:
    name = text_of(item, "name") if isinstance(item, Mapping) else ""
    return "" if id_of(name) else as_line(name, _LONGEST_PLACE)


def _place(item: object) -> str:
    """One place in one line: name, street, town, country, each said once."""
    if isinstance(item, str):
        return as_line(item.replace("\n", ", "), _LONGEST_PLACE)
    if not isinstance(item, Mapping):
        return ""
    parts = [text_of(item, "name"), *_address(item.get("address")), text_of(item, "content")]
    line = ""
    for part in parts:
        words = as_line(part.strip().replace("\n", ", "), _LONGEST_PLACE).strip(" ,;")
        if words and words.casefold() not in line.casefold():
            line = f"{line}, {words}" if line else words
    return one_line(line, _LONGEST_PLACE) or _coordinates(item)


def _address(value: object) -> Iterator[str]:
    """A PostalAddress in the order people write it, or an address that is text already."""
    address = next(iter(as_list(value)), None)
    if isinstance(address, str):
        yield address
    if not isinstance(address, Mapping):
        return
    town = " ".join(
        filter(None, (_word(address.get("postalCode")), _word(address.get("addressLocality"))))
    )
    yield _word(address.get("streetAddress"))
    yield town or _word(address.get("addressRegion"))
    yield _word(address.get("addressCountry")) or _word(address.get("name"))


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.strip() if isinstance(value, str) else ""


def _coordinates(item: Document) -> str:
    """`47.99, 7.84` where a place has nothing but coordinates; strings too, as Friendica sends them."""
    latitude, longitude = degrees(item.get("latitude"), 90), degrees(item.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return ""
    return f"{latitude:.5g}, {longitude:.5g}"


def degrees(value: object, most: int) -> float | None:
    """Degrees as a number or as text, between `-most` and `most`; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        degrees = float(value[:24] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return degrees if -most <= degrees <= most else None
