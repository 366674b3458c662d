"""Reading ActivityStreams from anybody: tolerant accessors, and the `Activity` that handlers see.

Every accessor is total: whatever JSON it is given, it answers with a plain value or with nothing.
JSON-LD is never expanded and `@context` never believed (it can rename `actor`); servers send the
compacted names, single values where lists are meant and the other way round, nulls, and objects
where an id would do.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final

from federation.addresses import InvalidUrl, canonical, same_origin
from node.errors import MalformedError

Document = Mapping[str, Any]

_AS2: Final = "https://www.w3.org/ns/activitystreams#"
_PREFIXES: Final = (_AS2, "as:", "http://www.w3.org/ns/activitystreams#")
PUBLIC: Final = frozenset({_AS2 + "Public", "as:Public", "Public"})
_LONGEST_KEY: Final = 2048
_IDENTIFYING: Final = ("id", "actor", "object", "instrument")
_MOST_RECIPIENTS: Final = 256
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_UNTAGGED: Final = frozenset({"und", "mul", "zxx", "mis"})
_LONGEST_DATE: Final = 40
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

ACTIVITY_TYPES: Final = frozenset(
    {"Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike", "EmojiReact"}
    | {"Flag", "Follow", "Ignore", "Invite", "Join", "Leave", "Like", "Listen", "Lock", "Move"}
    | {"AnnounceRequest", "LikeRequest", "QuoteRequest", "ReplyRequest"}
    | {"Offer", "Read", "Reject", "Remove", "TentativeAccept", "TentativeReject"}
    | {"TentativeJoin", "Travel", "Undo", "Update", "View"}  # TentativeJoin: Smithereen
)
ACTOR_TYPES: Final = frozenset({"Application", "Group", "Organization", "Person", "Service"})


class Audience(Enum):
    """For whom something is: Public in `to`, Public in `cc` only, or neither."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity, read; nothing of it is proved but what the receiver proved.

    `key` is what tells it from others of the same origin: its id, or a hash where it has none.
    `object` is there only where the object was embedded, `object_id` only where it has an id.
    """

    key: str
    id: str | None
    type: str
    actor: str
    object_id: str | None
    object: Document | None
    raw: Document

    @property
    def target(self) -> str | None:
        """The id of its `target`."""
        return id_of(self.raw.get("target"))

    @property
    def to(self) -> tuple[str, ...]:
        """Whom it is addressed to."""
        return recipients(self.raw, "to")

    @property
    def cc(self) -> tuple[str, ...]:
        """Who gets a copy."""
        return recipients(self.raw, "cc")


def read_activity(document: Document) -> Activity:
    """The activity in a gated JSON object; raises MalformedError without one type and one actor.

    An actor may be a string or an object with an id; two of them are refused, not chosen from.
    """
    kinds = types_of(document)
    if not kinds:
        raise MalformedError("The activity has no type.")
    kind = next((one for one in kinds if one in ACTIVITY_TYPES), kinds[0])
    actors = as_list(document.get("actor"))
    actor = id_of(actors[0]) if len(actors) == 1 else None
    if actor is None:
        raise MalformedError("The activity must name one actor by its id.")
    activity_id = id_of(document.get("id"))
    if activity_id == actor:
        raise MalformedError("An activity cannot have the id of its actor.")
    if activity_id is not None and not same_origin(activity_id, actor):
        activity_id = None  # nobody gives out ids of another server, so nobody can use them up
    return Activity(
        key=_key(document, activity_id, kind),
        id=activity_id,
        type=kind,
        actor=actor,
        object_id=id_of(document.get("object")),
        object=first_object(document.get("object")),
        raw=document,
    )


def _key(document: Document, activity_id: str | None, kind: str) -> str:
    """What an activity is remembered by, so that it takes effect once.

    GoToSocial's Flag and others come without id. EveryCal gives every Update of one event the same
    id; Mobilizon's Leave can have the id of its Join.
    """
    if activity_id is None:
        return "sha256:" + _hash(document)
    if kind == "Update":
        thing = first_object(document.get("object")) or {}
        return f"{activity_id} Update {thing.get('updated') or _hash(thing)}"[:_LONGEST_KEY]
    return f"{activity_id} Leave" if kind == "Leave" else activity_id


def embedded(activity: Activity) -> dict[str, Any]:
    """The activity as our answer to it embeds it: type and ids alone, spelled as they were sent.

    Misskey compares the strings, so a canonical spelling would not do.
    """
    fields = {name: _spelled(activity.raw.get(name)) for name in _IDENTIFYING}
    found = {name: value for name, value in fields.items() if value is not None}
    return {"type": activity.type} | found


def _spelled(value: object) -> str | None:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and len(value) <= _LONGEST_KEY else None


def _hash(document: Document) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def as_list(value: object) -> list[Any]:
    """A list of whatever stands there: nothing for null, one item for a single value."""
    if value is None:
        return []
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [value]


def id_of(value: object) -> str | None:
    """The canonical http(s) id of a value: a string, an object with `id` or `href`, the first of a list."""
    if isinstance(value, str):
        try:
            return canonical(value)
        except InvalidUrl:
            return None
    if isinstance(value, Mapping):
        found = value.get("id") if value.get("id") is not None else value.get("href")
        return id_of(found) if isinstance(found, str) else None
    if isinstance(value, list):
        return next((found for item in value[:_MOST_RECIPIENTS] if (found := _item_id(item))), None)
    return None


def _item_id(item: object) -> str | None:
    return None if isinstance(item, list) else id_of(item)


def ids_of(value: object) -> tuple[str, ...]:
    """Every http(s) id in a value, a list or a single one, in order; at most 256."""
    items = as_list(value)[:_MOST_RECIPIENTS]
    return tuple(found for item in items if (found := _item_id(item)) is not None)


def first_object(value: object) -> Document | None:
    """The first embedded object in a value, a list or a single one."""
    return next((item for item in as_list(value) if isinstance(item, Mapping)), None)


def types_of(document: Document) -> tuple[str, ...]:
    """The types of an object without the ActivityStreams prefix, in order."""
    return tuple(
        _bare(name) for name in as_list(document.get("type"))[:8] if isinstance(name, str) and name
    )


def _bare(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def is_public_id(value: object) -> bool:
    """Whether this names everyone, however spelled."""
    return isinstance(value, str) and value in PUBLIC


def recipients(document: Document, field: str) -> tuple[str, ...]:
    """The ids in `to` or `cc`, at most 256, Public always in its full spelling."""
    found = []
    for item in as_list(document.get(field))[:_MOST_RECIPIENTS]:
        if isinstance(item, str) and item in PUBLIC:
            found.append(_AS2 + "Public")
        elif (recipient := _item_id(item)) is not None:
            found.append(recipient)
    return tuple(found)


def audience_of(document: Document, activity: Document | None = None) -> Audience:
    """Who an object is for: by its own `to` and `cc`, or its activity's where it names nobody there.

    Pleroma trims the activity's `cc` to the receiving server, so the object's own comes first.
    """
    source = document
    if activity is not None and not _names_readers(document):
        source = activity
    if _AS2 + "Public" in recipients(source, "to"):
        return Audience.PUBLIC
    if _AS2 + "Public" in recipients(source, "cc"):
        return Audience.UNLISTED
    return Audience.PRIVATE


def carried(carrier: Document, thing: Document) -> Document:
    """An object with the readers of what carried it, where it names none itself.

    gathio and the examples of FEP-8a8e leave `to` out of the object; pubby writes empty lists.
    """
    if _names_readers(thing):
        return thing
    return {**thing, "to": carrier.get("to"), "cc": carrier.get("cc")}


def _names_readers(document: Document) -> bool:
    return any(as_list(document.get(field)) for field in ("to", "cc"))


def mentions(document: Document) -> Iterator[str]:
    """The ids an object speaks to: `to`, `cc`, `audience` (FEP-1b12) and its Mention tags, bounded."""
    for field in ("to", "cc", "audience"):
        yield from recipients(document, field)
    for tag in as_list(document.get("tag"))[:_MOST_RECIPIENTS]:
        if (
            isinstance(tag, Mapping)
            and "Mention" in types_of(tag)
            and (named := id_of(tag.get("href")))
        ):
            yield named


def text_of(document: Document, name: str) -> str:
    """A natural-language property: `name`, else the first value of `nameMap`, else empty."""
    value = document.get(name)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, Mapping):  # seen from servers that expand language maps in place
        return _first_text(value)
    versions = document.get(name + "Map")
    return _first_text(versions) if isinstance(versions, Mapping) else ""


def _first_text(versions: Mapping[Any, Any]) -> str:
    return next((text for text in versions.values() if isinstance(text, str) and text.strip()), "")


def language_of(document: Document) -> str | None:
    """The BCP 47 tag an object is written in, as far as it says so."""
    for field in ("contentMap", "nameMap", "summaryMap"):
        versions = document.get(field)
        if isinstance(versions, Mapping):
            for tag in versions:
                if (language := _language(tag)) is not None:
                    return language
    named = document.get("language")
    if isinstance(named, Mapping):  # Lemmy, PieFed
        named = named.get("identifier")
    context = (
        item.get("@language")
        for item in as_list(document.get("@context"))
        if isinstance(item, Mapping)
    )
    candidates: Sequence[object] = (document.get("inLanguage"), named, *context)
    return next((found for tag in candidates if (found := _language(tag)) is not None), None)


def _language(tag: object) -> str | None:
    if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
        return None
    return None if tag.lower() in _UNTAGGED else tag


def page_of(document: Document) -> str | None:
    """The web address for people among `url`: the first that says text/html, else the first."""
    links = as_list(document.get("url"))[:16]
    html = (link.get("href") for link in links if isinstance(link, Mapping) and _is_html(link))
    found = next((named for href in html if (named := id_of(href)) is not None), None)
    if found is not None:
        return found
    return next((named for link in links if (named := _item_id(link)) is not None), None)


def _is_html(link: Document) -> bool:
    kind = link.get("mediaType") or link.get("mimeType")
    return isinstance(kind, str) and kind.startswith(("text/html", "application/xhtml+xml"))


def moment_of(value: object) -> datetime | None:
    """The aware moment written in an AS2 date, with its own offset; UTC where it carries none.

    None for anything unreadable: year 0, seconds of 60, numbers, what is not a date.
    """
    parsed = parse_time(value)
    if not isinstance(parsed, datetime):
        return None
    moment = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return None
    return moment


def parse_time(value: object) -> datetime | date | None:
    """A date and time as written (aware or naive), or a bare date; None for anything unreadable."""
    if not isinstance(value, str) or len(value) > _LONGEST_DATE:
        return None
    text = value.strip().upper()
    if not _DATE.match(text):
        return None
    try:
        if len(text) == len("2027-03-14"):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError:
        return None
