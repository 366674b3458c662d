"""What the form for a gathering asks as lists, one thing a line: steps of a price, questions, hosts, siblings."""

from collections.abc import Mapping
from typing import Any

from web.form_problems import FormProblems
from web.labels import N_
from web.posting import Values

_NO_STEP = N_("Write each step on a line of its own, with its amount behind a colon.")


def list_fields(document: Mapping[str, Any], language: str) -> dict[str, str | list[str]]:
    """The fields of an event's document; texts in `language`, or the one they have."""
    price, registration = document.get("price") or {}, document.get("registration") or {}
    return {
        "price_tiers": "\n".join(
            f"{_words(one.get('label'), language)}: {one.get('amount', 0):g}"
            for one in price.get("tiers") or ()
        ),
        "questions": "\n".join(
            _words(one, language) for one in registration.get("questions") or ()
        ),
        "hosts": "\n".join(document.get("hosts") or ()),
        "siblings": "\n".join(document.get("siblings") or ()),
        "dimensions": list(document.get("great_turning_dimensions") or ()),
    }


def lines(values: Values, name: str) -> list[str] | None:
    """The lines of a field that say something; None where none does."""
    return [line for part in values[name].splitlines() if (line := part.strip())] or None


def questions(values: Values, old: Any) -> list[Any] | None:
    """What those who register are asked; a question that stays keeps its other languages."""
    language = values["language"]
    known = {_words(one, language): one for one in old or ()}
    asked = lines(values, "questions")
    return [known.get(line, {language: line}) for line in asked] if asked else None


def tiers(values: Values, old: Any, problems: FormProblems) -> list[dict[str, Any]] | None:
    """The steps of a price, from lines such as `Supporter: 60`; a name that stays keeps its other languages."""
    language = values["language"]
    known = {_words(one.get("label"), language): one.get("label") for one in old or ()}
    made = []
    for line in lines(values, "price_tiers") or ():
        label, colon, amount = (part.strip() for part in line.rpartition(":"))
        number = _amount(amount)
        if not (colon and label) or number is None:
            problems.add("price_tiers", _NO_STEP)
            return old or None
        made.append({"label": known.get(label, {language: label}), "amount": number})
    return made or None


def _amount(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    if not 0 <= number < 1e9:  # also false for “nan”
        return None
    return int(number) if number.is_integer() else number


def _words(text: Any, language: str) -> str:
    """A text in a language, or in the first it has, on one line."""
    found = text.get(language) or next(iter(text.values()), "") if isinstance(text, dict) else text
    return " ".join(str(found or "").split())
