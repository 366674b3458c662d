"""What can be found, what was asked, and the words to show of what was found.

A question is words and nothing else: quotes, stars, `AND` and the like have no meaning. All of them must
be there, and a word of three letters or more also finds longer ones (`walk` finds `walking`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from node.domain import tokens
from node.domain.text import Localised
from node.errors import MalformedError

LONGEST_QUESTION = 200  # characters
MOST_WORDS = 20
TOO_LONG = f"The question is too long: it may have {LONGEST_QUESTION} characters."
TOO_MANY_WORDS = f"The question has too many words: it may have {MOST_WORDS}."
NO_WORD = "There is no word in the question, only signs."
_SHORTEST_BEGINNING = 3  # letters that also find longer words
_AROUND = 90  # characters of an excerpt before and after the first word that was found


class Kind(StrEnum):
    """What kind of thing it is; a neighbour's post counts as a reflection."""

    EVENT = "event"
    REFLECTION = "reflection"
    PRACTICE = "practice"


class Order(StrEnum):
    """What comes first: what fits best (gatherings that are over last), or what is to come, soonest first."""

    FIT = "fit"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """A public thing as the search knows it: every text in every language it is told in.

    `starts` and `ends` are when it takes place; of what is read, both are the day it was published.
    Of what has `notes` no excerpt is shown: its author warns before the first line.
    """

    kind: Kind
    title: Localised | None
    place: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: tokens that must stand side by side; a `beginning` of the last will do."""

    word: str
    tokens: tuple[str, ...]
    beginning: bool

    def fits(self, piece: str) -> bool:
        """Whether a folded piece of a text is, begins with, or (without spaces) holds the word."""
        if tokens.is_unspaced(self.word):
            return self.word in piece
        return piece.startswith(self.word) if self.beginning else piece == self.word


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody looks for. Days are days in UTC, both included.

    `gatherings` are the only ones that count, as the table each stands in and its name there; None: anything.
    """

    terms: tuple[Term, ...]
    kind: Kind | None = None
    language: str = ""
    first: date | None = None
    last: date | None = None
    order: Order = Order.FIT
    gatherings: tuple[tuple[str, str], ...] | None = None


def read_terms(text: str) -> tuple[Term, ...]:
    """The words of a question. Raises MalformedError for one without words, or too long."""
    if len(text) > LONGEST_QUESTION:
        raise MalformedError(TOO_LONG)
    found = tuple(dict.fromkeys(_term(piece) for piece in tokens.pieces(text)))
    if not found:
        raise MalformedError(NO_WORD)
    if len(found) > MOST_WORDS:
        raise MalformedError(TOO_MANY_WORDS)
    return found


def _term(piece: str) -> Term:
    if not tokens.is_unspaced(piece):
        return Term(piece, (piece,), len(piece) >= _SHORTEST_BEGINNING)
    if len(piece) == 1:
        return Term(piece, (piece,), beginning=True)  # it begins a pair
    return Term(piece, tuple(tokens.pairs(piece)), beginning=False)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text in one language: parts of it, each with whether it was asked for."""

    language: str
    parts: tuple[tuple[str, bool], ...]


def excerpt(found: Findable, terms: Sequence[Term], wanted: Sequence[str]) -> Excerpt | None:
    """Where the words stand in the texts, in a wanted language where they stand there; None without texts."""
    texts = [(language, " ".join(text.split())) for language, text in found.texts if text.strip()]
    if not texts:
        return None
    language, best = Localised(tuple(texts)).best(wanted)
    texts.sort(key=lambda version: version != (language, best))
    for tag, text in texts:
        parts = marked(text, terms)
        if any(asked for _, asked in parts):
            return Excerpt(tag, tuple(_around_first(parts)))
    return Excerpt(language, tuple(_around_first([(best, False)])))


def marked(text: str, terms: Sequence[Term]) -> list[tuple[str, bool]]:
    """A text in parts, each with whether it is one of the words that were asked for."""
    parts: list[tuple[str, bool]] = []
    done = 0
    for start, end in tokens.words(text):
        run = text[start:end]
        if any(term.fits(piece) for piece in tokens.pieces(run) for term in terms):
            parts += [(text[done:start], False), *_within(run, terms)]
            done = end
    return _joined([*parts, (text[done:], False)])


def _within(run: str, terms: Sequence[Term]) -> Iterator[tuple[str, bool]]:
    """What was asked for within characters that stand together: of a script without spaces not all of them."""
    folded = tokens.fold(run)
    inside = [term.word for term in terms if tokens.is_unspaced(term.word) and term.word in folded]
    if not inside or len(folded) != len(run):
        yield run, True
        return
    hits = {
        at + step
        for word in inside
        for at in range(len(folded))
        if folded.startswith(word, at)
        for step in range(len(word))
    }
    for asked, places in groupby(range(len(run)), key=hits.__contains__):
        yield "".join(run[place] for place in places), asked


def _joined(parts: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [
        ("".join(text for text, _ in some), asked)
        for asked, some in groupby((part for part in parts if part[0]), key=lambda part: part[1])
    ]


def _around_first(parts: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """The parts around the first that was asked for, cut at words, with “…” where something is left out."""
    at = next((place for place, (_, asked) in enumerate(parts) if asked), 0)
    room = 2 * _AROUND
    if at:
        before = parts[0][0]  # parts alternate, so nothing else stands before the first
        kept = before if len(before) <= _AROUND else "…" + before[-_AROUND:].partition(" ")[2]
        room -= len(kept)
        yield kept, False
    for text, asked in parts[at:]:
        if len(text) > room and not asked:
            cut = text[: max(room, 0)]
            yield (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.–-") + "…", False
            return
        room -= len(text)
        yield text, asked
