"""Languages: who gets which, catalogues that are whole, templates without a word outside them."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.served import Served
from web import messages
from web.i18n import Catalogue, catalogue, locales, read_po, reader_for

TEMPLATES = sorted((Path(messages.__file__).parent / "templates").rglob("*.html"))
REVIEW = (
    "This translation was written together with the program, and no native speaker has read it yet."
    " Tell us where it sounds wrong."
)
# Names of formats and of a site, the same in every language.
NAMES = {
    "Atom",
    "JSON Feed",
    "Google",
    "Outlook",
    "workthatreconnects.org",
    "CC BY-SA 4.0",
    "Roughweather",
    "UTC",
}


@pytest.mark.parametrize(
    ("header", "group", "locale", "wanted"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", ("en", "es"), "es", ("es", "en")),
        ("nl,it;q=0.5", ("es", "nl"), "es", ("nl", "es")),
        ("", ("ar", "en"), "ar", ("ar",)),
        ("", ("ja",), "en", ()),
        ("pt", ("pt-BR", "en"), "pt-BR", ("pt-BR",)),
        ("pt-PT, de;q=0.5", ("en",), "pt-BR", ("pt-BR", "de")),
        ("en;q=0, es;q=0.1", ("en",), "es", ("es",)),
        ("fi", ("en",), "en", ("en",)),
        ("*;q=0.5,;,q=;x=1", ("en",), "en", ("en",)),
        ("AR-jo", ("en",), "ar", ("ar",)),
    ],
)
def test_who_gets_which_language(
    header: str, group: tuple[str, ...], locale: str, wanted: tuple[str, ...]
) -> None:
    reader = reader_for(header, group)
    assert (reader.locale, reader.wanted) == (locale, wanted)


@given(st.text(max_size=600))
def test_no_header_is_too_odd(header: str) -> None:
    assert reader_for(header, ("en", "de")).locale in locales()


@given(st.text(max_size=300))
def test_no_catalogue_is_too_odd_to_read(source: str) -> None:
    assert isinstance(list(read_po(source)), list)


def test_a_catalogue_reads_escapes_contexts_and_plurals() -> None:
    read = Catalogue(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n>1;\\n"\n\n'
        'msgid "a \\"b\\"\\n"\nmsgstr ""\n"c"\n" \\\\d"\n\n'
        'msgctxt "short"\nmsgid "May"\nmsgstr "mai"\n\n'
        '#, fuzzy\nmsgid "x"\nmsgstr "unsure"\n\n'
        'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s jour"\nmsgstr[1] "%(n)s jours"\n\n'
        'msgid "empty"\nmsgstr ""\n'
    )
    assert read.gettext('a "b"\n') == "c \\d"
    assert read.pgettext("short", "May") == "mai"
    assert (read.gettext("x"), read.gettext("empty")) == ("x", "empty")
    assert [read.ngettext("%(n)s day", "%(n)s days", n) for n in (0, 1, 2)] == [
        "%(n)s jour",
        "%(n)s jour",
        "%(n)s jours",
    ]
    assert read.ngettext("cat", "cats", 2) == "cats"


def test_arabic_counts_in_six_ways() -> None:
    words = catalogue("ar")
    forms = {
        words.ngettext("%(minutes)s minute", "%(minutes)s minutes", n)
        for n in (0, 1, 2, 3, 11, 100)
    }
    assert len(forms) >= 5


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 11, 99, 100, 103])
def test_each_plural_has_as_many_forms_as_its_language(n: int) -> None:
    """A form that is missing would be taken from a neighbour, and sound wrong."""
    for locale, many in (("ar", 6), ("de", 2), ("es", 2), ("fr", 2), ("pt-BR", 2)):
        words = catalogue(locale)
        for singular, plural in messages.collect().items():
            if plural:
                assert len(words.messages[singular]) == many, (locale, singular)
                assert words.ngettext(singular, plural, n) in words.messages[singular]


async def test_a_translation_that_nobody_reviewed_says_so(served: Served) -> None:
    for locale in locales():
        page = await served.browser.get("/about", Accept_Language=locale)
        told = catalogue(locale).gettext(REVIEW)
        assert (told in page.text) is not catalogue(locale).reviewed
        assert catalogue(locale).reviewed is (locale == "en")


@pytest.mark.parametrize(
    ("locale", "none"), [("de", "0 Minuten"), ("es", "0 minutos"), ("fr", "0 minute")]
)
def test_nothing_is_counted_as_each_language_does(locale: str, none: str) -> None:
    found = catalogue(locale).ngettext("%(minutes)s minute", "%(minutes)s minutes", 0)
    assert found % {"minutes": 0} == none


def test_the_interface_speaks_six_languages_at_least() -> None:
    assert {"en", "ar", "de", "es", "fr", "pt-BR"} <= set(locales())


@pytest.mark.parametrize("locale", [one for one in locales() if one != "en"])
def test_catalogues_hold_every_message_and_nothing_else(locale: str) -> None:
    wanted, have = messages.collect(), catalogue(locale).messages
    assert set(have) == set(wanted), "run: python -m web.messages, then translate what is empty"
    for message, forms in have.items():
        allowed = messages.placeholders(message) | messages.placeholders(wanted[message])
        for form in forms:
            assert messages.placeholders(form) <= allowed, message
        assert messages.placeholders(forms[-1]) == allowed, message


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_word_stands_outside_the_catalogues(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)
    for attribute in re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', source):
        assert not re.search(r"[^\W\d_]{2,}", re.sub(r"\{[{%].*?[}%]\}", "", attribute)), attribute
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"<svg.*?</svg>", "", source, flags=re.DOTALL)
    source = re.sub(r'aria-[a-z]+="[^"]*"', "", source)
    texts = re.findall(r">([^<>]*)<", source)
    words = [text.strip() for text in texts if re.search(r"[^\W\d_]{2,}", text)]
    assert [text for text in words if text.strip("() /") not in NAMES] == []


@pytest.mark.parametrize("locale", [one for one in locales() if one != "en"])
async def test_every_page_is_whole_in_every_language(served: Served, locale: str) -> None:
    steward = await served.browser.sign_in(served.node)
    for path in (
        "/",
        "/events",
        "/events/spring-day",
        "/reflections",
        "/about",
        "/desk/new-event",
        "/nope",
    ):
        page = await steward.get(path, Accept_Language=locale)
        assert f'<html lang="{locale}" dir="{"rtl" if locale == "ar" else "ltr"}">' in page.text
    assert "Skip to the content" not in page.text
    assert page.headers["Vary"] == "Accept, Accept-Language, Save-Data"
