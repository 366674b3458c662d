"""Where an event is, as `location`: always one object, because Mobilizon cannot read a list."""

from typing import Any, Final

from federation.render.encode import Document
from federation.render.links import absolute
from federation.render.text import best, one_line
from node.domain.event import Event, EventFormat, Place
from node.domain.group import Group
from node.domain.phrases import held, open_place_line, phrase
from node.urls import Urls

_LONGEST_NAME: Final = 200


def location(event: Event, group: Group, urls: Urls) -> Document:
    """A Place, or a VirtualLocation for a gathering online only.

    Only what `Event` holds is here, and it holds no hidden place. No `id`: Mobilizon would never read
    a changed place again. The name is distinct, because gancio merges places that share one.
    """
    language = event.language
    if held(event) is EventFormat.ONLINE or (event.place is None and _has_room(event)):
        return _virtual(event, urls)
    if event.place is None:
        name = f"{phrase('place_to_come', language)} · {group.name}"
        return {"type": "Place", "name": one_line(name, _LONGEST_NAME)}
    return _place(event.place, group, language)


def _has_room(event: Event) -> bool:
    return event.format is EventFormat.HYBRID or event.online is not None


def _virtual(event: Event, urls: Urls) -> Document:
    """Both `name` and `url` are there (gancio, FEP-8a8e); a link told later is our page's."""
    url = absolute(event.online.url, urls) if event.online is not None else None
    return {
        "type": "VirtualLocation",
        "name": phrase("online_room", event.language),
        "url": url or urls.event(event.slug),
    }


def _place(place: Place, group: Group, language: str) -> Document:
    document: Document = {
        "type": "Place",
        "name": one_line(_name(place, group, language), _LONGEST_NAME),
    }
    address = _address(place)
    if len(address) > 1:
        document["address"] = address
    if place.latitude is not None and place.longitude is not None:
        # Mobilizon drops what is not written as a float: 47 and "47.0" both.
        document["latitude"] = float(place.latitude)
        document["longitude"] = float(place.longitude)
    return document


def _name(place: Place, group: Group, language: str) -> str:
    if place.hidden:
        return best(place.area, language) or f"{phrase('place_later', language)} · {group.name}"
    return open_place_line(place) or best(place.area, language) or f"{group.name}"


def _address(place: Place) -> dict[str, Any]:
    parts = {
        "streetAddress": place.address,
        "addressLocality": place.locality,
        "addressRegion": place.region,
        "addressCountry": place.country,
    }
    return {"type": "PostalAddress"} | {key: value for key, value in parts.items() if value}
