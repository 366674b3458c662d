"""Finding the ActivityPub document behind a web page: `<link rel="alternate" type=…>` in its head."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

from federation.addresses import InvalidUrl, canonical
from federation.media_types import is_activity_json

_LONGEST_HEAD: Final = 256 * 1024
_LONGEST_TAG: Final = 2048
_MOST_LINKS: Final = 200


def alternate_link(page: bytes, base: str) -> str | None:
    """The canonical address of the page's ActivityPub document; None if it names none.

    Only the start of the page is read, and only `<link …>` tags are given to the parser, one by one:
    over a whole hostile page `html.parser` takes quadratic time.
    """
    text = page[:_LONGEST_HEAD].decode("utf-8", "replace")
    for tag in _link_tags(text):
        attributes = _attributes(tag)
        relations = (attributes.get("rel") or "").lower().split()
        href = attributes.get("href")
        if href and "alternate" in relations and is_activity_json(attributes.get("type") or ""):
            try:
                return canonical(urljoin(base, href.strip()))
            except (InvalidUrl, ValueError):
                continue
    return None


def _link_tags(text: str) -> Iterator[str]:
    lower = text.lower()
    if len(lower) != len(text):  # a few letters change length with their case
        text = lower
    at = lower.find("<link")
    for _ in range(_MOST_LINKS):
        end = text.find(">", at, at + _LONGEST_TAG)
        if at < 0:
            return
        if end > 0:
            yield text[at : end + 1]
        at = lower.find("<link", at + 1)


def _attributes(tag: str) -> dict[str, str | None]:
    reader = _TagReader()
    reader.feed(tag)
    return reader.attributes


class _TagReader(HTMLParser):
    """Keeps the attributes of the one tag it is fed."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "link":
            for name, value in attrs:
                self.attributes.setdefault(name, value)
