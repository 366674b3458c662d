"""The filter of the shared calendar in an address: `?language=de&near=Freiburg&km=30&access=step_free_entrance`.

The same query makes the page, the month, the calendar file, the feeds and what is shown inside another site. Whatever
cannot be read is said beside its field; everything else that was typed is kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from multidict import MultiMapping

from node.domain import tokens
from node.domain.calendar_filter import OURS, CalendarFilter, Near
from node.domain.event_terms import EventKind
from node.domain.facts import Point, primary
from node.domain.walltime import zone
from node.store import following, shared_calendar
from node.store.database import Session
from web.form_problems import FormProblems
from web.labels import ACCESS_GROUPS, N_
from web.posting import Values
from web.words import Words

FIELDS: Final = (
    *("language", "near", "km", "online", "free", "access"),
    *("kind", "tag", "from", "until", "group", "past", "month"),
)
# The access facts one can ask for: what decides whether somebody can come at all.
ACCESS: Final = (
    *("step_free_entrance", "accessible_toilet", "quiet_room", "sign_language", "hearing_loop"),
    *("live_captions", "camera_optional", "dial_in", "low_bandwidth", "childcare"),
)
ALL = "all"  # as `group`: everybody, where an address without any filter means our own alone

_ACCESS_WORDS: Final = {
    code: text for group in ACCESS_GROUPS.values() for code, text in group.items() if code in ACCESS
}
_YES_WORDS: Final = {
    "online": N_("One can take part online"),
    "free": N_("Free, or offered as a gift"),
    "past": N_("Only what is over"),
}
_LONGEST = 100
_KM, _LEAST_KM, _MOST_KM = 50.0, 1.0, 20_000.0
_POINT = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,9})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,9})?)\s*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_SAYS_YES = frozenset({"yes", "on", "1", "true"})

_NO_LANGUAGE = N_("We know no such language. Write it like de or pt-BR.")
_NO_PLACE = N_(
    "This place cannot be read. Write a town or region, or its position like 47.99, 7.84."
)
_NO_DISTANCE = N_("This distance cannot be read. Write a number of kilometres, from 1 to 20000.")
_NO_YES = N_("Here one can only say yes, or nothing.")
_NO_FACT = N_("We know no such fact about access.")
_NO_KIND = N_("We know no such kind of gathering.")
_NO_DATE = N_("This date cannot be read. Write it like 2027-04-17.")
_NO_MONTH = N_("This month cannot be read. Write it like 2027-04.")
_WRONG_ORDER = N_("The last day comes before the first.")
_NO_GROUP = N_("We follow no group of that name.")


@dataclass(frozen=True, slots=True)
class Filtering:
    """A filter as it was asked for: the fields as typed, what is wrong with them, and what they mean."""

    values: Values
    problems: FormProblems
    wanted: CalendarFilter
    month: date | None = None
    groups: Sequence[tuple[str, str]] = field(default=())

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is asked for, one pair for each value, in one order whoever wrote the address."""
        given = [(name, one) for name in FIELDS for one in self.values.every(name) if one]
        return [pair for pair in given if pair != ("group", ALL)]

    def spoken(self, words: Words, groups: Mapping[str, str]) -> list[str]:
        """What is asked for, in words; `groups` are their names by handle. A month has its own heading."""
        said = [(name, self._said(name, one, words, groups)) for name, one in self.pairs]
        return [text for name, text in said if name != "month"]

    def _said(self, name: str, value: str, words: Words, groups: Mapping[str, str]) -> str:
        match name:
            case "language":
                return words.language(value)
            case "kind":
                return words.kind(value)
            case "access":
                return words.say(_ACCESS_WORDS[value])
            case "km":
                return f"{value} km"
            case "group":
                return groups.get(value, value)
            case _:
                return words.say(_YES_WORDS[name]) if name in _YES_WORDS else value

    def query(self, *without: str, **changes: str) -> str:
        """The filter as a query without its question mark, with some of it left out or changed."""
        left = (*without, *changes)
        return urlencode([*(pair for pair in self.pairs if pair[0] not in left), *changes.items()])

    @property
    def subscription(self) -> str:
        """The query under which other programs get this filter: never empty."""
        return self.query("month", "past") or urlencode({"group": ALL})


def read(query: MultiMapping[str], session: Session, zone_name: str) -> Filtering:
    """The filter in a query; days are those of the zone. What cannot be read stands in its `problems`."""
    values = Values(
        (name, one[:_LONGEST]) for name in FIELDS for one in query.getall(name, [])[:20]
    )
    problems = FormProblems(FIELDS)
    reading = _Reading(values, problems, session, zone_name)
    known = {one.handle: one.actor_id for one in following.every(session)}
    month = reading.month()
    start, end = reading.days() if month is None else reading.days_of(month)
    wanted = CalendarFilter(
        language=reading.language(),
        near=reading.near(),
        online=reading.yes("online"),
        free=reading.yes("free"),
        access=reading.access(),
        kind=reading.choice("kind", frozenset(EventKind), _NO_KIND),
        start=start,
        end=end,
        group=reading.group(known),
        tags=reading.tags(),
        past=reading.yes("past"),
    )
    return Filtering(values, problems, wanted, month, tuple(known.items()))


class _Reading:
    """Reads one field after the other, and notes what is wrong."""

    def __init__(
        self, values: Values, problems: FormProblems, session: Session, zone_name: str
    ) -> None:
        self._values = values
        self._problems = problems
        self._session = session
        self._zone = zone(zone_name)

    def language(self) -> str:
        tag = self._values["language"]
        if tag and not _LANGUAGE.fullmatch(tag):
            self._problems.add("language", _NO_LANGUAGE)
            return ""
        return primary(tag)

    def near(self) -> Near | None:
        """Around a position, or around what we know of a place by its name."""
        text, km = self._values["near"], self._km()
        if not text:
            return None
        if position := _POINT.fullmatch(text):
            latitude, longitude = float(position[1]), float(position[2])
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return Near(km=km, point=Point(latitude=latitude, longitude=longitude))
        elif not _is_numbers(text) and (words := " ".join(tokens.tokens(text))):
            words = f" {words} "
            return Near(km=km, words=words, point=shared_calendar.point_of(self._session, words))
        self._problems.add("near", _NO_PLACE)
        return None

    def _km(self) -> float:
        text = self._values["km"].replace(",", ".")
        if not text:
            return _KM
        km = float(text) if re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text) else 0.0
        if not _LEAST_KM <= km <= _MOST_KM:
            self._problems.add("km", _NO_DISTANCE)
            return _KM
        return km

    def yes(self, name: str) -> bool:
        text = self._values[name]
        if text and text not in _SAYS_YES:
            self._problems.add(name, _NO_YES)
        return text in _SAYS_YES

    def access(self) -> tuple[str, ...]:
        codes = [code for code in self._values.every("access") if code]
        if not set(codes) <= set(ACCESS):
            self._problems.add("access", _NO_FACT)
        return tuple(code for code in ACCESS if code in codes)

    def choice(self, name: str, known: frozenset[str], wrong: str) -> str:
        text = self._values[name]
        if text and text not in known:
            self._problems.add(name, wrong)
            return ""
        return text

    def group(self, known: Mapping[str, str]) -> str:
        text = self._values["group"].removeprefix("@")
        if text in ("", ALL, OURS):
            return OURS if text == OURS else ""
        if text not in known:
            self._problems.add("group", _NO_GROUP)
        return known.get(text, "")

    def tags(self) -> tuple[str, ...] | None:
        """Every spelling of the tag; none where no gathering carries it."""
        text = self._values["tag"]
        return shared_calendar.spellings(self._session, text) if text else None

    def days(self) -> tuple[datetime | None, datetime | None]:
        first, last = self._day("from"), self._day("until")
        if first and last and last < first:
            self._problems.add("until", _WRONG_ORDER)
            return None, None
        return (
            self._midnight(first) if first else None,
            self._midnight(last + timedelta(days=1)) if last else None,
        )

    def month(self) -> date | None:
        text = self._values["month"]
        found = _MONTH.fullmatch(text)
        if found and 1970 <= int(found[1]) <= 9000 and 1 <= int(found[2]) <= 12:
            return date(int(found[1]), int(found[2]), 1)
        if text:
            self._problems.add("month", _NO_MONTH)
        return None

    def days_of(self, month: date) -> tuple[datetime, datetime]:
        return self._midnight(month), self._midnight(following_month(month))

    def _day(self, name: str) -> date | None:
        text = self._values[name]
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 1970 <= day.year <= 9000:
            self._problems.add(name, _NO_DATE)
            return None
        return day

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)


def access_facts(words: Words) -> list[tuple[str, str]]:
    """The access facts one can ask for, with their words."""
    return [(code, words.say(_ACCESS_WORDS[code])) for code in ACCESS]


def _is_numbers(text: str) -> bool:
    """Whether it was to be a position: numbers side by side, NaN and infinity among them."""
    parts = text.split(",")
    return len(parts) > 1 and all(map(_is_number, parts))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def following_month(month: date, months: int = 1) -> date:
    """The first day of the month that is so many months later, or earlier."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
