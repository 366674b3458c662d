"""Search: one form, and what was found here and with the neighbours. Nothing is asked of anybody else.

One question is answered at a time, so that pages stay quick however many are asked, and nobody keeps an
answer: what people look for is their own affair.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from node.domain.search import (
    NO_WORD,
    TOO_LONG,
    TOO_MANY_WORDS,
    Kind,
    Order,
    Question,
    read_terms,
)
from node.errors import MalformedError, TryLaterError
from node.services import search
from node.store import neighbours, shared_calendar
from node.store import search as index
from node.store.database import Database, Session
from web import filters
from web.form_problems import FormProblems
from web.found import Hit, Hits
from web.labels import N_
from web.posting import Values
from web.site import Asked, Page, site_of
from web.words import words_of

_HITS = 20  # on one page
_HITS_OF_TEXT = 10  # beside the form: light in every script
_MOST_VALUES = 20  # of one field
_LAST_PAGE = 20
_LONGEST_LINE = 20  # questions that may wait for their turn
_OF_GATHERINGS = ("near", "km", "online", "free", "access")  # read by `web.filters`
_FIELDS = ("q", "kind", "language", "from", "until", *_OF_GATHERINGS, "order")
_KINDS = {
    "": N_("Everything"),
    "event": N_("Gatherings"),
    "reflection": N_("Reflections and news"),
    "practice": N_("Practices"),
}
_ORDERS = {"fit": N_("What fits best first"), "date": N_("By date")}
_PROBLEMS = {
    TOO_LONG: N_("That is too long. A few words are enough."),
    TOO_MANY_WORDS: N_("Those are too many words. Fewer words find more."),
    NO_WORD: N_("Please write at least one word."),
}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_NO_DATE = N_("This date cannot be read. Write it like 2027-04-17.")


class Searching:
    """Lets one question be answered at a time, after the index has taken in what changed since the last."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, database: Database) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises TryLaterError where too many wait already."""
        if self._waiting >= _LONGEST_LINE:
            raise TryLaterError("Many questions wait for an answer just now.", retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                await _take_in(database)
                yield
        finally:
            self._waiting -= 1


SEARCHING = web.AppKey("SEARCHING", Searching)


def prepare(app: web.Application) -> None:
    """Give an application what the search needs; once, before it starts."""
    app[SEARCHING] = Searching()


async def search_page(request: web.Request) -> web.Response:
    """The form, and what was found. Raises MalformedError, TryLaterError."""
    site = site_of(request)
    values = Values(
        (name, one) for name in _FIELDS for one in request.query.getall(name, [])[:_MOST_VALUES]
    )
    problems = FormProblems(_FIELDS)
    question = _question(values, problems) if values["q"] else None
    number = _page_number(request.query.get("page", ""))

    def gather(session: Session, asked: Asked) -> Page:
        only = _gatherings(session, asked, values, problems)
        if question is None or problems:
            return _page(session, asked, values, problems)
        found, more = _answer(session, asked, replace(question, gatherings=only), number)
        return _page(session, asked, values, problems, found=found, number=number, more=more)

    if question is None:
        page, asked = await site.gathered(request, gather)
    else:
        async with request.app[SEARCHING].turn(site.database):
            page, asked = await site.gathered(request, gather)
    return site.response(page, asked, status=400 if problems else 200)


async def _take_in(database: Database) -> None:
    """Bring the index up to date; where the disk takes nothing, what was read before will do."""
    try:
        while database.peek(index.is_behind):
            await database.write(search.read_due)
    except TryLaterError:
        return


def _question(values: Values, problems: FormProblems) -> Question | None:
    """What the form asks; None where a field cannot be read. Raises MalformedError for no choice of ours."""
    if values["kind"] not in _KINDS or values["order"] not in ("", *_ORDERS):
        raise MalformedError("There is nothing of that name to choose.")
    first, last = _day("from", values, problems), _day("until", values, problems)
    try:
        terms = read_terms(values["q"])
    except MalformedError as error:
        problems.add("q", _PROBLEMS[str(error)])
        return None
    if problems:
        return None
    return Question(
        terms=terms,
        kind=Kind(values["kind"]) if values["kind"] else None,
        language=values["language"].lower(),
        first=first,
        last=last,
        order=Order(values["order"] or Order.FIT),
    )


def _gatherings(
    session: Session, asked: Asked, values: Values, problems: FormProblems
) -> tuple[tuple[str, str], ...] | None:
    """The gatherings, over or to come, that hold what only gatherings can; None where nothing of it is asked."""
    given = MultiDict((name, one) for name in _OF_GATHERINGS for one in values.every(name) if one)
    if not given:
        return None
    filtering = filters.read(given, session, asked.group.timezone)
    for name, messages in filtering.problems.items():
        for message in messages:
            problems.add(name, message)
    wanted = replace(filtering.wanted, start=_EVER)
    return tuple(shared_calendar.names(session, wanted, asked.now, asked.urls))


def _day(name: str, values: Values, problems: FormProblems) -> date | None:
    if not values[name]:
        return None
    try:
        day = date.fromisoformat(values[name])
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 9000:
        problems.add(name, _NO_DATE)
        return None
    return day


def _page_number(text: str) -> int:
    return min(max(int(text), 1), _LAST_PAGE) if text.isdecimal() and len(text) < 5 else 1


def _answer(
    session: Session, asked: Asked, question: Question, number: int
) -> tuple[list[Hit], bool]:
    """The hits of one page, and whether there is another."""
    most = _HITS_OF_TEXT if asked.reader.text_only else _HITS
    start = (number - 1) * most
    found = search.find(session, question, asked.now, limit=most + 1, offset=start)
    hits = Hits(question.terms, asked.reader, neighbours.names(session))
    return [hits.of(one) for one in found[:most]], len(found) > most and number < _LAST_PAGE


def _page(
    session: Session,
    asked: Asked,
    values: Values,
    problems: FormProblems,
    *,
    found: Sequence[Hit] | None = None,
    number: int = 1,
    more: bool = False,
) -> Page:
    words = words_of(asked.reader.locale)
    spoken = words.language_options(index.languages(session))
    asked_for = [(name, one) for name in _FIELDS for one in values.every(name) if one]
    return Page(
        template="search.html",
        unindexed=True,
        query=[*asked_for, *([("page", str(number))] if number > 1 else [])],
        context={
            "section": "search",
            "title": words.say(N_("Search")),
            "values": values,
            "problems": problems,
            "kinds": words.options(_KINDS),
            "orders": words.options(_ORDERS),
            "languages": [("", words.say(N_("Every language"))), *spoken],
            "narrowed": any(name not in ("q", "order") for name, _ in asked_for),
            "found": found,
            "number": number,
            "more": more,
            "same": urlencode(asked_for),
            "facts": filters.access_facts(words),
        },
    )
