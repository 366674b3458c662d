"""From what somebody wants said of an event to the document that is kept: merged, then checked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from node.domain.event import Event
from node.domain.series import changed_sessions, known_until, moved, recurs, written
from node.domain.walltime import parse_wall
from node.errors import InvalidDocumentError, Problem
from node.exchange.check import check_event
from node.services.pictures import absent
from node.store import events, groups
from node.store.database import Session


def as_object(document: object) -> dict[str, Any]:
    """A copy of what must be a JSON object; raises InvalidDocumentError for anything else."""
    if not isinstance(document, Mapping):
        raise InvalidDocumentError([Problem("", "the event must be a JSON object")])
    return dict(document)


def checked(session: Session, document: Mapping[str, Any]) -> Event:
    """The event of a document that is in order; raises InvalidDocumentError naming each refused value."""
    group = groups.get(session)
    problems = check_event(document, group.languages)
    if document.get("group", group.slug) != group.slug:
        problems.append(Problem("group", f"this node hosts “{group.slug}”"))
    problems += absent(session, document)
    if problems:
        raise InvalidDocumentError(problems)
    return Event.from_document(document, group.languages)


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with `changes`; a UTC time that belonged to a replaced wall time goes."""
    full = dict(document) | dict(changes)
    for name in ("start", "end", "previous_start"):
        moved = f"{name}_local" in changes or "timezone" in changes
        if moved and f"{name}_utc" not in changes:
            full.pop(f"{name}_utc", None)
    return full


def series_merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """As `merged`, for a series: what was said of single dates stays, as far as it has those dates.

    Where only the start changes, the rule, its exceptions and its dates go along with it.
    """
    start, before = changes.get("start_local"), parse_wall(document["start_local"])
    try:
        after = parse_wall(start) if isinstance(start, str) else before
    except ValueError:
        after = before  # the checks will say so
    given = changes.get("series")
    if "series" not in changes and after != before:
        return merged(moved(document, after), changes)
    full = merged(document, changes)
    if isinstance(given, Mapping) and "sessions" not in given:
        full["series"] = dict(given) | _carried(document, full, after - before)
    return full


def free_slug(session: Session, wanted: str) -> str:
    """`wanted`, or with a number behind it where that is, or ever was, taken."""
    number, candidate = 1, wanted
    while events.slug_taken(session, candidate):
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


def _carried(
    document: Mapping[str, Any], full: Mapping[str, Any], shift: timedelta
) -> dict[str, Any]:
    """What was said of single dates, by the dates that they have in the series as it is now."""
    told = changed_sessions(document)
    if not told:
        return {}
    try:
        known = known_until(full, max(told) + abs(shift)) if recurs(full) else set()
    except (ValueError, KeyError, TypeError):
        return {}  # the checks will say why
    walls = {wall: wall if wall in known else wall + shift for wall in told}
    kept = {written(to): told[wall] for wall, to in walls.items() if to in known}
    return {"sessions": kept} if kept else {}
