"""The part of the form for a gathering that says whether, and how, it comes again.

A few ways that circles meet, each worked out from the day of the first; any other rule stays as it is.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from node.domain.series import moved, recurs, rule_parts, with_parts
from node.domain.walltime import parse_wall
from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values

REPEATS = {
    "": N_("It takes place once"),
    "weekly": N_("Every week, on this weekday"),
    "fortnightly": N_("Every second week, on this weekday"),
    "monthly": N_("Every month, in the same week on this weekday (such as the second Tuesday)"),
    "monthly_last": N_("Every month, the last time this weekday comes"),
    "monthly_date": N_("Every month, on this date"),
    "kept": N_("As it repeats now"),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NO_COUNT = N_("This must be a whole number, such as 6.")
_NO_DAY = N_("This is not a day that exists.")


def series_fields(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The fields of a gathering as it is."""
    if not recurs(document):
        return {"repeat": ""}
    series = document["series"]
    parts = rule_parts(series["rrule"]) if series.get("rrule") else {}
    until = parts.get("UNTIL", "")
    fields: dict[str, str | list[str]] = {
        "repeat": _choice(parts, parse_wall(document["start_local"])),
        "repeat_count": parts.get("COUNT", ""),
        "repeat_until": f"{until[:4]}-{until[4:6]}-{until[6:8]}" if until else "",
    }
    return fields | ({"closed_after_first": "on"} if series.get("closed_after_first") else {})


def read_series(
    values: Values, start: str | None, old: Mapping[str, Any], problems: FormProblems
) -> dict[str, Any]:
    """The rule that the fields describe, over what the gathering `old` says of its series.

    Empty where it comes once. What is no number and no day is added to `problems`.
    """
    before: dict[str, Any] = dict(old.get("series") or {})
    begins = _wall(start)
    if begins is None or not values["repeat"]:
        return {} if recurs(old) else before
    if recurs(old) and begins != parse_wall(old["start_local"]):
        before = dict(moved(old, begins)["series"])
    before.pop("closed_after_first", None)
    if values.has("closed_after_first"):
        before["closed_after_first"] = True
    rule = _rule(values, begins, before.get("rrule"), problems)
    return before | ({"rrule": rule} if rule else {})


def _rule(
    values: Values, start: datetime, before: str | None, problems: FormProblems
) -> str | None:
    """The rule as chosen; the one it has where that says the same."""
    count, until = _count(values["repeat_count"], problems), _until(values, problems)
    ends: dict[str, str | None] = {"COUNT": count, "UNTIL": until}
    kept = rule_parts(before) if before else {}
    if until and kept.get("UNTIL", "")[:8] == until:
        ends["UNTIL"] = kept["UNTIL"]  # to the minute, as it was
    if before and values["repeat"] in ("kept", _choice(kept, start)):
        return with_parts(before, **ends)
    base = _RULES[values["repeat"]](start) if values["repeat"] in _RULES else None
    return with_parts(base, **ends) if base else before


def _nth(start: datetime) -> int:
    return (start.day + 6) // 7


_RULES: dict[str, Callable[[datetime], str]] = {
    "weekly": lambda start: f"FREQ=WEEKLY;BYDAY={_DAYS[start.weekday()]}",
    "fortnightly": lambda start: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_DAYS[start.weekday()]}",
    "monthly": lambda start: f"FREQ=MONTHLY;BYDAY={_nth(start)}{_DAYS[start.weekday()]}",
    "monthly_last": lambda start: f"FREQ=MONTHLY;BYDAY=-1{_DAYS[start.weekday()]}",
    "monthly_date": lambda start: f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
}


def _choice(parts: Mapping[str, str], start: datetime) -> str:
    """Which of the choices a rule is."""
    asked = {name: part for name, part in parts.items() if name not in ("COUNT", "UNTIL", "WKST")}
    if asked.get("FREQ") == "WEEKLY":
        asked.setdefault("BYDAY", _DAYS[start.weekday()])
    if asked == {"FREQ": "MONTHLY"}:
        asked["BYMONTHDAY"] = str(start.day)
    if asked.get("INTERVAL") == "1":
        del asked["INTERVAL"]
    for name, rule in _RULES.items():
        if rule_parts(rule(start)) == asked:
            return name
    return "kept"


def _count(text: str, problems: FormProblems) -> str | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1000):
        problems.add("repeat_count", _NO_COUNT)
        return None
    return str(int(text))


def _until(values: Values, problems: FormProblems) -> str | None:
    text = values["repeat_until"]
    if not text:
        return None
    try:
        return f"{date.fromisoformat(text):%Y%m%d}"
    except ValueError:
        problems.add("repeat_until", _NO_DAY)
        return None


def _wall(text: str | None) -> datetime | None:
    try:
        return parse_wall(text) if text else None
    except ValueError:
        return None  # the checks will say so
