"""What is new, for feed readers: Atom (RFC 4287) and JSON Feed 1.1, from the same entries."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from node.clock import rfc3339
from node.domain.dates import short_when
from node.domain.group import Group
from node.domain.neighbour import NeighbourPost
from node.domain.phrases import phrase, place_line, price_words, status_words, together_line
from node.domain.picture import Image
from node.store.events import StoredEvent
from node.store.reflections import StoredReflection
from node.urls import Urls
from web.channel import Channel
from web.labels import REFLECTION_KINDS
from web.prose import paragraphs

ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """When and where a gathering is, for programs: the part `_gathering` of an item of JSON Feed.

    `start` is RFC 3339 with the offset of the place, or a day alone; empty while the date is not known.
    `home` is the name of the group that holds it.
    """

    start: str
    timezone: str
    place: str
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is new. `content` is HTML made by us from escaped text, or sanitised.

    `url` is its page where that is not its id; `language` is empty where nobody said; `held` is there
    for gatherings.
    """

    id: str
    title: str
    language: str
    content: str
    summary: str
    author: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...]
    url: str = ""
    image: Image | None = None
    held: Held | None = None


def entries(
    group: Group,
    urls: Urls,
    events: Sequence[StoredEvent],
    reflections: Sequence[StoredReflection],
    posts: Sequence[tuple[NeighbourPost, str]] = (),
) -> list[Entry]:
    """Listed events and reflections as entries, what changed last comes first.

    `posts` are neighbours' gatherings, each with the name of its home.
    """
    found = [_event(one, group, urls) for one in events if one.event.listed]
    found += [_reflection(one, group, urls) for one in reflections if one.reflection.listed]
    found += [_post(post, home) for post, home in posts]
    return sorted(found, key=lambda entry: (entry.updated, entry.id), reverse=True)


def atom(
    group: Group,
    urls: Urls,
    found: Sequence[Entry],
    created: datetime,
    channel: Channel,
) -> bytes:
    """The Atom document; `created` is its date while there are no entries."""
    feed = Element("feed", {"xmlns": _ATOM, f"{_XML}lang": group.language})
    _text(feed, "id", channel.address)
    _text(feed, "title", channel.title)
    if group.about:
        _text(feed, "subtitle", group.about.text)
    _text(feed, "updated", rfc3339(max((one.updated for one in found), default=created)))
    SubElement(
        feed,
        "link",
        {"rel": "self", "type": "application/atom+xml", "href": channel.address},
    )
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": channel.page})
    _text(feed, "icon", urls.origin + "/favicon.svg")
    _text(SubElement(feed, "author"), "name", group.name.text)
    for one in found:
        feed.append(_atom_entry(one, urls))
    body: bytes = tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def json_feed(group: Group, urls: Urls, found: Sequence[Entry], channel: Channel) -> bytes:
    """The JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.address,
        "icon": urls.origin + "/favicon.svg",
        "language": group.language,
        "authors": [{"name": group.name.text, "url": urls.home}],
        "items": [_json_item(one, urls) for one in found],
    }
    if group.about:
        document["description"] = group.about.text
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def _event(stored: StoredEvent, group: Group, urls: Urls) -> Entry:
    """When and where come first: many readers show nothing else."""
    event = stored.event
    language = event.language
    when = (
        short_when(event.start, event.end, language) if event.start else phrase("no_date", language)
    )
    status = status_words(event.status, language)
    facts = [
        status,
        when,
        place_line(event, language),
        price_words(event.price, language),
        together_line(stored.cohosts, language),
    ]
    line = " · ".join(fact for fact in facts if fact)
    body = Markup("<p><strong>{}</strong></p>").format(line)
    for text in (event.status_reason, event.summary, event.description):
        if text:
            body += paragraphs(text.best([language])[1])
    return Entry(
        image=_ours(event.image),
        id=urls.event(event.slug),
        title=f"{status}: {event.title.text}" if status else event.title.text,
        language=language,
        content=str(body),
        summary=line,
        author=group.name.text,
        published=stored.announced or stored.created,
        updated=stored.updated,
        tags=event.tags,
        held=Held(
            start=event.start.iso() if event.start else "",
            timezone=event.start.zone if event.start else "",
            place=place_line(event, language) or "",
            home=group.name.text,
        ),
    )


def _post(post: NeighbourPost, home: str) -> Entry:
    """A neighbour's gathering: whose it is, when and where, then its own words."""
    language = post.language or ""
    begins = post.local(post.start) if post.start else None
    when = (
        ""
        if begins is None
        else f"{begins:%Y-%m-%d}"
        if post.all_day
        else f"{begins:%Y-%m-%d %H:%M}"
    )
    status = status_words(post.status, language or "en")
    line = " · ".join(fact for fact in (home, status, when, post.timezone, post.place) if fact)
    title = post.title or home
    return Entry(
        id=post.id,
        url=post.url,
        title=f"{status}: {title}" if status else title,
        language=language,
        content=str(Markup("<p><strong>{}</strong></p>").format(line)) + post.content,
        summary=line,
        author=home,
        published=post.published,
        updated=post.updated,
        tags=(),
        held=Held(
            start=_begins(post),
            timezone=post.timezone or "",
            place=post.place,
            home=home,
        ),
    )


def _begins(post: NeighbourPost) -> str:
    if post.start is None:
        return ""
    first = post.local(post.start)
    return first.date().isoformat() if post.all_day else first.isoformat(timespec="seconds")


def _reflection(stored: StoredReflection, group: Group, urls: Urls) -> Entry:
    """What carries a content note is not unfolded in a reader: the note and the way to it."""
    reflection = stored.reflection
    language = reflection.language
    title = reflection.title.text if reflection.title else REFLECTION_KINDS.get(reflection.kind, "")
    published = reflection.published or stored.created
    note = ", ".join(reflection.content_notes)
    summary = f"{phrase('content_notes', language)}: {note}" if note else ""
    content = str(Markup("<p>{}</p>").format(summary) if note else paragraphs(reflection.body.text))
    pictures = [] if note else [one.image for one in reflection.media if _ours(one.image)]
    return Entry(
        image=next(iter(pictures), None),
        id=urls.reflection(reflection.slug),
        title=title or group.name.text,
        language=language,
        content=content,
        summary=summary,
        author=reflection.author or phrase("anonymous", language),
        published=published,
        updated=max(published, stored.updated),
        tags=(),
    )


def _ours(image: Image | None) -> Image | None:
    """A picture that lies here; a reader is not sent to anybody else's server."""
    return image if image and image.own else None


def _content(one: Entry, urls: Urls) -> str:
    """The words, below the picture where there is one."""
    if one.image is None:
        return one.content
    shown = Markup('<p><img src="{}" alt="{}" width="{}" height="{}"></p>').format(
        urls.full(one.image.url), one.image.alt, one.image.width, one.image.height
    )
    return str(shown) + one.content


def _atom_entry(one: Entry, urls: Urls) -> Element:
    entry = Element("entry", {f"{_XML}lang": one.language} if one.language else {})
    _text(entry, "id", one.id)
    _text(entry, "title", one.title)
    _text(entry, "published", rfc3339(one.published))
    _text(entry, "updated", rfc3339(one.updated))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": one.url or one.id})
    _text(SubElement(entry, "author"), "name", one.author)
    for tag in one.tags:
        SubElement(entry, "category", {"term": _safe(tag)})
    if one.summary:
        _text(entry, "summary", one.summary)
    _text(entry, "content", _content(one, urls)).set("type", "html")
    return entry


def _json_item(one: Entry, urls: Urls) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": one.id,
        "url": one.url or one.id,
        "title": one.title,
        "content_html": _content(one, urls),
        "authors": [{"name": one.author}],
        "date_published": rfc3339(one.published),
        "date_modified": rfc3339(one.updated),
    }
    if one.language:
        item["language"] = one.language
    if one.summary:
        item["summary"] = one.summary
    if one.tags:
        item["tags"] = list(one.tags)
    if one.image:
        item["image"] = urls.full(one.image.url)
    if one.held:
        item["_gathering"] = {name: value for name, value in asdict(one.held).items() if value}
    return item


def _text(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = _safe(text)
    return child


def _safe(text: str) -> str:
    """Without the characters that XML cannot carry, not even escaped."""
    return _NOT_XML.sub("", text)
