"""Plain text becomes harmless HTML; dates and prices are said in the reader's language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.render import activity
from federation.render.text import clip, inline, one_line, paragraphs
from node.domain.dates import short_when
from node.domain.event import Price, PriceModel
from node.domain.phrase_table import PHRASES
from node.domain.phrase_table_consent import CONSENT_PHRASES
from node.domain.phrase_table_rsvp import RSVP_PHRASES
from node.domain.phrases import phrase, price_words
from node.domain.rsvp import Answer
from node.domain.walltime import moment

TAGS = re.compile(r"</?p>|<br>|<a href=\"[^\"<>]*\" rel=\"nofollow noopener\">|</a>")


@given(st.text())
def test_any_text_has_only_our_tags(text: str) -> None:
    left = TAGS.sub("", paragraphs(text))
    assert "<" not in left
    assert ">" not in left


@given(st.text(), st.integers(2, 50))
def test_clipped_text_is_short_enough(text: str, longest: int) -> None:
    assert len(clip(text, longest)) <= longest
    assert "\n" not in one_line(text, longest)


def test_links_end_before_punctuation() -> None:
    assert inline("See (https://a.example/x?y=1&z=2).") == (
        'See (<a href="https://a.example/x?y=1&amp;z=2" rel="nofollow noopener">'
        "https://a.example/x?y=1&amp;z=2</a>)."
    )


def test_blank_lines_part_paragraphs() -> None:
    assert paragraphs("one\ntwo\n\n\n three ") == "<p>one<br>two</p><p>three</p>"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Fri 14 May 2027, 18:00 – Sun 16 May 2027, 16:00 CEST"),
        ("es-419", "vie 14 may 2027, 18:00 – dom 16 may 2027, 16:00 CEST"),
        ("de", "Fr. 14. Mai 2027, 18:00 – So. 16. Mai 2027, 16:00 CEST"),
        ("fr", "ven. 14 mai 2027, 18:00 – dim. 16 mai 2027, 16:00 CEST"),
        ("pt-BR", "sex. 14 de mai. de 2027, 18:00 – dom. 16 de mai. de 2027, 16:00 CEST"),
        ("ar", "الجمعة 14 مايو 2027، 18:00 إلى الأحد 16 مايو 2027، 16:00 CEST"),
        ("ja", "2027-05-14 18:00 – 2027-05-16 16:00 CEST"),
    ],
)
def test_when_by_language(language: str, line: str) -> None:
    start = moment("2027-05-14T18:00:00", "Europe/Brussels")
    end = moment("2027-05-16T16:00:00", "Europe/Brussels")
    assert short_when(start, end, language) == line


def test_when_the_clocks_change_in_between_both_zones_are_told() -> None:
    start = moment("2031-10-25T22:00:00", "Europe/Berlin")
    end = moment("2031-10-26T06:00:00", "Europe/Berlin")
    assert short_when(start, end, "en") == (
        "Sat 25 Oct 2031, 22:00 CEST – Sun 26 Oct 2031, 06:00 CET"
    )
    early = moment("2031-10-26T01:00:00", "Europe/Berlin")
    assert short_when(early, end, "en") == "Sun 26 Oct 2031, 01:00 CEST–06:00 CET"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Kolkata", "IST (UTC+05:30)"), ("America/Bogota", "UTC-05:00"), ("Asia/Tokyo", "JST")],
)
def test_zone_is_named_or_given_as_an_offset(zone: str, shown: str) -> None:
    assert short_when(moment("2027-05-14T18:00:00", zone), None, "en").endswith(f"18:00 {shown}")


def _price(model: PriceModel, **amounts: float) -> Price:
    given_amounts = {
        "minimum": None,
        "suggested": None,
        "maximum": None,
        "fixed_cost": None,
    } | amounts
    return Price(
        model=model,
        currency="EUR",
        tiers=(),
        no_one_turned_away=False,
        scholarship=False,
        work_exchange=False,
        travel_help=False,
        note=None,
        **given_amounts,
    )


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (_price(PriceModel.FREE), "free"),
        (_price(PriceModel.FIXED, fixed_cost=12.5), "12.50 EUR"),
        (_price(PriceModel.FIXED), "see page for the price"),
        (_price(PriceModel.SLIDING_SCALE, minimum=0, maximum=120), "sliding scale 0–120 EUR"),
        (_price(PriceModel.SLIDING_SCALE), "you choose what to give"),
        (_price(PriceModel.SUGGESTED_DONATION, suggested=60), "suggested donation 60 EUR"),
        (_price(PriceModel.COST_PLUS_GIFT, fixed_cost=140), "costs 140 EUR and a gift"),
    ],
)
def test_price_in_words(price: Price, words: str) -> None:
    assert price_words(price, "en") == words


def test_every_model_has_words_in_every_language() -> None:
    for language in PHRASES:
        for model in PriceModel:
            assert price_words(_price(model), language)


def test_every_language_has_every_phrase() -> None:
    for language, words in PHRASES.items():
        assert words.keys() == PHRASES["en"].keys(), language
        assert RSVP_PHRASES[language].keys() == RSVP_PHRASES["en"].keys(), language
        assert CONSENT_PHRASES[language].keys() == CONSENT_PHRASES["en"].keys(), language
        assert all(len(phrase(f"rsvp_{one}", language)) <= 50 for one in Answer)


def test_update_ids_may_not_repeat_what_is_embedded() -> None:
    first = activity.follow(
        "https://hills.example/activities/1", "https://hills.example/group", "https://a.example/u"
    )
    assert activity.undo("https://hills.example/activities/2", first)["id"] != first["id"]
