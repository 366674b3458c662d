"""Jinja, one environment per language of the interface; autoescape on, undefined names are errors."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from node.domain.event import Event
from node.domain.text import Localised
from node.sanitize import clean_html
from web import prose
from web.accent import stylesheet
from web.assets import asset
from web.contact import contact_link
from web.i18n import Reader, catalogue
from web.picture_form import part_of
from web.when import When
from web.words import words_of

_MOST_CARDS = 1000


def render(template: str, reader: Reader, **context: Any) -> str:
    """One page in the reader's language. `context` must hold every name the template uses."""
    return environment(reader.locale).get_template(template).render(reader=reader, **context)


@lru_cache(maxsize=32)
def environment(locale: str) -> Environment:
    """The environment of one language; templates are compiled once and kept."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
    )
    words = catalogue(locale)
    install: Callable[..., None] = made.install_gettext_translations  # type: ignore[attr-defined]
    install(words, newstyle=True)
    made.globals.update(
        w=words_of(locale), asset=asset, accent=stylesheet, kept=_Cards(), focus=_focus
    )
    made.filters.update(
        loc=_loc,
        prose=_prose,
        text_prose=_text_prose,
        plain=_plain,
        lang_attrs=_lang_attrs,
        zone=_zone,
        written_in=_written_in,
        other_versions=_other_versions,
        first_lines=prose.first_lines,
        contact=contact_link,
        json_island=json_island,
        sanitised=_sanitised,
    )
    return made


class _Cards:
    """What a macro made of an event, kept: after an edit a list makes one card, not fifty.

    A card shows nothing but the event, to one kind of reader. Events never change, and the store
    gives the same object as long as the document stands, so the object itself is the key.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, Reader], tuple[Event, Markup]] = {}

    @pass_context
    def __call__(self, context: Context, macro: Macro, event: Event) -> Markup:
        if context["reader"].zone:  # there are many zones, and few who ask for the same
            return Markup(macro(event))  # noqa: S704 - made by a template
        key = (macro.name, id(event), context["reader"])
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= _MOST_CARDS:
                self._made.clear()
            # The event stays with its card, so that nothing else can get its id.
            found = self._made[key] = (event, Markup(macro(event)))  # noqa: S704 - made by a template
        return found[1]


def _focus(point: tuple[float, float]) -> str:
    """The class that keeps this part of a picture in sight where it is cut; a style of its own would be inline."""
    return f"at-{part_of(point)}"


def json_island(data: Any) -> Markup:
    """JSON that is safe inside `<script type="application/ld+json">`: no `<`, `>`, `&` is left."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that could end or open markup is escaped above


def _zone(time: When) -> Markup:
    """The zone of a time; what stands in brackets is never torn apart at the end of a line, in whichever direction."""
    letters = Markup('<bdi class="whole" dir="ltr">{}</bdi>').format(time.letters)
    words = escape(time.zone)
    return words.replace(escape(time.letters), letters) if time.letters else words


def _sanitised(content: str) -> Markup:
    """HTML of another server: it was cleaned when it came in, and is cleaned again before it is shown."""
    return Markup(clean_html(content))  # noqa: S704 - through the one sanitiser


@pass_context
def _loc(context: Context, text: Localised | None) -> Markup:
    reader: Reader = context["reader"]
    return prose.phrase(text, reader.wanted, reader.locale)


@pass_context
def _plain(context: Context, text: Localised | None) -> str:
    reader: Reader = context["reader"]
    return text.best(reader.wanted)[1] if text else ""


@pass_context
def _prose(context: Context, text: Localised | None) -> Markup:
    reader: Reader = context["reader"]
    if text is None:
        return Markup("")
    language, words = text.best(reader.wanted)
    return prose.paragraphs(words, language, reader.locale)


@pass_context
def _text_prose(context: Context, text: str, language: str = "") -> Markup:
    reader: Reader = context["reader"]
    return prose.paragraphs(text, language, reader.locale)


@pass_context
def _lang_attrs(context: Context, language: str) -> Markup:
    reader: Reader = context["reader"]
    return prose.lang_attributes(language, reader.locale)


def _written_in(language: str, way: str) -> Markup:
    """The language somebody writes a field in, and from which side; while none is chosen, only the side."""
    if language:
        return prose.lang_attributes(language)
    return Markup(' dir="{}"').format(way) if way else Markup("")


@pass_context
def _other_versions(context: Context, text: Localised | None) -> list[tuple[str, str]]:
    """The versions of a text besides the one that `loc` shows."""
    reader: Reader = context["reader"]
    if text is None:
        return []
    shown = text.best(reader.wanted)
    return [version for version in text if version != shown]
