"""Calendar files (RFC 5545, RFC 7986): what everyone may know, in the hosts' zone, with changes told.

`UID` is the event's id for ever and `SEQUENCE` counts its revisions, so that a subscribed calendar
moves an entry instead of doubling it. A cancelled gathering stays and says so; one without a date
has no entry.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from node.domain.event import Event, EventStatus
from node.domain.group import Group
from node.domain.phrases import place_line, price_words, status_words
from node.domain.walltime import Moment, zone
from node.store.events import StoredEvent
from node.urls import Urls

if TYPE_CHECKING:
    from icalendar import Calendar
    from icalendar import Event as Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Roughweather//Calendar//EN"
_REFRESH = timedelta(hours=1)
_COLOUR = "forestgreen"
_STATUSES = {
    EventStatus.CANCELLED: "CANCELLED",
    EventStatus.TENTATIVE: "TENTATIVE",
    EventStatus.POSTPONED: "TENTATIVE",
}
# Zones are spelled out for these days around the entries; series reach some way ahead.
_BEFORE, _AFTER = timedelta(days=400), timedelta(days=800)


def calendar_file(group: Group, urls: Urls, events: Sequence[StoredEvent]) -> bytes:
    """A calendar of these events; `urls` gives ids and addresses."""
    # Imported here because it costs 10 MB and half a second, and many nodes never serve one.
    from icalendar import Calendar  # noqa: PLC0415 - lazy on purpose

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", group.name.text)
    calendar.add("x-wr-calname", group.name.text)
    calendar.add("x-wr-timezone", group.timezone)
    if group.about:
        calendar.add("description", group.about.text)
    calendar.add("color", _COLOUR)
    calendar.add("url", urls.origin + "/events", parameters={"VALUE": "URI"})
    calendar.add("source", urls.origin + "/calendar.ics", parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    dated = [stored for stored in events if stored.event.start is not None]
    for stored in dated:
        calendar.add_component(_entry(stored, group, urls))
    _add_zones(calendar, dated)
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
    entry.add("description", _description(event, urls))
    entry.add("url", urls.event(event.slug), parameters={"VALUE": "URI"})
    entry.add("categories", [event.kind.value, *event.tags])
    entry.add("class", "PUBLIC")
    _add_place(entry, event, language)
    _add_series(entry, event)
    if group.contact:
        entry.add("contact", group.contact)
    return entry


def _description(event: Event, urls: Urls) -> str:
    language = event.language
    parts = [
        event.status_reason.best([language])[1] if event.status_reason else "",
        event.summary.best([language])[1] if event.summary else "",
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
    place = event.place
    if place and not place.hidden and place.latitude is not None and place.longitude is not None:
        entry.add("geo", (place.latitude, place.longitude))
    if event.online and event.online.url:
        features = {"VALUE": "URI", "FEATURE": "AUDIO,VIDEO"}
        entry.add("conference", event.online.url, parameters=features)


def _add_series(entry: "Entry", event: Event) -> None:
    from icalendar import vRecur  # noqa: PLC0415 - lazy on purpose, see above

    series, start = event.series, event.start
    if series is None or start is None:
        return
    where = zone(start.zone)
    if series.rrule:
        entry.add("rrule", vRecur.from_ical(series.rrule))
    if series.excluded:
        entry.add("exdate", [day.replace(tzinfo=where) for day in series.excluded])
    if series.added:
        entry.add("rdate", [day.replace(tzinfo=where) for day in series.added])


def _local(moment: Moment) -> datetime:
    """The wall time with its zone; UTC for the second pass of an hour that comes twice."""
    return moment.utc if moment.local.fold else moment.local


def _add_zones(calendar: "Calendar", dated: Sequence[StoredEvent]) -> None:
    starts = [stored.event.start.utc for stored in dated if stored.event.start]
    if starts:
        first, last = min(starts) - _BEFORE, max(starts) + _AFTER
        calendar.add_missing_timezones(first_date=first.date(), last_date=last.date())
