"""What a form changes about a gathering, and whether a gathering like it is there already.

A form always speaks of everything, a document only of what its hosts decided. So “everyone may find
it” and not a word about it are the same, and sending an untouched form changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from node.domain.series import recurs
from node.store import events
from node.store.database import Session
from web.event_form import ONLINE_FLAGS, PRICE_FLAGS, moved
from web.picture_form import apart_from_picture
from web.posting import Values

_DEFAULTS: dict[str, object] = {
    "federate": True,
    "format": "in_person",
    "kind": "other",
    "mode": "none",
    "recording": "never",
    "role": "facilitator",
    "scope": "everyone",
    "status": "scheduled",
    "url_visibility": "on_registration",
    "visibility": "public",
} | dict.fromkeys((*ONLINE_FLAGS, *PRICE_FLAGS, "waitlist"), False)

_TEXTS = frozenset(
    {
        "description",
        "directions",
        "land_acknowledgement",
        "note",
        "notes",
        "public_area",
        "reason",
        "statement",
        "summary",
        "text",
        "title",
    }
)


def changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    values: Values,
    group_languages: Sequence[str],
) -> dict[str, Any]:
    """The parts that are different; a gathering that was moved says so, and when it was to be."""
    told = {"languages": list(group_languages)} | dict(before)
    found = {
        key: value
        for key, value in after.items()
        if essence(key, value) != essence(key, told.get(key))
    }
    if moved(values, before) and not recurs(before):
        found["previous_start_local"] = before["start_local"]
        found["previous_start_utc"] = before.get("start_utc")
        if after["status"] == "scheduled":
            found["status"] = "rescheduled"
    return found


def twin(session: Session, document: Mapping[str, Any]) -> str | None:
    """The slug of a gathering that says exactly the same: the first of two taps made it."""
    wanted = apart_from_picture(document)
    for other in events.all_documents(session):
        told = apart_from_picture(other)
        if all(told.get(key) == value for key, value in wanted.items()):
            return str(other["id"])
    return None


def essence(key: str, value: Any) -> Any:
    """A value of a document without what goes without saying; a text in one language is just that text."""
    if isinstance(value, dict):
        parts = {
            name: kept for name, part in value.items() if (kept := essence(name, part)) is not None
        }
        plain = list(parts.values())
        return plain[0] if len(plain) == 1 and key in _TEXTS else parts or None
    if isinstance(value, list | tuple):
        return [essence(key, part) for part in value] or None
    if value == "" or (key in _DEFAULTS and _DEFAULTS[key] == value):
        return None
    return value
