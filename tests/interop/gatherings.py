"""A gathering as other servers publish it, each in its own shape; invented throughout.

`{here}` is the origin of the server, `{actor}` the neighbour that is followed. Every shape says what
people must be able to read on our page.
"""

from dataclasses import dataclass, field
from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_TO = {"to": [PUBLIC], "cc": ["{actor}/followers"]}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How one kind of server says it. `served` is what it answers when its objects are asked for."""

    activity: dict[str, Any]
    shows: tuple[str, ...]
    actor_type: str = "Group"
    sender: str | None = None
    served: dict[str, dict[str, Any]] = field(default_factory=dict)


def _create(event: dict[str, Any], kind: str = "Create", **more: Any) -> dict[str, Any]:
    return {"id": "{here}/activities/1", "type": kind, "actor": "{actor}", "object": event} | (
        _TO | more
    )


MOBILIZON_EVENT: dict[str, Any] = {
    "type": "Event",
    "id": "{here}/events/6f0c",
    "uuid": "6f0c1a52-9c39-4d0a-8f3f-0d2c0e7d9b11",
    "url": "{here}/events/6f0c",
    "name": "Marche de la rivière",
    "content": "<p>Nous marchons <b>lentement</b>.</p>",
    "mediaType": "text/html",
    "actor": "{here}/@claire",
    "attributedTo": "{actor}",
    "to": [PUBLIC],
    "cc": ["{actor}/members", "{actor}/followers"],
    "startTime": "2031-09-12T08:00:00Z",
    "endTime": "2031-09-12T10:30:00Z",
    "timezone": "Europe/Paris",
    "category": "OUTDOORS_ADVENTURE",
    "joinMode": "free",
    "draft": False,
    "commentsEnabled": True,
    "ical:status": "CONFIRMED",
    "inLanguage": "fr",
    "remainingAttendeeCapacity": None,
    "location": {
        "type": "Place",
        "id": "{here}/address/9",
        "name": "Le moulin",
        "latitude": 44.83,
        "longitude": -0.57,
        "address": {
            "type": "PostalAddress",
            "streetAddress": "3 rue de l'Eau",
            "postalCode": "33000",
            "addressLocality": "Bordeaux",
            "addressRegion": None,
            "addressCountry": "France",
        },
    },
    "attachment": [
        {
            "type": "Document",
            "mediaType": "image/jpeg",
            "name": "Banner",
            "url": "{here}/media/b.jpg",
        },
        {
            "type": "Link",
            "mediaType": "text/html",
            "name": "Website",
            "href": "https://moulin.example",
        },
        {
            "type": "PropertyValue",
            "name": "mz:accessibility:wheelchairAccessible",
            "propertyID": "mz:accessibility:wheelchairAccessible",
            "value": "fully",
        },
    ],
    "tag": [{"type": "Hashtag", "name": "#Rivière", "href": "{here}/tags/rivi%C3%A8re"}],
    "published": "2026-06-01T10:00:00Z",
    "updated": "2026-06-02T10:00:00Z",
}
_MOULIN = (
    "Marche de la rivière",
    "12 September 2031",
    "10:00–12:30",
    "Le moulin",
    "33000 Bordeaux",
)

_GANCIO_EVENT: dict[str, Any] = {
    "id": "{here}/federation/m/42",
    "type": "Event",
    "name": "Cerchio nel bosco",
    "url": "{here}/event/cerchio-nel-bosco",
    "attributedTo": "{actor}",
    "startTime": "2031-09-12T16:00:00.000+02:00",
    "endTime": "2031-09-12T19:00:00.000+02:00",
    "location": {
        "id": "{here}/federation/p/7",
        "type": "Place",
        "name": "Bosco grande",
        "address": "Via del Faggio 1, Torino",
        "latitude": 45.07,
        "longitude": 7.68,
    },
    "attachment": [
        {"type": "Document", "mediaType": "image/jpeg", "url": "{here}/m.jpg", "name": "Locandina"}
    ],
    "tag": [{"type": "Hashtag", "name": "#cerchio", "href": "{here}/tag/cerchio"}],
    "published": "2026-06-01T10:00:00.000Z",
    "content": "<p>Un pomeriggio insieme</p>",
    "summary": "Bosco grande, venerdì 12 settembre",
} | _TO

_EVERYCAL_EVENT: dict[str, Any] = {
    "id": "{here}/events/9e2a",
    "type": "Event",
    "name": "Solstice days",
    "attributedTo": "{actor}",
    "startTime": "2031-12-21",
    "endTime": "2031-12-22",
    "allDay": True,
    "eventTimezone": "Europe/Vienna",
    "content": "Two days",
    "url": "{here}/@wtr/solstice",
    "published": "2026-08-01T00:00:00.000Z",
} | _TO

_PIEFED_EVENT: dict[str, Any] = {
    "id": "{here}/post/77",
    "type": "Event",
    "attributedTo": "{here}/u/ann",
    "to": ["{actor}", PUBLIC],
    "cc": [],
    "audience": "{actor}",
    "name": "Sharing circle",
    "content": "<p>Join us</p>",
    "language": {"identifier": "en", "name": "English"},
    "published": "2026-08-01T10:00:00.123456+00:00",
    "startTime": "2031-09-12T18:00:00+00:00",
    "endTime": "2031-09-12T20:00:00+00:00",
    "timezone": "America/New_York",
    "onlineLink": "https://meet.example/circle",
    "isOnline": True,
    "buyTicketsLink": "",
    "feeAmount": 0,
    "attachment": [],
}

SHAPES: dict[str, Shape] = {
    "mobilizon": Shape(
        activity=_create(MOBILIZON_EVENT, actor="{here}/@claire", attributedTo="{actor}"),
        sender="{here}/@claire",
        served={"/events/6f0c": MOBILIZON_EVENT},
        shows=_MOULIN,
    ),
    "mobilizon instance": Shape(
        actor_type="Application",
        activity={
            "id": "{here}/announces/1",
            "type": "Announce",
            "actor": "{actor}",
            "object": "{here}/events/6f0c",
        }
        | _TO,
        served={"/events/6f0c": MOBILIZON_EVENT | {"attributedTo": "{here}/@moulin"}},
        shows=_MOULIN,
    ),
    "gancio": Shape(
        actor_type="Application",
        activity=_create(_GANCIO_EVENT, id="{here}/federation/m/42#Create-1780398000000"),
        shows=(
            "Cerchio nel bosco",
            "12 September 2031",
            "16:00–19:00",
            "Bosco grande, Via del Faggio 1",
        ),
    ),
    "gancio hybrid": Shape(
        actor_type="Application",
        activity=_create(
            _GANCIO_EVENT
            | {
                "location": [
                    {"type": "VirtualLocation", "url": "https://meet.example/bosco"},
                    _GANCIO_EVENT["location"],
                ]
            },
            "Update",
        ),
        shows=("Cerchio nel bosco", "16:00–19:00", "Bosco grande"),
    ),
    "event bridge for wordpress": Shape(
        activity=_create(
            {
                "id": "{here}/?post_type=event&p=12",
                "type": "Event",
                "attributedTo": "{actor}",
                "name": "Waldkreis",
                "nameMap": {"de": "Waldkreis"},
                "summary": "<p>🗓️ Freitag</p>",
                "content": "<p>Wir sitzen im Wald.</p>",
                "contentMap": {"de": "<p>Wir sitzen im Wald.</p>"},
                "startTime": "2031-09-12T18:00:00+02:00",
                "endTime": "2031-09-12T20:00:00+02:00",
                "timezone": "Europe/Berlin",
                "location": [
                    {
                        "type": "Place",
                        "name": "Lichtung",
                        "address": {"type": "PostalAddress", "addressLocality": "Freiburg"},
                    }
                ],
                "joinMode": "external",
                "externalParticipationUrl": "{here}/waldkreis",
                "status": "CONFIRMED",
                "published": "2026-06-01T10:00:00Z",
                "attachment": [
                    {"type": "Image", "url": "{here}/w.webp", "mediaType": "image/webp", "name": ""}
                ],
            }
            | _TO
        ),
        shows=("Waldkreis", "12 September 2031", "18:00–20:00", "Lichtung, Freiburg"),
    ),
    "friendica": Shape(
        activity=_create(
            {
                "id": "{here}/objects/0a1b",
                "type": "Event",
                "inReplyTo": None,
                "diaspora:guid": "0a1b",
                "attributedTo": "{actor}",
                "name": "Forest walk",
                "content": "Bring <strong>boots</strong>",
                "contentMap": {"de": "…"},
                "startTime": "2031-09-12T08:00:00+00:00",
                "endTime": "2031-09-12T12:00:00+00:00",
                "dfrn:adjust": True,
                "location": {
                    "type": "Place",
                    "name": "Stadtwald, Freiburg",
                    "latitude": "47.99",
                    "longitude": "7.84",
                },
                "published": "2026-08-01T10:00:00Z",
                "attachment": [],
                "tag": [],
            }
            | _TO
        ),
        shows=("Forest walk", "12 September 2031", "08:00–12:00", "Stadtwald, Freiburg"),
    ),
    "hubzilla": Shape(
        activity=_create(
            {
                "id": "{here}/event/5d2c",
                "type": "Event",
                "actor": "{actor}",
                "name": "Forest walk",
                "content": "Bring boots",
                "startTime": "2031-09-12T08:00:00-00:00",
                "endTime": "2031-09-12T12:00:00-00:00",
                "location": {"type": "Place", "content": "Stadtwald"},
            },
            "Invite",
        ),
        shows=("Forest walk", "12 September 2031", "08:00–12:00", "Stadtwald"),
    ),
    "everycal": Shape(
        actor_type="Person",
        activity=_create(_EVERYCAL_EVENT),
        served={"/events/9e2a": _EVERYCAL_EVENT | {"location": {"name": "Hütte, Wien"}}},
        shows=("Solstice days", "21 December 2031", "22 December 2031", "Hütte, Wien"),
    ),
    "piefed": Shape(
        activity={
            "id": "{here}/activities/announce/1",
            "type": "Announce",
            "actor": "{actor}",
            "object": {
                "id": "{here}/activities/create/2",
                "type": "Create",
                "actor": "{here}/u/ann",
                "object": _PIEFED_EVENT,
            },
        }
        | _TO,
        served={"/post/77": _PIEFED_EVENT},
        shows=("Sharing circle", "12 September 2031", "14:00–16:00", "Online"),
    ),
    "constellate": Shape(
        actor_type="Person",
        activity=_create(
            {
                "id": "{here}/events/ev1",
                "type": "Event",
                "attributedTo": "{actor}",
                "name": "Monthly circle",
                "startTime": "2031-09-12T18:00:00.000Z",
                "duration": "PT2H",
                "location": "Library, Main St 5",
                "eventStatus": "EventTentative",
                "eventAttendanceMode": "MixedEventAttendanceMode",
                "attachment": [{"type": "Image", "url": "{here}/h.jpg"}],
            }
            | _TO
        ),
        shows=(
            "Monthly circle",
            "12 September 2031",
            "18:00–20:00",
            "Library, Main St 5",
            "To be confirmed",
        ),
    ),
    "fep-8a8e to the letter": Shape(
        activity=_create(
            {
                "id": "{here}/e/1",
                "type": ["Event"],
                "organizers": {"totalItems": 1, "items": [{"id": "{actor}", "name": "Us"}]},
                "nameMap": {"en": "Day of listening"},
                "startTime": "2031-09-12T09:00:00+02:00",
                "endTime": "2031-09-12T17:00:00+02:00",
                "displayEndTime": "false",
                "timezone": "Europe/Berlin",
                "eventStatus": "https://w3id.org/fep/8a8e/EventScheduled",
                "joinMode": "none",
                "category": ["LEARNING", "COMMUNITY"],
                "location": [
                    {"type": "Place", "name": "Old school", "address": "Hill 3"},
                    {"type": "VirtualLocation", "name": "Room", "url": "https://meet.example/r"},
                ],
                "to": "as:Public",
                "tag": {"type": "HashTag", "name": "#listening"},
            }
        ),
        shows=("Day of listening", "12 September 2031", "09:00", "Old school, Hill 3"),
    ),
}
