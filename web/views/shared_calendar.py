"""The shared calendar: gatherings of ours and of our neighbours, each once, by any filter.

As a list, as a month, inside another site, and as what calendars and feed readers subscribe to. None of it needs a
script, sets a cookie, or asks where somebody is.
"""

import calendar as weeks
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from aiohttp import web

from node.clock import from_ms
from node.domain.calendar_filter import OURS, CalendarFilter
from node.domain.neighbour import NeighbourPost
from node.domain.walltime import zone
from node.errors import MalformedError
from node.http import EMBEDDABLE, READABLE, Prebuilt, respond
from node.store import groups, neighbours, shared_calendar
from node.store.database import Session
from node.store.events import StoredEvent
from node.store.shared_calendar import Circle, Gathering
from web import calendar, feeds, filters
from web.around import siblings_of
from web.channel import Channel
from web.filters import Filtering
from web.i18n import reader_for
from web.labels import EVENT_KINDS, MONTHS, N_, SHORT_WEEKDAYS
from web.site import VARY, Asked, Page, site_of
from web.words import Words, words_of

_MONTHS_EITHER_WAY = 24
_ON_A_PAGE: Final = 30
_ON_A_PAGE_OF_TEXT: Final = 8  # beside the form: light in every script
_LAST_PAGE: Final = 40
_IN_A_MONTH: Final = 300
_EMBEDDED: Final = 20
_SUBSCRIBED: Final = 300
_IN_A_FEED: Final = 50

_TITLE: Final = N_("Shared calendar")
_FRAME: Final = '<iframe src="{address}" title="{title}" width="100%" height="500"></iframe>'
_ELEMENT: Final = (
    '<roughweather-calendar limit="10"><a href="{address}">{title}</a></roughweather-calendar>',
    '<script type="module" src="{origin}/embed.js"></script>',
)

# What one can do without, one thing at a time, where nothing holds everything.
_PARTS: Final[Mapping[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    N_("In any language"): (("language",), {"language": ""}),
    N_("Anywhere"): (("near", "km"), {"near": None}),
    N_("In person, too"): (("online",), {"online": False}),
    N_("Where something is asked for, too"): (("free",), {"free": False}),
    N_("Whatever is known of access"): (("access",), {"access": ()}),
    N_("Of any kind"): (("kind",), {"kind": ""}),
    N_("With any tag"): (("tag",), {"tags": None}),
    N_("On any day from now on"): (("from", "until", "month"), {"start": None, "end": None}),
    N_("Of any group"): (("group",), {"group": ""}),
}


async def shared_calendar_page(request: web.Request) -> web.Response:
    """The list or the month; 400 with the form where part of the filter cannot be read."""
    site = site_of(request)
    number = _page_number(request.query.get("page", ""))
    if not request.query_string:
        return await site.page(
            request, "shared calendar", lambda session, asked: _page(session, asked, request, 1)
        )
    page, asked = await site.gathered(
        request, lambda session, asked: _page(session, asked, request, number)
    )
    return site.response(page, asked, status=400 if page.context["problems"] else 200)


async def embedded(request: web.Request) -> web.Response:
    """The next gatherings of a filter, to stand inside another site. Raises MalformedError."""
    site = site_of(request)

    def gather(session: Session, asked: Asked) -> Page:
        filtering = _read(session, asked, request)
        found = _find(session, asked, filtering, _EMBEDDED)
        context = {"filtering": filtering, "title": _title(asked)} | _shown(session, asked, found)
        return Page(template="calendar_embed.html", unindexed=True, context=context)

    page, asked = await site.gathered(request, gather)
    made = Prebuilt(
        site.html(page, asked).encode(),
        "text/html; charset=utf-8",
        vary=VARY,
        compress=True,
        headers=EMBEDDABLE,
    )
    return respond(request, made)


async def shared_ics(request: web.Request) -> web.Response:
    """A filter as a calendar to subscribe to, the recent past included. Raises MalformedError."""

    def build(session: Session, asked: Asked, filtering: Filtering) -> Prebuilt:
        found = _find(session, asked, filtering, _SUBSCRIBED)
        earlier = filtering.wanted.start is None and not filtering.wanted.past
        if earlier:
            before = replace(filtering.wanted, past=True)
            found += shared_calendar.find(session, before, asked.now, asked.urls, limit=_IN_A_FEED)
        body = calendar.calendar_file(
            asked.group,
            asked.urls,
            [one for one in found if isinstance(one, StoredEvent)],
            posts=_with_homes(session, [one for one in found if isinstance(one, NeighbourPost)]),
            channel=_channel(asked, filtering, "ics"),
        )
        return Prebuilt(body, calendar.CONTENT_TYPE, vary="", compress=True, headers=READABLE)

    return await _subscribed(request, build)


async def shared_atom(request: web.Request) -> web.Response:
    """A filter as Atom. Raises MalformedError."""
    return await _subscribed(request, partial(_feed, content_type=feeds.ATOM_TYPE))


async def shared_json(request: web.Request) -> web.Response:
    """A filter as JSON Feed. Raises MalformedError."""
    return await _subscribed(request, partial(_feed, content_type=feeds.JSON_TYPE))


async def _subscribed(
    request: web.Request, build: Callable[[Session, Asked, Filtering], Prebuilt]
) -> web.Response:
    """Made anew for each who asks, so that made-up filters push nothing out of the cache of pages."""
    site = site_of(request)
    made: list[Prebuilt] = []

    def gather(session: Session, asked: Asked) -> Page:
        made.append(build(session, asked, _read(session, asked, request)))
        return Page(template="")

    await site.gathered(request, gather)
    return respond(request, made[0])


def _feed(session: Session, asked: Asked, filtering: Filtering, *, content_type: str) -> Prebuilt:
    found = _find(session, asked, filtering, _IN_A_FEED)
    posts = _with_homes(session, [one for one in found if isinstance(one, NeighbourPost)])
    events = [one for one in found if isinstance(one, StoredEvent)]
    entries = feeds.entries(asked.group, asked.urls, events, (), posts)
    kind = "atom" if content_type == feeds.ATOM_TYPE else "json"
    channel = _channel(asked, filtering, kind)
    body = (
        feeds.atom(asked.group, asked.urls, entries, from_ms(groups.created_ms(session)), channel)
        if kind == "atom"
        else feeds.json_feed(asked.group, asked.urls, entries, channel)
    )
    return Prebuilt(body, content_type, vary="", compress=True, headers=READABLE)


def _channel(asked: Asked, filtering: Filtering, ending: str) -> Channel:
    """What a filter is called as a calendar or a feed, in the group's language: what was asked for is in its name."""
    words = words_of(reader_for("", asked.group.languages).locale)
    chosen = ", ".join(value for name, value in filtering.pairs if name not in ("km", "month"))
    title = f"{words.say(_TITLE)} · {asked.group.name.text}"
    query = filtering.query()
    return Channel(
        title=f"{title} ({chosen})" if chosen else title,
        address=f"{asked.urls.origin}/calendar.{ending}?{filtering.subscription}",
        page=f"{asked.urls.origin}/calendar" + (f"?{query}" if query else ""),
    )


def _read(session: Session, asked: Asked, request: web.Request) -> Filtering:
    """The filter of what is not a form. Raises MalformedError with the first thing that is wrong."""
    filtering = filters.read(request.query, session, asked.group.timezone)
    if filtering.problems:
        raise MalformedError(next(iter(filtering.problems.by_field.values()))[0])
    return filtering


def _page_number(text: str) -> int:
    return min(max(int(text), 1), _LAST_PAGE) if text.isdecimal() and len(text) < 5 else 1


def _find(session: Session, asked: Asked, filtering: Filtering, limit: int) -> list[Gathering]:
    return shared_calendar.find(session, filtering.wanted, asked.now, asked.urls, limit=limit)


def _page(session: Session, asked: Asked, request: web.Request, number: int) -> Page:
    words = words_of(asked.reader.locale)
    filtering = filters.read(request.query, session, asked.group.timezone)
    context: dict[str, Any] = {
        "section": "neighbours",
        "title": _title(asked),
        "filtering": filtering,
        "values": filtering.values,
        "problems": filtering.problems,
        "number": number,
        "more": False,
        "month": None,
        "this_month": f"{asked.now.astimezone(zone(asked.group.timezone)):%Y-%m}",
        "alternatives": (),
        "frame": _FRAME.format(
            address=f"{asked.urls.origin}/calendar/embed?{filtering.subscription}",
            title=_title(asked),
        ),
        "element": [
            line.format(
                address=f"{asked.urls.origin}/calendar?{filtering.subscription}",
                title=_title(asked),
                origin=asked.urls.origin,
            )
            for line in _ELEMENT
        ],
        **(choices := _choices(session, asked, filtering, words)),
        "chosen": () if filtering.problems else filtering.spoken(words, dict(choices["groups"])),
    }
    circles: list[Circle] = []
    if filtering.problems:
        found: list[Gathering] = []
    elif filtering.month is not None and not asked.reader.text_only:
        found = _find(session, asked, filtering, _IN_A_MONTH)
        context["month"] = _month(found, filtering.month, asked.now.date(), words)
    else:
        most = _ON_A_PAGE_OF_TEXT if asked.reader.text_only else _ON_A_PAGE
        start = (number - 1) * most
        circles = shared_calendar.find_circles(
            session, filtering.wanted, asked.now, asked.urls, limit=most + 1, offset=start
        )
        context["more"] = len(circles) > most and number < _LAST_PAGE
        circles = circles[:most]
        found = [one.first for one in circles]
    if not found and not filtering.problems:
        context["alternatives"] = _alternatives(session, asked, filtering, words)
    return Page(
        template="calendar.html",
        unindexed=filtering.narrows,
        query=[*filtering.pairs, *([("page", str(number))] if number > 1 else [])],
        context=context
        | _shown(session, asked, found)
        | {"later": [_Later(tuple(map(_Card, one.later)), one.more) for one in circles]},
    )


def _title(asked: Asked) -> str:
    return words_of(asked.reader.locale).say(_TITLE)


def _choices(
    session: Session, asked: Asked, filtering: Filtering, words: Words
) -> dict[str, Sequence[tuple[str, str]]]:
    any_ = words.say(N_("Any"))
    names = neighbours.names(session)
    ids = dict(filtering.groups)
    return {
        "languages": [("", any_), *words.language_options(shared_calendar.languages(session))],
        "kinds": [("", any_), *words.options(EVENT_KINDS)],
        "facts": filters.access_facts(words),
        "groups": [
            ("", any_),
            (OURS, asked.group.name.best(asked.reader.wanted)[1]),
            *((handle, names.get(ids[handle], handle)) for handle in ids),
        ],
    }


def _shown(session: Session, asked: Asked, found: Sequence[Gathering]) -> dict[str, Any]:
    """What the cards need beside the gatherings: where each comes from, and what stands around it."""
    posts = [one for one in found if isinstance(one, NeighbourPost)]
    return {
        "found": [_Card(one) for one in found],
        "homes": neighbours.homes(session, posts),
        "siblings_of": siblings_of(session, posts, asked),
    }


@dataclass(frozen=True, slots=True)
class _Later:
    """The sessions of a series after the one that a list shows: the first few, and how many there are."""

    cards: tuple["_Card", ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Card:
    """One gathering for a template: ours as `event`, a neighbour's as `post`."""

    gathering: Gathering

    @property
    def event(self) -> Any:
        """Ours, or None."""
        return self.gathering.event if isinstance(self.gathering, StoredEvent) else None

    @property
    def post(self) -> NeighbourPost | None:
        """A neighbour's, or None."""
        return self.gathering if isinstance(self.gathering, NeighbourPost) else None

    @property
    def day(self) -> date | None:
        """The day it begins, on the clocks there."""
        if isinstance(self.gathering, StoredEvent):
            start = self.gathering.event.start
            return start.local.date() if start else None
        began = self.gathering.start
        return self.gathering.local(began).date() if began else None


def _month(found: Sequence[Gathering], first: date, today: date, words: Words) -> dict[str, Any]:
    """Weeks of days; what began before the month stands at its first day.

    Links to other months end after a while, so that whoever follows them, a program too, comes to an end.
    """
    from_here = (first.year - today.year) * 12 + first.month - today.month
    by_day: dict[date, list[_Card]] = {}
    last = filters.following_month(first)
    for card in map(_Card, found):
        if card.day is not None:
            day = max(card.day, first) if card.day < last else first
            by_day.setdefault(day, []).append(card)
    days = weeks.Calendar().monthdatescalendar(first.year, first.month)
    return {
        "name": f"{words.say(MONTHS[first.month - 1])} {first.year}",
        "weekdays": [words.say(name) for name in SHORT_WEEKDAYS],
        "weeks": [
            [(day if day.month == first.month else None, by_day.get(day, [])) for day in week]
            for week in days
        ],
        "before": f"{filters.following_month(first, -1):%Y-%m}"
        if from_here > -_MONTHS_EITHER_WAY
        else "",
        "after": f"{last:%Y-%m}" if from_here < _MONTHS_EITHER_WAY else "",
    }


def _alternatives(
    session: Session, asked: Asked, filtering: Filtering, words: Words
) -> list[tuple[str, str, int]]:
    """What would be found without one part of the filter: its words, the query, how many (100 for more)."""
    found = []
    for text, (names, less) in _PARTS.items():
        if not any(filtering.values[name] for name in names):
            continue
        wider: CalendarFilter = replace(filtering.wanted, **less)
        number = shared_calendar.count(session, wider, asked.now, asked.urls)
        if number:
            found.append((words.say(text), filtering.query(*names), number))
    return found


def _with_homes(
    session: Session, posts: Sequence[NeighbourPost]
) -> list[tuple[NeighbourPost, str]]:
    homes = neighbours.homes(session, posts)
    return [(post, homes[post.id].name) for post in posts]
