"""Whom our group follows: its neighbours, and the queue of those whose events are still to be read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.clock import from_ms, to_ms
from node.store import hosts
from node.store.database import Row, Session
from node.store.known_groups import CRAWL_WORKER

BACKFILL_WORKER = "backfill"


class FollowState(StrEnum):
    """How far our Follow got."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A neighbour and the state of our Follow; `name` is empty where its document is not at hand."""

    actor_id: str
    handle: str
    name: str
    inbox: str
    follow_id: str
    state: FollowState
    created: datetime
    updated: datetime


_SELECT = (
    "SELECT following.*, coalesce(actor.name, '') AS name FROM following"
    " LEFT JOIN actor ON actor.id = following.actor_id "
)


def put(
    session: Session, *, actor_id: str, handle: str, inbox: str, follow_id: str, now: datetime
) -> None:
    """Note that we asked to follow; asking again replaces the Follow and starts from pending."""
    session.run(
        "INSERT INTO following (actor_id, handle, inbox, follow_id, state, created_at, updated_at)"
        " VALUES (:actor, :handle, :inbox, :follow, 'pending', :now, :now)"
        " ON CONFLICT (actor_id) DO UPDATE SET handle = :handle, inbox = :inbox, follow_id = :follow,"
        " state = 'pending', updated_at = :now",
        {
            "actor": actor_id,
            "handle": handle,
            "inbox": inbox,
            "follow": follow_id,
            "now": to_ms(now),
        },
    )
    hosts.meet(session, actor_id, now)


def renew(session: Session, actor_id: str, inbox: str, follow_id: str, now: datetime) -> None:
    """Note that we asked a neighbour again who had accepted already: it stays accepted meanwhile."""
    session.run(
        "UPDATE following SET inbox = :inbox, follow_id = :follow, updated_at = :now WHERE actor_id = :actor",
        {"actor": actor_id, "inbox": inbox, "follow": follow_id, "now": to_ms(now)},
    )


def set_state(session: Session, actor_id: str, state: FollowState, now: datetime) -> bool:
    """Note an answer; False where nothing changed by it."""
    changed = session.run(
        "UPDATE following SET state = :state, updated_at = :now WHERE actor_id = :actor AND state <> :state",
        {"actor": actor_id, "state": state, "now": to_ms(now)},
    )
    return changed > 0


def move_inbox(session: Session, actor_id: str, handle: str, inbox: str) -> None:
    """Note that a neighbour is called or reached otherwise now."""
    session.run(
        "UPDATE following SET inbox = :inbox, handle = :handle WHERE actor_id = :actor"
        " AND (inbox, handle) <> (:inbox, :handle)",
        {"actor": actor_id, "handle": handle, "inbox": inbox},
    )


def remove(session: Session, actor_id: str) -> bool:
    """Forget a neighbour; whether there was one."""
    session.run("DELETE FROM backfill WHERE actor_id = :actor", {"actor": actor_id})
    session.wake(CRAWL_WORKER)
    return session.run("DELETE FROM following WHERE actor_id = :actor", {"actor": actor_id}) > 0


def find(session: Session, actor_id: str) -> Following | None:
    """One neighbour, or None."""
    row = session.row(_SELECT + "WHERE following.actor_id = :actor", {"actor": actor_id})
    return _following(row) if row is not None else None


def sent(session: Session, follow_id: str, actor_id: str) -> bool:
    """Whether a Follow of this id is one we sent to this actor, last or earlier."""
    found = session.value(
        "SELECT 1 FROM following WHERE actor_id = :actor AND follow_id = :follow"
        " UNION ALL SELECT 1 FROM activity WHERE id = :follow AND type = 'Follow' AND object_id = :actor",
        {"actor": actor_id, "follow": follow_id},
    )
    return found is not None


def every(session: Session) -> list[Following]:
    """All neighbours, by handle."""
    return [
        _following(row)
        for row in session.rows(_SELECT + "ORDER BY following.handle, following.actor_id")
    ]


def listened_to(session: Session) -> frozenset[str]:
    """The ids of neighbours whose posts we take in: our Follow was accepted or is not answered yet."""
    rows = session.rows("SELECT actor_id FROM following WHERE state <> 'rejected'")
    return frozenset(row["actor_id"] for row in rows)


def is_listened_to(session: Session, actor_id: str) -> bool:
    """Whether we take in what this actor posts."""
    state = session.value(
        "SELECT state FROM following WHERE actor_id = :actor", {"actor": actor_id}
    )
    return state is not None and state != FollowState.REJECTED


def ask_backfill(session: Session, actor_id: str, now: datetime) -> None:
    """Note that a neighbour's upcoming events should be read now."""
    session.run(
        "INSERT INTO backfill (actor_id, not_before) VALUES (:actor, :now)"
        " ON CONFLICT (actor_id) DO UPDATE SET not_before = :now, attempts = 0",
        {"actor": actor_id, "now": to_ms(now)},
    )
    session.wake(BACKFILL_WORKER)


# On none of some servers, given by their origins.
_ELSEWHERE = (
    "AND NOT EXISTS (SELECT 1 FROM json_each(:besides)"
    " WHERE substr(actor_id, 1, length(value) + 1) = value || '/')"
)


def next_backfill(session: Session, now: datetime, besides: Sequence[str] = ()) -> "Turn | None":
    """The new neighbour whose turn it is, on none of the servers `besides`, or None."""
    row = session.row(
        "SELECT actor_id, attempts FROM backfill WHERE not_before <= :now"  # noqa: S608 - our own text
        f" {_ELSEWHERE} ORDER BY not_before LIMIT 1",
        {"now": to_ms(now), "besides": json.dumps(besides)},
    )
    return Turn(row["actor_id"], row["attempts"]) if row is not None else None


def postpone_backfill(session: Session, actor_id: str, until: datetime) -> None:
    """Count one attempt and try again at `until`."""
    session.run(
        "UPDATE backfill SET attempts = attempts + 1, not_before = :until WHERE actor_id = :actor",
        {"actor": actor_id, "until": to_ms(until)},
    )


def end_backfill(session: Session, actor_id: str) -> None:
    """The neighbour's events are read, or it was tried often enough."""
    session.run("DELETE FROM backfill WHERE actor_id = :actor", {"actor": actor_id})


@dataclass(frozen=True, slots=True)
class Turn:
    """A neighbour whose upcoming events are to be read: for the first time, or `again`.

    `failures` counts tries in vain since they were last read; `etag` is of the collection as it was then.
    """

    actor_id: str
    failures: int
    again: bool = False
    etag: str | None = None


def next_refresh(session: Session, now: datetime, besides: Sequence[str] = ()) -> Turn | None:
    """The neighbour whose upcoming events were read longest ago, if a day or what it was put off is over.

    On none of the servers `besides`.
    """
    row = session.row(
        "SELECT actor_id, read_failures, upcoming_etag"  # noqa: S608 - our own text
        " FROM following WHERE state = 'accepted'"
        " AND coalesce(read_again_at, updated_at + 86400000) <= :now"
        " AND actor_id NOT IN (SELECT actor_id FROM backfill)"
        f" {_ELSEWHERE} ORDER BY coalesce(read_again_at, updated_at) LIMIT 1",
        {"now": to_ms(now), "besides": json.dumps(besides)},
    )
    if row is None:
        return None
    return Turn(row["actor_id"], row["read_failures"], again=True, etag=row["upcoming_etag"])


def read_again(
    session: Session, actor_id: str, at: datetime, *, failures: int, etag: str | None
) -> None:
    """Note when a neighbour's upcoming events are read again, and what is known of the last time."""
    session.run(
        "UPDATE following SET read_again_at = :at, read_failures = :failures, upcoming_etag = :etag"
        " WHERE actor_id = :actor",
        {"actor": actor_id, "at": to_ms(at), "failures": failures, "etag": etag},
    )


def _following(row: Row) -> Following:
    return Following(
        actor_id=row["actor_id"],
        handle=row["handle"],
        name=row["name"],
        inbox=row["inbox"],
        follow_id=row["follow_id"],
        state=FollowState(row["state"]),
        created=from_ms(row["created_at"]),
        updated=from_ms(row["updated_at"]),
    )
