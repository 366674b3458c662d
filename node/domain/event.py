"""An event: a gathering, with when, where, for whom, at what price and with what access.

`Event` holds only what may be shown. A place that is not public and a link that is given on
registration are dropped while the document is read (`event_parts`), so that no page, feed or activity
can leak them; the hosts see them at the desk and tell whoever they accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from node.domain.event_parts import (
    Audience,
    Facilitator,
    Occurrence,
    OnlinePlace,
    Place,
    Price,
    PriceTier,
    Registration,
    Series,
    moment_at,
    read_audience,
    read_facilitator,
    read_online,
    read_place,
    read_price,
    read_registration,
    read_series,
    words,
)
from node.domain.event_terms import (
    EventFormat,
    EventKind,
    EventStatus,
    PlaceVisibility,
    PriceModel,
    RegistrationMode,
    Visibility,
)
from node.domain.picture import Image, read_image
from node.domain.text import Localised, clean, cleaned, localised
from node.domain.walltime import Moment

__all__ = [
    "ASSUMED_LENGTH",
    "Audience",
    "Event",
    "EventFormat",
    "EventKind",
    "EventStatus",
    "Facilitator",
    "Image",
    "Occurrence",
    "OnlinePlace",
    "Place",
    "PlaceVisibility",
    "Price",
    "PriceModel",
    "PriceTier",
    "Registration",
    "RegistrationMode",
    "Series",
    "Visibility",
]

# An open-ended gathering still needs an end on the wire (FEP-8a8e); readers are told not to show it.
ASSUMED_LENGTH = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A gathering as everyone may know it. `start` is None while it is postponed without a date.

    One that `recurs` is a series: people come to its sessions, which are events of their own, each with
    its `occurrence`.
    """

    slug: str
    kind: EventKind
    categories: tuple[str, ...]
    format: EventFormat
    status: EventStatus
    status_reason: Localised | None
    visibility: Visibility
    federate: bool
    title: Localised
    summary: Localised | None
    description: Localised | None
    start: Moment | None
    end: Moment | None
    previous_start: Moment | None
    timezone: str
    languages: tuple[str, ...]
    interpretation: tuple[str, ...]
    place: Place | None
    online: OnlinePlace | None
    price: Price | None
    registration: Registration
    access: tuple[tuple[str, str], ...]
    access_contact: str | None
    access_notes: Localised | None
    audience: Audience | None
    facilitators: tuple[Facilitator, ...]
    hosts: tuple[str, ...]
    siblings: tuple[str, ...]
    series: Series | None
    spiral_stages: tuple[str, ...]
    dimensions: tuple[str, ...]
    full_spiral: bool | None
    land_acknowledgement: Localised | None
    content_notes: tuple[str, ...]
    tags: tuple[str, ...]
    recording: str
    image: Image | None
    attendee_count_public: bool
    witness_count_public: bool | None
    occurrence: Occurrence | None = None

    @property
    def language(self) -> str:
        """The language the event is told in first."""
        return self.title.language

    @property
    def listed(self) -> bool:
        """Whether it may stand in lists, feeds, calendars and collections that everyone sees."""
        return self.visibility is Visibility.PUBLIC

    @property
    def federated(self) -> bool:
        """Whether it is sent to other servers at all."""
        return self.federate and self.visibility in (
            Visibility.PUBLIC,
            Visibility.FOLLOWERS_AND_LINK,
        )

    @property
    def recurs(self) -> bool:
        """Whether it is a series, whose sessions are events of their own."""
        return self.start is not None and self.series is not None and self.series.recurs

    @property
    def ends(self) -> Moment | None:
        """The end, or the one assumed where the hosts left it open; None without a start."""
        return self.end or (self.start.plus(ASSUMED_LENGTH) if self.start else None)

    @classmethod
    def from_document(
        cls,
        document: Mapping[str, Any],
        group_languages: tuple[str, ...],
        occurrence: Occurrence | None = None,
    ) -> "Event":
        """From a checked event of the exchange format (about 20 µs)."""
        languages = tuple(document.get("languages") or group_languages)
        main = languages[0]
        zone = document["timezone"]
        access = dict(document.get("access") or {})
        contact = access.pop("access_contact", None)
        notes = access.pop("notes", None)
        return cls(
            slug=document["id"],
            kind=EventKind(document.get("kind") or "other"),
            categories=words(document.get("categories_fep8a8e")),
            format=EventFormat(document.get("format") or "in_person"),
            status=EventStatus(document.get("status") or "scheduled"),
            status_reason=localised(document.get("reason"), main),
            visibility=Visibility(document.get("visibility") or "public"),
            federate=document.get("federate", True),
            title=localised(document["title"], main) or Localised.of(document["id"], main),
            summary=localised(document.get("summary"), main),
            description=localised(document.get("description"), main),
            start=moment_at(document, "start_local", "start_utc", zone),
            end=moment_at(document, "end_local", "end_utc", zone),
            previous_start=moment_at(document, "previous_start_local", "previous_start_utc", zone),
            timezone=zone,
            languages=languages,
            interpretation=words(document.get("interpretation")),
            place=read_place(document.get("location"), main),
            online=read_online(document.get("online")),
            price=read_price(document.get("price"), main),
            registration=read_registration(document.get("registration") or {}, zone, main),
            access=tuple((key, clean(str(value))) for key, value in access.items()),
            access_contact=cleaned(contact),
            access_notes=localised(notes, main),
            audience=read_audience(document.get("audience"), main),
            facilitators=tuple(read_facilitator(one) for one in document.get("facilitators") or ()),
            hosts=words(document.get("hosts")),
            siblings=words(document.get("siblings")),
            series=read_series(document.get("series"), main),
            spiral_stages=tuple(document.get("spiral_stages") or ()),
            dimensions=tuple(document.get("great_turning_dimensions") or ()),
            full_spiral=document.get("full_spiral"),
            land_acknowledgement=localised(document.get("land_acknowledgement"), main),
            content_notes=words(document.get("content_notes")),
            tags=words(document.get("tags")),
            recording=document.get("recording") or "never",
            image=read_image(document.get("image")),
            # How many of an affinity space come is told to nobody.
            attendee_count_public=bool(document.get("attendee_count_public", False))
            and (document.get("audience") or {}).get("scope") != "affinity",
            witness_count_public=document.get("witness_count_public"),
            occurrence=occurrence,
        )
