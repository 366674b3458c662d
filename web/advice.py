"""“Before you publish”: the Network's best practices, and what a gathering does not say of them yet.

The seven are the Network's own (workthatreconnects.org, suggested best practices). Advice is a question
with a way to the field that answers it; it never stands in the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from node.domain.event import EventFormat, PriceModel
from web.labels import ASKED_ALWAYS, ASKED_IN_PERSON, ASKED_ONLINE, N_
from web.posting import Values
from web.versions import OTHERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is not said yet, as a message to translate, and the field where it can be."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One of the seven, and what is missing of it; nothing where it is cared for."""

    name: str
    gaps: tuple[Gap, ...]


# What is not given freely: with these the amount is fixed, or somebody has to choose one.
_PAID = (
    PriceModel.SLIDING_SCALE,
    PriceModel.TIERED_SOLIDARITY,
    PriceModel.COST_PLUS_GIFT,
    PriceModel.FIXED,
)

_LAND = N_("Whose land is it, and which community? Acknowledge them in words that they agreed to.")
_MONEY = N_(
    "Would the price keep somebody away? Say that nobody is turned away, or that there is help."
)
_TONGUE = N_("The group speaks more than one language. Say it in another one, too.")
_ACCESS = N_(
    "Somebody has to know whether they can come in, hear, see and rest. Say what you know."
)
_ASK = N_("Whom can people ask about access, before they set out?")
_PLACE = N_("Where is it? An area is enough if the place is told later.")
_LINK = N_("Where do people call in? The link can be told on registration only.")
_HIDDEN = N_("The place is told after registration, and nobody can register. Choose how.")
_END = N_("When does it end? People have buses, children and medicine to think of.")
_GIVING = N_("What does it cost? Say it even if it is free.")
_WORDS = N_("What will happen? A few sentences help somebody who has never been to one.")
_REFUND = N_("How is it paid, and what if somebody cannot come in the end?")
_TWO = N_("Who holds it? The Work is best held by two, so that one can care for whoever needs it.")
_SPIRAL = N_("Does it go through the whole Spiral, or is it inspired by it? Say which.")
_SUPPORT = N_("What is the money for? Some groups pass a part on to the Network: say so if you do.")


def advice(values: Values, languages: int) -> list[Practice]:
    """All seven practices with what is missing; `languages` is how many the group writes in."""
    return [
        Practice(name=name, gaps=tuple(gaps))
        for name, gaps in (
            (N_("Land and community"), _unless(values["land"], "land", _LAND)),
            (N_("Inclusion"), _inclusion(values, languages)),
            (N_("Accessibility"), _access(values)),
            (N_("Clarity"), _clarity(values)),
            (N_("Holding it together"), _facilitators(values)),
            (N_("Integrity of the Work"), _unless(values["full_spiral"], "full_spiral", _SPIRAL)),
            (N_("Support for the Network"), _support(values)),
        )
    ]


def _unless(said: str | bool, field: str, message: str) -> Iterator[Gap]:
    if not said:
        yield Gap(field=field, message=message)


def _inclusion(values: Values, languages: int) -> Iterator[Gap]:
    if values["price_model"] in _PAID:
        helped = any(values.has(name) for name in ("no_one_turned_away", "scholarship"))
        yield from _unless(helped, "no_one_turned_away", _MONEY)
    translated = any(values[f"title{slot}"] for slot in OTHERS)
    yield from _unless(languages < 2 or translated, f"language{OTHERS[0]}", _TONGUE)


def _access(values: Values) -> Iterator[Gap]:
    asked = list(ASKED_ALWAYS)
    if values["format"] != EventFormat.ONLINE:
        asked = [*ASKED_IN_PERSON, *asked]
    if values["format"] != EventFormat.IN_PERSON:
        asked = [*asked, *ASKED_ONLINE]
    unknown = [key for key in asked if values[f"access_{key}"] in ("", "unknown")]
    if unknown:
        yield Gap(field=f"access_{unknown[0]}", message=_ACCESS)
    yield from _unless(values["access_contact"], "access_contact", _ASK)


def _clarity(values: Values) -> Iterator[Gap]:
    yield from _unless(values["summary"] or values["description"], "summary", _WORDS)
    yield from _unless(values["end_time"], "end_time", _END)
    if values["format"] != EventFormat.ONLINE:
        named = any(values[f"place_{part}"] for part in ("name", "locality", "area"))
        yield from _unless(named, "place_name", _PLACE)
        if values["place_visibility"] == "on_registration":
            closed = values["registration_mode"] in ("", "none")
            yield from _unless(not closed, "registration_mode", _HIDDEN)
    if values["format"] != EventFormat.IN_PERSON:
        yield from _unless(values["online_url"], "online_url", _LINK)
    yield from _unless(values["price_model"], "price_model", _GIVING)
    if values["price_model"] in _PAID:
        yield from _unless(values["price_note"], "price_note", _REFUND)


def _facilitators(values: Values) -> Iterator[Gap]:
    named = [i for i in range(2) if values[f"facilitator_name_{i}"]]
    yield from _unless(len(named) == 2, f"facilitator_name_{len(named)}", _TWO)


def _support(values: Values) -> Iterator[Gap]:
    asks = values["price_model"] not in ("", PriceModel.FREE)
    yield from _unless(not asks or values["price_note"], "price_note", _SUPPORT)
