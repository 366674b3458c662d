"""A practice as an `Article`: a title, how it goes, and whose it is."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from federation.render.encode import Document, encode
from federation.render.text import (
    best,
    clip,
    inline,
    joined,
    languages,
    one_line,
    paragraph,
    paragraphs,
)
from federation.vocab import PRACTICE_CONTEXT, PUBLIC
from node.clock import rfc3339
from node.domain.practice import Practice
from node.urls import Urls

_LONGEST_TEXT: Final = 8_000
_LONGEST_NAME: Final = 200
_MOST_LANGUAGES: Final = 4
_LARGEST_LIST: Final = 512 * 1024  # bytes; half of what others read of one document


def practice(one: Practice, updated: datetime, urls: Urls) -> Document:
    """The Article with its `@context`; it is for everyone, as the library is."""
    page = urls.practice(one.slug)
    spoken = languages(one.title, one.body)[:_MOST_LANGUAGES]
    names = {language: one_line(best(one.title, language), _LONGEST_NAME) for language in spoken}
    contents = {language: _content(one, language) for language in spoken}
    return {
        "@context": PRACTICE_CONTEXT,
        "id": page,
        "type": "Article",
        "attributedTo": urls.group,
        "to": [PUBLIC],
        "cc": [urls.followers],
        "name": names[spoken[0]],
        "nameMap": names,
        "content": contents[spoken[0]],
        "contentMap": contents,
        "inLanguage": spoken[0],
        "url": page,
        "published": rfc3339(updated),
        "updated": rfc3339(updated),
    }


def listed(documents: Iterable[Document]) -> Iterator[Document]:
    """As many of them, from the first on, as one collection may hold."""
    left = _LARGEST_LIST
    for document in documents:
        left -= len(encode(document))
        if left < 0:
            return
        yield document


def _content(one: Practice, language: str) -> str:
    """How it goes, and where it comes from."""
    origin = joined((one.source, one.license))
    return paragraphs(clip(best(one.body, language), _LONGEST_TEXT)) + (
        paragraph(f"— {inline(origin)}") if origin else ""
    )
