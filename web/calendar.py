"""Calendar files (RFC 5545, RFC 7986): what everyone may know, in the hosts' zone, with changes told.

`UID` is the event's id for ever and `SEQUENCE` counts its revisions, so that a subscribed calendar
moves an entry instead of doubling it. A cancelled gathering stays and says so; one without a date
has no entry. A series is one entry with its rule, and one more for each session that differs from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from node.domain.event import Event, EventFormat, EventStatus
from node.domain.group import Group
from node.domain.neighbour import NeighbourPost
from node.domain.phrases import held, place_line, price_words, status_words, together_line
from node.domain.series import dates_of, rule_until, settled, with_parts
from node.domain.walltime import Moment, zone
from node.sanitize import plain_text
from node.store.events import StoredEvent
from node.urls import Urls
from web.channel import Channel

if TYPE_CHECKING:
    from icalendar import Calendar
    from icalendar import Event as Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Roughweather//Calendar//EN"
_REFRESH = timedelta(hours=1)
_LONGEST_TEXT = 2000
_COLOUR = "forestgreen"
_STATUSES = {
    EventStatus.CANCELLED: "CANCELLED",
    EventStatus.TENTATIVE: "TENTATIVE",
    EventStatus.POSTPONED: "TENTATIVE",
}
# Zones are spelled out for these days around the entries; series reach some way ahead.
_BEFORE, _AFTER = timedelta(days=400), timedelta(days=800)


# What a session says like its series, unless it differs.
_SHARED = (
    *("title", "summary", "status", "status_reason", "place", "online", "price", "kind", "tags"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSeries:
    """A series and those of its sessions that stand ready."""

    stored: StoredEvent
    sessions: Sequence[StoredEvent]


def calendar_file(
    group: Group,
    urls: Urls,
    events: Sequence[StoredEvent],
    series: Sequence[CalendarSeries] = (),
    *,
    posts: Sequence[tuple[NeighbourPost, str]] = (),
    channel: Channel | None = None,
) -> bytes:
    """A calendar of these events, and of series that are not among them; `urls` gives ids and addresses.

    `posts` are neighbours' gatherings, each with the name of its home; `channel` is what the calendar is
    called and where it is fetched, where it is not the calendar of everything.
    """
    # Imported here because it costs 10 MB and half a second, and many nodes never serve one.
    from icalendar import Calendar, vText  # noqa: PLC0415 - lazy on purpose

    channel = channel or Channel(
        title=group.name.text, address=f"{urls.origin}/calendar.ics", page=f"{urls.origin}/events"
    )
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # icalendar knows neither for text, and would write line ends and commas as they are.
    title = vText(" ".join(channel.title.split()))
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", group.timezone)
    if group.about:
        calendar.add("description", group.about.text)
    calendar.add("color", _COLOUR)
    calendar.add("url", channel.page, parameters={"VALUE": "URI"})
    calendar.add("source", channel.address, parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    dated = [stored for stored in events if stored.event.start is not None]
    for stored in dated:
        calendar.add_component(_entry(stored, group, urls))
    for one in series:
        for entry in _series_entries(one, group, urls):
            calendar.add_component(entry)
    for post, home in posts:
        if post.start is not None:
            calendar.add_component(_neighbour_entry(post, post.start, home))
    starts = [stored.event.start.utc for stored in dated if stored.event.start]
    starts += [one.stored.event.start.utc for one in series if one.stored.event.start]
    starts += [post.start for post, _ in posts if post.start is not None]
    _add_zones(calendar, starts)
    made: bytes = calendar.to_ical()
    return made


def _entry(stored: StoredEvent, group: Group, urls: Urls) -> "Entry":
    from icalendar import Event as Entry  # noqa: PLC0415 - lazy on purpose, see above

    event, language = stored.event, stored.event.language
    assert event.start is not None  # whoever calls leaves out what has no date
    entry = Entry()
    entry.add("uid", urls.event(event.slug))
    entry.add("dtstamp", stored.updated)
    entry.add("created", stored.created)
    entry.add("last-modified", stored.updated)
    entry.add("sequence", stored.sequence)
    entry.add("status", _STATUSES.get(event.status, "CONFIRMED"))
    entry.add("dtstart", _local(event.start))
    if event.end:
        entry.add("dtend", _local(event.end))
    status = status_words(event.status, language)
    entry.add("summary", f"{status}: {event.title.text}" if status else event.title.text)
    entry.add("description", _description(stored, urls))
    entry.add("url", urls.event(event.slug), parameters={"VALUE": "URI"})
    entry.add("categories", [event.kind.value, *event.tags])
    entry.add("class", "PUBLIC")
    _add_place(entry, event, language)
    if event.image and event.image.own:
        shown = {"VALUE": "URI", "DISPLAY": "FULLSIZE"}
        entry.add("image", urls.full(event.image.url), parameters=shown)
    if group.contact:
        entry.add("contact", group.contact)
    return entry


def _description(stored: StoredEvent, urls: Urls) -> str:
    event = stored.event
    language = event.language
    parts = [
        event.status_reason.best([language])[1] if event.status_reason else "",
        event.summary.best([language])[1] if event.summary else "",
        together_line(stored.cohosts, language),
        price_words(event.price, language) or "",
        urls.event(event.slug),
    ]
    return "\n\n".join(part for part in parts if part)


def _add_place(entry: "Entry", event: Event, language: str) -> None:
    where = place_line(event, language)
    if where is None and event.online:
        where = event.online.url
    if where:
        entry.add("location", where)
    place = event.place if held(event) is not EventFormat.ONLINE else None
    if place and not place.hidden and place.latitude is not None and place.longitude is not None:
        entry.add("geo", (place.latitude, place.longitude))
    if event.online and event.online.url:
        entry.add("conference", event.online.url, parameters={"VALUE": "URI"})
        entry["conference"].params["FEATURE"] = ["AUDIO", "VIDEO"]


def _series_entries(one: CalendarSeries, group: Group, urls: Urls) -> Iterator["Entry"]:
    """The entry of the whole series, then one for each session that is not as the rule says.

    A session that the series has no longer, but that was told of, is added as a date of its own, so that
    calendars show it as it is: cancelled, or over.
    """
    whole = one.stored.event
    own = {_recurrence(session): session for session in one.sessions}
    known = set(takewhile(lambda wall: wall <= max(own), dates_of(whole))) if own else set()
    entry = _entry(one.stored, group, urls)
    _add_rule(entry, whole, own.keys() - known)
    yield entry
    for recurrence, session in own.items():
        if session.event.start is None or not _differs(session.event, whole, recurrence, known):
            continue
        entry = _entry(session, group, urls)
        entry["uid"] = urls.event(whole.slug)
        entry["sequence"] = max(session.sequence, one.stored.sequence)
        entry.add("recurrence-id", recurrence.replace(tzinfo=zone(whole.timezone)))
        yield entry


def _add_rule(entry: "Entry", whole: Event, others: set[datetime]) -> None:
    """The rule with its exceptions; `others` are dates that have an entry of their own beside it."""
    from icalendar import vRecur  # noqa: PLC0415 - lazy on purpose, see above

    series = whole.series
    assert series is not None  # whoever calls has a series
    where = zone(whole.timezone)
    if series.rrule:
        until = rule_until(series.rrule, whole.timezone)
        moment = until.replace(tzinfo=where).astimezone(UTC) if until else None
        rule = with_parts(series.rrule, UNTIL=f"{moment:%Y%m%dT%H%M%SZ}" if moment else None)
        entry.add("rrule", vRecur.from_ical(rule))
    excluded = [wall.replace(tzinfo=where) for wall in series.excluded if wall not in others]
    if excluded:
        entry.add("exdate", excluded)
    added = sorted({*series.added, *(others - set(series.excluded))})
    if added:
        entry.add("rdate", [wall.replace(tzinfo=where) for wall in added])


def _differs(session: Event, whole: Event, recurrence: datetime, known: set[datetime]) -> bool:
    """Whether calendars would show a session otherwise than it is, if they had only the rule."""
    if recurrence not in known or any(
        getattr(session, name) != getattr(whole, name) for name in _SHARED
    ):
        return True
    start = settled(recurrence, whole.timezone)
    return session.start != start or _length(session) != _length(whole)


def _length(event: Event) -> timedelta | None:
    return event.end.utc - event.start.utc if event.start and event.end else None


def _recurrence(stored: StoredEvent) -> datetime:
    assert stored.event.occurrence is not None  # it is a session
    return stored.event.occurrence.recurrence


def _local(moment: Moment) -> datetime:
    """The wall time with its zone; UTC for the second pass of an hour that comes twice."""
    return moment.utc if moment.local.fold else moment.local


def _neighbour_entry(post: NeighbourPost, start: datetime, home: str) -> "Entry":
    """A neighbour's gathering under its own id, with its home first in the text."""
    from icalendar import Event as Entry  # noqa: PLC0415 - lazy on purpose, see above

    entry = Entry()
    entry.add("uid", post.id)
    entry.add("dtstamp", post.updated)
    entry.add("last-modified", post.updated)
    entry.add("status", _STATUSES.get(post.status, "CONFIRMED"))
    if post.all_day:
        entry.add("dtstart", start.date())
        if post.end is not None:
            entry.add("dtend", post.end.date() + timedelta(days=1))
    else:
        entry.add("dtstart", post.local(start) if post.timezone else start)
        if post.end is not None:
            entry.add("dtend", post.local(post.end) if post.timezone else post.end)
    status = status_words(post.status, post.language or "en")
    title = post.title or home
    entry.add("summary", f"{status}: {title}" if status else title)
    lines = (home, plain_text(post.content, _LONGEST_TEXT), post.url)
    entry.add("description", "\n\n".join(line for line in lines if line))
    entry.add("url", post.url, parameters={"VALUE": "URI"})
    entry.add("class", "PUBLIC")
    if where := post.place or post.online_url:
        entry.add("location", where)
    if post.facts.point is not None:
        entry.add("geo", (post.facts.point.latitude, post.facts.point.longitude))
    return entry


def _add_zones(calendar: "Calendar", starts: Sequence[datetime]) -> None:
    if starts:
        first, last = min(starts) - _BEFORE, max(starts) + _AFTER
        calendar.add_missing_timezones(first_date=first.date(), last_date=last.date())
