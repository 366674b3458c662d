"""From an event's document to the fields of its form, hidden parts included: for stewards only."""

from collections.abc import Mapping
from typing import Any

from node.domain.group import Group
from web.event_form import FACILITATORS, ONLINE_FLAGS, PRICE_FLAGS, PRICE_NUMBERS, TEXTS
from web.event_lists import list_fields
from web.labels import ACCESS_GROUPS
from web.picture_form import to_fields
from web.posting import Values
from web.recurrence_form import series_fields
from web.versions import slots, text_fields

# What a document means where it does not say.
_CHOSEN = {
    "kind": "other",
    "status": "scheduled",
    "format": "in_person",
    "timezone": "",
    "recording": "never",
    "visibility": "public",
}


def blank(group: Group) -> Values:
    """A new form: the group's language and zone, everything else open."""
    return Values.of(
        slots([], group.languages)
        | {
            "languages": [group.language],
            "timezone": group.timezone,
            "kind": "practice_circle",
            "format": "in_person",
            "place_visibility": "public",
            "place_country": group.country or "",
            "online_url_visibility": "on_registration",
            "registration_mode": "none",
            "visibility": "public",
            "recording": "never",
            "audience_scope": "everyone",
            "picture_focus": "cc",
        }
    )


def from_document(document: Mapping[str, Any], group: Group) -> Values:
    """The fields of an existing event, hidden parts included: for stewards only."""
    texts = [document.get(name) for name in TEXTS]
    spoken = list(document.get("languages") or group.languages)
    main = [] if isinstance(texts[0], dict) else spoken[:1]
    written = [tag for text in texts if isinstance(text, dict) for tag in text]
    fields = slots([*main, *written], group.languages)
    for name, text in zip(TEXTS, texts, strict=True):
        fields |= text_fields(text, name, fields)
    language = str(fields["language"])
    fields |= {name: str(document.get(name) or default) for name, default in _CHOSEN.items()}
    fields |= _time_fields(document) | _place_fields(document) | _giving_fields(document)
    fields |= _people_fields(document) | series_fields(document)
    fields |= to_fields(document.get("image"))
    fields |= list_fields(document, language)
    fields |= {
        "reason": _version(document.get("reason"), language, main=True),
        "languages": spoken,
        "interpretation": ", ".join(document.get("interpretation") or ()),
        "spiral_stages": list(document.get("spiral_stages") or ()),
        "full_spiral": {True: "yes", False: "no"}.get(document.get("full_spiral"), ""),  # type: ignore[arg-type]
        "numbers": {True: "yes", False: "no"}.get(document.get("witness_count_public"), ""),  # type: ignore[arg-type]
        "land": _version(document.get("land_acknowledgement"), language, main=True),
        "content_notes": ", ".join(document.get("content_notes") or ()),
        "tags": ", ".join(document.get("tags") or ()),
        "series_note": _version((document.get("series") or {}).get("note"), language, main=True),
    }
    if not document.get("federate", True):
        fields["not_federated"] = "on"
    return Values.of(fields)


def _version(text: Any, language: str, *, main: bool) -> str:
    """The words of a text in a language; the main one also stands for a text without a language."""
    if isinstance(text, dict):
        found = text.get(language)
        if found is None and main:
            found = next(iter(text.values()), "")
        return str(found or "")
    return str(text or "") if main else ""


def _time_fields(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    start, end = str(document.get("start_local") or ""), str(document.get("end_local") or "")
    deadline = str((document.get("registration") or {}).get("deadline_local") or "")
    return {
        "start_date": start[:10],
        "start_time": start[11:16],
        "start_which": str(document.get("start_utc") or ""),
        "end_date": end[:10] if end[:10] != start[:10] else "",  # “last day, if another”
        "end_time": end[11:16],
        "end_which": str(document.get("end_utc") or ""),
        "deadline_date": deadline[:10],
        "deadline_time": deadline[11:16],
    }


def _place_fields(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    location, online = document.get("location") or {}, document.get("online") or {}
    hidden = location.get("visibility") not in (None, "public")
    place = (location.get("private") or {}) if hidden else location
    fields: dict[str, str | list[str]] = {
        "place_visibility": str(location.get("visibility") or "public"),
        "place_name": str(place.get("name") or ""),
        "place_address": str(place.get("address") or ""),
        "place_directions": _version(place.get("directions"), "", main=True),
        "place_locality": str(location.get("locality") or ""),
        "place_region": str(location.get("region") or ""),
        "place_country": str(location.get("country") or ""),
        "place_area": _version(location.get("public_area"), "", main=True),
        "online_url": str(online.get("url") or ""),
        "online_url_visibility": str(online.get("url_visibility") or "on_registration"),
    }
    return fields | {name: "on" for name in ONLINE_FLAGS if online.get(name)}


def _giving_fields(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    price, registration = document.get("price") or {}, document.get("registration") or {}
    fields: dict[str, str | list[str]] = {
        "price_model": str(price.get("model") or ""),
        "price_currency": str(price.get("currency") or ""),
        "price_note": _version(price.get("note"), "", main=True),
        "registration_mode": str(registration.get("mode") or "none"),
        "registration_url": str(registration.get("url") or ""),
        "capacity": _digits(registration.get("capacity")),
        "offer_hours": _digits(registration.get("offer_hours")),
    }
    fields |= {name: _digits(price.get(key)) for name, key in PRICE_NUMBERS.items()}
    fields |= {name: "on" for name in PRICE_FLAGS if price.get(name)}
    fields |= {"waitlist": "on"} if registration.get("waitlist") else {}
    return fields | ({"ask_nobody": "on"} if registration.get("ask_by_message") is False else {})


def _people_fields(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    access, audience = document.get("access") or {}, document.get("audience") or {}
    fields: dict[str, str | list[str]] = {
        f"access_{key}": str(access.get(key) or "")
        for labels in ACCESS_GROUPS.values()
        for key in labels
    }
    fields |= {
        "access_contact": str(access.get("access_contact") or ""),
        "access_notes": _version(access.get("notes"), "", main=True),
        "audience_scope": str(audience.get("scope") or "everyone"),
        "audience_statement": _version(audience.get("statement"), "", main=True),
        "audience_age": str(audience.get("age") or ""),
        "prerequisites": _version((audience.get("prerequisites") or {}).get("text"), "", main=True),
    }
    for i, one in enumerate((document.get("facilitators") or [])[:FACILITATORS]):
        fields[f"facilitator_name_{i}"] = str(one.get("display") or "")
        fields[f"facilitator_pronouns_{i}"] = str(one.get("pronouns") or "")
        fields[f"facilitator_role_{i}"] = str(one.get("role") or "facilitator")
    return fields


def _digits(number: Any) -> str:
    return "" if number is None else f"{number:g}" if float(number) < 1e6 else str(number)
