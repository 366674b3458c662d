"""When a gathering is, in one short line of the reader's language.

    short_when(start, end, "en")   Sat 17 Apr 2027, 10:00–16:30 PDT
    short_when(start, end, "fr")   ven. 14 mai 2027, 18:00 – dim. 16 mai 2027, 16:00 CEST
    short_when(start, end, "ja")   2027-04-03 10:00–12:00 JST

Languages without a table here get ISO 8601 dates, which everyone can read. Wall times only: whoever
reads from elsewhere sees the zone and works out their own.
"""

from dataclasses import dataclass
from datetime import datetime

from node.domain.walltime import Moment


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Names of days (Monday first) and months, and how a date and a span are put together."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str = "{day} {number} {month} {year}"
    comma: str = ", "
    times: str = "{start}–{end}"
    span: str = "{start} – {end}"


_CALENDARS = {
    "en": _Calendar(
        days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
    "es": _Calendar(
        days=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
        months=(
            "ene",
            "feb",
            "mar",
            "abr",
            "may",
            "jun",
            "jul",
            "ago",
            "sept",
            "oct",
            "nov",
            "dic",
        ),
    ),
    "de": _Calendar(
        days=("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."),
        months=(
            "Jan.",
            "Feb.",
            "März",
            "Apr.",
            "Mai",
            "Juni",
            "Juli",
            "Aug.",
            "Sept.",
            "Okt.",
            "Nov.",
            "Dez.",
        ),
        date="{day} {number}. {month} {year}",
    ),
    "fr": _Calendar(
        days=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
        months=(
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "août",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ),
    ),
    "pt": _Calendar(
        days=("seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."),
        months=(
            "jan.",
            "fev.",
            "mar.",
            "abr.",
            "mai.",
            "jun.",
            "jul.",
            "ago.",
            "set.",
            "out.",
            "nov.",
            "dez.",
        ),
        date="{day} {number} de {month} de {year}",
    ),
    # Words, not dashes: a dash between two times is turned round in a right-to-left line.
    "ar": _Calendar(
        days=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
        months=(
            "يناير",
            "فبراير",
            "مارس",
            "أبريل",
            "مايو",
            "يونيو",
            "يوليو",
            "أغسطس",
            "سبتمبر",
            "أكتوبر",
            "نوفمبر",
            "ديسمبر",
        ),
        comma="، ",
        times="{start} إلى {end}",
        span="{start} إلى {end}",
    ),
}
_ISO = _Calendar(days=("",) * 7, months=("",) * 12, comma=" ")
# India, Israel and Ireland; North America, China and Cuba.
_SHARED_NAMES = frozenset({"IST", "CST"})


def short_when(moment: Moment, end: Moment | None, language: str) -> str:
    """`moment` to `end` (None: no end is told) as one line; `language` is a BCP 47 tag."""
    calendar = _calendar(language)
    start = moment.local
    first = short_date(start, language) + calendar.comma + clock(start)
    if end is None:
        return f"{first} {zone_name(moment)}"
    last = end.local
    # When the clocks change in between, the beginning has a zone of its own.
    begins = "" if zone_name(moment) == zone_name(end) else f" {zone_name(moment)}"
    if last.date() == start.date():
        times = calendar.times.format(start=clock(start) + begins, end=clock(last))
        return f"{short_date(start, language)}{calendar.comma}{times} {zone_name(end)}"
    first += begins
    final = short_date(last, language) + calendar.comma + clock(last)
    return f"{calendar.span.format(start=first, end=final)} {zone_name(end)}"


def short_date(day: datetime, language: str) -> str:
    """The date of a local `day`: `Sat 17 Apr 2027`, or `2027-04-17` where we have no names."""
    calendar = _calendar(language)
    if calendar is _ISO:
        return day.date().isoformat()
    return calendar.date.format(
        day=calendar.days[day.weekday()],
        number=day.day,
        month=calendar.months[day.month - 1],
        year=day.year,
    )


def clock(local: datetime) -> str:
    """`09:30`: the same in every language."""
    return f"{local:%H:%M}"


def zone_name(moment: Moment) -> str:
    """`CEST` where the zone has letters for it, else `UTC+05:30`; both where others share the name."""
    local = moment.local
    name = local.tzname() or ""
    digits = f"{local:%z}"
    offset = f"UTC{digits[:3]}:{digits[3:5]}"
    if not name.isalpha():
        return offset
    return f"{name} ({offset})" if name in _SHARED_NAMES else name


def _calendar(language: str) -> _Calendar:
    return _CALENDARS.get(language.partition("-")[0].lower(), _ISO)
