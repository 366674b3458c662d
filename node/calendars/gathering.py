"""From the entries of one UID to a document of the exchange format.

What is taken: title, text, times, place, call, page, tags, status, and of what comes again its rule, its
exceptions and what differs on single dates. What is not: people (ORGANIZER, ATTENDEE), alarms, attachments,
and every property that some program made up for itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from node.calendars import words
from node.calendars.content import Component
from node.calendars.moments import UTC_ZONE, Clocks, When, duration, every
from node.calendars.repeating import Rule, begun
from node.domain.event_terms import EventKind
from node.domain.sentence import Sentence
from node.domain.series import settled, written
from node.errors import RefusedError

ASSUMED = timedelta(hours=2)
_A_MINUTE = timedelta(minutes=1)
_A_DAY = timedelta(days=1)
_STATUSES = {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}
_KINDS = frozenset(kind.value for kind in EventKind)
_MOST_SESSIONS = 200
_MOST_DATES = 500
# What may differ on one date of a series.
_OF_A_SESSION = ("title", "description", "status", "location", "online", "format", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How entries are read: whether places and calls are told to everyone, and the zone of the group."""

    open_places: bool
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """One gathering of a calendar. `ends` is None where it comes again without end or its end is not known.

    `document` is None where a series has no session any more from the day on that was asked for.
    """

    uid: str
    sequence: int
    title: str
    start: datetime
    zone: str
    ends: datetime | None
    document: dict[str, Any] | None


def single(uid: str, entry: Component, clocks: Clocks, manner: Manner) -> Gathering:
    """A gathering that is held once. Raises RefusedError saying why it cannot be taken."""
    start = _start(entry, clocks)
    if start.zone == UTC_ZONE and not start.all_day:
        start = start.in_zone(manner.timezone)
    end = _end(entry, clocks, start)
    document = _what(entry, manner) | _times(start, end)
    return Gathering(
        uid=uid,
        sequence=sequence(entry),
        title=title_of(entry),
        start=start.utc,
        zone=start.zone,
        ends=end.utc if end else start.utc + ASSUMED,
        document=document,
    )


def repeated(
    uid: str,
    entry: Component,
    changed: Sequence[Component],
    clocks: Clocks,
    manner: Manner,
    *,
    since: date,
) -> Gathering:
    """A gathering that comes again, from its first session on or after the day `since`.

    Raises RefusedError saying why it cannot be taken.
    """
    start = _start(entry, clocks)
    end = _end(entry, clocks, start)
    left_out = [_wall(one, start) for one in every(entry.every("EXDATE"), clocks)]
    added = [_wall(one, start) for one in every(entry.every("RDATE"), clocks)]
    rule = Rule(
        rrule=_rrule(entry),
        start=start.wall,
        zone=start.zone,
        excluded=tuple(sorted(set(left_out))[-_MOST_DATES:]),
        added=tuple(sorted(set(added) - {start.wall})[-_MOST_DATES:]),
    )
    found = begun(rule, since)
    latest = max(sequence(one) for one in (entry, *changed))
    if found is None:
        over = start.utc + ASSUMED
        return Gathering(
            uid=uid,
            sequence=latest,
            title=title_of(entry),
            start=start.utc,
            zone=start.zone,
            ends=over,
            document=None,
        )
    kept, last = found
    length = end.wall - start.wall if end else None
    first = When(wall=kept.start, zone=start.zone)
    document = _what(entry, manner)
    document |= _times(first, When(wall=kept.start + length, zone=start.zone) if length else None)
    document["series"] = kept.document()
    sessions = dict(_sessions(document, kept, changed, clocks, manner))
    if sessions:
        document["series"]["sessions"] = dict(sorted(sessions.items())[-_MOST_SESSIONS:])
    ends = When(wall=last, zone=start.zone).utc + (length or ASSUMED) + _A_DAY if last else None
    return Gathering(
        uid=uid,
        sequence=latest,
        title=title_of(entry),
        start=first.utc,
        zone=first.zone,
        ends=ends,
        document=document,
    )


def title_of(entry: Component) -> str:
    """What an entry is called, for those who read why it was left out; of a private one nothing."""
    if _is_private(entry):
        return ""
    said = words.title(entry)
    return next(iter(said.values())) if isinstance(said, dict) else said or ""


def _is_private(entry: Component) -> bool:
    return entry.value("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL")


def sequence(entry: Component) -> int:
    """SEQUENCE: which revision it is; 0 where it does not say."""
    text = entry.value("SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def recurs(entry: Component) -> bool:
    """Whether an entry has a rule or added dates."""
    return bool(entry.value("RRULE") or entry.value("RDATE"))


def _sessions(
    document: dict[str, Any],
    rule: Rule,
    changed: Sequence[Component],
    clocks: Clocks,
    manner: Manner,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What differs on single dates (RECURRENCE-ID); of dates that the rule does not have, nothing."""
    known = rule.dates_until(
        max((_recurrence(one, clocks, rule) for one in changed), default=rule.start)
    )
    for entry in changed:
        recurrence = _recurrence(entry, clocks, rule)
        if recurrence not in known:
            continue
        if entry.value("STATUS").upper() == "CANCELLED":  # some say nothing else of it
            yield written(recurrence), {"status": "cancelled"}
            continue
        own = _what(entry, manner)
        differs = {
            name: own.get(name) for name in _OF_A_SESSION if own.get(name) != document.get(name)
        }
        differs |= _other_times(document, entry, clocks, rule.zone, recurrence)
        if differs:
            yield written(recurrence), differs


def _other_times(
    document: dict[str, Any], entry: Component, clocks: Clocks, zone: str, recurrence: datetime
) -> dict[str, Any]:
    """The times of a date that was moved, or that is longer or shorter than the others."""
    start = _start(entry, clocks).in_zone(zone)
    end = _end(entry, clocks, start)
    length = end.wall - start.wall if end else None
    if start.wall == recurrence and length in (None, _length(document)):
        return {}
    told = _times(start, end)
    return {name: told[name] for name in ("start_local", "end_local") if name in told}


def _recurrence(entry: Component, clocks: Clocks, rule: Rule) -> datetime:
    given = entry.first("RECURRENCE-ID")
    assert given is not None  # whoever changes one date names it
    found = clocks.one(given).in_zone(rule.zone)
    return datetime.combine(found.day, rule.start.time()) if found.all_day else found.wall


def _length(document: dict[str, Any]) -> timedelta | None:
    if not document.get("end_local"):
        return None
    return datetime.fromisoformat(document["end_local"]) - datetime.fromisoformat(
        document["start_local"]
    )


def _wall(one: When, start: When) -> datetime:
    """An exception as wall time of the series; a day alone means its session of that day."""
    there = one.in_zone(start.zone)
    return datetime.combine(there.day, start.wall.time()) if there.all_day else there.wall


def _rrule(entry: Component) -> str | None:
    rules = [one.value.strip().upper() for one in entry.every("RRULE")]
    if len(rules) > 1 or entry.value("EXRULE"):
        raise RefusedError(Sentence("It repeats by several rules at once."))
    return rules[0] if rules else None


def _start(entry: Component, clocks: Clocks) -> When:
    given = entry.first("DTSTART")
    if given is None:
        raise RefusedError(Sentence("It says no day."))
    return clocks.one(given)


def _end(entry: Component, clocks: Clocks, start: When) -> When | None:
    """The end in the zone of the start; of whole days the last minute, None where it is left open."""
    given, length = entry.first("DTEND"), duration(entry.value("DURATION"))
    if given is not None:
        end = clocks.one(given).in_zone(start.zone)
    elif length is not None:
        end = When(wall=start.wall + length, zone=start.zone)
    else:
        end = start
    if start.all_day:
        last = max(end.wall, start.wall + _A_DAY)
        return When(
            wall=datetime.combine(last.date(), last.min.time()) - _A_MINUTE, zone=start.zone
        )
    return end if end.wall > start.wall and end.utc > start.utc else None


def _times(start: When, end: When | None) -> dict[str, Any]:
    """Wall times that exist, each with its moment; see RFC 5545 §3.3.5 for the hours that do not."""
    told: dict[str, Any] = {"timezone": start.zone}
    for name, one in (("start", start), ("end", end)):
        if one is not None:
            found = settled(one.wall, one.zone)
            told[f"{name}_local"] = written(found.wall)
            told[f"{name}_utc"] = f"{found.utc:%Y-%m-%dT%H:%M:%SZ}"
    return told


def _what(entry: Component, manner: Manner) -> dict[str, Any]:
    """Everything but the times."""
    title = words.title(entry)
    if title is None:
        raise RefusedError(Sentence("It has no title."))
    if _is_private(entry):
        raise RefusedError(Sentence("It is marked as private there."))
    hidden = not manner.open_places
    place, call, tags = words.place(entry), words.call_in(entry), words.tags(entry)
    told: dict[str, Any] = {
        "title": title,
        "description": words.described(entry, hidden=hidden),
        "status": _STATUSES.get(entry.value("STATUS").upper(), "scheduled"),
        "format": "hybrid" if place and call else "online" if call else "in_person",
        "location": _location(place, _point(entry), hidden=hidden),
        "online": {"url": call, "url_visibility": "on_registration" if hidden else "public"}
        if call
        else None,
        "kind": next((tag for tag in tags if tag in _KINDS), None),
        "tags": [tag for tag in tags if tag not in _KINDS] or None,
    }
    if hidden and (place or call):  # or nobody could ever be told
        told["registration"] = {"mode": "approval"}
    return {name: value for name, value in told.items() if value is not None}


def _location(
    place: str | None, point: tuple[float, float] | None, *, hidden: bool
) -> dict[str, Any] | None:
    if place is None and point is None:
        return None
    exact: dict[str, Any] = {"name": place} if place else {}
    if point:
        exact |= {"lat": point[0], "lon": point[1]}
    if hidden:
        return {"visibility": "on_registration", "private": exact}
    return {"visibility": "public", **exact}


def _point(entry: Component) -> tuple[float, float] | None:
    """GEO: latitude and longitude; None where it is missing, broken or the sea off Africa."""
    latitude, _, longitude = entry.value("GEO").replace(",", ";").partition(";")
    try:
        found = float(latitude), float(longitude)
    except ValueError:
        return None
    inside = -90 <= found[0] <= 90 and -180 <= found[1] <= 180
    return found if inside and found != (0.0, 0.0) else None
