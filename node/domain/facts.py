"""What a gathering is chosen by, of ours and of neighbours alike: language, place, price, access, kind.

Facts come from `Event`, which has dropped what is hidden already, and from what other servers publish.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any, Final

from node.domain import tokens
from node.domain.event import Event, EventFormat, Place, PriceModel
from node.domain.phrases import held

# Nothing is asked for at the door. A suggested donation is a request, so it is not free.
_FREE: Final = frozenset({PriceModel.FREE, PriceModel.GIFT, PriceModel.DANA})
# A fact counts where one can rely on it: not on request, not partly, not in words only.
_RELIED_ON: Final = frozenset({"yes", "automatic", "welcome"})
EARTH_RADIUS_KM: Final = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Degrees north and east."""

    latitude: float
    longitude: float

    def on_sphere(self) -> tuple[float, float, float]:
        """The same as a vector of length 1: the product of two is the cosine of the angle between them."""
        latitude, longitude = radians(self.latitude), radians(self.longitude)
        return (
            cos(latitude) * cos(longitude),
            cos(latitude) * sin(longitude),
            sin(latitude),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known. `languages` are tags without region in small letters, `free` None where nobody said.

    `kind` is one of `EventKind`, empty where another server has no such thing. `access` holds the codes of
    access facts that one can rely on; what is not in it is unknown, never a no.
    """

    kind: str = ""
    languages: tuple[str, ...] = ()
    online: bool = False
    free: bool | None = None
    access: tuple[str, ...] = ()
    point: Point | None = None

    def document(self, place: str) -> dict[str, Any]:
        """The facts as they are kept, with the folded words of the place; unknown ones are left out."""
        kept: dict[str, Any] = {
            "kind": self.kind,
            "languages": list(self.languages),
            "online": int(self.online),
            "access": list(self.access),
            "place": f" {' '.join(tokens.tokens(place))} ",
        }
        if self.free is not None:
            kept["free"] = int(self.free)
        if self.point is not None:
            kept["latitude"], kept["longitude"] = self.point.latitude, self.point.longitude
            kept["x"], kept["y"], kept["z"] = self.point.on_sphere()
        return kept

    @classmethod
    def from_document(cls, kept: Mapping[str, Any]) -> "Facts":
        """From what `document` made; an empty one gives facts of which nothing is known."""
        free = kept.get("free")
        known = "latitude" in kept
        return cls(
            kind=kept.get("kind", ""),
            languages=tuple(kept.get("languages", ())),
            online=bool(kept.get("online")),
            free=None if free is None else bool(free),
            access=tuple(kept.get("access", ())),
            point=Point(latitude=kept["latitude"], longitude=kept["longitude"]) if known else None,
        )


NOTHING_KNOWN: Final = Facts()


def primary(tag: str) -> str:
    """A language tag without region and script: `pt` of `pt-BR`."""
    return tag.partition("-")[0].lower()


def facts_of(event: Event) -> Facts:
    """The facts of a gathering of ours."""
    spoken = (primary(tag) for tag in (*event.languages, *event.interpretation))
    return Facts(
        kind=event.kind,
        languages=tuple(dict.fromkeys(tag for tag in spoken if tag.isalpha() and len(tag) <= 3)),
        online=held(event) is not EventFormat.IN_PERSON,
        free=None if event.price is None else event.price.model in _FREE,
        access=tuple(code for code, value in event.access if value in _RELIED_ON),
        point=_point(event.place),
    )


def _point(place: Place | None) -> Point | None:
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return Point(latitude=place.latitude, longitude=place.longitude)


def place_of(event: Event) -> str:
    """Everything that everyone may know of where it is, to be found by."""
    place = event.place
    if place is None:
        return ""
    area = (text for _, text in place.area or ())
    named = (place.name, place.address, place.locality, place.region, place.country, *area)
    return " ".join(one for one in named if one)
