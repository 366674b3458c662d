"""When a gathering is, in full words of the reader's language: the hosts' clocks first, always."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from node.domain.dates import clock, zone_name
from node.domain.event import Event
from node.domain.neighbour import NeighbourPost
from node.domain.walltime import Moment
from web.i18n import Catalogue
from web.labels import COMMA, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTile:
    """The little calendar leaf beside a gathering; `last_day` where it ends on another day."""

    weekday: str
    day: int
    month: str
    year: int
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A gathering's time in words. `zone` is `Los Angeles time (PDT, UTC-07:00)`, `letters` what stands in brackets."""

    date: str
    times: str
    zone: str
    letters: str
    start_iso: str
    end_iso: str
    note: str


def tile(start: datetime, end: datetime | None, words: Catalogue) -> DateTile:
    """The date tile of local times."""
    last = ""
    if end is not None and end.date() > start.date() and end - start > timedelta(hours=12):
        last = str(end.day) if end.month == start.month else f"{end.day} {_month(end, words)}"
    return DateTile(
        weekday=words.gettext(SHORT_WEEKDAYS[start.weekday()]),
        day=start.day,
        month=_month(start, words),
        year=start.year,
        last_day=last,
    )


def when(event: Event, words: Catalogue) -> When | None:
    """The time of an event; None while it has none."""
    return span(event.start, event.end, words) if event.start else None


def span(start: Moment, end: Moment | None, words: Catalogue) -> When:
    """The time from `start` to `end` (None: left open)."""
    first, last = start.local, end.local if end else None
    if last is None:
        days, times = full_date(first, words), clock(first)
    elif first.date() == last.date():
        days, times = full_date(first, words), f"{clock(first)}–{clock(last)}"
    else:
        days = words.gettext("%(first)s to %(last)s") % {
            "first": f"{full_date(first, words)}{words.gettext(COMMA)}{clock(first)}",
            "last": f"{full_date(last, words)}{words.gettext(COMMA)}{clock(last)}",
        }
        times = ""
    return When(
        date=days,
        times=times,
        zone=zone_words(start, words),
        letters=_letters(start),
        start_iso=start.iso(),
        end_iso=end.iso() if end else "",
        note=_clock_change(start, end, words),
    )


def neighbour_when(post: NeighbourPost, words: Catalogue) -> When | None:
    """When a neighbour's gathering is, as far as its server told; None without a date."""
    if post.start is None:
        return None
    first, last = post.local(post.start), post.local(post.end) if post.end else None
    if post.timezone is not None:
        start = Moment(first.replace(tzinfo=None), post.timezone, post.start)
        end = (
            Moment(last.replace(tzinfo=None), post.timezone, post.end)
            if last and post.end
            else None
        )
        return span(start, end, words)
    same_day = last is None or last.date() == first.date()
    days = (
        full_date(first, words) if same_day or last is None else _span_of_days(first, last, words)
    )
    times = "" if post.all_day else clock(first) + (f"–{clock(last)}" if last and same_day else "")
    digits = f"{first:%z}"
    return When(
        date=days,
        times=times,
        zone="" if post.all_day else f"UTC{digits[:3]}:{digits[3:5]}",
        letters="",
        start_iso=first.date().isoformat() if post.all_day else first.isoformat(timespec="minutes"),
        end_iso="",
        note="",
    )


def beside(start: Moment, end: Moment | None, zone_name: str, words: Catalogue) -> When | None:
    """The same time on other clocks, with those of that very day; None where they show the same.

    `date` is empty where it is the same day there, else `note` says which.
    """
    ends = (start, end or start)
    theirs = [Moment.at(one.utc, zone_name) for one in ends]
    if all(one.wall == other.wall for one, other in zip(ends, theirs, strict=True)):
        return None
    told = span(theirs[0], theirs[1] if end else None, words)
    days = (theirs[0].wall.date() - start.wall.date()).days
    if days:
        note = words.gettext("the next day") if days > 0 else words.gettext("the day before")
        return replace(told, note=note)
    return replace(told, date="" if told.times else told.date, note="")


def neighbour_beside(post: NeighbourPost, zone_name: str, words: Catalogue) -> When | None:
    """As `beside`, for a neighbour's gathering; None without an hour, too."""
    if post.start is None or post.all_day:
        return None
    first, last = (_as_told(post, moment) for moment in (post.start, post.end))
    assert first is not None
    return beside(first, last, zone_name, words)


def _as_told(post: NeighbourPost, moment: datetime | None) -> Moment | None:
    """A moment on the clocks of a neighbour's gathering, also where it names an offset and no zone."""
    if moment is None:
        return None
    return Moment(post.local(moment).replace(tzinfo=None), post.timezone or "UTC", moment)


def full_date(day: date, words: Catalogue) -> str:
    """`Saturday 17 April 2027`."""
    return words.gettext("%(weekday)s %(day)s %(month)s %(year)s") % {
        "weekday": words.gettext(WEEKDAYS[day.weekday()]),
        "day": day.day,
        "month": words.gettext(MONTHS[day.month - 1]),
        "year": day.year,
    }


def short_date(day: date, words: Catalogue) -> str:
    """`17 April 2027`."""
    return words.gettext("%(day)s %(month)s %(year)s") % {
        "day": day.day,
        "month": words.gettext(MONTHS[day.month - 1]),
        "year": day.year,
    }


def moment_words(moment: Moment, words: Catalogue) -> str:
    """`Saturday 17 April 2027, 10:00`: a moment on the hosts' clocks."""
    return f"{full_date(moment.local, words)}{words.gettext(COMMA)}{clock(moment.local)}"


def zone_words(moment: Moment, words: Catalogue) -> str:
    """`Los Angeles time (PDT, UTC-07:00)`."""
    if moment.zone in ("UTC", "Etc/UTC"):
        return "UTC"
    city = moment.zone.rpartition("/")[2].replace("_", " ")
    return words.gettext("%(city)s time (%(zone)s)") % {"city": city, "zone": _letters(moment)}


def _letters(moment: Moment) -> str:
    """`PDT, UTC-07:00`; without letters where the zone has none of its own."""
    digits = f"{moment.local:%z}"
    offset = f"UTC{digits[:3]}:{digits[3:5]}"
    name = zone_name(moment)
    return f"{name}, {offset}" if name.isalpha() and name != "UTC" else offset


def city_time(zone: str, words: Catalogue) -> str:
    """`Los Angeles time`: the clocks of a series, whatever the season."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    city = zone.rpartition("/")[2].replace("_", " ")
    return words.gettext("%(city)s time") % {"city": city}


def _span_of_days(first: date, last: date, words: Catalogue) -> str:
    return words.gettext("%(first)s to %(last)s") % {
        "first": full_date(first, words),
        "last": full_date(last, words),
    }


def _clock_change(start: Moment, end: Moment | None, words: Catalogue) -> str:
    """A word on the clocks changing in between, so that nobody counts wrongly."""
    if end is None or start.local.utcoffset() == end.local.utcoffset():
        return ""
    hours = round((end.utc - start.utc) / timedelta(hours=1))
    return words.ngettext(
        "The clocks change in between: it lasts %(hours)s hour.",
        "The clocks change in between: it lasts %(hours)s hours.",
        hours,
    ) % {"hours": hours}


def _month(day: date, words: Catalogue) -> str:
    return words.gettext(SHORT_MONTHS).split()[day.month - 1]
