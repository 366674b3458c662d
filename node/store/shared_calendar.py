"""The shared calendar: gatherings of ours and of neighbours in one list, each once.

What is one gathering? One id is one row, whoever passed it on and however often. Two ids are one where
both lead to the same page for people and begin at the same moment: a copy that names its original. The one
on the server of that page stands for both, so nobody can put a copy in its place. What leads to a page of ours is ours.

Only what is public and listed is here: neither what hosts keep from lists, nor what a neighbour addresses to
`Public` in `cc` alone (FEP-8a8e), nor anything of somebody we do not follow.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos
from typing import Any

from node.clock import to_ms
from node.domain import tokens
from node.domain.calendar_filter import CalendarFilter, Near
from node.domain.facts import EARTH_RADIUS_KM, Point
from node.domain.neighbour import NeighbourPost
from node.store import events, neighbours
from node.store.database import Session
from node.store.events import StoredEvent
from node.urls import Urls

Gathering = StoredEvent | NeighbourPost

# Postponed ones of neighbours without a date are kept in sight for half a year after their last change.
_UNDATED = timedelta(days=180)
_SHOWN = 24  # later sessions of a series that are named in a list
_FAR = 1 << 52  # a moment in milliseconds after all others

_ALL = """
WITH gathering AS (
    SELECT 'event' AS source, slug AS name, '' AS id, '' AS author, start_at, end_at, facts,
    document, series_slug AS series
    FROM event WHERE document IS NOT NULL AND visibility = 'public' AND is_series = 0
    AND (series_slug IS NULL OR announced_at IS NOT NULL)
    AND (end_at > :start OR (end_at IS NULL AND :undated)) AND coalesce(start_at, 0) < :end
    UNION ALL
    SELECT 'neighbour_post', id, actor_id, author, start_at, coalesce(end_at, start_at + 7200000), facts, NULL, series
    FROM neighbour_post AS post WHERE kind = 'event' AND listed = 1
    AND coalesce(end_at, start_at + 7200000) > :start AND start_at < :end
    AND +actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
    AND substr(url, 1, length(:ours)) <> :ours
    AND NOT EXISTS (
        SELECT 1 FROM neighbour_post AS other WHERE other.url = post.url AND other.start_at = post.start_at
        AND other.kind = 'event' AND other.listed = 1 AND other.id <> post.id
        AND other.actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
        AND (coalesce(other.facts ->> '$.original', 0), post.id)
            > (coalesce(post.facts ->> '$.original', 0), other.id))
    UNION ALL
    SELECT 'neighbour_post', id, actor_id, author, NULL, NULL, facts, NULL, series
    FROM neighbour_post WHERE :undated AND kind = 'event' AND listed = 1 AND start_at IS NULL
    AND status = 'postponed' AND updated_at > :changed_since
    AND +actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
)
"""
_HOLDS = """
FROM gathering WHERE (NOT :past OR end_at <= :now)
AND (:language = '' OR EXISTS (SELECT 1 FROM json_each(facts, '$.languages') WHERE value = :language))
AND (NOT :online OR facts ->> '$.online' = 1)
AND (NOT :free OR facts ->> '$.free' = 1)
AND (:kind = '' OR facts ->> '$.kind' = :kind)
AND (NOT :tagged OR EXISTS (SELECT 1 FROM json_each(document, '$.tags') AS tag
    WHERE tag.value IN (SELECT value FROM json_each(:tags))))
AND (:group = '' OR (:group = 'ours' AND source = 'event') OR :group IN (id, author))
AND NOT EXISTS (SELECT 1 FROM json_each(:access) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM json_each(facts, '$.access') AS told WHERE told.value = wanted.value))
AND (NOT :somewhere OR (:words <> '' AND instr(facts ->> '$.place', :words) > 0)
    OR (facts ->> '$.x') * :x + (facts ->> '$.y') * :y + (facts ->> '$.z') * :z >= :closeness)
"""
_COUNT = f"{_ALL} SELECT count(*) FROM (SELECT 1 {_HOLDS} LIMIT :limit)"  # noqa: S608 - our own text
_SOONEST = "ORDER BY start_at IS NULL, start_at, source, name"
_LATEST = "ORDER BY end_at DESC, source, name"


# Sessions of a series stand together: the first of them, then the others by their place.
_TOGETHER = """
, held AS (SELECT source, name, start_at, end_at, coalesce('s' || series, 'n' || name) AS circle {holds}),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY source, circle {order}) AS place,
        count(*) OVER (PARTITION BY source, circle) AS sessions FROM held)
"""


@dataclass(frozen=True, slots=True)
class Circle:
    """What a list shows in one place: a gathering, or the next session of a series and those after it.

    `later` holds the first of them, `more` is how many there are.
    """

    first: Gathering
    later: tuple[Gathering, ...] = ()
    more: int = 0


def find_circles(
    session: Session,
    wanted: CalendarFilter,
    now: datetime,
    urls: Urls,
    *,
    limit: int,
    offset: int = 0,
) -> list[Circle]:
    """As `find`, with the sessions of each series in one place: where the next one is, or the last if it is over."""
    order = _LATEST if wanted.past else _SOONEST
    placed = _ALL + _TOGETHER.format(holds=_HOLDS, order=order)
    values = _parameters(wanted, now, urls)
    firsts = session.rows(
        f"{placed} SELECT source, name, circle, sessions FROM placed WHERE place = 1 {order}"  # noqa: S608 - our own text
        " LIMIT :limit OFFSET :offset",
        values | {"limit": limit, "offset": offset},
    )
    several = [row["circle"] for row in firsts if row["sessions"] > 1]
    later: dict[tuple[str, str], list[Gathering]] = {}
    if several:
        rows = session.rows(
            f"{placed} SELECT source, name, circle FROM placed WHERE place BETWEEN 2 AND :last"  # noqa: S608 - our own text
            f" AND circle IN (SELECT value FROM json_each(:circles)) {order}",
            values | {"circles": json.dumps(several), "last": _SHOWN + 1},
        )
        for row in rows:
            found = _read(session, [(row["source"], row["name"])])
            later.setdefault((row["source"], row["circle"]), []).extend(found)
    return [
        Circle(
            first=next(iter(_read(session, [(row["source"], row["name"])]))),
            later=tuple(later.get((row["source"], row["circle"]), ())),
            more=row["sessions"] - 1,
        )
        for row in firsts
    ]


def find(
    session: Session,
    wanted: CalendarFilter,
    now: datetime,
    urls: Urls,
    *,
    limit: int,
    offset: int = 0,
) -> list[Gathering]:
    """The gatherings that hold all that is wanted, soonest first, without a date last; past ones latest first."""
    rows = session.rows(
        f"{_ALL} SELECT source, name {_HOLDS} {_LATEST if wanted.past else _SOONEST}"
        " LIMIT :limit OFFSET :offset",
        _parameters(wanted, now, urls) | {"limit": limit, "offset": offset},
    )
    return list(_read(session, ((row["source"], row["name"]) for row in rows)))


def names(
    session: Session, wanted: CalendarFilter, now: datetime, urls: Urls, *, limit: int = 5000
) -> list[tuple[str, str]]:
    """As `find`, but only the table each stands in and its name there."""
    rows = session.rows(
        f"{_ALL} SELECT source, name {_HOLDS} {_LATEST} LIMIT :limit",
        _parameters(wanted, now, urls) | {"limit": limit},
    )
    return [(row["source"], row["name"]) for row in rows]


def count(
    session: Session, wanted: CalendarFilter, now: datetime, urls: Urls, *, most: int = 100
) -> int:
    """How many those are, `most` for that many or more."""
    number: int = session.value(
        _COUNT,
        _parameters(wanted, now, urls) | {"limit": most},
    )
    return number


def languages(session: Session) -> list[str]:
    """Every language in which we know of a gathering, as tags without region."""
    rows = session.rows(
        "SELECT DISTINCT value FROM event, json_each(facts, '$.languages')"
        " WHERE document IS NOT NULL AND visibility = 'public' UNION"
        " SELECT DISTINCT value FROM neighbour_post, json_each(facts, '$.languages')"
        " WHERE kind = 'event' AND listed = 1 LIMIT 200"
    )
    return sorted(row["value"] for row in rows)


def spellings(session: Session, tag: str) -> tuple[str, ...]:
    """How hosts of ours have written a tag: without its sign, case, accents and spaces it is the same.

    Of neighbours no tags are kept.
    """
    wanted = _folded(tag)
    rows = session.rows(
        "SELECT DISTINCT value FROM event, json_each(document, '$.tags')"
        " WHERE document IS NOT NULL AND visibility = 'public'"
    )
    return tuple(row["value"] for row in rows if wanted and _folded(row["value"]) == wanted)


def _folded(tag: str) -> str:
    return "".join(tokens.pieces(tag))


def point_of(session: Session, words: str) -> Point | None:
    """Where a place lies, by the coordinates of a gathering there; None where no gathering tells."""
    row = session.row(
        "SELECT facts ->> '$.latitude' AS latitude, facts ->> '$.longitude' AS longitude FROM ("
        " SELECT facts, updated_at FROM event WHERE document IS NOT NULL AND visibility = 'public'"
        " UNION ALL SELECT facts, updated_at FROM neighbour_post WHERE kind = 'event' AND listed = 1"
        " AND actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected'))"
        " WHERE facts ->> '$.latitude' IS NOT NULL AND instr(facts ->> '$.place', :words) > 0"
        " ORDER BY updated_at DESC LIMIT 1",
        {"words": words},
    )
    return Point(latitude=row["latitude"], longitude=row["longitude"]) if row is not None else None


def _read(session: Session, found: Iterable[tuple[str, str]]) -> Iterable[Gathering]:
    for source, name in found:
        yield events.get(session, name) if source == "event" else neighbours.post(session, name)


def _parameters(wanted: CalendarFilter, now: datetime, urls: Urls) -> dict[str, Any]:
    start = wanted.start or (None if wanted.past else now)
    x, y, z, closeness = _around(wanted.near)
    return {
        "start": to_ms(start) if start else -_FAR,
        "end": to_ms(wanted.end) if wanted.end else _FAR,
        "now": to_ms(now),
        "undated": not (wanted.past or wanted.start or wanted.end),
        "changed_since": to_ms(now - _UNDATED),
        "past": wanted.past,
        "ours": f"{urls.origin}/",
        "language": wanted.language,
        "online": wanted.online,
        "free": wanted.free,
        "kind": wanted.kind,
        "group": wanted.group,
        "tagged": wanted.tags is not None,
        "tags": json.dumps(wanted.tags or ()),
        "access": json.dumps(wanted.access),
        "somewhere": wanted.near is not None,
        "words": wanted.near.words if wanted.near else "",
        "x": x,
        "y": y,
        "z": z,
        "closeness": closeness,
    }


def _around(near: Near | None) -> tuple[float, float, float, float]:
    """A point as a vector, and the cosine of the angle under which it counts as near; 2: nothing is."""
    if near is None or near.point is None:
        return 0.0, 0.0, 0.0, 2.0
    # What rounding takes from the cosine must not exclude the very point.
    return (*near.point.on_sphere(), cos(min(near.km / EARTH_RADIUS_KM, 3.1415926)) - 1e-12)
