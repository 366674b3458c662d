"""A reflection as a `Note`: the one type that every server shows in full."""

from typing import Final

from federation.render.audience import audience, interaction_policy
from federation.render.conversation import conversation, thread_of
from federation.render.encode import Document, encode
from federation.render.kept import KeptReflection
from federation.render.links import absolute
from federation.render.text import (
    best,
    clip,
    inline,
    joined,
    languages,
    link,
    paragraph,
    paragraphs,
)
from federation.vocab import LARGEST_BODY, NOTE_CONTEXT
from node.clock import rfc3339
from node.domain.group import Group
from node.domain.permission import of_reflection
from node.domain.phrases import phrase
from node.domain.reflection import AttributionMode, Medium, Reflection, SpiralStage
from node.urls import Urls

_LONGEST_TEXT: Final = 20_000
_SHORTEST_TEXT: Final = 500
_WRAPPING: Final = 6 * 1024
_MOST_LANGUAGES: Final = 12
_LONGEST_WARNING: Final = 300
_LONGEST_ALT: Final = 1500
# What a licence is called when there is none but the group's word.
_NO_LICENSE: Final = "group-permission"
_DEFAULT_TYPE: Final = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}


def reflection(
    stored: KeptReflection, group: Group, urls: Urls, thread: str | None = None
) -> Document:
    """The Note with its `@context`, at most 58 KiB as bytes.

    `thread` is the conversation of the gathering it came out of; without one it begins its own.
    Raises RefusedError for one that is not for other servers.
    """
    one = stored.reflection
    spoken = languages(one.body)[:_MOST_LANGUAGES]
    longest = _LONGEST_TEXT
    while True:
        document = _document(stored, group, urls, spoken, longest)
        if len(encode(document)) <= LARGEST_BODY - _WRAPPING or longest <= _SHORTEST_TEXT:
            return document | ({"context": thread} if thread else {})
        longest //= 2


def _document(
    stored: KeptReflection, group: Group, urls: Urls, spoken: tuple[str, ...], longest: int
) -> Document:
    one = stored.reflection
    page = urls.reflection(one.slug)
    to, cc = audience(one.visibility, urls)
    contents = {language: _content(one, group, language, page, longest) for language in spoken}
    published = one.published or stored.created
    document: Document = {
        "@context": NOTE_CONTEXT,
        "id": page,
        "type": "Note",
        "attributedTo": urls.group,
        "to": to,
        "cc": cc,
        "content": contents[one.language],
        "contentMap": contents,
        "inLanguage": one.language,
        "url": page,
        "published": rfc3339(published),
        "updated": rfc3339(max(stored.updated, published)),
        "tag": [],
        "attachment": _media(one, urls),
        "sensitive": False,
        **conversation(page, thread_of(page)),
        "interactionPolicy": interaction_policy(of_reflection(one, group), urls),
    }
    return document | _warning(one)


def _warning(one: Reflection) -> Document:
    """Content notes as the line that Mastodon and others show before the text is opened.

    What honours our pain for the world always carries one.
    """
    text = ", ".join(one.content_notes)
    if not text and one.spiral_stage is SpiralStage.HONORING_PAIN:
        text = phrase("honoring_pain", one.language)
    if not text:
        return {}
    summary = clip(text, _LONGEST_WARNING)
    return {"summary": summary, "summaryMap": {one.language: summary}, "sensitive": True}


def _content(one: Reflection, group: Group, language: str, page: str, longest: int) -> str:
    """Title, text and by whom; a text that had to be cut leads to the whole of it."""
    body = best(one.body, language)
    title = best(one.title, language)
    return "".join(
        (
            paragraph(f"<strong>{inline(title)}</strong>") if title else "",
            paragraphs(clip(body, longest)),
            paragraph(f"{inline(phrase('read_more', language))}: {link(page)}")
            if len(body) > longest
            else "",
            paragraph(f"— {inline(_attribution(one, group, language))}"),
        )
    )


def _attribution(one: Reflection, group: Group, language: str) -> str:
    """As its author wished to be named; the name of an anonymous one is not even here."""
    if one.author:
        author = one.author
    elif one.attribution is AttributionMode.GROUP:
        author = best(group.name, language)
    else:
        author = phrase("anonymous", language)
    license_ = one.license if one.license != _NO_LICENSE else None
    return joined((author, license_))


def _media(one: Reflection, urls: Urls) -> list[Document]:
    found = (_attachment(medium, urls) for medium in one.media)
    return [document for document in found if document]


def _attachment(medium: Medium, urls: Urls) -> Document | None:
    """A picture or recording; one whose file is not here is not mentioned."""
    address = absolute(medium.url, urls)
    if address is None:
        return None
    document: Document = {
        "type": "Document",
        "mediaType": medium.media_type
        or _DEFAULT_TYPE.get(medium.kind, "application/octet-stream"),
        "url": address,
        "name": clip(medium.alt, _LONGEST_ALT),
    }
    if medium.width and medium.height:
        document |= {"width": medium.width, "height": medium.height}
    return document
