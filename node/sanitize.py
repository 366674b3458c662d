"""The one sanitiser of HTML from elsewhere, and plain text taken out of it.

nh3 decides what is safe. What it cannot do is stay quick: the parser under it (html5ever) takes
quadratic time on nesting and on formatting that is left open (html5ever#788; 64 KiB of
`<p><b x=1></p>` cost nine seconds), so length and nesting are bounded before it sees anything.
Typical posts take 0.2 ms, the worst that passes the bounds some ten; nh3 releases the GIL, so
long texts may be cleaned in a thread.
"""

import html
import re
import unicodedata
from typing import Final

import nh3

from node.domain.text import clean

MAX_INPUT: Final = 64 * 1024  # characters; what is longer is cut
MAX_DEPTH: Final = 100
# Sum, over all tags, of the elements open there: about what the parser has to build and walk.
_MAX_WORK: Final = 20_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS: Final = _names(
    "a abbr b blockquote br cite code dd del dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre q rp rt ruby"
    " s small span strong sub sup u ul"
)
_DROPPED_WITH_CONTENT: Final = _names(
    "script style title textarea template iframe noembed noframes noscript object select svg math"
    " audio video canvas"
)
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes={"a": {"href"}, "*": {"lang", "dir"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)
_TEXT_ONLY: Final = nh3.Cleaner(tags=set(), clean_content_tags=set(_DROPPED_WITH_CONTENT))
# Headings of a post are not headings of our page; Mastodon shows them this way too.
_HEADING: Final = re.compile(r"<(/?)h[1-6]((?: (?:lang|dir)=\"[^\"]*\")*)>")

_OPENING: Final = re.compile(
    r"([a-z][a-z0-9-]*+)(?:\s++[a-z][\w:.-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=`>]++))?+)*+\s*+/?>",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(r"/([a-z][a-z0-9-]*+)\s*+>", re.IGNORECASE)
_NAME: Final = re.compile(r"[a-z][^\s/>]*+", re.IGNORECASE)
_VOID: Final = _names("area base br col embed hr img input link meta param source track wbr")
_CLOSE_THEMSELVES: Final = frozenset({"p", "li", "dd", "dt"})
_RAW_TEXT: Final = _names(
    "iframe noembed noframes noscript plaintext script select style svg math table template textarea"
    " title xmp"
)
_ANY_TAG: Final = re.compile(r"<[^>]*+>?")
_BREAKS: Final = re.compile(
    r"<(?=br\b|/?(?:p|div|li|h[1-6]|blockquote|tr|dt|dd|pre|hr)\b)", re.IGNORECASE
)
_MANY_SPACES: Final = re.compile(r"[^\S\n]+")
_MANY_LINES: Final = re.compile(r"\s*\n\s*")
_MOST_MARKS: Final = 3


def clean_html(text: str) -> str:
    """`text` as HTML that is safe to put into a page: an allow-list of tags, http(s) links only.

    No pictures, classes, ids, styles or relative links; headings become bold paragraphs. At most
    64 Ki characters are looked at, and what is nested too deeply becomes plain text.
    """
    text = clean(text[:MAX_INPUT])
    if "<" not in text and "&" not in text:
        return html.escape(_calm(text), quote=False)
    if _is_too_deep(text):
        return html.escape(_calm(clean(_strip(text))), quote=False)
    safe = _calm(clean(_CLEANER.clean(text)))
    calm, headings = _HEADING.subn(_bold_paragraph, safe)
    return _CLEANER.clean(calm) if headings else safe  # a heading may have held blocks


def plain_text(text: str, limit: int = MAX_INPUT) -> str:
    """The text of HTML with a line for each block, at most `limit` characters ("…" where cut)."""
    text = clean(text[:MAX_INPUT])
    if "<" in text or "&" in text:
        text = _strip(text) if _is_too_deep(text) else _text_in(text)
    lines = _MANY_LINES.sub("\n", _MANY_SPACES.sub(" ", clean(text))).strip()
    return _cut(_calm(lines), limit)


def one_line(text: str, limit: int) -> str:
    """Text that is no HTML, such as a name, on one line, at most `limit` characters."""
    return _cut(_calm(" ".join(clean(text[:MAX_INPUT]).split())), limit)


def _is_too_deep(text: str) -> bool:
    """Whether parsing could nest deeper than 100 or build too much; errs towards yes.

    Every tag that may open counts, wherever it stands. A closing one counts only where it closes
    the element opened last and everything before it was written so plainly that no parser could
    see something else: no comments, raw text, tables, quotes out of place.
    """
    open_elements: list[str] = []
    work = 0
    plain = True
    for part in text.split("<")[1:]:
        if part[:1] == "/":
            closing = _CLOSING.match(part)
            plain = plain and closing is not None
            if plain and closing and open_elements and open_elements[-1] == closing[1].lower():
                open_elements.pop()
        elif (named := _NAME.match(part)) is not None:
            name = named[0].lower()
            plain = plain and name not in _RAW_TEXT and _OPENING.match(part) is not None
            if name not in _VOID and name not in _CLOSE_THEMSELVES:
                open_elements.append(name)
        elif part[:1] in ("!", "?"):
            plain = False
        work += len(open_elements)
        if len(open_elements) > MAX_DEPTH or work > _MAX_WORK:
            return True
    return False


def _text_in(text: str) -> str:
    return html.unescape(_TEXT_ONLY.clean(_BREAKS.sub("\n<", text)))


def _strip(text: str) -> str:
    return html.unescape(_ANY_TAG.sub(" ", text))


def _bold_paragraph(heading: re.Match[str]) -> str:
    return "</strong></p>" if heading[1] else f"<p{heading[2]}><strong>"


def _calm(text: str) -> str:
    """At most three combining marks on a letter: towers of them cover the lines above."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
