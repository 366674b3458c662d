"""A gathering that comes again: from what is kept once to each of its sessions. Pure.

Kept is one document of the exchange format: the start and the rule, what is left out and added, and
under `series.sessions` what differs on single dates. A session is known by its *recurrence*: the wall
time that the rule gives it (iCalendar's RECURRENCE-ID), whatever becomes of it later.

The wall time holds when the clocks change. Where the rule falls into the hour that is skipped, or that
comes twice, RFC 5545 §3.3.5 decides: the offset before the gap holds, and the first of the two passes.
"""

import heapq
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import Any

from node.domain.event import ASSUMED_LENGTH, Event
from node.domain.walltime import Moment, moment, parse_wall, zone

# How many sessions stand ready, and how far ahead; those of which something special is said always do.
COMING = 12
AHEAD = timedelta(days=400)
# Of a series that had begun before it came here, so much of the past gets pages.
PAST = 53
BACK = timedelta(days=400)

# What holds for the whole series, and cannot differ on one date.
OF_THE_SERIES = frozenset(
    {
        *("id", "type", "group", "series", "timezone", "visibility", "federate"),
        *("url", "sample", "test_note"),
    }
)
_CLOCKS = timedelta(hours=3)  # more than clocks are ever changed by
_A_SECOND = timedelta(seconds=1)
_ONCE = "FREQ=DAILY;COUNT=1"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TIMES = ("start_local", "start_utc", "end_local", "end_utc")
_NOT_PASSED_ON = frozenset(
    {"id", "series", "url", "previous_start_local", "previous_start_utc", *_TIMES}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One session as its series gives it: its recurrence, and its event's document without an `id`."""

    recurrence: datetime
    document: Mapping[str, Any]

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended, by the end that is assumed where the hosts left it open."""
        start, end = self.document.get("start_utc"), self.document.get("end_utc")
        if start is None or (end is None and self.document.get("end_local")):
            return False  # it was moved: the check reads when to
        ends = (
            datetime.fromisoformat(end) if end else datetime.fromisoformat(start) + ASSUMED_LENGTH
        )
        return ends <= now


def recurs(document: Mapping[str, Any]) -> bool:
    """Whether an event's document is that of a series: it has a start, and a rule or added dates."""
    series = document.get("series") or {}
    return bool(document.get("start_local") and (series.get("rrule") or series.get("added_local")))


def written(wall: datetime) -> str:
    """A recurrence as the exchange format writes it: `2027-03-17T19:00:00`."""
    return wall.isoformat(timespec="seconds")


def changed_sessions(document: Mapping[str, Any]) -> dict[datetime, Mapping[str, Any]]:
    """What differs on single dates, by recurrence."""
    sessions = (document.get("series") or {}).get("sessions") or {}
    return {parse_wall(key): changes for key, changes in sessions.items()}


def recurrences(document: Mapping[str, Any]) -> Iterator[datetime]:
    """The wall times of all sessions in order, each once; without end where the rule has none."""
    series = document["series"]
    left_out = set(_walls(series.get("excluded_local")))
    before: datetime | None = None
    for wall in heapq.merge(_by_rule(document), sorted(_walls(series.get("added_local")))):
        if wall != before and wall not in left_out:
            yield wall
        before = wall


def dates_of(event: Event) -> Iterator[datetime]:
    """`recurrences` of a series that has been read."""
    assert event.start is not None  # whoever recurs has a start
    assert event.series is not None
    series = {
        "rrule": event.series.rrule,
        "excluded_local": [written(wall) for wall in event.series.excluded],
        "added_local": [written(wall) for wall in event.series.added],
    }
    start = written(event.start.wall)
    return recurrences({"start_local": start, "timezone": event.timezone, "series": series})


def known_until(document: Mapping[str, Any], last: datetime) -> set[datetime]:
    """The recurrences up to and with the wall time `last`."""
    return set(takewhile(lambda wall: wall <= last, recurrences(document)))


def expand(
    document: Mapping[str, Any], now: datetime, since: datetime | None = None
) -> list[Sitting]:
    """The sessions that shall stand ready at the moment `now`, in the order of their recurrence.

    Those not over, as far as COMING and AHEAD reach, from the first of them if that is still far; what of
    the past PAST and BACK let in, and nothing that was over long ago by the wall time `since`; and every
    one of which `series.sessions` says something.
    """
    changed = changed_sessions(document)
    here = now.astimezone(zone(document["timezone"])).replace(tzinfo=None)
    horizon, special_last = here + AHEAD, max(changed, default=here)
    first = next(recurrences(document), None)
    past: deque[Sitting] = deque(maxlen=PAST)
    special: list[Sitting] = []
    coming: list[Sitting] = []
    length = _length(document) + _CLOCKS
    for wall in recurrences(document):
        if not coming:
            horizon = max(horizon, wall + AHEAD)
        if wall > max(horizon, special_last):
            break
        if wall in changed:
            special.append(_sitting(document, wall, first, changed[wall]))
        elif since is not None and wall <= since and wall + length < here:
            continue
        elif here - BACK <= wall <= horizon and len(coming) < COMING:
            one = _sitting(document, wall, first, {})
            (past if one.is_over(now) else coming).append(one)
    return sorted([*past, *special, *coming], key=lambda one: one.recurrence)


def sitting(document: Mapping[str, Any], recurrence: datetime) -> Sitting:
    """The session of one recurrence: the series' document with its own times and its own changes."""
    first = next(recurrences(document), None)
    return _sitting(document, recurrence, first, changed_sessions(document).get(recurrence, {}))


def _sitting(
    document: Mapping[str, Any],
    recurrence: datetime,
    first: datetime | None,
    changes: Mapping[str, Any],
) -> Sitting:
    """`first` is the first recurrence of the series: a circle that closes takes people in there only."""
    series = document["series"]
    made = {key: value for key, value in document.items() if key not in _NOT_PASSED_ON}
    own = {key: series[key] for key in ("closed_after_first", "note") if series.get(key)}
    made |= {"series": own} if own else {}
    made |= _times(document, recurrence)
    made |= _registration(document, recurrence, first)
    if made.get("status") == "rescheduled":  # the series was; this session was always to be then
        made["status"] = "scheduled"
    if changes:
        made = _changed(made, changes)
    if document.get("status") == "cancelled":
        made |= {"status": "cancelled", "reason": document.get("reason")}
    return Sitting(recurrence=recurrence, document=made)


def moved(document: Mapping[str, Any], start: datetime) -> dict[str, Any]:
    """A series whose start is another wall time: its rule, its exceptions and its dates go along with it.

    Where a rule names one day it names the new day instead; any other has to be told anew.
    """
    before = parse_wall(document["start_local"])
    shift = start - before
    series = dict(document["series"])
    if series.get("rrule"):
        series["rrule"] = _moved_rule(series["rrule"], before, start)
    for name in ("excluded_local", "added_local"):
        if series.get(name):
            series[name] = [written(wall + shift) for wall in _walls(series[name])]
    if series.get("sessions"):
        found = changed_sessions(document).items()
        series["sessions"] = {written(wall + shift): changes for wall, changes in found}
    full = {key: value for key, value in document.items() if key not in ("start_utc", "end_utc")}
    full |= {"start_local": written(start), "series": series}
    if document.get("end_local"):
        full["end_local"] = written(parse_wall(document["end_local"]) + shift)
    registration = dict(document.get("registration") or {})
    if registration.get("deadline_local"):
        registration["deadline_local"] = written(parse_wall(registration["deadline_local"]) + shift)
        registration.pop("deadline_utc", None)
        full["registration"] = registration
    return full


def split(
    document: Mapping[str, Any], recurrence: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A series in two: what ends before one of its sessions, and what goes on from that one.

    Raises ValueError where it can not begin there: the session is an added date, and the rule goes on.
    """
    series = document["series"]
    by_rule = list(takewhile(lambda wall: wall <= recurrence, _by_rule(document)))
    goes_on = by_rule[-1:] == [recurrence]
    if not goes_on and next((w for w in _by_rule(document) if w > recurrence), None) is not None:
        raise ValueError("an added date cannot begin the rest of a series")
    earlier = dict(series) | _dates(document, lambda wall: wall < recurrence)
    rule = series.get("rrule")
    earlier["rrule"] = (
        with_parts(rule, COUNT=None, UNTIL=f"{recurrence - _A_SECOND:%Y%m%dT%H%M%S}")
        if rule
        else _ONCE
    )
    later = dict(series) | _dates(document, lambda wall: wall >= recurrence)
    later |= {"rrule": rule if rule and goes_on else _ONCE, "continues": document["id"]}
    count = rule_parts(later["rrule"]).get("COUNT") if goes_on else None
    if count:
        later["rrule"] = with_parts(later["rrule"], COUNT=str(int(count) - len(by_rule) + 1))
    begun = moved({**document, "series": {}}, recurrence) | {"series": later}
    return {**document, "series": earlier}, begun


def settled(wall: datetime, zone_name: str) -> Moment:
    """The moment of a wall time that a rule gives, whatever the clocks do (RFC 5545 §3.3.5)."""
    where = zone(zone_name)
    utc = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    return Moment(utc.astimezone(where).replace(tzinfo=None), zone_name, utc)


def rule_parts(rule: str) -> dict[str, str]:
    """The parts of a checked rule by name: FREQ, BYDAY …"""
    return dict(part.split("=", 1) for part in rule.split(";"))


def rule_until(rule: str, zone_name: str) -> datetime | None:
    """The last wall time that UNTIL lets in, in any of its three spellings; None without one."""
    text = rule_parts(rule).get("UNTIL")
    if text is None:
        return None
    until = datetime.strptime(text[:15], "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")  # noqa: DTZ007
    if text.endswith("Z"):
        return until.replace(tzinfo=UTC).astimezone(zone(zone_name)).replace(tzinfo=None)
    return until if "T" in text else datetime.combine(until, time(23, 59, 59))


def with_parts(rule: str, **parts: str | None) -> str:
    """A rule with some parts replaced, or taken out where None: `with_parts(rule, COUNT="3")`."""
    merged = rule_parts(rule) | parts
    return ";".join(f"{name}={value}" for name, value in merged.items() if value is not None)


def _by_rule(document: Mapping[str, Any]) -> Iterator[datetime]:
    rule, start = document["series"].get("rrule"), parse_wall(document["start_local"])
    if not rule:
        return iter((start,))
    # Imported here because it costs memory, and only events that repeat need it.
    from dateutil.rrule import rrulestr  # noqa: PLC0415

    until = rule_until(rule, document["timezone"])
    wall = f"{until:%Y%m%dT%H%M%S}" if until else None
    found: Iterator[datetime] = iter(rrulestr(with_parts(rule, UNTIL=wall), dtstart=start))
    return found


def _moved_rule(rule: str, before: datetime, start: datetime) -> str:
    """The rule with the day it names, if it names just one, replaced by that of the new start."""
    parts = rule_parts(rule)
    named = re.fullmatch(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", parts.get("BYDAY", ""))
    if start.date() == before.date():
        return rule
    if named:
        number = named[1] if named[1] is None or "-" in named[1] else (start.day + 6) // 7
        return with_parts(rule, BYDAY=f"{number or ''}{_DAYS[start.weekday()]}")
    if parts.get("BYMONTHDAY") == str(before.day):
        return with_parts(rule, BYMONTHDAY=str(start.day))
    return rule


def _dates(document: Mapping[str, Any], keep: Callable[[datetime], bool]) -> dict[str, Any]:
    """The exceptions and single dates of a series that `keep` lets through."""
    series = document["series"]
    found: dict[str, Any] = {
        name: [written(wall) for wall in _walls(series[name]) if keep(wall)]
        for name in ("excluded_local", "added_local")
        if series.get(name)
    }
    if series.get("sessions"):
        dates = changed_sessions(document).items()
        found["sessions"] = {written(wall): changes for wall, changes in dates if keep(wall)}
    return found


def _walls(texts: Any) -> list[datetime]:
    return [parse_wall(text) for text in texts or ()]


def _length(document: Mapping[str, Any]) -> timedelta:
    """How long the first session is on the wall, or is assumed to be."""
    if not document.get("end_local"):
        return ASSUMED_LENGTH
    return parse_wall(document["end_local"]) - parse_wall(document["start_local"])


def _times(document: Mapping[str, Any], recurrence: datetime) -> dict[str, Any]:
    """Start and end on the wall, each with its moment; the end is as far from the start as the first's.

    Of the start of the series the hosts may have said which pass they mean of an hour that comes twice.
    """
    told = document.get("start_utc") if recurrence == parse_wall(document["start_local"]) else None
    start = (
        moment(document["start_local"], document["timezone"], told)
        if told
        else settled(recurrence, document["timezone"])
    )
    times = _moment_as("start", start)
    if document.get("end_local"):
        length = _length(document)
        end = settled(recurrence + length, document["timezone"])
        times |= _moment_as("end", end if end.utc > start.utc else start.plus(length))
    return times


def _moment_as(name: str, found: Moment) -> dict[str, str]:
    return {f"{name}_local": written(found.wall), f"{name}_utc": f"{found.utc:%Y-%m-%dT%H:%M:%SZ}"}


def _registration(
    document: Mapping[str, Any], recurrence: datetime, first: datetime | None
) -> dict[str, Any]:
    """How to register for one session: until as long before it as before the first, or with the first."""
    registration = dict(document.get("registration") or {})
    deadline = registration.pop("deadline_local", None)
    registration.pop("deadline_utc", None)
    series = document["series"]
    if series.get("closed_after_first") and (recurrence != first or series.get("continues")):
        registration["with_first_session"] = True
    elif deadline:
        ahead = parse_wall(deadline) - parse_wall(document["start_local"])
        registration |= _moment_as("deadline", settled(recurrence + ahead, document["timezone"]))
    return {"registration": registration} if registration else {}


def _changed(made: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A session with what differs on its date. A session that was moved says when it was to be.

    `changes` may still hold anything: the check reads what comes of them.
    """
    full = made | dict(changes)
    for name in ("start", "end"):
        if f"{name}_local" in changes and f"{name}_utc" not in changes:
            full.pop(f"{name}_utc", None)
    if full.get("start_local") == made["start_local"]:
        return full
    if "end_local" not in changes:
        full["end_local"] = _end_moved_along(made, full.get("start_local"))
        full.pop("end_utc", None)
    was = {"previous_start_local": made["start_local"], "previous_start_utc": made["start_utc"]}
    if "status" not in changes and full.get("status", "scheduled") == "scheduled":
        full["status"] = "rescheduled"
    return full if full.get("previous_start_local") else full | was


def _end_moved_along(made: Mapping[str, Any], start: Any) -> str | None:
    """The end of a session that begins at another `start`: as far from it as before."""
    if not made.get("end_local") or not isinstance(start, str):
        return None
    try:
        begins = parse_wall(start)
    except ValueError:
        return None
    length = parse_wall(made["end_local"]) - parse_wall(made["start_local"])
    return written(begins + length)
