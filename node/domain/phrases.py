"""The few fixed words that go out with a gathering or a reflection, beyond our own pages.

Pages have their own catalogues; what other servers, feeds and calendars get is written with these
small tables (`phrase_table`). A language without a table is served in English, which at least says “cancelled”.
"""

from collections.abc import Sequence

from node.domain.cohost import Cohost
from node.domain.event import (
    Event,
    EventFormat,
    EventStatus,
    Place,
    Price,
    PriceModel,
    RegistrationMode,
)
from node.domain.phrase_table import PHRASES
from node.domain.phrase_table_consent import CONSENT_PHRASES
from node.domain.phrase_table_letters import LETTER_PHRASES
from node.domain.phrase_table_rsvp import RSVP_PHRASES

_FALLBACK = "en"
_ALL = {
    language: words | RSVP_PHRASES[language] | CONSENT_PHRASES[language] | LETTER_PHRASES[language]
    for language, words in PHRASES.items()
}

_REGISTRATION = {
    RegistrationMode.OPEN: "register_open",
    RegistrationMode.APPROVAL: "register_approval",
    RegistrationMode.INVITE: "register_invite",
    RegistrationMode.EXTERNAL: "register_elsewhere",
    RegistrationMode.PHONE: "register_elsewhere",
}


def phrase(key: str, language: str, **values: object) -> str:
    """A fixed phrase in `language` (a BCP 47 tag), in English where we do not have it."""
    words = _ALL.get(language.partition("-")[0].lower(), _ALL[_FALLBACK])
    return words[key].format(**values)


def together_line(cohosts: Sequence[Cohost], language: str) -> str:
    """“Together with …”, or nothing where the group holds it alone."""
    names = ", ".join(one.name for one in cohosts)
    return f"{phrase('together_with', language)} {names}" if names else ""


def status_words(status: EventStatus, language: str) -> str | None:
    """`Cancelled`, `Postponed` …; None for a gathering that simply takes place."""
    if status is EventStatus.SCHEDULED:
        return None
    return phrase(status.value, language)


def format_words(event_format: EventFormat, language: str) -> str:
    """`in person`, `online`, `in person and online`."""
    return phrase(event_format.value, language)


def registration_words(mode: RegistrationMode, language: str) -> str | None:
    """How one says “I am coming”; None where nobody needs to."""
    key = _REGISTRATION.get(mode)
    return phrase(key, language) if key else None


def held(event: Event) -> EventFormat:
    """How people really meet: a gathering that was moved online has no place any more."""
    return EventFormat.ONLINE if event.status is EventStatus.MOVED_ONLINE else event.format


def place_line(event: Event, language: str) -> str | None:
    """Where it is, as much as everyone may know; None for a gathering online or without a place."""
    place = event.place
    if held(event) is EventFormat.ONLINE or place is None:
        return None
    if place.hidden:
        area = place.area.best([language])[1] if place.area else None
        return (
            f"{area} ({phrase('place_later', language)})"
            if area
            else phrase("place_later", language)
        )
    return open_place_line(place)


def open_place_line(place: Place) -> str | None:
    """`Hall, Freiburg`: the name of a public place, told apart from others of the same name."""
    name = place.name or place.address
    if name is None:
        return place.locality or place.region
    if place.locality and place.locality.casefold() not in name.casefold():
        return f"{name}, {place.locality}"
    return name


def price_words(price: Price | None, language: str) -> str | None:
    """What is asked, in a few words: `sliding scale 0–120 USD`; None where nothing is said of it."""
    if price is None:
        return None
    low, high = _bounds(price)
    amount = _money(price.suggested, price.currency)
    match price.model:
        case PriceModel.SUGGESTED_DONATION:
            return _filled("suggested_donation", "donation", amount, language)
        case PriceModel.SLIDING_SCALE:
            return _filled(
                "sliding_scale", "own_choice", _span(low, high, price.currency), language
            )
        case PriceModel.TIERED_SOLIDARITY:
            return _filled(
                "tiered_solidarity", "own_choice", _span(low, high, price.currency), language
            )
        case PriceModel.COST_PLUS_GIFT:
            fixed = _money(price.fixed_cost, price.currency)
            return _filled("cost_plus_gift", "costs_and_gift", fixed, language)
        case PriceModel.FIXED:
            fixed = _money(_first(price.fixed_cost, price.suggested, price.minimum), price.currency)
            return _filled("fixed", "paid", fixed, language)
        case _:
            return phrase(price.model.value, language)


def _filled(key: str, without: str, amount: str | None, language: str) -> str:
    if amount is None:
        return phrase(without, language)
    return phrase(key, language, amount=amount, range=amount)


def _bounds(price: Price) -> tuple[float | None, float | None]:
    if price.tiers:
        amounts = [tier.amount for tier in price.tiers]
        return min(amounts), max(amounts)
    return price.minimum, _first(price.maximum, price.suggested)


def _first(*amounts: float | None) -> float | None:
    return next((amount for amount in amounts if amount is not None), None)


def _span(low: float | None, high: float | None, currency: str | None) -> str | None:
    if low is None or high is None or low == high:
        return _money(_first(high, low), currency)
    return f"{_number(low)}–{_money(high, currency)}"


def _money(amount: float | None, currency: str | None) -> str | None:
    if amount is None:
        return None
    return f"{_number(amount)} {currency}" if currency else _number(amount)


def _number(amount: float) -> str:
    return f"{amount:.0f}" if float(amount).is_integer() else f"{amount:.2f}"
