"""Plain links that put a gathering into somebody's calendar; nothing is asked of anybody before one follows them.

Times go out in UTC with the zone beside them, and the place only as far as `Event` knows of it: what is hidden is
not in there. Addresses are those that Google Calendar and Outlook publish for such links.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from node.domain.event import Event, EventStatus
from node.domain.phrases import place_line
from node.urls import Urls
from web.prose import first_lines

_GOOGLE = "https://calendar.google.com/calendar/render?"
_OUTLOOK = "https://outlook.live.com/calendar/0/action/compose?"
_LONGEST = 300  # characters of words; the address of the page leads to the rest
_NO_MORE = (EventStatus.CANCELLED, EventStatus.POSTPONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLinks:
    """Addresses: the file, the same to stay subscribed to, and the forms of two others where one date says it all."""

    file: str
    webcal: str
    google: str = ""
    outlook: str = ""


def calendar_links(event: Event, urls: Urls) -> CalendarLinks | None:
    """The links of a gathering; None while it has no date.

    A series and what does not take place are in the file alone, which can say so; and no address goes elsewhere
    that stands in no list.
    """
    if event.start is None:
        return None
    path = f"/events/{event.slug}.ics"
    webcal = f"webcal://{urls.host}{path}"
    if event.recurs or not event.listed or event.status in _NO_MORE:
        return CalendarLinks(file=path, webcal=webcal)
    start, end = event.start.utc, (event.end or event.start).utc
    language, address = event.language, urls.event(event.slug)
    text = first_lines(event.summary.best([language])[1], _LONGEST) if event.summary else ""
    words = f"{text}\n\n{address}" if text else address
    where = place_line(event, language) or (event.online and event.online.url) or ""
    google = {
        "action": "TEMPLATE",
        "text": event.title.text,
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "ctz": event.start.zone,
        "location": where,
        "details": words,
    }
    outlook = {
        "rru": "addevent",
        "subject": event.title.text,
        "startdt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "location": where,
        "body": words,
    }
    return CalendarLinks(
        file=path,
        webcal=webcal,
        google=_GOOGLE + urlencode({name: value for name, value in google.items() if value}),
        outlook=_OUTLOOK + urlencode({name: value for name, value in outlook.items() if value}),
    )
