"""Import and export: a group's whole record in and out, as one exchange document.

Documents are stored as they were written, so an import into a new node followed by an export gives
back an equal document. The rules are told in docs/exchange-format.md.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from node.clock import rfc3339
from node.domain.event import Event, Visibility
from node.domain.outbox import OutboxKind
from node.domain.reflection import Reflection
from node.errors import GoneError, InvalidDocumentError, NotFoundError, Problem, RefusedError
from node.exchange.part import Part, read_part
from node.exchange.public import public_event
from node.exchange.unknown import known_only
from node.services.events import put_changed, put_new
from node.services.pictures import absent
from node.store import events, extras, groups, outbox, practices, reflections
from node.store.database import Session


@dataclass(slots=True, kw_only=True)
class Count:
    """How many were added, changed, found unchanged, and taken back."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    def __str__(self) -> str:
        return str(self.added + self.changed + self.unchanged + self.withdrawn)


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import did, and the fields nobody reads (`warnings`)."""

    group: str
    events: Count = field(default_factory=Count)
    reflections: Count = field(default_factory=Count)
    practices: Count = field(default_factory=Count)
    warnings: tuple[Problem, ...] = ()


def import_document(
    session: Session, document: Any, *, group_slug: str | None = None, now: datetime
) -> Imported:
    """Take one group's record in, whole or not at all; in one transaction.

    Raises as `read_part`, and RefusedError naming every slug that was removed or withdrawn here:
    what is gone is never revived.
    """
    part = read_part(document, group_slug=group_slug, handle=groups.get(session).handle)
    return import_part(session, part, now)


def import_part(session: Session, part: Part, now: datetime) -> Imported:
    """Store what `read_part` gave, and note for the outbox what others must be told."""
    _refuse_revival(session, part)
    _refuse_absent_pictures(session, part)
    imported = Imported(group=part.slug, warnings=part.warnings)
    if not _same(groups.get_document(session), part.group):
        groups.update(session, part.group, now)
        outbox.enqueue(session, OutboxKind.UPDATE_GROUP, "", now)
    for document in part.events:
        _take_event(session, document, part.languages, now, imported.events)
    for document in part.reflections:
        if document.get("status") == "withdrawn":
            _take_withdrawn(session, document, part.languages, now, imported.reflections)
        else:
            _take_reflection(session, document, part.languages, now, imported.reflections)
    _take_practices(session, part, now, imported.practices)
    extras.put(session, part.others)
    return imported


def export_document(session: Session, *, public_only: bool = False) -> dict[str, Any]:
    """The group's whole record as one exchange document; only what everyone may see, if so wished.

    The whole record holds private places and links: whoever writes it to a file makes that 0600.
    """
    group = groups.get(session)
    profile = {"slug": group.slug, **groups.get_document(session)}
    if public_only:
        return {
            "groups": [known_only(profile, "group")],
            **_public_sections(session, group.languages),
        }
    sections = {
        "events": events.all_documents(session),
        "reflections": [*reflections.all_documents(session), *_tombstones(session, group.slug)],
        "practices": practices.all_documents(session),
    }
    others = extras.every(session)
    meta = {"_meta": others.pop("_meta")} if "_meta" in others else {}
    owned = {name: [_owned(one, group.slug) for one in items] for name, items in sections.items()}
    return {**meta, "groups": [profile], **owned, **others}


def _public_sections(session: Session, languages: tuple[str, ...]) -> dict[str, Any]:
    slug = groups.get(session).slug
    shown_events = (
        public_event(one)
        for one in events.all_documents(session)
        if Event.from_document(one, languages).listed
    )
    shown_reflections = (
        known_only(one, "reflection")
        for one in reflections.all_documents(session)
        if Reflection.from_document(one, languages[0]).listed
    )
    shown_practices = (known_only(one, "practice") for one in practices.all_documents(session))
    return {
        "events": [_owned(one, slug) for one in shown_events],
        "reflections": [_owned(one, slug) for one in shown_reflections],
        "practices": [_owned(one, slug) for one in shown_practices],
    }


def _owned(document: dict[str, Any], slug: str) -> dict[str, Any]:
    """The document, with the group it belongs to now where it still names another."""
    return document if document.get("group") in (None, slug) else document | {"group": slug}


def _tombstones(session: Session, slug: str) -> Iterator[dict[str, Any]]:
    for gone, when in reflections.withdrawn(session):
        yield {
            "id": gone,
            "type": "Reflection",
            "group": slug,
            "status": "withdrawn",
            "withdrawn": rfc3339(when),
        }


def _refuse_revival(session: Session, part: Part) -> None:
    sessions = [one["id"] for one in part.events if _is_session(session, one["id"])]
    if sessions:
        raise RefusedError(
            f"Sessions of a series here: {', '.join(sessions[:50])}."
            " Say what differs on a date in “series.sessions” of the series."
        )
    gone = [one["id"] for one in part.events if _is_gone(events.get_document, session, one["id"])]
    gone += [
        one["id"]
        for one in part.reflections
        if one.get("status") != "withdrawn"
        and _is_gone(reflections.get_document, session, one["id"])
    ]
    if gone:
        raise RefusedError(
            f"Removed or withdrawn here, and never brought back: {', '.join(gone[:50])}."
            " Take it out of the document, or give it another id."
        )


def _refuse_absent_pictures(session: Session, part: Part) -> None:
    found = absent(session, part.group, "groups[0]")
    for section, documents in (("events", part.events), ("reflections", part.reflections)):
        for one in documents:
            found += absent(session, one, f"{section}[{one['id']}]")
    if found:
        raise InvalidDocumentError(found)


def _is_session(session: Session, slug: str) -> bool:
    try:
        return events.get(session, slug).event.occurrence is not None
    except (NotFoundError, GoneError):
        return False


_Get = Callable[[Session, str], dict[str, Any]]


def _is_gone(get_document: _Get, session: Session, slug: str) -> bool:
    try:
        get_document(session, slug)
    except GoneError:
        return True
    except NotFoundError:
        return False
    return False


def _found(get_document: _Get, session: Session, slug: str) -> dict[str, Any] | None:
    try:
        return get_document(session, slug)
    except NotFoundError:
        return None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Equal to the letter: the order of fields counts (a first language is the main one)."""
    return json.dumps(one) == json.dumps(other)


def _take_event(
    session: Session,
    document: Mapping[str, Any],
    languages: tuple[str, ...],
    now: datetime,
    count: Count,
) -> None:
    event = Event.from_document(document, languages)
    old_document = _found(events.get_document, session, event.slug)
    if old_document is None:
        put_new(session, event, document, now=now, announce=_is_ahead(event, now))
        count.added += 1
        return
    if _same(old_document, document):
        count.unchanged += 1
        return
    old = Event.from_document(old_document, languages)
    count.changed += 1
    if event.recurs or old.recurs:
        put_changed(session, old, event, document, now=now)
        return
    events.update(session, event, document, now)
    if old.federated and not event.federated:
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, event.slug, now)
    elif event.federated and (_is_ahead(event, now) or _is_ahead(old, now)):
        kind = OutboxKind.UPDATE_EVENT if old.federated else OutboxKind.CREATE_EVENT
        outbox.enqueue(session, kind, event.slug, now)


def _is_ahead(event: Event, now: datetime) -> bool:
    """Whether it has not ended; one without a date counts as ahead."""
    return event.ends is None or event.ends.utc > now


def _take_reflection(
    session: Session,
    document: Mapping[str, Any],
    languages: tuple[str, ...],
    now: datetime,
    count: Count,
) -> None:
    reflection = Reflection.from_document(document, languages[0])
    old_document = _found(reflections.get_document, session, reflection.slug)
    if old_document is None:
        reflections.add(session, reflection, document, now)
        count.added += 1
        if reflection.federated:
            outbox.enqueue(session, OutboxKind.CREATE_REFLECTION, reflection.slug, now)
        return
    if _same(old_document, document):
        count.unchanged += 1
        return
    old = Reflection.from_document(old_document, languages[0])
    reflections.update(session, reflection, document, now)
    count.changed += 1
    kinds = {
        (True, True): OutboxKind.UPDATE_REFLECTION,
        (False, True): OutboxKind.CREATE_REFLECTION,
        (True, False): OutboxKind.DELETE_REFLECTION,
    }
    kind = kinds.get((old.federated, reflection.federated))
    if kind:
        outbox.enqueue(session, kind, reflection.slug, now)


def _take_withdrawn(
    session: Session,
    document: Mapping[str, Any],
    languages: tuple[str, ...],
    now: datetime,
    count: Count,
) -> None:
    """Of a withdrawn reflection only the slug and the day are kept; one that is here is taken back."""
    slug = document["id"]
    if _is_gone(reflections.get_document, session, slug):
        count.unchanged += 1
        return
    count.withdrawn += 1
    old_document = _found(reflections.get_document, session, slug)
    if old_document is None:
        given = document.get("withdrawn")
        when = datetime.fromisoformat(given).astimezone(UTC) if given else now
        visibility = document.get("visibility") or Visibility.PUBLIC
        reflections.add_withdrawn(session, slug, visibility, when)
        return
    reflections.withdraw(session, slug, now)
    if Reflection.from_document(old_document, languages[0]).federated:
        outbox.enqueue(session, OutboxKind.DELETE_REFLECTION, slug, now)


def _take_practices(session: Session, part: Part, now: datetime, count: Count) -> None:
    known = {one["id"]: one for one in practices.all_documents(session)}
    for document in part.practices:
        old = known.get(document["id"])
        if old is not None and _same(old, document):
            count.unchanged += 1
            continue
        practices.put(session, document["id"], document, now)
        if old is None:
            count.added += 1
        else:
            count.changed += 1
