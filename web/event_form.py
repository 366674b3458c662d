"""From the form for a gathering to a document of the exchange format; `event_fields` goes back.

A document keeps whatever the form does not know (rules of a series, coordinates): each
part is the old part with the form's values put in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.domain.walltime import AmbiguousTimeError, moment, parse_wall
from web import event_lists, versions
from web.form_problems import FormProblems, by_prefix
from web.labels import ACCESS_GROUPS, DIMENSIONS, N_
from web.picture_form import to_image
from web.posting import Values
from web.recurrence_form import read_series

FACILITATORS = 4
# Facts that are told in words; the others are chosen from yes, partly, on request, no.
IN_WORDS = frozenset(
    {
        "allergies",
        "fire",
        "food",
        "interpretation_note",
        "mains_power",
        "masks",
        "phone_coverage",
        "sensory_notes",
        "sleeping",
        "terrain",
        "transit_stop",
        "transport",
    }
)
PRICE_NUMBERS = {
    "price_min": "min",
    "price_suggested": "suggested",
    "price_max": "max",
    "price_fixed": "fixed_cost",
}
PRICE_FLAGS = ("no_one_turned_away", "scholarship", "work_exchange", "travel_help")
ONLINE_FLAGS = ("dial_in", "audio_only_ok", "camera_required")

_FIELDS = {
    "title": "title",
    "summary": "summary",
    "description": "description",
    "kind": "kind",
    "start_local": "start_date",
    "start_utc": "start_date",
    "end_local": "end_time",
    "end_utc": "end_time",
    "timezone": "timezone",
    "format": "format",
    "status": "status",
    "reason": "reason",
    "location": "place_name",
    "location.address": "place_address",
    "location.private.address": "place_address",
    "location.locality": "place_locality",
    "location.region": "place_region",
    "location.country": "place_country",
    "location.public_area": "place_area",
    "location.directions": "place_directions",
    "location.private.directions": "place_directions",
    "online": "online_url",
    "price": "price_model",
    "price.currency": "price_currency",
    "price.min": "price_min",
    "price.suggested": "price_suggested",
    "price.max": "price_max",
    "price.fixed_cost": "price_fixed",
    "price.note": "price_note",
    "price.tiers": "price_tiers",
    "registration": "registration_mode",
    "registration.capacity": "capacity",
    "registration.offer_hours": "offer_hours",
    "registration.deadline_local": "deadline_date",
    "registration.deadline_utc": "deadline_date",
    "registration.url": "registration_url",
    "registration.questions": "questions",
    "access": "access_notes",
    "access.access_contact": "access_contact",
    "audience": "audience_statement",
    "audience.age": "audience_age",
    "audience.prerequisites": "prerequisites",
    "facilitators": "facilitator_name_0",
    "hosts": "hosts",
    "siblings": "siblings",
    "series": "repeat",
    "series.note": "series_note",
    "spiral_stages": "spiral_stages",
    "great_turning_dimensions": "dimensions",
    "land_acknowledgement": "land",
    "content_notes": "content_notes",
    "tags": "tags",
    "interpretation": "interpretation",
    "recording": "recording",
    "visibility": "visibility",
    "languages": "languages",
    "image.alt": "picture_alt",
    "image": "picture",
}
_FIELDS |= {f"access.{key}": f"access_{key}" for labels in ACCESS_GROUPS.values() for key in labels}
_FIELDS |= {f"facilitators[{i}]": f"facilitator_name_{i}" for i in range(FACILITATORS)}
field_of = by_prefix(_FIELDS)
ORDER = tuple(dict.fromkeys(_FIELDS.values()))

_NEEDS_START = N_("When does it begin? A date and a time are needed.")
_BOTH_DATE_AND_TIME = N_("A date and a time belong together.")
_NO_WALL_TIME = N_("Write the day as 2027-04-17 and the time as 18:30.")
_NO_NUMBER = N_("This must be a number, such as 45 or 12.50.")
TEXTS = ("title", "summary", "description")


def to_document(
    values: Values, problems: FormProblems, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The event that the fields describe, over the document `before` the change.

    What no document could express (half a date, a number that is none) is added to `problems`; the
    rest is for the checks of the exchange format to find.
    """
    old = dict(before or {})
    versions.look(values, TEXTS, problems)
    times = _times(values, problems)
    return old | {
        "kind": values["kind"] or "other",
        "status": values["status"] or old.get("status") or "scheduled",
        "reason": _one_text(values, "reason", old.get("reason")),
        "title": versions.text_map(values, "title", old.get("title")) or "",
        "image": to_image(values, old.get("image")),
        "summary": versions.text_map(values, "summary", old.get("summary")),
        "description": versions.text_map(values, "description", old.get("description")),
        "languages": values.every("languages") or [values["language"]],
        "interpretation": _words(values["interpretation"]),
        **times,
        "timezone": values["timezone"],
        "format": values["format"] or "in_person",
        "location": _location(values, old.get("location")),
        "online": _online(values, old.get("online")),
        "price": _price(values, old.get("price"), problems),
        "registration": _registration(values, old.get("registration"), problems),
        "access": _access(values, old.get("access")),
        "audience": _audience(values, old.get("audience")),
        "facilitators": _facilitators(values, old.get("facilitators")),
        "hosts": event_lists.lines(values, "hosts"),
        "siblings": event_lists.lines(values, "siblings"),
        "series": _series(values, times["start_local"], old, problems),
        "spiral_stages": values.every("spiral_stages"),
        "great_turning_dimensions": [
            one for one in values.every("dimensions") if one in DIMENSIONS
        ],
        "full_spiral": {"yes": True, "no": False}.get(values["full_spiral"]),
        "land_acknowledgement": _one_text(values, "land", old.get("land_acknowledgement")),
        "content_notes": _words(values["content_notes"]),
        "tags": [word.lstrip("#").strip() for word in _words(values["tags"])],
        "recording": values["recording"] or "never",
        "visibility": values["visibility"] or "public",
        "federate": not values.has("not_federated"),
        "witness_count_public": {"yes": True, "no": False}.get(values["numbers"]),
    }


def moved(values: Values, document: Mapping[str, Any]) -> bool:
    """Whether the beginning is another one than before."""
    return bool(document.get("start_local")) and (
        _wall(values["start_date"], values["start_time"]) != document["start_local"][:16] + ":00"
        or values["timezone"] != document["timezone"]
    )


def ambiguous(values: Values) -> dict[str, tuple[str, str]]:
    """For each end of the gathering that the clocks show twice: both moments, ISO in UTC."""
    found = {}
    for name, wall in (("start", _start(values)), ("end", _end(values))):
        try:
            if wall:
                moment(wall, values["timezone"])
        except AmbiguousTimeError as error:
            found[name] = _iso(error.earlier), _iso(error.later)
        except ValueError:
            continue
    return found


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _times(values: Values, problems: FormProblems) -> dict[str, Any]:
    start, end = _start(values), _end(values)
    undated = values["status"] == "postponed" and not values["start_date"]
    if start is None and not undated:
        both = values["start_date"] and values["start_time"]
        problems.add("start_date", _NO_WALL_TIME if both else _NEEDS_START)
    if values["end_date"] and not values["end_time"]:
        problems.add("end_time", _BOTH_DATE_AND_TIME)
    if values["end_time"] and start and not end:
        problems.add("end_time", _NO_WALL_TIME)
    times: dict[str, Any] = {"start_local": start, "end_local": end}
    for name in ambiguous(values):
        times[f"{name}_utc"] = values[f"{name}_which"] or None
    return times


def _start(values: Values) -> str | None:
    return _wall(values["start_date"], values["start_time"])


def _end(values: Values) -> str | None:
    return _wall(values["end_date"] or values["start_date"], values["end_time"])


def _wall(day: str, time: str) -> str | None:
    """`2027-04-17T10:00:00` from what date and time fields send, or people where a browser has none.

    None where a half is missing, or is no day and no time.
    """
    try:
        found = parse_wall(f"{day}T{time.zfill(5)}")
    except ValueError:
        return None
    return f"{found:%Y-%m-%dT%H:%M:00}" if 1900 <= found.year < 2200 else None


def _one_text(values: Values, name: str, old: Any) -> Any:
    """A text that the form asks in one language only; other languages stay as they were."""
    kept = dict(old) if isinstance(old, dict) else {}
    language = next(iter(kept), values["language"])
    kept.pop(language, None)
    return {language: values[name]} | kept if values[name] else None


def _location(values: Values, old: Any) -> dict[str, Any] | None:
    if values["format"] == "online":
        return None
    shown = values["place_visibility"] in ("", "public")
    place = {
        "name": values["place_name"] or None,
        "address": values["place_address"] or None,
        "directions": _one_text(values, "place_directions", _part(old, "directions", shown=shown)),
    }
    public = {
        "visibility": values["place_visibility"] or "public",
        "locality": values["place_locality"] or None,
        "region": values["place_region"] or None,
        "country": values["place_country"].upper() or None,
        "public_area": _one_text(values, "place_area", (old or {}).get("public_area")),
    }
    kept = dict(old or {})
    private = kept.pop("private", None) or {}
    for name in place:
        kept.pop(name, None)
    made = kept | public | (place if shown else {"private": private | place})
    return (
        _without_nothing(made)
        if any((*place.values(), made.get("locality"), public["public_area"]))
        else None
    )


def _part(old: Any, name: str, *, shown: bool) -> Any:
    location = old or {}
    return location.get(name) if shown else (location.get("private") or {}).get(name)


def _online(values: Values, old: Any) -> dict[str, Any] | None:
    if values["format"] not in ("online", "hybrid") and values["status"] != "moved_online":
        return None
    return _without_nothing(
        dict(old or {})
        | {
            "url": values["online_url"] or None,
            "url_visibility": values["online_url_visibility"] or "on_registration",
            **{name: values.has(name) for name in ONLINE_FLAGS},
        }
    )


def _price(values: Values, old: Any, problems: FormProblems) -> dict[str, Any] | None:
    if not values["price_model"]:
        return None
    made = dict(old or {}) | {
        "model": values["price_model"],
        "currency": values["price_currency"].upper() or None,
        "note": _one_text(values, "price_note", (old or {}).get("note")),
        "tiers": event_lists.tiers(values, (old or {}).get("tiers"), problems),
        **{name: values.has(name) or None for name in PRICE_FLAGS},
    }
    for name, key in PRICE_NUMBERS.items():
        made[key] = _number(values[name], name, problems)
    return _without_nothing(made)


def _registration(values: Values, old: Any, problems: FormProblems) -> dict[str, Any]:
    capacity = _number(values["capacity"], "capacity", problems)
    hours = _number(values["offer_hours"], "offer_hours", problems)
    if bool(values["deadline_date"]) != bool(values["deadline_time"]):
        problems.add("deadline_date", _BOTH_DATE_AND_TIME)
    deadline = _wall(values["deadline_date"], values["deadline_time"])
    if values["deadline_date"] and values["deadline_time"] and not deadline:
        problems.add("deadline_date", _NO_WALL_TIME)
    before = dict(old or {})
    if deadline != before.get("deadline_local"):
        before.pop("deadline_utc", None)
    if values["registration_mode"] != before.get("mode"):
        before.pop("fep_join_mode", None)
    return _without_nothing(
        before
        | {
            "mode": values["registration_mode"] or "none",
            "capacity": capacity,
            "offer_hours": hours,
            "ask_by_message": False if values.has("ask_nobody") else None,
            "waitlist": values.has("waitlist") or None,
            "deadline_local": deadline,
            "url": values["registration_url"] or None,
            "questions": event_lists.questions(values, before.get("questions")),
        }
    )


def _access(values: Values, old: Any) -> dict[str, Any] | None:
    made = dict(old or {})
    for labels in ACCESS_GROUPS.values():
        for key in labels:
            made[key] = values[f"access_{key}"] or None
    made["access_contact"] = values["access_contact"] or None
    made["notes"] = _one_text(values, "access_notes", (old or {}).get("notes"))
    return _without_nothing(made) or None


def _audience(values: Values, old: Any) -> dict[str, Any]:
    before = dict(old or {})
    needed = dict(before.get("prerequisites") or {})
    needed["text"] = _one_text(values, "prerequisites", needed.get("text"))
    return _without_nothing(
        before
        | {
            "scope": values["audience_scope"] or "everyone",
            "statement": _one_text(values, "audience_statement", before.get("statement")),
            "age": values["audience_age"] or None,
            "prerequisites": _without_nothing(needed) or None,
        }
    )


def _facilitators(values: Values, old: Any) -> list[dict[str, Any]]:
    made = []
    for i in range(FACILITATORS):
        name = values[f"facilitator_name_{i}"]
        if name:
            one = {
                "display": name,
                "pronouns": values[f"facilitator_pronouns_{i}"] or None,
                "role": values[f"facilitator_role_{i}"] or "facilitator",
            }
            made.append(_without_nothing(one))
    return made + list((old or [])[FACILITATORS:])


def _series(
    values: Values, start: str | None, old: Mapping[str, Any], problems: FormProblems
) -> dict[str, Any] | None:
    note = _one_text(values, "series_note", (old.get("series") or {}).get("note"))
    made = read_series(values, start, old, problems)
    return _without_nothing(made | {"note": note}) or None


def _words(text: str) -> list[str]:
    return [word for part in text.replace("\n", ",").split(",") if (word := part.strip())]


def _number(text: str, name: str, problems: FormProblems) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        problems.add(name, _NO_NUMBER)
        return None
    if not abs(number) < 1e12:  # also false for “nan”
        problems.add(name, _NO_NUMBER)
        return None
    return int(number) if number.is_integer() else number


def _without_nothing(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if value is not None}
