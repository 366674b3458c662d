"""Small valid documents of the exchange format, to be changed by the tests."""

from typing import Any


def an_event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "low-tide",
        "title": {"en": "Low tide", "es": "Marea baja"},
        "start_local": "2027-04-17T10:00:00",
        "end_local": "2027-04-17T16:30:00",
        "timezone": "America/Los_Angeles",
    } | changes


def a_reflection(**changes: Any) -> dict[str, Any]:
    return {"id": "heron", "body": "She was still fishing.", "language": "en"} | changes


def a_practice(**changes: Any) -> dict[str, Any]:
    return {"id": "thanks", "title": "Three thanks", "body": "Walk slowly."} | changes


def a_group(**changes: Any) -> dict[str, Any]:
    return {"slug": "norcal", "name": "Estuary Circle", "languages": ["en", "es"]} | changes


def a_document(**changes: Any) -> dict[str, Any]:
    return {
        "groups": [a_group()],
        "events": [an_event(group="norcal")],
        "reflections": [a_reflection(group="norcal")],
        "practices": [a_practice(group="norcal")],
    } | changes
