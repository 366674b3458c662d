"""How a series repeats, in words: `Every week: Wednesday · 6 sessions in all`.

Two parts with a colon between, because “every second Wednesday of the month” bends in most languages.
What a rule says beyond these parts is left to the list of dates.
"""

import re
from datetime import datetime, timedelta

from node.domain.event import Event
from node.domain.series import dates_of, rule_parts, rule_until
from web.i18n import Catalogue
from web.labels import N_, WEEKDAYS
from web.when import short_date

_DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_NTH = {
    "1": N_("first %(day)s"),
    "2": N_("second %(day)s"),
    "3": N_("third %(day)s"),
    "4": N_("fourth %(day)s"),
    "5": N_("fifth %(day)s"),
    "-1": N_("last %(day)s"),
}


def repeats(event: Event, words: Catalogue) -> str:
    """How a series repeats and when it ends; empty where it has no rule, only dates."""
    series, start = event.series, event.start
    if series is None or start is None or not series.rrule:
        return ""
    parts = rule_parts(series.rrule)
    if parts.get("COUNT") == "1":
        return ""
    often, day = _often(parts, words), _day(parts, start.wall, words)
    line = words.gettext("%(often)s: %(day)s") % {"often": often, "day": day} if day else often
    return " · ".join(part for part in (line, _end(event, parts, words)) if part)


def _often(parts: dict[str, str], words: Catalogue) -> str:
    number = int(parts.get("INTERVAL", "1"))
    match parts["FREQ"]:
        case "DAILY":
            said = words.ngettext("Every day", "Every %(num)s days", number)
        case "WEEKLY":
            said = words.ngettext("Every week", "Every %(num)s weeks", number)
        case "MONTHLY":
            said = words.ngettext("Every month", "Every %(num)s months", number)
        case _:
            said = words.ngettext("Every year", "Every %(num)s years", number)
    return said % {"num": number}


def _day(parts: dict[str, str], start: datetime, words: Catalogue) -> str:
    """On which day: a list of weekdays, `second Wednesday`, `on the 10th`; empty where it is more involved."""
    days = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    if parts.keys() & {"BYSETPOS", "BYMONTH"}:
        return ""
    if parts["FREQ"] == "WEEKLY":
        named = sorted(_DAYS[day] for day in days) or [start.weekday()]
        return words.listed(words.gettext(WEEKDAYS[day]) for day in named)
    if parts["FREQ"] != "MONTHLY":
        return ""
    if not days:
        number = parts.get("BYMONTHDAY", str(start.day))
        return words.gettext("on day %(number)s") % {"number": number} if number.isdigit() else ""
    found = re.fullmatch(r"\+?(-?[1-5])([A-Z]{2})", ",".join(days))
    if found is None or found[1] not in _NTH:
        return ""
    day = words.gettext(WEEKDAYS[_DAYS[found[2]]])
    return words.gettext(_NTH[found[1]]) % {"day": day}


def _end(event: Event, parts: dict[str, str], words: Catalogue) -> str:
    if "COUNT" in parts:
        number = sum(1 for _ in dates_of(event))
        said = words.ngettext("%(num)s session in all", "%(num)s sessions in all", number)
        return said % {"num": number}
    rule = event.series.rrule if event.series else None
    last = rule_until(rule, event.timezone) if rule else None
    if last is None:
        return ""
    if event.start and last.time() < event.start.wall.time():
        last -= timedelta(days=1)  # it ends before that day's hour, as where another series goes on
    return words.gettext("until %(date)s") % {"date": short_date(last, words)}
