"""The parts of an event, and reading each from a checked document. What is hidden is dropped here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.domain.event_terms import PlaceVisibility, PriceModel, RegistrationMode
from node.domain.text import Localised, clean, cleaned, localised
from node.domain.walltime import Moment, moment


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
    """How one says “I am coming”, how many can, and until when.

    `offer_hours`: how long a place that came free is kept for who waited longest. `ask_by_message`:
    whoever answers its post is asked privately whether they come.
    `with_first_session` is true of the later sessions of a circle that closes: people came to the first.
    """

    mode: RegistrationMode
    capacity: int | None
    waitlist: bool
    deadline: Moment | None
    pseudonym_ok: bool
    channels: tuple[str, ...]
    questions: tuple[Localised, ...]
    url: str | None
    offer_hours: int
    ask_by_message: bool
    with_first_session: bool


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
    continues: str | None

    @property
    def recurs(self) -> bool:
        """Whether there are sessions, and not only words that say when it comes again."""
        return bool(self.rrule or self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Of a session: the slug of its series, and the wall time that the rule gives it, for ever its name."""

    series: str
    recurrence: datetime


def words(values: Any) -> tuple[str, ...]:
    """The strings of a list, cleaned."""
    return tuple(clean(value) for value in values or ())


def moment_at(document: Mapping[str, Any], local: str, utc: str, zone: str) -> Moment | None:
    """The wall time under key `local`, settled by the UTC time under key `utc`; None where absent."""
    text = document.get(local)
    return moment(text, zone, document.get(utc)) if text else None


def read_place(raw: Mapping[str, Any] | None, main: str) -> Place | None:
    """What of a `location` everyone may know."""
    if not raw:
        return None
    visibility = PlaceVisibility(raw.get("visibility") or "public")
    shown = raw if visibility is PlaceVisibility.PUBLIC else {}
    return Place(
        visibility=visibility,
        name=cleaned(shown.get("name")),
        area=localised(raw.get("public_area"), main),
        address=cleaned(shown.get("address")),
        locality=cleaned(shown.get("locality")),
        region=cleaned(shown.get("region")),
        country=raw.get("country"),
        latitude=_coordinate(raw.get("lat"), exact=bool(shown)),
        longitude=_coordinate(raw.get("lon"), exact=bool(shown)),
        directions=localised(shown.get("directions"), main),
    )


def _coordinate(value: float | None, *, exact: bool) -> float | None:
    if value is None:
        return None
    return float(value) if exact else round(float(value), 1)


def read_online(raw: Mapping[str, Any] | None) -> OnlinePlace | None:
    """What of `online` everyone may know."""
    if not raw:
        return None
    return OnlinePlace(
        kind=cleaned(raw.get("kind")) or "video_call",
        url=raw.get("url") if raw.get("url_visibility") == "public" else None,
        dial_in=bool(raw.get("dial_in")),
        audio_only_ok=bool(raw.get("audio_only_ok")),
        camera_required=bool(raw.get("camera_required")),
    )


def read_price(raw: Mapping[str, Any] | None, main: str) -> Price | None:
    """A `price`."""
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


def read_registration(raw: Mapping[str, Any], zone: str, main: str) -> Registration:
    """A `registration`; `zone` is that of the event."""
    return Registration(
        mode=RegistrationMode(raw.get("mode") or "none"),
        capacity=raw.get("capacity"),
        waitlist=bool(raw.get("waitlist")),
        deadline=moment_at(raw, "deadline_local", "deadline_utc", zone),
        pseudonym_ok=bool(raw.get("pseudonym_ok", True)),
        channels=words(raw.get("channels")),
        questions=tuple(Localised.of(question, main) for question in raw.get("questions") or ()),
        url=raw.get("url"),
        offer_hours=48 if raw.get("offer_hours") is None else raw["offer_hours"],
        ask_by_message=raw.get("ask_by_message") is not False,
        with_first_session=bool(raw.get("with_first_session")),
    )


def read_audience(raw: Mapping[str, Any] | None, main: str) -> Audience | None:
    """An `audience`."""
    if not raw:
        return None
    prerequisites = raw.get("prerequisites") or {}
    return Audience(
        scope=raw.get("scope") or "everyone",
        statement=localised(raw.get("statement"), main),
        age=cleaned(raw.get("age")),
        prerequisites=localised(prerequisites.get("text"), main),
        minimum_hours=prerequisites.get("min_hours"),
    )


def read_facilitator(raw: Mapping[str, Any]) -> Facilitator:
    """One of `facilitators`."""
    return Facilitator(
        display=clean(raw["display"]),
        pronouns=cleaned(raw.get("pronouns")),
        role=cleaned(raw.get("role")) or "facilitator",
    )


def read_series(raw: Mapping[str, Any] | None, main: str) -> Series | None:
    """A `series`."""
    if not raw:
        return None
    return Series(
        rrule=raw.get("rrule"),
        excluded=tuple(datetime.fromisoformat(text) for text in raw.get("excluded_local") or ()),
        added=tuple(datetime.fromisoformat(text) for text in raw.get("added_local") or ()),
        closed_after_first=bool(raw.get("closed_after_first")),
        note=localised(raw.get("note"), main),
        continues=raw.get("continues"),
    )
