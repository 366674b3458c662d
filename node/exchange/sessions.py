"""Checks of what differs on single dates of a series: dates it has, fields that can differ, sound events."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from node.domain.sentence import Sentence
from node.domain.series import OF_THE_SERIES, changed_sessions, known_until, sitting
from node.domain.walltime import parse_wall
from node.errors import Problem
from node.exchange.wording import at

# The longest id whose sessions still have room in their own for a day and an hour.
LONGEST_ID = 64

Check = Callable[[Mapping[str, Any], str], Iterator[Problem]]


def session_problems(event: Mapping[str, Any], path: str, check: Check) -> Iterator[Problem]:
    """Everything wrong with the id and the single dates of a series that is sound in itself.

    `check` gives the problems of the event that a session is.
    """
    slug = event.get("id") or ""
    if len(slug) > LONGEST_ID:
        yield Problem(
            at(path, "id"),
            Sentence("is too long for a series: at most %(limit)s characters", limit=LONGEST_ID),
        )
    sessions = event["series"].get("sessions") or {}
    where = at(at(path, "series"), "sessions")
    try:
        changed = changed_sessions(event)
    except ValueError:
        yield from _impossible(sessions, where)
        return
    known = known_until(event, max(changed)) if changed else set()
    for key, changes in sessions.items():
        here = at(where, key)
        if parse_wall(key) not in known:
            yield Problem(here, Sentence("is no session of this series"))
            continue
        fixed = [name for name in changes if name in OF_THE_SERIES]
        for name in fixed:
            yield Problem(at(here, name), Sentence("belongs to the whole series: change it there"))
        if not fixed:
            yield from check(sitting(event, parse_wall(key)).document, here)


def _impossible(sessions: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for key in sessions:
        try:
            parse_wall(key)
        except ValueError:
            yield Problem(at(where, key), Sentence("is not a day and time that exists"))
