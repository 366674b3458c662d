"""Checks of an event's times: zones that exist, wall times that happen, ends after starts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from node.clock import rfc3339
from node.domain.sentence import Sentence
from node.domain.walltime import (
    AmbiguousTimeError,
    ImpossibleTimeError,
    Moment,
    UnknownZoneError,
    moment,
    parse_wall,
    resolve,
    zone,
)
from node.errors import Problem
from node.exchange.recurrence import rule_problem
from node.exchange.wording import at, nearest, shown

_NO_SUCH_TIME = Sentence("is not a day and time that exists")


def zone_problem(name: Any, path: str) -> Problem | None:
    """Why `name` is not a time zone; None where it is one, or is no text at all."""
    if not isinstance(name, str):
        return None
    try:
        zone(name)
    except UnknownZoneError:
        near = nearest(name, available_timezones())
        return Problem(
            path,
            Sentence(
                "“%(name)s” is not a known time zone; did you mean “%(near)s”?",
                name=shown(name),
                near=near,
            )
            if near
            else Sentence("“%(name)s” is not a known time zone", name=shown(name)),
        )
    return None


def time_problems(event: Mapping[str, Any], path: str) -> list[Problem]:
    """Everything wrong with the times of an event, its deadline and its series."""
    name = event.get("timezone")
    unknown = zone_problem(name, at(path, "timezone"))
    if unknown:
        return [unknown]
    if not isinstance(name, str):
        return []
    problems: list[Problem] = []
    start = _moment(event, "start", name, path, problems)
    end = _moment(event, "end", name, path, problems)
    _moment(event, "previous_start", name, path, problems)
    if event.get("end_local") and not event.get("start_local"):
        problems.append(Problem(at(path, "end_local"), Sentence("has no start before it")))
    if start and end and end.utc <= start.utc:
        problems.append(Problem(at(path, "end_local"), Sentence("must be after the start")))
    registration = event.get("registration")
    if isinstance(registration, Mapping):
        _moment(registration, "deadline", name, at(path, "registration"), problems)
    series = event.get("series")
    if isinstance(series, Mapping):
        problems += _series_problems(series, start, name, at(path, "series"))
    return problems


def instant(text: Any) -> datetime | None:
    """The moment of a text with an offset; None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _moment(
    raw: Mapping[str, Any], name: str, zone_name: str, path: str, problems: list[Problem]
) -> Moment | None:
    """The moment that `NAME_local` and `NAME_utc` say together; what is wrong goes to `problems`."""
    local, utc = raw.get(f"{name}_local"), raw.get(f"{name}_utc")
    where, where_utc = at(path, f"{name}_local"), at(path, f"{name}_utc")
    given = instant(utc)
    if utc is not None and given is None:
        problems.append(Problem(where_utc, _NO_SUCH_TIME))
        return None
    if local is None and given:
        problems.append(
            Problem(where_utc, Sentence("has no %(field)s beside it", field=f"{name}_local"))
        )
    if not isinstance(local, str):
        return None
    try:
        found = moment(local, zone_name, utc)
    except (ImpossibleTimeError, AmbiguousTimeError) as error:
        problems.append(Problem(where, _said(error)))
        return None
    except (ValueError, OverflowError):
        problems.append(Problem(where, _NO_SUCH_TIME))
        return None
    if given and given != found.utc:
        means = f"{local} in {zone_name} is {rfc3339(found.utc)}"
        problems.append(Problem(where_utc, f"does not agree with {name}_local: {means}"))
    return found


def _said(error: ValueError) -> str:
    """The sentence of the error as it was made."""
    said: str = error.args[0]
    return said


def _series_problems(
    series: Mapping[str, Any], start: Moment | None, zone_name: str, path: str
) -> list[Problem]:
    problems = []
    rule = series.get("rrule")
    if isinstance(rule, str):
        refusal = rule_problem(rule, start.wall if start else None)
        if refusal:
            problems.append(Problem(at(path, "rrule"), refusal))
    for field, settled in (("excluded_local", False), ("added_local", True)):
        values = series.get(field)
        for i, value in enumerate(values if isinstance(values, list) else ()):
            refusal = _session_problem(value, zone_name if settled else None)
            if refusal:
                problems.append(Problem(at(at(path, field), i), refusal))
    return problems


def _session_problem(value: Any, zone_name: str | None) -> str | None:
    """Why a session's wall time is refused. One that is left out needs not exist on that day."""
    if not isinstance(value, str):
        return None
    try:
        wall = parse_wall(value)
        if zone_name:
            resolve(wall, zone_name)
    except AmbiguousTimeError as error:
        return str(error).partition(";")[0]
    except ImpossibleTimeError as error:
        return _said(error)
    except (ValueError, OverflowError):
        return _NO_SUCH_TIME
    return None
