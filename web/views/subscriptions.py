"""What other programs subscribe to: calendars and feeds. One form for everyone, in the group's language."""

from collections.abc import Callable, Sequence

from aiohttp import web

from node.clock import from_ms
from node.http import READABLE, REVALIDATE, Prebuilt
from node.store import events, groups, published, reflections, series
from node.store.database import Session
from node.store.events import StoredEvent
from web import calendar, feeds
from web.calendar import CalendarSeries
from web.channel import Channel
from web.feeds import Entry
from web.filters import FIELDS
from web.i18n import reader_for
from web.site import PRIVATE, UNINDEXED, Asked, missing, site_of
from web.views.reflections import stage_of
from web.views.shared_calendar import shared_ics
from web.words import words_of

_PAST_ENTRIES = 100
_FEED_ENTRIES = 50


async def calendar_ics(request: web.Request) -> web.Response:
    """All listed gatherings, the recent past included, as a calendar to subscribe to.

    With a filter in its query it is the shared calendar by that.
    """
    if any(name in request.query for name in FIELDS):
        return await shared_ics(request)
    return await site_of(request).prebuilt(request, "calendar", _calendar, per_reader=False)


async def event_ics(request: web.Request) -> web.Response:
    """One gathering as a calendar file. Raises NotFoundError, also while it has no date."""
    slug = request.match_info["slug"]
    return await site_of(request).prebuilt(
        request,
        ("ics", slug),
        lambda session, asked: _one_event(session, asked, slug),
        per_reader=False,
    )


async def feed_atom(request: web.Request) -> web.Response:
    """Gatherings and reflections as Atom; `?stage=gratitude`: the reflections of one stage."""
    return await _feed(request, "atom", feeds.ATOM_TYPE, _atom)


async def feed_json(request: web.Request) -> web.Response:
    """The same as JSON Feed."""
    return await _feed(request, "json", feeds.JSON_TYPE, _json)


def _calendar(session: Session, asked: Asked) -> Prebuilt:
    found = events.upcoming(session, asked.now) + events.past(session, asked.now, _PAST_ENTRIES)
    single = [one for one in found if one.event.occurrence is None]
    recurring = [_with_sessions(session, one) for one in series.every_listed(session)]
    body = calendar.calendar_file(asked.group, asked.urls, single, recurring)
    return Prebuilt(body, calendar.CONTENT_TYPE, vary="", compress=True, headers=READABLE)


def _one_event(session: Session, asked: Asked, slug: str) -> Prebuilt:
    stored = published.event(session, slug)
    event = stored.event
    if event.start is None:
        raise missing("event")
    found = ([], [_with_sessions(session, stored)]) if event.recurs else ([stored], [])
    channel = Channel(
        title=f"{event.title.text} · {asked.group.name.text}",
        address=f"{asked.urls.event(slug)}.ics",
        page=asked.urls.event(slug),
    )
    return Prebuilt(
        calendar.calendar_file(asked.group, asked.urls, *found, channel=channel),
        calendar.CONTENT_TYPE,
        vary="",
        cache_control=REVALIDATE if event.listed else PRIVATE,
        headers={
            "Content-Disposition": f'attachment; filename="{event.slug}.ics"',
            **({} if event.listed else UNINDEXED),
        },
    )


def _with_sessions(session: Session, stored: StoredEvent) -> CalendarSeries:
    found = series.sessions(session, stored.event.slug)
    return CalendarSeries(stored=stored, sessions=found)


Render = Callable[[Session, Asked, Sequence[Entry], Channel], bytes]


async def _feed(request: web.Request, kind: str, content_type: str, render: Render) -> web.Response:
    stage = stage_of(request)

    def build(session: Session, asked: Asked) -> Prebuilt:
        found = _reflections(session, asked, stage) if stage else _everything(session, asked)
        body = render(session, asked, found[:_FEED_ENTRIES], _channel(asked, kind, stage))
        return Prebuilt(
            body, content_type, vary="", compress=True, headers={**READABLE, **UNINDEXED}
        )

    return await site_of(request).prebuilt(request, ("feed", kind, stage), build, per_reader=False)


def _everything(session: Session, asked: Asked) -> list[Entry]:
    return feeds.entries(
        asked.group,
        asked.urls,
        events.upcoming(session, asked.now, _FEED_ENTRIES)
        + events.past(session, asked.now, _FEED_ENTRIES),
        reflections.listed(session, _FEED_ENTRIES),
    )


def _reflections(session: Session, asked: Asked, stage: str) -> list[Entry]:
    found = [one for one in reflections.listed(session) if one.reflection.spiral_stage == stage]
    return feeds.entries(asked.group, asked.urls, (), found)


def _channel(asked: Asked, kind: str, stage: str) -> Channel:
    address = f"{asked.urls.origin}/feed.{kind}"
    if not stage:
        return Channel(title=asked.group.name.text, address=address, page=asked.urls.home)
    words = words_of(reader_for("", asked.group.languages).locale)
    return Channel(
        title=f"{words.stage(stage)} · {asked.group.name.text}",
        address=f"{address}?stage={stage}",
        page=f"{asked.urls.origin}/reflections?stage={stage}",
    )


def _atom(session: Session, asked: Asked, found: Sequence[Entry], channel: Channel) -> bytes:
    return feeds.atom(asked.group, asked.urls, found, from_ms(groups.created_ms(session)), channel)


def _json(_: Session, asked: Asked, found: Sequence[Entry], channel: Channel) -> bytes:
    return feeds.json_feed(asked.group, asked.urls, found, channel)
