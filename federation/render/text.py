"""Plain text to the little HTML that every server shows, and text cut to a length."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from node.domain.text import Localised

_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n\s*")
_SPACES: Final = re.compile(r"\s+")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'“”«»]+")
_NOT_AT_ITS_END: Final = ".,;:!?)]}…"
_ELLIPSIS: Final = "…"


def paragraphs(text: str) -> str:
    """`text` as `<p>` and `<br>`, addresses as links, all else escaped."""
    blocks = (block.strip() for block in _BLANK_LINE.split(text))
    return "".join(paragraph(inline(block)) for block in blocks if block)


def inline(text: str) -> str:
    """`text` escaped, line ends as `<br>`, addresses as links."""
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(_NOT_AT_ITS_END)
        parts.append(escape(text[end : found.start()], quote=False))
        parts.append(link(address))
        end = found.start() + len(address)
    parts.append(escape(text[end:], quote=False))
    return "".join(parts).replace("\n", "<br>")


def paragraph(*lines: str) -> str:
    """A `<p>` of HTML lines; nothing if all are empty."""
    filled = [line for line in lines if line]
    return f"<p>{'<br>'.join(filled)}</p>" if filled else ""


def link(address: str, text: str | None = None) -> str:
    """A link to a web address, shown as `text` or as itself."""
    return f'<a href="{escape(address)}" rel="nofollow noopener">{escape(text or address, quote=False)}</a>'


def one_line(text: str, longest: int) -> str:
    """`text` on one line, cut at a word to at most `longest` characters."""
    return clip(_SPACES.sub(" ", text).strip(), longest)


def clip(text: str, longest: int) -> str:
    """`text`, or its beginning up to a word's end and an ellipsis: at most `longest` characters."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    space = head.rfind(" ")
    # Japanese and the like have no spaces to cut at.
    return (head[:space] if space > longest // 2 else head).rstrip() + _ELLIPSIS


def languages(*texts: Localised | None) -> tuple[str, ...]:
    """Every language the texts are written in, the first text's main language first."""
    found = (language for text in texts if text is not None for language, _ in text)
    return tuple(dict.fromkeys(found))


def best(text: Localised | None, language: str) -> str:
    """`text` in `language`, or in its own main language; empty where there is none."""
    return text.best([language])[1] if text is not None else ""


def joined(parts: Iterable[str | None], by: str = " · ") -> str:
    """The parts that say something, in one line."""
    return by.join(part for part in parts if part)
