"""Plain text people wrote, as safe HTML: paragraphs, line breaks kept, web addresses made links."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from node.domain.text import Localised, direction

_ADDRESS = re.compile(r"https?://[^\s<>\"'{}|\\^`\[\]]+[^\s<>\"'{}|\\^`\[\].,;:!?)]")
_BLANK_LINES = re.compile(r"\n\s*\n")
# What a form shows again as it was typed may be no tag; BCP 47 has these letters and no others.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def lang_attributes(language: str, page_language: str = "") -> Markup:
    """`lang="ar" dir="rtl"` for a fragment; nothing where the page is in that language anyway."""
    if language == page_language:
        return Markup("")
    known = language != "und" and _LANGUAGE.fullmatch(language) is not None
    tag = language if known else ""
    way = direction(language) if known else "auto"
    return Markup(' lang="{}" dir="{}"').format(tag, way)


def phrase(text: Localised | None, wanted: Sequence[str], page_language: str) -> Markup:
    """One line in the best language for the reader, marked with that language."""
    if text is None:
        return Markup("")
    language, words = text.best(wanted)
    attributes = lang_attributes(language, page_language)
    return Markup("<span{}>{}</span>").format(attributes, words) if attributes else escape(words)


def paragraphs(text: str, language: str = "", page_language: str = "") -> Markup:
    """`<p>` for each paragraph, `<br>` for each line break, links for web addresses."""
    attributes = lang_attributes(language, page_language) if language else Markup("")
    blocks = (block.strip("\n") for block in _BLANK_LINES.split(text.strip()))
    return Markup("\n").join(
        Markup("<p{}>{}</p>").format(attributes, _lines(block)) for block in blocks if block.strip()
    )


def first_lines(text: str, most: int) -> str:
    """The beginning of a text, cut at a word, with “…” where something is left out."""
    plain = text.strip()
    if len(plain) <= most:
        return plain
    cut = plain[:most].rsplit(None, 1)[0] if " " in plain[:most] else plain[:most]
    return cut.rstrip(" ,;:.–-") + "…"


def _lines(block: str) -> Markup:
    return Markup("<br>\n").join(_linked(line) for line in block.split("\n"))


def _linked(line: str) -> Markup:
    parts: list[Markup] = []
    position = 0
    for found in _ADDRESS.finditer(line):
        parts.append(escape(line[position : found.start()]))
        link = Markup('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>')
        parts.append(link.format(found[0]))
        position = found.end()
    parts.append(escape(line[position:]))
    return Markup("").join(parts)
