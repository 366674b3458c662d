"""Neighbours' gatherings that we pass on to our followers."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import to_ms
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True)
class Boost:
    """What is passed on: its id, who wrote it, its page and title; both empty where it is gone."""

    object_id: str
    author: str
    url: str
    title: str


_SELECT = (
    "SELECT boost.*, coalesce(post.url, '') AS url, coalesce(post.title, '') AS title FROM boost"
    " LEFT JOIN neighbour_post AS post ON post.id = boost.object_id "
)


def put(session: Session, object_id: str, author: str, now: datetime) -> bool:
    """Note that something is passed on; False where it was already."""
    added = session.run(
        "INSERT INTO boost (object_id, author, boosted_at) VALUES (:id, :author, :now)"
        " ON CONFLICT (object_id) DO NOTHING",
        {"id": object_id, "author": author, "now": to_ms(now)},
    )
    return added > 0


def remove(session: Session, object_id: str) -> bool:
    """Note that it is no longer; whether it was."""
    return session.run("DELETE FROM boost WHERE object_id = :id", {"id": object_id}) > 0


def find(session: Session, address: str) -> Boost | None:
    """What is passed on, by its id or its page; None where it is not."""
    row = session.row(
        _SELECT + "WHERE boost.object_id = :address OR post.url = :address LIMIT 1",
        {"address": address},
    )
    return _boost(row) if row is not None else None


def every(session: Session, limit: int = 500) -> list[Boost]:
    """Everything that is passed on, latest first."""
    rows = session.rows(
        _SELECT + "ORDER BY boosted_at DESC, object_id LIMIT :limit", {"limit": limit}
    )
    return [_boost(row) for row in rows]


def coming(session: Session, now: datetime, limit: int) -> list[Boost]:
    """What is passed on and not over, soonest first."""
    rows = session.rows(
        _SELECT + "WHERE post.listed = 1 AND coalesce(post.end_at, post.start_at + 7200000) > :now"
        " ORDER BY post.start_at, object_id LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return [_boost(row) for row in rows]


def lapsed(session: Session, limit: int = 500) -> list[str]:
    """Ids of what is passed on and gone, of nobody we follow, kept out of lists, or not to be passed on now.

    Whoever asked us to hold a gathering together lets us pass it on.
    """
    rows = session.rows(
        "SELECT object_id FROM boost WHERE NOT EXISTS"
        " (SELECT 1 FROM neighbour_post WHERE id = object_id AND listed = 1"
        " AND (passable = 1 OR id IN (SELECT event FROM cohosting WHERE state = 'accepted'))"
        " AND actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')) LIMIT :limit",
        {"limit": limit},
    )
    return [row["object_id"] for row in rows]


def count_since(session: Session, since: datetime) -> int:
    """How much was passed on since then."""
    number: int = session.value(
        "SELECT count(*) FROM boost WHERE boosted_at > :since", {"since": to_ms(since)}
    )
    return number


def _boost(row: Row) -> Boost:
    return Boost(row["object_id"], row["author"], row["url"], row["title"])
