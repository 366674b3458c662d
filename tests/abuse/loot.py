"""What an attacker would like to read: one of everything that is hidden, each with a word of its own."""

from typing import Any

# Each of these stands in the node's database and may be in no answer to anybody but a steward.
HIDDEN_PLACE = (
    "Kiefernversteck",
    "Verborgenweg 77",
    "52.560017",
    "14.050019",
    "hinter-der-dritten-schranke",
    "Heimlichhausen",
)
HIDDEN_LINK = ("meet.alder.example/geheim-4711", "meet.alder.example/verdeckt-4712")
LOCAL_ONLY = ("Nurhierkreis", "Nurhiertext", "meet.alder.example/nurhier-4713")
PENDING = ("Wartetext-unbesehen", "Entwurf-unfertig")
TAKEN_BACK = ("Zurueckgenommen-4714",)
NOTES = ("Testnotiz-4715", "Unbekanntes-Feld-4716")
NEVER = (*HIDDEN_PLACE, *HIDDEN_LINK, *LOCAL_ONLY, *PENDING, *TAKEN_BACK, *NOTES)
# Whoever has the link may read these; no list, feed, collection or activity may name them.
BY_LINK = ("Nurmitlink-Kreis", "nur-mit-link", "Folgende-Kreis", "fuer-folgende", "Linktext-leise")

ZONE = "Europe/Berlin"
SOON = {"start_local": "2031-05-01T19:00:00", "end_local": "2031-05-01T21:00:00", "timezone": ZONE}
PLACE = {
    "public_area": {"de": "Im Wald bei Buckow"},
    "locality": "Heimlichhausen",
    "lat": 52.560017,
    "lon": 14.050019,
    "country": "DE",
    "private": {
        "name": "Kiefernversteck",
        "address": "Verborgenweg 77",
        "lat": 52.560017,
        "lon": 14.050019,
        "directions": {"de": "hinter-der-dritten-schranke"},
    },
}

GROUP: dict[str, Any] = {
    "slug": "alder",
    "name": {"de": "Erlenkreis", "en": "Alder circle"},
    "about": {"de": "Wir treffen uns am Bach.", "en": "We meet by the brook."},
    "languages": ["de", "en"],
    "timezone": ZONE,
    "contact": "hallo@alder.example",
    "test_note": "Testnotiz-4715",
    "unknown_field": "Unbekanntes-Feld-4716",
}
EVENTS: tuple[dict[str, Any], ...] = (
    {
        "id": "offen",
        "title": {"de": "Offener Kreis", "en": "Open circle"},
        "summary": {"de": "Für alle."},
        **SOON,
        "location": {"visibility": "public", "name": "Gemeindehaus", "locality": "Berlin"},
        "registration": {"mode": "open", "capacity": 3},
        "test_note": "Testnotiz-4715",
        "unknown_field": "Unbekanntes-Feld-4716",
    },
    {
        "id": "versteckt",
        "format": "hybrid",
        "title": {"de": "Nacht im Wald"},
        **SOON,
        "location": {"visibility": "area_only", **PLACE},
        "online": {"url": "https://meet.alder.example/geheim-4711"},
        "registration": {"mode": "open"},
    },
    {
        "id": "auf-anmeldung",
        "format": "hybrid",
        "title": {"de": "Küchenkreis"},
        **SOON,
        "location": {"visibility": "on_registration", **PLACE},
        "online": {
            "url": "https://meet.alder.example/verdeckt-4712",
            "url_visibility": "on_registration",
        },
        "registration": {"mode": "approval"},
    },
    {
        "id": "nur-mit-link",
        "title": {"de": "Nurmitlink-Kreis"},
        **SOON,
        "visibility": "link_only",
        "location": {"visibility": "on_registration", **PLACE},
        "registration": {"mode": "open"},
    },
    {
        "id": "fuer-folgende",
        "title": {"de": "Folgende-Kreis"},
        **SOON,
        "visibility": "followers_and_link",
        "location": {"visibility": "on_registration", **PLACE},
        "registration": {"mode": "open"},
    },
    {
        "id": "nur-hier",
        "format": "online",
        "title": {"de": "Nurhierkreis"},
        "summary": {"de": "Nurhiertext"},
        **SOON,
        "visibility": "local_only",
        "online": {"url": "https://meet.alder.example/nurhier-4713", "url_visibility": "public"},
        "registration": {"mode": "open"},
    },
    {
        "id": "weg-und-nur-hier",
        "title": {"de": "Zurueckgenommen-4714"},
        **SOON,
        "visibility": "local_only",
    },
)
REFLECTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": "moos",
        "language": "de",
        "title": "Moos",
        "body": "Es eilt nicht.",
        "event": "nur-hier",
        "attribution": {"mode": "first_name", "display": "Ilse"},
    },
    {
        "id": "hier-geblieben",
        "title": {"de": "Nurhierkreis, danach"},
        "body": "Nurhiertext",
        "visibility": "local_only",
    },
    {
        "id": "wartet",
        "title": {"de": "Wartet"},
        "body": "Wartetext-unbesehen",
        "status": "pending_review",
    },
    {"id": "abgelehnt", "body": "Zurueckgenommen-4714", "status": "pending_review"},
    {"id": "entwurf", "body": "Entwurf-unfertig", "status": "draft"},
    {"id": "leise", "body": "Linktext-leise", "visibility": "link_only"},
    {
        "id": "ohne-erlaubnis",
        "body": "Entwurf-unfertig",
        "consent": {"publish": False, "federate": False, "by": "author"},
    },
    {"id": "zurueck", "body": "Zurueckgenommen-4714", "visibility": "local_only"},
)
PRACTICES: tuple[dict[str, Any], ...] = (
    {
        "id": "atem",
        "title": {"de": "Atem"},
        "body": {"de": "Still."},
        "test_note": "Testnotiz-4715",
    },
)
DOCUMENT: dict[str, Any] = {
    "groups": [GROUP],
    "events": list(EVENTS),
    "reflections": list(REFLECTIONS),
    "practices": list(PRACTICES),
    "edge_cases": [{"note": "Unbekanntes-Feld-4716"}],
}
