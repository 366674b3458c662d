"""A group with events and reflections of every kind, in the exchange format; all of it invented."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from federation.render.actor import ShownKeys
from node.domain.event import Event
from node.domain.group import Group
from node.domain.question import Option
from node.domain.reflection import Reflection
from node.store.comments import Comment
from node.store.direct_messages import DirectMessage
from node.store.events import StoredEvent
from node.store.notices import Notice
from node.store.reflections import StoredReflection
from node.store.replies import NewReply
from node.urls import Urls

URLS = Urls("https://hills.example")
HANDLE = "hills"
CREATED = datetime(2031, 1, 5, 8, 30, tzinfo=UTC)
CHANGED = datetime(2031, 1, 20, 17, 0, 30, tzinfo=UTC)
NOW = datetime(2031, 2, 1, 12, 0, tzinfo=UTC)

# Stand in for keys where only their place in the document matters.
KEYS = ShownKeys(
    pem="-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
    proof_name="ed25519-key",
    proof_multibase="z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
)

GROUP: dict[str, Any] = {
    "slug": "hills",
    "name": {"en": "Circle in the Hills", "es": "Círculo de las Colinas"},
    "about": {
        "en": "We meet each month.\n\nNewcomers <welcome>: see https://hills.example/about.",
        "es": "Nos reunimos cada mes.",
    },
    "region": {"en": "The Hills"},
    "country": "US",
    "languages": ["en", "es"],
    "timezone": "America/Los_Angeles",
    "lat": 38.4,
    "lon": -122.8,
}

IN_PERSON: dict[str, Any] = {
    "id": "spring-day",
    "kind": "workshop",
    "categories_fep8a8e": ["WORKSHOPS_SKILL_SHARING", "MEDITATION_WELLBEING"],
    "format": "in_person",
    "title": {"en": "Spring day", "es": "Día de primavera"},
    "summary": {"en": "One journey round the spiral.", "es": "Un recorrido por la espiral."},
    "description": {"en": "Bring food & a song.\n\nMap: https://maps.example/a?b=1&c=2."},
    "start_local": "2031-04-19T10:00:00",
    "end_local": "2031-04-19T16:30:00",
    "timezone": "America/Los_Angeles",
    "languages": ["en", "es"],
    "location": {
        "visibility": "public",
        "name": "Grange hall",
        "address": "12 Creek Road",
        "locality": "Hilltown",
        "region": "California",
        "country": "US",
        "lat": 38,
        "lon": -122.807,
        "directions": {"en": "Ten minutes from the bus."},
    },
    "price": {
        "model": "sliding_scale",
        "currency": "USD",
        "min": 0,
        "suggested": 45,
        "max": 120,
        "no_one_turned_away": True,
        "note": {"en": "Choose what is easy."},
    },
    "registration": {"mode": "open", "capacity": 24, "deadline_local": "2031-04-17T20:00:00"},
    "access": {
        "step_free_entrance": "yes",
        "access_contact": "access@hills.example",
        "notes": {"en": "One step; a ramp is there."},
    },
    "content_notes": ["ecological grief"],
    "tags": ["Spiral", "पानी", "#2031", "spiral"],
    "image": {"url": "/media/spring.jpg", "alt": "A hill in bloom", "media_type": "image/jpeg"},
    "visibility": "public",
    "status": "scheduled",
    "federate": True,
}

SECRET_LINK = "https://meet.example/secret-room"
ONLINE_HIDDEN: dict[str, Any] = {
    "id": "gratitude-hour",
    "kind": "practice_circle",
    "format": "online",
    "title": {"en": "Gratitude hour"},
    "start_local": "2031-03-09T09:00:00",
    "end_local": "2031-03-09T10:00:00",
    "timezone": "America/Los_Angeles",
    "languages": ["en"],
    "online": {"kind": "video_call", "url_visibility": "on_registration", "url": SECRET_LINK},
    "price": {"model": "gift"},
    "registration": {"mode": "approval", "capacity": 40},
}

HYBRID: dict[str, Any] = {
    "id": "lesekreis",
    "kind": "study_group",
    "categories_fep8a8e": ["BOOK_CLUBS", "LEARNING"],
    "format": "hybrid",
    "title": {"de": "Offener Lesekreis", "en": "Open reading group"},
    "start_local": "2031-03-27T18:30:00",
    "timezone": "Europe/Berlin",
    "languages": ["de", "en"],
    "location": {
        "name": "Bibliothek",
        "locality": "Freiburg",
        "country": "DE",
        "lat": 48.0,
        "lon": 7.8,
    },
    "online": {"url_visibility": "public", "url": "https://meet.example/lesekreis"},
    "price": {"model": "free"},
    "registration": {"mode": "none"},
}

SECRET_PLACE = "Gîte Caché"
SECRET_ADDRESS = "Rue Secrète 1"
SECRET_LATITUDE = 50.00012
HIDDEN_PLACE: dict[str, Any] = {
    "id": "week-end",
    "kind": "retreat",
    "format": "in_person",
    "title": {"fr": "Week-end résidentiel"},
    "start_local": "2031-05-16T18:00:00",
    "end_local": "2031-05-18T16:00:00",
    "timezone": "Europe/Brussels",
    "languages": ["fr"],
    "location": {
        "visibility": "area_only",
        "public_area": {"fr": "Ardennes, à 30 minutes d'une gare"},
        "name": SECRET_PLACE,
        "address": SECRET_ADDRESS,
        "private": {
            "name": SECRET_PLACE,
            "address": SECRET_ADDRESS,
            "lat": SECRET_LATITUDE,
            "lon": 5.00012,
        },
        "directions": {"fr": "Sonnez chez " + SECRET_PLACE},
        "country": "BE",
        "lat": SECRET_LATITUDE,
        "lon": 5.49988,
    },
    "price": {"model": "cost_plus_gift", "currency": "EUR", "fixed_cost": 140},
    "registration": {"mode": "approval", "capacity": 16},
}

ARABIC: dict[str, Any] = {
    "id": "halqa",
    "kind": "conversation_cafe",
    "format": "in_person",
    "title": {"ar": "حلقة استماع", "en": "Listening circle"},
    "start_local": "2031-03-20T17:00:00",
    "end_local": "2031-03-20T18:30:00",
    "timezone": "Asia/Amman",
    "languages": ["ar", "en"],
    "location": {"visibility": "on_registration", "name": SECRET_PLACE, "country": "JO"},
    "price": {"model": "dana"},
    "registration": {"mode": "external", "url": "https://forms.example/halqa"},
}

FOLLOWERS_ONLY = IN_PERSON | {
    "id": "for-followers",
    "visibility": "followers_and_link",
    "categories_fep8a8e": [],
    "image": None,
}
LOCAL_ONLY = IN_PERSON | {"id": "for-us", "visibility": "local_only"}
CANCELLED = ONLINE_HIDDEN | {
    "id": "cancelled-hour",
    "status": "cancelled",
    "reason": {"en": "The host is ill."},
}
POSTPONED = ONLINE_HIDDEN | {
    "id": "postponed-hour",
    "status": "postponed",
    "start_local": None,
    "end_local": None,
    "previous_start_local": "2031-03-09T09:00:00",
}
RESCHEDULED = HYBRID | {
    "id": "rescheduled",
    "status": "rescheduled",
    "previous_start_local": "2031-03-20T18:30:00",
}
MOVED_ONLINE = HYBRID | {"id": "moved-online", "status": "moved_online"}

EVENTS: dict[str, dict[str, Any]] = {
    "in-person": IN_PERSON,
    "online-hidden-link": ONLINE_HIDDEN,
    "hybrid-open-end": HYBRID,
    "hidden-place": HIDDEN_PLACE,
    "arabic-external": ARABIC,
    "followers-only": FOLLOWERS_ONLY,
    "cancelled": CANCELLED,
    "postponed": POSTPONED,
    "rescheduled": RESCHEDULED,
    "moved-online": MOVED_ONLINE,
}

POEM: dict[str, Any] = {
    "id": "mousse",
    "kind": "poem",
    "spiral_stage": "new_ancient_eyes",
    "language": "fr",
    "title": "Les yeux de la mousse",
    "body": "La mousse ne se presse pas.\nElle lit la pierre\n\n<et> la pierre l'apprend.",
    "translations": {"nl": {"title": "De ogen van het mos", "body": "Het mos haast zich niet."}},
    "attribution": {"mode": "pseudonym", "display": "Ruisseau"},
    "license": "CC-BY-SA-4.0",
    "published": "2031-01-10T09:00:00Z",
    "status": "published",
}

SECRET_AUTHOR = "Somebody Nameable"
PAIN: dict[str, Any] = {
    "id": "lo-que-duele",
    "kind": "testimony",
    "spiral_stage": "honoring_pain",
    "language": "es",
    "body": "Lloré por el río.",
    "attribution": {"mode": "anonymous", "display": SECRET_AUTHOR},
    "published": "2031-01-12T09:00:00Z",
    "license": "group-permission",
}

WITH_NOTES = PAIN | {
    "id": "con-aviso",
    "content_notes": ["loss of a family member", "water scarcity"],
    "media": [
        {
            "type": "image",
            "url": "/media/rio.png",
            "media_type": "image/png",
            "alt": "Un río",
            "width": 1200,
            "height": 800,
        },
        {"type": "audio", "alt": "Lectura", "file": None},
    ],
    "attribution": {"mode": "group"},
}

COMMENT = Comment(
    id="01kg63",
    in_reply_to="https://peer.example/notes/1",
    actor_id="https://peer.example/users/ana",
    handle="ana@peer.example",
    root=URLS.event("spring-day"),
    content="Yes, <do> come!\n\nBring boots.",
    language="en",
    created=CHANGED,
)

REFLECTIONS: dict[str, dict[str, Any]] = {
    "poem": POEM,
    "honoring-pain": PAIN,
    "content-notes-and-media": WITH_NOTES,
}

NOTICE = Notice(
    id="01kg5z",
    event_slug="cancelled-hour",
    content="<p>Cancelled: Gratitude hour.</p>",
    language="en",
    created=CHANGED,
)


QUESTION = DirectMessage(
    id="01kg6q",
    kind="rsvp",
    subject="spring-day",
    actor_id="https://peer.example/users/ana",
    content="<p>Will you come?</p>",
    language="en",
    in_reply_to="https://peer.example/users/ana/statuses/7",
    options=(
        Option("going", "I am coming"),
        Option("maybe", "Maybe"),
        Option("not_going", "I cannot come"),
    ),
    created=CHANGED,
    expires=NOW,
)


def a_group(**more: Any) -> Group:
    return Group.from_document(HANDLE, GROUP | more)


def a_stored_event(document: dict[str, Any]) -> StoredEvent:
    event = Event.from_document(deepcopy(document), a_group().languages)
    return StoredEvent(event=event, sequence=1, created=CREATED, updated=CHANGED)


def a_stored_reflection(document: dict[str, Any]) -> StoredReflection:
    reflection = Reflection.from_document(deepcopy(document), "en")
    return StoredReflection(reflection=reflection, created=CREATED, updated=CHANGED)


def a_reply(reply_id: str, root: str | None, **more: Any) -> NewReply:
    """What Ana wrote under `root`, an object of ours, or to the group."""
    given: dict[str, Any] = {
        "id": reply_id,
        "actor_id": "https://peer.example/u/ana",
        "in_reply_to": root,
        "root": root,
        "quotes": None,
        "content": "<p>Yes</p>",
        "language": None,
        "public": True,
        "passable": False,
        "published": NOW,
        "updated": NOW,
    }
    return NewReply(**given | more)


# A picture that the node keeps.
OWN_IMAGE = {
    "file": "2x7qabcdefghijklmnopqrstuv-1600x1067.jpg",
    "alt": "Eight chairs in a circle under an old oak",
    "focal_point": [0, 0.66],
}
