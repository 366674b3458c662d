"""An event as an ActivityStreams `Event` that every peer we know of accepts.

The rules of this narrow profile, each with the peer that asks for it, are in FEDERATION.md and beside the code; the
checker in tests/federation/universal_event.py holds every rendered event to them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from federation.render.audience import audience, interaction_policy
from federation.render.conversation import conversation, thread_of
from federation.render.encode import Document, encode
from federation.render.event_text import content, summary_line, text_languages
from federation.render.facts import facts
from federation.render.kept import KeptEvent
from federation.render.links import attachments, hashtags, picture
from federation.render.participation import joining, organizers
from federation.render.place import location
from federation.render.series import session_links, siblings
from federation.render.text import one_line
from federation.vocab import EVENT_CONTEXT, LARGEST_BODY
from node.clock import rfc3339
from node.domain.event import ASSUMED_LENGTH, Event, EventKind, EventStatus
from node.domain.event_terms import CATEGORIES
from node.domain.group import Group
from node.domain.permission import of_event
from node.domain.walltime import Moment
from node.urls import Urls

# Mobilizon takes titles of 3 to 200 characters.
_SHORTEST_NAME: Final = 3
_LONGEST_NAME: Final = 200
# What the activity around the event may take of LARGEST_BODY.
_WRAPPING: Final = 6 * 1024
_LONGEST_TEXT: Final = 20_000
_SHORTEST_TEXT: Final = 500
_MOST_LANGUAGES: Final = 12

# Of those that FEP-8a8e knows Mobilizon does not know these: they would become MEETING there.
_NOT_AT_MOBILIZON: Final = frozenset(
    {
        "CLIMATE_ENVIRONMENT",
        "CREATIVE_JAM",
        "DIY_MAKER_SPACES",
        "FESTIVALS",
        "INCLUSIVE_SPACES",
        "MEDITATION_WELLBEING",
        "WORKSHOPS_SKILL_SHARING",
    }
)
SHARED_CATEGORIES: Final = CATEGORIES - _NOT_AT_MOBILIZON

_CATEGORY_OF_KIND: Final = {
    EventKind.PRACTICE_CIRCLE: "COMMUNITY",
    EventKind.WORKSHOP: "LEARNING",
    EventKind.RETREAT: "COMMUNITY",
    EventKind.COURSE: "LEARNING",
    EventKind.STUDY_GROUP: "BOOK_CLUBS",
    EventKind.WEBINAR: "LEARNING",
    EventKind.CONVERSATION_CAFE: "COMMUNITY",
    EventKind.GRIEF_CIRCLE: "COMMUNITY",
    EventKind.CEREMONY: "SPIRITUALITY_RELIGION_BELIEFS",
    EventKind.FACILITATOR_TRAINING: "LEARNING",
    EventKind.PEER_SUPPORT: "NETWORKING",
    EventKind.WALK_OUTDOORS: "OUTDOORS_ADVENTURE",
    EventKind.ARTS_GATHERING: "PERFORMING_VISUAL_ARTS",
    EventKind.ACTION_GATHERING: "CAUSES",
    EventKind.REGIONAL_GATHERING: "COMMUNITY",
    EventKind.GLOBAL_GATHERING: "COMMUNITY",
    EventKind.PLANNING_MEETING: "MEETING",
    EventKind.OTHER: "MEETING",
}

# FEP-8a8e eventStatus, and the iCalendar status that Mobilizon reads (a string, never null).
_STATUS: Final = {
    EventStatus.SCHEDULED: ("EventScheduled", "CONFIRMED"),
    EventStatus.TENTATIVE: ("EventTentative", "TENTATIVE"),
    EventStatus.POSTPONED: ("EventPostponed", "TENTATIVE"),
    EventStatus.RESCHEDULED: ("EventRescheduled", "CONFIRMED"),
    EventStatus.MOVED_ONLINE: ("EventMovedOnline", "CONFIRMED"),
    EventStatus.CANCELLED: ("EventCancelled", "CANCELLED"),
}


def event(stored: KeptEvent, group: Group, urls: Urls, now: datetime) -> Document:
    """The Event with its `@context`, at most 58 KiB as bytes so that its activity stays under 60.

    `now` decides whether one can still register. Raises RefusedError for an event that is not for
    other servers.
    """
    spoken = text_languages(stored.event)[:_MOST_LANGUAGES]
    longest = _LONGEST_TEXT
    while True:
        document = _document(stored, group, urls, now, _Told(spoken, longest))
        if len(encode(document)) <= LARGEST_BODY - _WRAPPING:
            return document
        if longest > _SHORTEST_TEXT:
            longest //= 2
        elif len(spoken) == 1:
            return document
        else:
            spoken = spoken[:1]
            longest = _LONGEST_TEXT


def category(one: Event) -> str:
    """The one category peers file it under: the hosts' own choice, else by its kind."""
    return next(
        (name for name in one.categories if name in SHARED_CATEGORIES), _CATEGORY_OF_KIND[one.kind]
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """How much is told: in which languages, and at most how many characters of each text."""

    languages: tuple[str, ...]
    longest: int


def _document(stored: KeptEvent, group: Group, urls: Urls, now: datetime, told: _Told) -> Document:
    one = stored.event
    page = urls.event(one.slug)
    to, cc = audience(one.visibility, urls)
    spoken = told.languages
    names = {language: _name(text, group) for language, text in one.title if language in spoken}
    summaries = {language: summary_line(one, language) for language in spoken}
    contents = {language: content(one, language, page, told.longest) for language in spoken}
    where = location(one, group, urls)
    document: Document = {
        "@context": EVENT_CONTEXT,
        "id": page,
        "type": "Event",
        "attributedTo": urls.group,
        "to": to,
        "cc": cc,
        "name": names[one.language],
        "nameMap": names,
        "summary": summaries[one.language],
        "summaryMap": summaries,
        "content": contents[one.language],
        "contentMap": contents,
        "inLanguage": one.language,
        "url": page,
        "published": rfc3339(stored.created),
        "updated": rfc3339(stored.updated),
        **_times(stored),
        "location": where,
        "isOnline": where["type"] == "VirtualLocation",
        "category": category(one),
        **facts(one),
        "tag": hashtags(one, category(one), urls),
        "attachment": attachments(one, urls),
        **joining(one, urls, now),
        **session_links(stored, urls),
        **siblings(stored, urls),
        "organizers": organizers(one, group, urls, stored.cohosts),
        **conversation(page, thread_of(page)),
        # What Mobilizon knows of “a steward reads it first”.
        "repliesModerationOption": "moderated",
        "interactionPolicy": interaction_policy(of_event(one, group), urls),
    }
    document["eventStatus"], document["status"] = _STATUS[one.status]
    shown = picture(one.image, urls) if one.image is not None else None
    return document | ({"image": shown | {"type": "Image"}} if shown else {})


def _name(text: str, group: Group) -> str:
    name = one_line(text, _LONGEST_NAME)
    return (
        name if len(name) >= _SHORTEST_NAME else one_line(f"{name} · {group.name}", _LONGEST_NAME)
    )


def _times(stored: KeptEvent) -> Document:
    """Start and end always, the end always later; `displayEndTime` where the end is only assumed.

    While there is no date, the date it was to have stays: every peer drops an event without a start.
    One that was postponed and has no other date says so by the same date in `previousStartTime`.
    """
    one = stored.event
    start = one.start or one.previous_start or _created(stored)
    end = one.end if one.start is not None else None
    told = end is not None and end.utc > start.utc
    finish = end if end is not None and told else start.plus(ASSUMED_LENGTH)
    times: Document = {
        "startTime": _written(start),
        "endTime": _written(finish),
        "timezone": one.timezone,
    }
    if not told:
        times["displayEndTime"] = False
    before = one.previous_start or (one.start if one.status is EventStatus.POSTPONED else None)
    if before is not None:
        times["previousStartTime"] = _written(before)
    return times


def _created(stored: KeptEvent) -> Moment:
    utc = stored.created.replace(microsecond=0)
    return Moment(utc.replace(tzinfo=None), "UTC", utc)


def _written(moment: Moment) -> str:
    """RFC 3339 with seconds and offset; UTC where an old zone's offset has seconds, which it forbids."""
    offset = moment.local.utcoffset() or timedelta(0)
    if offset % timedelta(minutes=1):
        return moment.utc.astimezone(UTC).isoformat(timespec="seconds")
    return moment.iso()
