"""What a gathering asks, in words and numbers; how one says “I am coming”."""

from node.domain.event import Event, Price, PriceModel
from web.i18n import Catalogue
from web.labels import CHANNELS, PRICE_MODELS, REGISTRATION_MODES
from web.when import moment_words


def price_headline(price: Price, words: Catalogue) -> str:
    """The price in one line: `Sliding scale: you choose, 0–120 USD`."""
    model = words.gettext(PRICE_MODELS[price.model])
    amount = _amount(price, words)
    if amount and words.right_to_left:
        amount = f"\N{LEFT-TO-RIGHT ISOLATE}{amount}\N{POP DIRECTIONAL ISOLATE}"
    return f"{model} · {amount}" if amount else model


def price_facts(price: Price, words: Catalogue) -> list[str]:
    """What else there is to say about giving, a sentence each; the hosts' own note aside."""
    facts = []
    if price.suggested is not None and price.model is not PriceModel.SUGGESTED_DONATION:
        money = _money(price.suggested, price.currency)
        facts.append(words.gettext("Suggested: %(amount)s.") % {"amount": money})
    if price.no_one_turned_away:
        facts.append(words.gettext("No one is turned away for lack of funds."))
    if price.scholarship:
        facts.append(words.gettext("There is help with the price: ask."))
    if price.work_exchange:
        facts.append(words.gettext("Work can take the place of money."))
    if price.travel_help:
        facts.append(words.gettext("There is help with the fare: ask."))
    return facts


def registration_facts(event: Event, words: Catalogue) -> list[str]:
    """How to register, a sentence each."""
    registration = event.registration
    if registration.with_first_session:
        return [words.gettext("Registration is for the whole series, with its first session.")]
    facts = [words.gettext(REGISTRATION_MODES[registration.mode])]
    ways = [words.gettext(CHANNELS[way]) for way in registration.channels if way in CHANNELS]
    if ways:
        facts.append(words.gettext("Ways to answer: %(ways)s.") % {"ways": words.listed(ways)})
    if registration.capacity:
        count = registration.capacity
        text = words.ngettext("Room for %(count)s person.", "Room for %(count)s people.", count)
        facts.append(text % {"count": count})
        if registration.waitlist:
            facts.append(words.gettext("There is a waiting list when it is full."))
    if registration.deadline:
        until = moment_words(registration.deadline, words)
        facts.append(words.gettext("Until %(when)s.") % {"when": until})
    if registration.mode != "none" and registration.pseudonym_ok:
        facts.append(words.gettext("You may use any name you like."))
    return facts


def money(amount: float, currency: str | None) -> str:
    """`45 USD`."""
    return _money(amount, currency)


def _amount(price: Price, words: Catalogue) -> str:
    currency = price.currency
    match price.model:
        case PriceModel.FREE | PriceModel.GIFT | PriceModel.DANA:
            return ""
        case PriceModel.FIXED:
            known = price.fixed_cost if price.fixed_cost is not None else price.suggested
            return _money(known, currency) if known is not None else ""
        case PriceModel.COST_PLUS_GIFT:
            if price.fixed_cost is None:
                return ""
            fixed = _money(price.fixed_cost, currency)
            return words.gettext("costs %(amount)s") % {"amount": fixed}
        case PriceModel.SUGGESTED_DONATION:
            return _money(price.suggested, currency) if price.suggested is not None else ""
        case _:
            return _range(price)


def _range(price: Price) -> str:
    steps = [tier.amount for tier in price.tiers]
    low = min(steps) if steps else price.minimum
    high = max(steps) if steps else price.maximum
    if low is None or high is None:
        known = low if low is not None else high
        return _money(known, price.currency) if known is not None else ""
    return f"{_number(low)}–\N{WORD JOINER}{_money(high, price.currency)}"


def _money(amount: float, currency: str | None) -> str:
    return f"{_number(amount)}\N{NO-BREAK SPACE}{currency}" if currency else _number(amount)


def _number(amount: float) -> str:
    return f"{amount:.0f}" if float(amount).is_integer() else f"{amount:.2f}"
