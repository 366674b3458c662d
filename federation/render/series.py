"""Series on the wire (docs/proposals/series.md): an OrderedCollection of sessions, and the links between them.

No server shows a collection as a post, so a series that somebody looks up does no harm; what is sent to
followers are its sessions, plain Events.
"""

from collections.abc import Sequence

from federation.render.encode import Document
from federation.render.event_text import text_languages
from federation.render.kept import KeptEvent
from federation.render.links import absolute
from federation.render.text import best, clip, one_line
from federation.vocab import SERIES_CONTEXT
from node.clock import rfc3339
from node.domain.series import settled, written
from node.urls import Urls

_LONGEST_NAME = 200
_LONGEST_SUMMARY = 2_000


def series(
    stored: KeptEvent, sessions: Sequence[str], urls: Urls, continues: str | None = None
) -> Document:
    """A series with the slugs of its `sessions`, soonest first, and of the series that it goes on from."""
    one = stored.event
    assert one.start is not None  # whoever recurs has a start
    assert one.series is not None
    told = text_languages(one)
    document: Document = {
        "@context": SERIES_CONTEXT,
        "id": urls.event(one.slug),
        "type": "OrderedCollection",
        "attributedTo": urls.group,
        "name": one_line(one.title.text, _LONGEST_NAME),
        "nameMap": {language: one_line(text, _LONGEST_NAME) for language, text in one.title},
        "summary": clip(best(one.summary, told[0]), _LONGEST_SUMMARY),
        "inLanguage": one.language,
        "url": urls.event(one.slug),
        "published": rfc3339(stored.created),
        "updated": rfc3339(stored.updated),
        "startTime": one.start.iso(),
        "endTime": one.end.iso() if one.end else None,
        "timezone": one.timezone,
        "recurrenceRule": one.series.rrule,
        "excludedTimes": [written(wall) for wall in one.series.excluded] or None,
        "addedTimes": [written(wall) for wall in one.series.added] or None,
        "continues": urls.event(continues) if continues else None,
        **siblings(stored, urls),
        "totalItems": len(sessions),
        "orderedItems": [urls.event(slug) for slug in sessions],
    }
    return {key: value for key, value in document.items() if value not in (None, "")}


def session_links(stored: KeptEvent, urls: Urls) -> Document:
    """What a session says of its series and its neighbours in it; nothing for an event by itself."""
    occurrence = stored.event.occurrence
    if occurrence is None:
        return {}
    links: Document = {
        "series": urls.event(occurrence.series),
        "originalStartTime": settled(occurrence.recurrence, stored.event.timezone).iso(),
    }
    if stored.previous is not None:
        links["previousSession"] = urls.event(stored.previous)
    if stored.next is not None:
        links["nextSession"] = urls.event(stored.next)
    return links


def siblings(stored: KeptEvent, urls: Urls) -> Document:
    """The ids of what offers the same at another hour."""
    found = [address for one in stored.siblings if (address := _address(one, urls))]
    return {"siblings": found} if found else {}


def _address(sibling: str, urls: Urls) -> str | None:
    return absolute(sibling, urls) if "://" in sibling else urls.event(sibling)
