"""Keeping the sessions of a series: made from its document, announced one at a time, changed by date.

`keep` is the one place that makes, changes and takes away sessions. Every edit of a series ends in it, in
the same transaction, and upkeep calls it as time goes by; calling it again changes nothing.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from node.domain.event import Event, Occurrence
from node.domain.outbox import OutboxKind
from node.domain.series import (
    Sitting,
    changed_sessions,
    expand,
    known_until,
    recurrences,
    sitting,
    split,
    written,
)
from node.domain.walltime import parse_wall
from node.errors import ConflictError, InvalidDocumentError, Problem, RefusedError, TryLaterError
from node.exchange.sessions import LONGEST_ID
from node.services import conversation
from node.services.event_documents import checked, free_slug, merged, series_merged
from node.services.event_news import tell
from node.store import events, groups, outbox, pending_changes
from node.store import series as store
from node.store.database import Session
from node.store.series import KeptSession

log = logging.getLogger(__name__)

_STILL = timedelta(0)


def keep(session: Session, slug: str, *, now: datetime, shift: timedelta = _STILL) -> None:
    """Bring the sessions of a series to what its document says, and announce the next one.

    Sessions that are over stay as they were, unless the document speaks of their very date. Where the
    series was moved as a whole, `shift` says how far, and each session goes along.
    """
    document = events.get_document(session, slug)
    here = store.kept(session, slug)
    latest = max((one.recurrence for one in here), default=None)
    pairs, left = _matched(expand(document, now, since=latest), here, shift)
    spoken_of = changed_sessions(document)
    for one, had in pairs:
        if had is not None:
            frozen = had.is_over(now) and one.recurrence not in spoken_of
            _bring(session, had, slug, one, now, frozen=frozen)
        elif document.get("status") == "cancelled":
            continue  # nothing new begins of what was called off
        elif latest is None or one.recurrence > latest or not one.is_over(now):
            _begin(session, slug, one, now)
    for had in left:
        if not had.is_over(now):
            _leave(session, had, now)
        elif (
            shift and not _has(document, had.recurrence) and _has(document, had.recurrence + shift)
        ):
            store.rename(session, had.slug, slug, had.recurrence + shift)
    announce_next(session, slug, now=now)


def announce_next(session: Session, slug: str, *, now: datetime) -> None:
    """Tell of the session whose turn it is, once: the one before is over, or there was none.

    A series that continues another waits for the end of that one. Who had answered the series while it
    was still a single event comes to that session.
    """
    turn = store.next_session(session, slug, now)
    if turn is None or turn.announced is not None:
        return
    whole = events.get(session, slug).event.series
    continued = whole.continues if whole else None
    if continued and continued != slug and store.next_session(session, continued, now) is not None:
        return
    store.hand_over_answers(session, slug, turn.event.slug)
    store.announce(session, turn.event.slug, now)
    if turn.event.federated:
        outbox.enqueue(session, OutboxKind.CREATE_EVENT, turn.event.slug, now)


def keep_all(session: Session, now: datetime) -> None:
    """`keep` for every series, as time goes by; one that cannot be kept stands in no other's way."""
    for slug in store.slugs(session):
        try:
            session.alone(partial(keep, slug=slug, now=now))
        except TryLaterError:
            raise  # the disk's fault, not the series'
        except Exception:
            log.exception("the sessions of %s cannot be kept", slug)


def edit_session(
    session: Session, occurrence: Occurrence, changes: Mapping[str, Any], *, now: datetime
) -> None:
    """Change one session only: what differs on its date is kept with its series.

    Raises InvalidDocumentError, ConflictError where the series has no such date any more.
    """
    document = events.get_document(session, occurrence.series)
    _refuse_former(document, occurrence)
    key = written(occurrence.recurrence)
    others = {
        written(wall): told
        for wall, told in changed_sessions(document).items()
        if wall != occurrence.recurrence
    }
    before = changed_sessions(document).get(occurrence.recurrence, {})
    plain = sitting(_with(document, sessions=others), occurrence.recurrence).document
    told = {
        name: value
        for name, value in merged(before, changes).items()
        if name != "id" and (name in changes or name in before) and value != plain.get(name)
    }
    full = _with(document, sessions=others | ({key: told} if told else {}))
    try:
        event = checked(session, full)
    except InvalidDocumentError as error:
        raise InvalidDocumentError([_of_session(one, key) for one in error.problems]) from None
    events.update(session, event, full, now)
    keep(session, occurrence.series, now=now)


def leave_out(session: Session, occurrence: Occurrence, *, now: datetime) -> None:
    """Take one date out of a series. Where its session was announced, it stays and says cancelled."""
    document = events.get_document(session, occurrence.series)
    _refuse_former(document, occurrence)
    series = document["series"]
    excluded = [*(series.get("excluded_local") or ()), written(occurrence.recurrence)]
    told = {
        written(wall): changes
        for wall, changes in changed_sessions(document).items()
        if wall != occurrence.recurrence
    }
    full = _with(document, excluded_local=sorted(excluded), sessions=told)
    events.update(session, checked(session, full), full, now)
    keep(session, occurrence.series, now=now)


def take_in(session: Session, slug: str, wall: str, *, now: datetime) -> None:
    """Take a date into a series: one that was left out comes back, any other is added.

    Raises InvalidDocumentError where `wall` is no time that exists.
    """
    document = events.get_document(session, slug)
    series = document["series"]
    excluded, added = (list(series.get(key) or ()) for key in ("excluded_local", "added_local"))
    back = [text for text in excluded if text[:16] == wall[:16]]
    parts = (
        {"excluded_local": [text for text in excluded if text not in back]}
        if back
        else {"added_local": [*added, wall]}
    )
    full = _with(document, **parts)
    events.update(session, checked(session, full), full, now)
    keep(session, slug, now=now)


def rest_from(session: Session, slug: str) -> dict[str, Any]:
    """The document of a session and all that follow it, as the series they would be from now on.

    Raises NotFoundError, GoneError, and as `go_on_otherwise`.
    """
    occurrence = events.get(session, slug).event.occurrence
    if occurrence is None:
        raise RefusedError("Only a session of a series has others that follow it.")
    document = events.get_document(session, occurrence.series)
    if is_first(session, occurrence):
        return document
    return _in_two(document, occurrence)[1]


def is_first(session: Session, occurrence: Occurrence) -> bool:
    """Whether a session is the first one of its series."""
    document = events.get_document(session, occurrence.series)
    return occurrence.recurrence == next(recurrences(document), None)


def go_on_otherwise(
    session: Session, occurrence: Occurrence, changes: Mapping[str, Any], *, now: datetime
) -> str:
    """End a series before one of its sessions, and go on from there as `changes` say; the new slug.

    Sessions that follow keep their own slugs, and so their addresses and the people who answered.
    Raises as `edit_session`, and RefusedError where the session is an added date within the rule.
    """
    earlier, later = _in_two(events.get_document(session, occurrence.series), occurrence)
    former = re.sub(r"-from-\d{4}-\d\d-\d\d$", "", occurrence.series)[:40]
    slug = changes.get("id") or f"{former.rstrip('-')}-from-{occurrence.recurrence:%Y-%m-%d}"
    later["id"] = free_slug(session, slug)
    full = series_merged(later, {name: value for name, value in changes.items() if name != "id"})
    event = checked(session, full)
    events.update(session, checked(session, earlier), earlier, now)
    events.add(session, event, full, now)
    shift = parse_wall(full["start_local"]) - occurrence.recurrence
    for one in store.kept(session, occurrence.series):
        if one.recurrence >= occurrence.recurrence:
            store.rename(session, one.slug, event.slug, one.recurrence + shift)
    keep(session, occurrence.series, now=now)
    keep(session, event.slug, now=now)
    return event.slug


def _in_two(
    document: Mapping[str, Any], occurrence: Occurrence
) -> tuple[dict[str, Any], dict[str, Any]]:
    _refuse_former(document, occurrence)
    try:
        return split(document, occurrence.recurrence)
    except ValueError:
        raise RefusedError(
            "This date was added to the series: begin with a session of its rule."
        ) from None


def remove_session(session: Session, slug: str, occurrence: Occurrence, *, now: datetime) -> None:
    """Take a session away for good, and its date out of its series."""
    document = events.get_document(session, occurrence.series)
    _take_away(session, slug, now)
    if _has(document, occurrence.recurrence):
        leave_out(session, occurrence, now=now)


def remove_sessions(session: Session, slug: str, *, now: datetime) -> None:
    """Take all sessions of a series away for good."""
    for one in store.kept(session, slug):
        _take_away(session, one.slug, now)


def _take_away(session: Session, slug: str, now: datetime) -> None:
    federated = events.get(session, slug).event.federated
    events.remove(session, slug, now)
    pending_changes.forget(session, slug)
    conversation.close(session, f"/events/{slug}", for_good=True, now=now)
    if federated:
        outbox.enqueue(session, OutboxKind.DELETE_EVENT, slug, now)


def _matched(
    wanted: Sequence[Sitting], here: Sequence[KeptSession], shift: timedelta
) -> tuple[list[tuple[Sitting, KeptSession | None]], list[KeptSession]]:
    """Each wanted session with the one that is here: of the same recurrence, else of the one before a move."""
    free = {one.recurrence: one for one in here}
    found: dict[datetime, KeptSession | None] = {
        one.recurrence: free.pop(one.recurrence, None) for one in wanted
    }
    if shift:
        for one in wanted:
            if found[one.recurrence] is None:
                found[one.recurrence] = free.pop(one.recurrence - shift, None)
    return [(one, found[one.recurrence]) for one in wanted], list(free.values())


def _begin(session: Session, series_slug: str, one: Sitting, now: datetime) -> None:
    slug = _free_slug(session, series_slug, one.recurrence)
    document = {"id": slug, **one.document}
    events.add(session, _event(session, document, series_slug, one.recurrence), document, now)


def _bring(
    session: Session,
    had: KeptSession,
    series_slug: str,
    one: Sitting,
    now: datetime,
    *,
    frozen: bool,
) -> None:
    if had.recurrence != one.recurrence:
        store.rename(session, had.slug, series_slug, one.recurrence)
    document = {"id": had.slug, **one.document}
    if not frozen and document != had.document:
        _change(session, had, document, one.recurrence, now)


def _leave(session: Session, had: KeptSession, now: datetime) -> None:
    """A session that its series has no longer: cancelled if anybody has heard of it, else gone."""
    if not store.has_been_heard_of(session, had.slug) and store.drop(session, had.slug):
        return
    document = had.document
    if document.get("status") != "cancelled":
        document |= {"status": "cancelled", "reason": None}
        _change(session, had, document, had.recurrence, now)


def _change(
    session: Session,
    had: KeptSession,
    document: Mapping[str, Any],
    recurrence: datetime,
    now: datetime,
) -> None:
    """Keep a session's new document; who had been told of it hears of the change."""
    before = events.get(session, had.slug).event
    assert before.occurrence is not None
    after = _event(session, document, before.occurrence.series, recurrence)
    events.update(session, after, document, now)
    if had.announced:
        tell(session, before, after, now)


def _event(
    session: Session, document: Mapping[str, Any], series_slug: str, recurrence: datetime
) -> Event:
    occurrence = Occurrence(series=series_slug, recurrence=recurrence)
    return Event.from_document(document, groups.get(session).languages, occurrence)


def _free_slug(session: Session, series_slug: str, recurrence: datetime) -> str:
    """`mittwochskreis-2027-03-17`; with the hour where that is, or was, another's."""
    slug = f"{series_slug[:LONGEST_ID]}-{recurrence:%Y-%m-%d}"
    if not events.slug_taken(session, slug):
        return slug
    number, candidate = 1, f"{slug}-{recurrence:%H%M}"
    while events.slug_taken(session, candidate):
        number += 1
        candidate = f"{slug}-{recurrence:%H%M}-{number}"
    return candidate


def _has(document: Mapping[str, Any], recurrence: datetime) -> bool:
    return recurrence in known_until(document, recurrence)


def _refuse_former(document: Mapping[str, Any], occurrence: Occurrence) -> None:
    if not _has(document, occurrence.recurrence):
        raise ConflictError(
            "This date is no longer in its series: take it in again before you change it."
        )


def _with(document: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """A series' document with parts of its `series` replaced; a part that is empty now goes."""
    series = dict(document["series"]) | parts
    for name in [name for name, part in parts.items() if not part]:
        del series[name]
    return {**document, "series": series}


def _of_session(problem: Problem, key: str) -> Problem:
    """A problem as whoever changes one session sees it, without the path to its date."""
    return Problem(problem.path.removeprefix(f"series.sessions.{key}").lstrip("."), problem.message)
