"""Who asked to follow, where the group lets followers in one by one. Never shown to anyone but stewards."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRequest:
    """Somebody who waits; `handle` and `name` are empty where their actor document is not at hand.

    `follow` is the Follow as it was received, for our answer.
    """

    actor_id: str
    handle: str
    name: str
    inbox: str
    shared_inbox: str | None
    host: str
    follow_id: str
    follow: Mapping[str, Any]
    created: datetime


_SELECT = (
    "SELECT follow_request.*, coalesce(actor.handle, '') AS handle, coalesce(actor.name, '') AS name"
    " FROM follow_request LEFT JOIN actor ON actor.id = follow_request.actor_id "
)


def put(
    session: Session,
    *,
    actor_id: str,
    inbox: str,
    shared_inbox: str | None,
    host: str,
    follow_id: str,
    follow: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Note that somebody asks, or asks again; True where it is new. The place in the queue stays."""
    new = find(session, actor_id) is None
    session.run(
        "INSERT INTO follow_request (actor_id, inbox, shared_inbox, host, follow_id, follow, created_at)"
        " VALUES (:actor, :inbox, :shared, :host, :follow_id, :follow, :now)"
        " ON CONFLICT (actor_id) DO UPDATE SET inbox = :inbox, shared_inbox = :shared, host = :host,"
        " follow_id = :follow_id, follow = :follow",
        {
            "actor": actor_id,
            "inbox": inbox,
            "shared": shared_inbox,
            "host": host,
            "follow_id": follow_id,
            "follow": json.dumps(follow, separators=(",", ":")),
            "now": to_ms(now),
        },
    )
    return new


def find(session: Session, actor_id: str) -> FollowRequest | None:
    """What one actor asked, or None."""
    row = session.row(_SELECT + "WHERE follow_request.actor_id = :actor", {"actor": actor_id})
    return _request(row) if row is not None else None


def every(session: Session, limit: int = 10_000) -> list[FollowRequest]:
    """Everyone who waits, the longest first."""
    rows = session.rows(
        _SELECT + "ORDER BY follow_request.created_at, follow_request.actor_id LIMIT :limit",
        {"limit": limit},
    )
    return [_request(row) for row in rows]


def count(session: Session) -> int:
    """How many wait."""
    number: int = session.value("SELECT count(*) FROM follow_request")
    return number


def remove(session: Session, actor_id: str) -> bool:
    """Forget what somebody asked; whether they had."""
    return (
        session.run("DELETE FROM follow_request WHERE actor_id = :actor", {"actor": actor_id}) > 0
    )


def _request(row: Row) -> FollowRequest:
    return FollowRequest(
        actor_id=row["actor_id"],
        handle=row["handle"],
        name=row["name"],
        inbox=row["inbox"],
        shared_inbox=row["shared_inbox"],
        host=row["host"],
        follow_id=row["follow_id"],
        follow=json.loads(row["follow"]),
        created=from_ms(row["created_at"]),
    )
