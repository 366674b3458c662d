"""What of an event only those who have a place are told: the hidden place, the link of the call.

Read from the document apart from `Event`, which drops all of it. Nothing but the private page of
somebody who has a place, and the desk, may show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from node.domain.event_terms import PlaceVisibility
from node.domain.text import Localised, cleaned, localised


@dataclass(frozen=True, slots=True, kw_only=True)
class ForGuests:
    """The exact place and the link, as far as everyone is not told them anyway."""

    name: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    directions: Localised | None = None
    link: str | None = None

    def __bool__(self) -> bool:
        return self != ForGuests()

    @classmethod
    def from_document(cls, document: Mapping[str, Any], main_language: str) -> Self:
        """From a checked event of the exchange format."""
        place = document.get("location") or {}
        hidden: Mapping[str, Any] = {}
        if (place.get("visibility") or "public") != PlaceVisibility.PUBLIC:
            told = {key: value for key, value in place.items() if value is not None}
            hidden = told | (place.get("private") or {})
        online = document.get("online") or {}
        is_public = online.get("url_visibility") == "public"
        return cls(
            name=cleaned(hidden.get("name")),
            address=cleaned(hidden.get("address")),
            latitude=hidden.get("lat"),
            longitude=hidden.get("lon"),
            directions=localised(hidden.get("directions"), main_language),
            link=None if is_public else online.get("url"),
        )
