"""Words made alike: what a search finds, however it is written; and what is marked of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain import tokens
from node.domain.search import (
    LONGEST_QUESTION,
    Excerpt,
    Findable,
    Kind,
    excerpt,
    marked,
    read_terms,
)
from node.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Éléphants d'Été, STRAẞE", ["elephants", "d", "ete", "strasse"]),
        ("Øresund, Łódź, İstanbul", ["oresund", "lodz", "istanbul"]),
        ('river-walk NEAR(a* b) ^c:d "e"', ["river", "walk", "near", "a", "b", "c", "d", "e"]),
        ("النَّهْرُ، والنهر للنهر؛ أحمد إلى مدرسة", ["نهر", "نهر", "نهر", "احمد", "الي", "مدرسه"]),
        ("٢٠٢٧ ۲۰۲۷ 2027", ["2027", "2027", "2027"]),
        ("नदी के किनारे", ["नदी", "के", "किनारे"]),
        ("山水画。水", ["山水", "水画", "画", "水"]),
        ("สวน", ["สว", "วน", "น"]),
        ("한국어 모임", ["한국어", "모임"]),
        ("ﬁre １２", ["fire", "12"]),
        ("…—*\x00", []),
    ],
)
def test_the_tokens_of_a_text(text: str, found: list[str]) -> None:
    assert tokens.tokens(text) == found


@given(st.text())
def test_tokens_are_letters_marks_and_digits_and_fold_to_themselves(text: str) -> None:
    for token in tokens.tokens(text):
        assert {unicodedata.category(one)[0] for one in token} <= {"L", "M", "N"}
        assert '"' not in token


@given(st.text(max_size=LONGEST_QUESTION))
def test_a_text_holds_every_word_that_it_is_asked_for_by(text: str) -> None:
    try:
        terms = read_terms(text)
    except MalformedError:
        return
    index = tokens.tokens(text)
    for term in terms:
        places = range(len(index) - len(term.tokens) + 1)
        assert any(tuple(index[at : at + len(term.tokens)]) == term.tokens for at in places) or (
            term.beginning and any(token.startswith(term.word) for token in index)
        )


@given(st.text(), st.text(min_size=1, max_size=20))
def test_marking_changes_no_character(text: str, question: str) -> None:
    try:
        terms = read_terms(question)
    except MalformedError:
        return
    assert "".join(part for part, _ in marked(text, terms)) == text


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("walk", "Walking by the sidewalk, a walk", ["Walking", "walk"]),
        ("ete", "Été sans été", ["Été", "été"]),
        ("to", "to tomorrow", ["to"]),
        ("水画", "看山水画展", ["水画"]),
        ("نهر", "عند النهر", ["النهر"]),
    ],
)
def test_what_is_marked(question: str, text: str, found: list[str]) -> None:
    assert [part for part, asked in marked(text, read_terms(question)) if asked] == found


def test_an_excerpt_shows_the_first_place_in_a_language_the_reader_has() -> None:
    long = "We sit together. " * 30 + "Then we listen to the river. " + "And we go home. " * 30
    told = Findable(
        kind=Kind.EVENT,
        title=None,
        texts=(("en", long), ("de", "Wir hören dem river zu.")),
    )
    found = excerpt(told, read_terms("river"), ["de"])
    assert found == Excerpt("de", (("Wir hören dem ", False), ("river", True), (" zu.", False)))
    found = excerpt(told, read_terms("listen"), ["de"])
    assert found is not None
    assert found.language == "en"
    shown = "".join(text for text, _ in found.parts)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 260
    assert ("listen", True) in found.parts


@pytest.mark.parametrize("question", ["", "* \" ' --", "x" * (LONGEST_QUESTION + 1), "a b " * 12])
def test_what_is_no_question_is_refused(question: str) -> None:
    if question == "a b " * 12:
        assert len(read_terms(question)) == 2
        return
    with pytest.raises(MalformedError):
        read_terms(question)


def test_more_words_than_anybody_needs_are_refused() -> None:
    with pytest.raises(MalformedError, match="too many words"):
        read_terms(" ".join(chr(code) for code in range(ord("a"), ord("z"))))
