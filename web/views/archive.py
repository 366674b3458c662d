"""The archive: what is over, by year and month. Nothing that was taken back is in it, nothing is counted."""

import re
from datetime import UTC, date, datetime, time
from itertools import groupby

from aiohttp import web

from node.domain.calendar_filter import CalendarFilter
from node.domain.walltime import zone
from node.errors import NotFoundError
from node.store import events, reflections, shared_calendar
from node.store.database import Session
from web.filters import following_month
from web.labels import MONTHS, N_
from web.site import Asked, Page, site_of
from web.words import words_of

_PERIOD = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")
_FIRST_YEAR = 1970
_ON_A_PAGE = 60  # lines; a fuller year is read month by month


async def archive(request: web.Request) -> web.Response:
    """The years and months in which there was something."""
    return await site_of(request).page(request, "archive", _gather_years)


async def archive_of(request: web.Request) -> web.Response:
    """`/archive/2026` or `/archive/2026-05`: what was. Raises NotFoundError for no such time, or one to come."""
    found = _PERIOD.fullmatch(request.match_info["period"])
    if found is None:
        raise NotFoundError("There is no such year.")
    year, month = int(found[1]), int(found[2] or 0)
    return await site_of(request).page(
        request,
        ("archive", year, month),
        lambda session, asked: _gather(session, asked, year, month),
    )


def _gather_years(session: Session, asked: Asked) -> Page:
    months = sorted(_months(session, asked), reverse=True)
    years = [(year, sorted(month for _, month in some)) for year, some in groupby(months, _year)]
    return Page(
        template="archive.html",
        context={
            "section": "archive",
            "title": words_of(asked.reader.locale).say(N_("Archive")),
            "years": years,
            "months": MONTHS,
        },
    )


def _gather(session: Session, asked: Asked, year: int, month: int) -> Page:
    this_year = asked.now.astimezone(zone(asked.group.timezone)).year
    if not _FIRST_YEAR <= year <= this_year:
        raise NotFoundError("There is no such year.")
    known = _months(session, asked)
    if month and (year, month) not in known:
        raise NotFoundError("There was nothing in that month.")
    first = date(year, month or 1, 1)
    last = following_month(first, 1 if month else 12)
    start, end = _midnight(first, asked), _midnight(last, asked)
    ours = events.past_between(session, start, end, asked.now)
    offered = reflections.listed_between(session, start, end)
    words = words_of(asked.reader.locale)
    full = not month and len(ours) + len(offered) > _ON_A_PAGE
    years = sorted({one for one, _ in known})
    return Page(
        template="archive_period.html",
        context={
            "section": "archive",
            "title": f"{words.say(MONTHS[month - 1])} {year}" if month else str(year),
            "address": f"{year}-{month:02d}" if month else str(year),
            "year": year,
            "in_year": sorted(one for of, one in known if of == year),
            "months": MONTHS,
            "month": month,
            "full": full,
            "gatherings": ours,
            "reflections": offered,
            "elsewhere": _of_neighbours(session, asked, start, end) > len(ours),
            "span": (first.isoformat(), date.fromordinal(last.toordinal() - 1).isoformat()),
            "before": max((one for one in years if one < year), default=0),
            "after": min((one for one in years if one > year), default=0),
        },
    )


def _months(session: Session, asked: Asked) -> set[tuple[int, int]]:
    """Every month with something in it, in the zone of the group."""
    where = zone(asked.group.timezone)
    moments = [*events.past_starts(session, asked.now), *reflections.published_at(session)]
    return {(local.year, local.month) for local in (one.astimezone(where) for one in moments)}


def _of_neighbours(session: Session, asked: Asked, start: datetime, end: datetime) -> int:
    """How many gatherings everyone together had; only whether it is more than ours is of interest."""
    wanted = CalendarFilter(start=start, end=end, past=True)
    return shared_calendar.count(session, wanted, asked.now, asked.urls, most=10_000)


def _midnight(day: date, asked: Asked) -> datetime:
    return datetime.combine(day, time(), zone(asked.group.timezone)).astimezone(UTC)


def _year(month: tuple[int, int]) -> int:
    return month[0]
