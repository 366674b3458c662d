"""An event: a gathering, with when, where, for whom, at what price and with what access.

`Event` holds only what may be shown. A place that is not public and a link that is given on
registration are dropped while the document is read, so that no page, feed or activity can leak
them; whoever has been accepted gets them through `private_details`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from node.domain.text import Localised, clean, localised
from node.domain.walltime import Moment, moment

# An open-ended gathering still needs an end on the wire (FEP-8a8e); readers are told not to show it.
ASSUMED_LENGTH = timedelta(hours=2)


class EventKind(StrEnum):
    """What sort of gathering it is, in the group's words."""

    PRACTICE_CIRCLE = "practice_circle"
    WORKSHOP = "workshop"
    RETREAT = "retreat"
    COURSE = "course"
    STUDY_GROUP = "study_group"
    WEBINAR = "webinar"
    CONVERSATION_CAFE = "conversation_cafe"
    GRIEF_CIRCLE = "grief_circle"
    CEREMONY = "ceremony"
    FACILITATOR_TRAINING = "facilitator_training"
    PEER_SUPPORT = "peer_support"
    WALK_OUTDOORS = "walk_outdoors"
    ARTS_GATHERING = "arts_gathering"
    ACTION_GATHERING = "action_gathering"
    REGIONAL_GATHERING = "regional_gathering"
    GLOBAL_GATHERING = "global_gathering"
    PLANNING_MEETING = "planning_meeting"
    OTHER = "other"


class EventStatus(StrEnum):
    """FEP-8a8e `eventStatus`, one to one."""

    SCHEDULED = "scheduled"
    TENTATIVE = "tentative"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    MOVED_ONLINE = "moved_online"
    CANCELLED = "cancelled"


class EventFormat(StrEnum):
    """Where people meet."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Visibility(StrEnum):
    """Who may find it: everyone; followers and whoever has the link; the link only; nobody outside."""

    PUBLIC = "public"
    FOLLOWERS_AND_LINK = "followers_and_link"
    LINK_ONLY = "link_only"
    LOCAL_ONLY = "local_only"


class PlaceVisibility(StrEnum):
    """How much of the place is told to everyone."""

    PUBLIC = "public"
    AREA_ONLY = "area_only"
    ON_REGISTRATION = "on_registration"


class RegistrationMode(StrEnum):
    """How one says “I am coming”."""

    NONE = "none"
    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"
    EXTERNAL = "external"
    PHONE = "phone"


class PriceModel(StrEnum):
    """How giving works; a statement of values before it is a number."""

    FREE = "free"
    GIFT = "gift"
    DANA = "dana"
    SUGGESTED_DONATION = "suggested_donation"
    SLIDING_SCALE = "sliding_scale"
    TIERED_SOLIDARITY = "tiered_solidarity"
    COST_PLUS_GIFT = "cost_plus_gift"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What everyone may know of where it is. `name` is None where the exact place is hidden.

    Coordinates of a hidden place are rounded to a tenth of a degree (about 11 km).
    """

    visibility: PlaceVisibility
    name: str | None
    area: Localised | None
    address: str | None
    locality: str | None
    region: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    directions: Localised | None

    @property
    def hidden(self) -> bool:
        """Whether the exact place is told only to those who are accepted."""
        return self.visibility is not PlaceVisibility.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlinePlace:
    """The call or the room online; `url` is None unless it is public."""

    kind: str
    url: str | None
    dial_in: bool
    audio_only_ok: bool
    camera_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """One self-chosen step of a solidarity price."""

    label: Localised
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What is asked, in words and numbers; the node never handles money."""

    model: PriceModel
    currency: str | None
    minimum: float | None
    suggested: float | None
    maximum: float | None
    fixed_cost: float | None
    tiers: tuple[PriceTier, ...]
    no_one_turned_away: bool
    scholarship: bool
    work_exchange: bool
    travel_help: bool
    note: Localised | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How one says “I am coming”, how many can, and until when."""

    mode: RegistrationMode
    capacity: int | None
    waitlist: bool
    deadline: Moment | None
    pseudonym_ok: bool
    channels: tuple[str, ...]
    questions: tuple[Localised, ...]
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """For whom, in the hosts' own words; never a question to a person."""

    scope: str
    statement: Localised | None
    age: str | None
    prerequisites: Localised | None
    minimum_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilitator:
    """Someone who holds the gathering, as they wish to be named."""

    display: str
    pronouns: str | None
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A recurring gathering: the rule of RFC 5545 and its exceptions, in wall time."""

    rrule: str | None
    excluded: tuple[datetime, ...]
    added: tuple[datetime, ...]
    closed_after_first: bool
    note: Localised | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture with the words that say what it shows."""

    url: str
    alt: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A gathering as everyone may know it. `start` is None while it is postponed without a date."""

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
    def ends(self) -> Moment | None:
        """The end, or the one assumed where the hosts left it open; None without a start."""
        return self.end or (self.start.plus(ASSUMED_LENGTH) if self.start else None)

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any], group_languages: tuple[str, ...]
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
            categories=tuple(document.get("categories_fep8a8e") or ()),
            format=EventFormat(document.get("format") or "in_person"),
            status=EventStatus(document.get("status") or "scheduled"),
            status_reason=localised(document.get("reason"), main),
            visibility=Visibility(document.get("visibility") or "public"),
            federate=document.get("federate", True),
            title=localised(document["title"], main) or Localised.of(document["id"], main),
            summary=localised(document.get("summary"), main),
            description=localised(document.get("description"), main),
            start=_moment(document, "start_local", "start_utc", zone),
            end=_moment(document, "end_local", "end_utc", zone),
            previous_start=_moment(document, "previous_start_local", "previous_start_utc", zone),
            timezone=zone,
            languages=languages,
            interpretation=_words(document.get("interpretation")),
            place=_place(document.get("location"), main),
            online=_online(document.get("online")),
            price=_price(document.get("price"), main),
            registration=_registration(document.get("registration") or {}, zone, main),
            access=tuple((key, clean(str(value))) for key, value in access.items()),
            access_contact=contact,
            access_notes=localised(notes, main),
            audience=_audience(document.get("audience"), main),
            facilitators=tuple(_facilitator(one) for one in document.get("facilitators") or ()),
            hosts=tuple(document.get("hosts") or ()),
            siblings=tuple(document.get("siblings") or ()),
            series=_series(document.get("series"), main),
            spiral_stages=tuple(document.get("spiral_stages") or ()),
            dimensions=tuple(document.get("great_turning_dimensions") or ()),
            full_spiral=document.get("full_spiral"),
            land_acknowledgement=localised(document.get("land_acknowledgement"), main),
            content_notes=_words(document.get("content_notes")),
            tags=_words(document.get("tags")),
            recording=document.get("recording") or "never",
            image=_image(document.get("image")),
            attendee_count_public=bool(document.get("attendee_count_public", False)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDetails:
    """What only people who have been accepted are told, never in a public output."""

    place_name: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    online_url: str | None


def private_details(document: Mapping[str, Any]) -> PrivateDetails:
    """The hidden place and link of a checked event document, for someone who was accepted."""
    location = document.get("location") or {}
    private = location.get("private") or location
    online = document.get("online") or {}
    return PrivateDetails(
        place_name=private.get("name"),
        address=private.get("address"),
        latitude=private.get("lat"),
        longitude=private.get("lon"),
        online_url=online.get("url"),
    )


def _words(values: Any) -> tuple[str, ...]:
    return tuple(clean(value) for value in values or ())


def _moment(document: Mapping[str, Any], local: str, utc: str, zone: str) -> Moment | None:
    text = document.get(local)
    return moment(text, zone, document.get(utc)) if text else None


def _place(raw: Mapping[str, Any] | None, main: str) -> Place | None:
    if not raw:
        return None
    visibility = PlaceVisibility(raw.get("visibility") or "public")
    shown = raw if visibility is PlaceVisibility.PUBLIC else {}
    return Place(
        visibility=visibility,
        name=clean(shown["name"]) if shown.get("name") else None,
        area=localised(raw.get("public_area"), main),
        address=clean(shown["address"]) if shown.get("address") else None,
        locality=clean(shown["locality"]) if shown.get("locality") else None,
        region=clean(shown["region"]) if shown.get("region") else None,
        country=raw.get("country"),
        latitude=_coordinate(raw.get("lat"), exact=bool(shown)),
        longitude=_coordinate(raw.get("lon"), exact=bool(shown)),
        directions=localised(shown.get("directions"), main),
    )


def _coordinate(value: float | None, *, exact: bool) -> float | None:
    if value is None:
        return None
    return float(value) if exact else round(float(value), 1)


def _online(raw: Mapping[str, Any] | None) -> OnlinePlace | None:
    if not raw:
        return None
    return OnlinePlace(
        kind=raw.get("kind") or "video_call",
        url=raw.get("url") if raw.get("url_visibility") == "public" else None,
        dial_in=bool(raw.get("dial_in")),
        audio_only_ok=bool(raw.get("audio_only_ok")),
        camera_required=bool(raw.get("camera_required")),
    )


def _price(raw: Mapping[str, Any] | None, main: str) -> Price | None:
    if not raw:
        return None
    return Price(
        model=PriceModel(raw["model"]),
        currency=raw.get("currency"),
        minimum=raw.get("min"),
        suggested=raw.get("suggested"),
        maximum=raw.get("max"),
        fixed_cost=raw.get("fixed_cost"),
        tiers=tuple(
            PriceTier(label=Localised.of(tier["label"], main), amount=tier["amount"])
            for tier in raw.get("tiers") or ()
        ),
        no_one_turned_away=bool(raw.get("no_one_turned_away")),
        scholarship=bool(raw.get("scholarship")),
        work_exchange=bool(raw.get("work_exchange")),
        travel_help=bool(raw.get("travel_help")),
        note=localised(raw.get("note"), main),
    )


def _registration(raw: Mapping[str, Any], zone: str, main: str) -> Registration:
    return Registration(
        mode=RegistrationMode(raw.get("mode") or "none"),
        capacity=raw.get("capacity"),
        waitlist=bool(raw.get("waitlist")),
        deadline=_moment(raw, "deadline_local", "deadline_utc", zone),
        pseudonym_ok=bool(raw.get("pseudonym_ok", True)),
        channels=_words(raw.get("channels")),
        questions=tuple(Localised.of(question, main) for question in raw.get("questions") or ()),
        url=raw.get("url"),
    )


def _audience(raw: Mapping[str, Any] | None, main: str) -> Audience | None:
    if not raw:
        return None
    prerequisites = raw.get("prerequisites") or {}
    return Audience(
        scope=raw.get("scope") or "everyone",
        statement=localised(raw.get("statement"), main),
        age=raw.get("age"),
        prerequisites=localised(prerequisites.get("text"), main),
        minimum_hours=prerequisites.get("min_hours"),
    )


def _facilitator(raw: Mapping[str, Any]) -> Facilitator:
    return Facilitator(
        display=clean(raw["display"]),
        pronouns=raw.get("pronouns"),
        role=raw.get("role") or "facilitator",
    )


def _series(raw: Mapping[str, Any] | None, main: str) -> Series | None:
    if not raw:
        return None
    return Series(
        rrule=raw.get("rrule"),
        excluded=tuple(datetime.fromisoformat(text) for text in raw.get("excluded_local") or ()),
        added=tuple(datetime.fromisoformat(text) for text in raw.get("added_local") or ()),
        closed_after_first=bool(raw.get("closed_after_first")),
        note=localised(raw.get("note"), main),
    )


def _image(raw: Mapping[str, Any] | None) -> Image | None:
    if not raw or not raw.get("url"):
        return None
    return Image(
        url=raw["url"],
        alt=clean(raw.get("alt") or ""),
        media_type=raw.get("media_type") or "image/jpeg",
    )
