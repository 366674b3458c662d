"""A gathering as schema.org sees it, for search engines that show dates; nothing hidden goes in."""

from typing import Any

from node.clock import rfc3339
from node.domain.event import Event, EventFormat, EventStatus
from node.domain.facts import facts_of
from node.domain.group import Group
from node.domain.phrases import held
from node.store.events import StoredEvent
from node.urls import Urls
from web.i18n import Reader
from web.words import words_of

_STATUSES = {
    EventStatus.SCHEDULED: "EventScheduled",
    EventStatus.TENTATIVE: "EventScheduled",
    EventStatus.POSTPONED: "EventPostponed",
    EventStatus.RESCHEDULED: "EventRescheduled",
    EventStatus.MOVED_ONLINE: "EventMovedOnline",
    EventStatus.CANCELLED: "EventCancelled",
}
_MODES = {
    EventFormat.IN_PERSON: "OfflineEventAttendanceMode",
    EventFormat.ONLINE: "OnlineEventAttendanceMode",
    EventFormat.HYBRID: "MixedEventAttendanceMode",
}
_SCHEMA = "https://schema.org/"


def event_json_ld(
    stored: StoredEvent, group: Group, urls: Urls, reader: Reader, *, full: bool = False
) -> dict[str, Any]:
    """The `Event` block of schema.org (https://schema.org/Event) for a page; `full` where everybody may know it."""
    event = stored.event
    start, end = event.start, event.end
    block: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "EventSeries" if event.recurs else "Event",
        "@id": urls.event(event.slug),
        "url": urls.event(event.slug),
        "name": event.title.best(reader.wanted)[1],
        "description": event.summary.best(reader.wanted)[1] if event.summary else None,
        "inLanguage": list(event.languages),
        "startDate": start.iso() if start else None,
        "endDate": end.iso() if end else None,
        "previousStartDate": event.previous_start.iso() if event.previous_start else None,
        "eventStatus": _SCHEMA + _STATUSES[event.status],
        "eventAttendanceMode": _SCHEMA + _MODES[held(event)],
        "location": _locations(event, urls, reader) or None,
        "organizer": _organizers(stored, group, urls, reader),
        "isAccessibleForFree": facts_of(event).free,
        "offers": _offers(stored, urls, full=full),
        "maximumAttendeeCapacity": event.registration.capacity,
        "superEvent": _series(event, urls),
        "image": urls.full(event.image.url) if event.image else None,
        "dateModified": rfc3339(stored.updated),
    }
    return {key: value for key, value in block.items() if value is not None}


def _organizers(stored: StoredEvent, group: Group, urls: Urls, reader: Reader) -> object:
    """The group, and those that agreed to hold it together with ours."""
    home = {
        "@type": "Organization",
        "name": group.name.best(reader.wanted)[1],
        "url": urls.home,
    }
    others = [{"@type": "Organization", "name": one.name, "url": one.url} for one in stored.cohosts]
    return [home, *others] if others else home


def _offers(stored: StoredEvent, urls: Urls, *, full: bool) -> list[dict[str, Any]] | None:
    """What is asked, as far as it is a number; a gift is an offer of 0, and words stay on the page."""
    event, price = stored.event, stored.event.price
    if price is None or event.status is EventStatus.CANCELLED:
        return None
    common = {
        "url": urls.event(event.slug),
        "validFrom": rfc3339(stored.announced or stored.created),
    }
    if full:
        common["availability"] = _SCHEMA + "SoldOut"
    if price.currency:
        common["priceCurrency"] = price.currency
    if facts_of(event).free:
        return [{"@type": "Offer", "price": 0, **common}]
    if price.tiers:
        language = event.language
        return [
            {
                "@type": "Offer",
                "name": tier.label.best([language])[1],
                "price": tier.amount,
                **common,
            }
            for tier in price.tiers
        ]
    if price.minimum is not None or price.maximum is not None:
        bounds = {"lowPrice": price.minimum, "highPrice": price.maximum}
        known = {name: value for name, value in bounds.items() if value is not None}
        return [{"@type": "AggregateOffer", **known, **common}]
    amount = price.fixed_cost if price.fixed_cost is not None else price.suggested
    return [{"@type": "Offer", "price": amount, **common}] if amount is not None else None


def _series(event: Event, urls: Urls) -> dict[str, Any] | None:
    if event.occurrence is None:
        return None
    address = urls.event(event.occurrence.series)
    return {"@type": "EventSeries", "@id": address, "url": address}


def _locations(event: Event, urls: Urls, reader: Reader) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if event.place and held(event) is not EventFormat.ONLINE:
        words = words_of(reader.locale)
        place = event.place
        address = {
            "@type": "PostalAddress",
            "streetAddress": place.address,
            "addressLocality": place.locality,
            "addressRegion": place.region,
            "addressCountry": place.country,
        }
        entry: dict[str, Any] = {
            "@type": "Place",
            "name": words.place_line(event, reader.wanted),
            "address": {key: value for key, value in address.items() if value},
        }
        if not place.hidden and place.latitude is not None and place.longitude is not None:
            entry["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": place.latitude,
                "longitude": place.longitude,
            }
        found.append(entry)
    if event.online:
        link = event.online.url or urls.event(event.slug)
        found.append({"@type": "VirtualLocation", "url": link})
    return found
