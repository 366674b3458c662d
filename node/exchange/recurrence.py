"""Checks of a series' rule: the part of RFC 5545 §3.3.10 that every calendar understands.

Only these parts are read, so that no rule can make a calendar search for ever: FREQ (DAILY, WEEKLY,
MONTHLY, YEARLY), INTERVAL, COUNT (at most 1000), UNTIL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS, WKST.
"""

import re
from datetime import datetime

from node.domain.sentence import Sentence
from node.exchange.wording import guess, quoted

_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "COUNT": "[1-9][0-9]{0,2}|1000",
    "UNTIL": "[0-9]{8}(?:T[0-9]{6}Z?)?",
    "BYDAY": f"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY}){{0,13}}",
    "BYMONTH": "(?:1[0-2]|[1-9])(?:,(?:1[0-2]|[1-9])){0,11}",
    "BYMONTHDAY": "-?(?:3[01]|[12][0-9]|[1-9])(?:,-?(?:3[01]|[12][0-9]|[1-9])){0,30}",
    "BYSETPOS": "-?[1-9][0-9]?(?:,-?[1-9][0-9]?){0,9}",
    "WKST": _DAY,
}
# The calendar repeats every 400 years to the day of the week, and years end at 9999 here: a rule
# without any date is tried shortly before that, where the search soon stops.
_CALENDAR_YEARS = 400
_LAST_YEAR = 9999


def rule_problem(rule: str, start: datetime | None) -> str | None:
    """Why `rule` cannot be that of a series which begins at the wall time `start`; None if it can."""
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS:
            hint = guess(name.removeprefix("RRULE:"), _PARTS)
            return f"{quoted(name)} is no part of a rule{hint}"
        if name in parts:
            return f"{name} stands in it twice"
        if not re.fullmatch(_PARTS[name], value, re.ASCII):
            return f"{name} cannot be {quoted(value)}"
        parts[name] = value
    return (
        _combination_problem(parts) or _until_problem(parts, start) or _start_problem(parts, start)
    )


def _combination_problem(parts: dict[str, str]) -> str | None:
    if "FREQ" not in parts:
        return "needs FREQ: FREQ=WEEKLY;BYDAY=WE;COUNT=6"
    if "COUNT" in parts and "UNTIL" in parts:
        return "has COUNT and UNTIL; only one of them can be kept"
    numbered = re.search(r"[0-9]", parts.get("BYDAY", ""))
    if numbered and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        return "BYDAY has numbers only together with FREQ=MONTHLY or YEARLY"
    if "BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY":
        return "BYMONTHDAY does not go together with FREQ=WEEKLY"
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & parts.keys():
        return "BYSETPOS needs BYDAY, BYMONTH or BYMONTHDAY beside it"
    return None


def _until_problem(parts: dict[str, str], start: datetime | None) -> str | None:
    until = parts.get("UNTIL")
    if until is None:
        return None
    try:
        last = datetime.strptime(until[:8], "%Y%m%d")  # noqa: DTZ007 - a day on the wall
        if "T" in until:
            datetime.strptime(until[9:15], "%H%M%S")  # noqa: DTZ007
    except ValueError:
        return "UNTIL is not a day that exists"
    if start and last.date() < start.date():
        return Sentence("ends before the start")
    return None


def _start_problem(parts: dict[str, str], start: datetime | None) -> str | None:
    """RFC 5545 leaves undefined what a rule means that does not begin on the start."""
    if start is None:
        return None
    # Imported here because it costs memory, and only events that repeat need it.
    from dateutil.rrule import rrulestr  # noqa: PLC0415

    endless = ";".join(
        f"{name}={value}" for name, value in parts.items() if name not in ("COUNT", "UNTIL")
    )
    cycles = (_LAST_YEAR - start.year) // _CALENDAR_YEARS
    late = start.replace(year=start.year + cycles * _CALENDAR_YEARS)
    try:
        first = next(iter(rrulestr(endless, dtstart=late)), None)
    except ValueError:
        return "cannot be read as a rule of RFC 5545"
    if first is None:
        return Sentence("gives no date at all")
    if first != late:
        wanted = first.replace(year=first.year - cycles * _CALENDAR_YEARS)
        return Sentence(
            "begins on %(wanted)s, but the start is on %(start)s: both must be one day",
            wanted=f"{wanted:%Y-%m-%d}",
            start=f"{start:%Y-%m-%d}",
        )
    return None
