"""Reading whether a page of somebody's website answers an event: an h-entry with `p-rsvp` (microformats2).

    <div class="h-entry"><a class="p-author h-card" href="https://ana.example/">Ana</a>
    <data class="p-rsvp" value="yes">is coming</data> to <a class="u-in-reply-to" href="…">…</a></div>

Pages are hostile: at most 256 KiB and 5000 tags of 2048 characters are read, each tag by itself, since over
a whole page `html.parser` takes quadratic time. What is nested in an entry as an item of its own, such as
somebody's comment, does not speak for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urldefrag, urljoin

_LONGEST: Final = 256 * 1024
_LONGEST_TAG: Final = 2048
_MOST_TAGS: Final = 5000
_DEEPEST: Final = 200
_TAG: Final = re.compile(r"""</?[A-Za-z][^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_UNREAD: Final = frozenset({"script", "style", "template", "textarea", "title", "noscript"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


@dataclass(slots=True)
class Entry:
    """What an h-entry says: `rsvp` as written, absolute addresses of what it answers and of its authors."""

    rsvp: str = ""
    answers: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)


def entries(page: bytes, base: str) -> list[Entry]:
    """The outermost h-entries of a page that was found at `base`; never raises."""
    reader = _Reader(base)
    text = page[:_LONGEST].decode("utf-8", "replace")
    for words, tag in _pieces(text):
        reader.words(words)
        reader.feed(tag)
    return reader.entries


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of text and the tag after it, without comments and what is no text."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters change length with their case
        text = lower
    at = start = 0
    for _ in range(_MOST_TAGS):
        at = text.find("<", at)
        if at < 0:
            return
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
            if end < 0:
                return
            at = start = end + 3
            continue
        found = _TAG.match(text, at, at + _LONGEST_TAG)
        if found is None:
            at += 1
            continue
        yield text[start:at], found[0]
        at = start = found.end()
        name = re.match(r"<([a-z]+)", found[0].lower())
        if name is not None and name[1] in _UNREAD:
            at = start = lower.find(f"</{name[1]}", at)
            if at < 0:
                return


class _Reader(HTMLParser):
    """Is fed one tag at a time; keeps which elements are open and what they mean to the entry."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._base = base
        self._open: list[tuple[str, str]] = []  # element and its meaning
        self._entry: Entry | None = None

    def words(self, text: str) -> None:
        """Text between tags."""
        if self._entry is not None and self._within() == "rsvp":
            self._entry.rsvp += text[:_LONGEST_TAG]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        meaning = self._meaning(set(given.get("class", "").split()), given)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append((tag, meaning))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                closed = [meaning for _, meaning in self._open[place:]]
                del self._open[place:]
                if "entry" in closed:
                    self._entry = None
                return

    def _meaning(self, classes: set[str], given: dict[str, str]) -> str:
        """What an element is to the entry: `entry`, `rsvp`, `answers`, `authors`, `other` or nothing."""
        if self._entry is None:
            if "h-entry" not in classes:
                return ""
            self._entry = Entry()
            self.entries.append(self._entry)
            return "entry"
        within = self._within()
        if within == "other":
            return ""
        if within in ("answers", "authors"):
            if "u-url" in classes:
                self._link(within, given)
            return ""
        return self._property(classes, given)

    def _property(self, classes: set[str], given: dict[str, str]) -> str:
        assert self._entry is not None
        if "p-rsvp" in classes:
            told = given.get("value") or given.get("title") or ""
            self._entry.rsvp = told
            return "" if told else "rsvp"
        for kind, names in (
            ("answers", {"u-in-reply-to"}),
            ("authors", {"p-author", "u-author"}),
        ):
            if classes & names:
                self._link(kind, given)
                return kind
        return "other" if any(name.startswith("h-") for name in classes) else ""

    def _within(self) -> str:
        return next((meaning for _, meaning in reversed(self._open) if meaning), "")

    def _link(self, kind: str, given: dict[str, str]) -> None:
        assert self._entry is not None
        try:
            address = urldefrag(urljoin(self._base, given.get("href", "").strip()))[0]
        except ValueError:
            return
        if given.get("href"):
            (self._entry.answers if kind == "answers" else self._entry.authors).append(address)
