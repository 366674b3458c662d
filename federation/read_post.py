"""Reading anybody's Event, Note, Article, Page … into the `NeighbourPost` our pages show.

Pure and total: MalformedError for what has no id or is none of these, a value for everything else.
HTML is sanitised here, once; every other text becomes plain.
"""

import html
from datetime import UTC, datetime
from typing import Final

from federation.addresses import same_origin
from federation.parse import (
    Audience,
    Document,
    audience_of,
    id_of,
    ids_of,
    language_of,
    moment_of,
    page_of,
    text_of,
    types_of,
)
from federation.read_event import When, Where, as_line, read_status, read_when, read_where
from federation.read_facts import read_facts
from federation.read_participation import read_categories, read_join_url, read_organizers
from federation.read_reply import may_be_passed_on
from federation.read_series import SeriesLinks, read_series
from node.clock import EPOCH
from node.domain.event import EventStatus
from node.domain.facts import NOTHING_KNOWN
from node.domain.neighbour import NeighbourPost, PostKind
from node.errors import MalformedError
from node.sanitize import clean_html, plain_text

EVENT: Final = "Event"
POST_TYPES: Final = frozenset(
    {EVENT, "Article", "Audio", "Document", "Image", "Note", "Page", "Question", "Video"}
)
_TITLED: Final = frozenset({"Article", "Event", "Page", "Video"})
_LONGEST_TITLE: Final = 200
_LONGEST_SUMMARY: Final = 500
_NOWHERE: Final = Where(place="", online_url=None)
_ALONE: Final = SeriesLinks(series=None, siblings=())


def is_post(document: Document) -> bool:
    """Whether an object is something we can read: an Event, a Note, an Article …"""
    return not POST_TYPES.isdisjoint(types_of(document))


def authors_of(document: Document) -> tuple[str, ...]:
    """Whom an object is attributed to: `attributedTo`, or `actor` where Hubzilla puts it."""
    return ids_of(document.get("attributedTo")) or ids_of(document.get("actor"))


def host_of(document: Document) -> str | None:
    """The author of a gathering, where they live on its own server; None for everything else."""
    post_id = id_of(document.get("id"))
    if post_id is None or EVENT not in types_of(document):
        return None
    return next((one for one in authors_of(document) if same_origin(one, post_id)), None)


def read_post(
    document: Document, *, via: str, now: datetime, activity: Document | None = None
) -> NeighbourPost:
    """The object as we show it; `via` is the neighbour it came from, `activity` what carried it.

    Raises MalformedError without an id or of a type that is not for reading.
    """
    post_id = id_of(document.get("id"))
    if post_id is None or not is_post(document):
        raise MalformedError("The object is nothing we can show.")
    is_event = EVENT in types_of(document)
    when = read_when(document) if is_event else When()
    where = read_where(document) if is_event else _NOWHERE
    around = read_series(document) if is_event else _ALONE
    published, updated = times_of(document, now)
    return NeighbourPost(
        id=post_id,
        actor_id=via,
        author=next(iter(authors_of(document)), via),
        kind=PostKind.EVENT if is_event else PostKind.NOTE,
        url=page_of(document) or post_id,
        title=_title(document, is_event=is_event),
        content=content_of(document),
        summary=as_line(text_of(document, "summary"), _LONGEST_SUMMARY),
        language=language_of(document),
        status=read_status(document) if is_event else EventStatus.SCHEDULED,
        start=when.start,
        end=when.end,
        timezone=when.timezone,
        utc_offset=when.utc_offset,
        place=where.place,
        online_url=where.online_url,
        previous_start=when.previous,
        organizers=read_organizers(document) if is_event else None,
        categories=read_categories(document) if is_event else (),
        join_url=read_join_url(document) if is_event else None,
        series=around.series,
        siblings=around.siblings,
        listed=audience_of(document, activity) is Audience.PUBLIC,
        passable=may_be_passed_on(document, activity or {}),
        facts=read_facts(document, where) if is_event else NOTHING_KNOWN,
        published=published,
        updated=updated,
        received=now,
    )


def times_of(document: Document, now: datetime) -> tuple[datetime, datetime]:
    """When an object was published and last changed; where it does not say, now and as published."""
    published = _past(document.get("published"), now) or now
    return published, _past(document.get("updated"), now) or published


def words_of(document: Document) -> str:
    """The content as HTML, under the title of what has one: Page, Article (Lemmy, PieFed, WordPress)."""
    title, content = as_line(text_of(document, "name"), _LONGEST_TITLE), content_of(document)
    if not title or not _TITLED & set(types_of(document)):
        return content
    return f"<p><strong>{html.escape(title, quote=False)}</strong></p>{content}"


def content_of(document: Document) -> str:
    """The sanitised HTML of an object's `content`, of the first of `contentMap`, or nothing."""
    text = text_of(document, "content")
    kind = document.get("mediaType")
    if isinstance(kind, str) and kind.startswith("text/") and not kind.startswith("text/html"):
        text = html.escape(text).replace("\n", "<br>")
    return clean_html(text)


def _title(document: Document, *, is_event: bool) -> str:
    """The name; for an Event without one its summary (Hubzilla), or the first words of its text."""
    named = as_line(text_of(document, "name"), _LONGEST_TITLE)
    if named or not is_event:
        return named
    for field in ("summary", "content"):
        lines = plain_text(text_of(document, field)).strip().splitlines()
        if lines and (words := as_line(lines[0], _LONGEST_TITLE)):
            return words
    return ""


def _past(value: object, now: datetime) -> datetime | None:
    """A moment in UTC that is neither before 1970 nor still to come: dates sort, so they can be abused."""
    moment = moment_of(value)
    if moment is None:
        return None
    return max(EPOCH, min(moment.astimezone(UTC), now))
