"""Quiet acknowledgements of what we published: likes of every kind, and boosts. No totals are shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from node.clock import from_ms, to_ms
from node.store.database import Row, Session

Kind = Literal["like", "announce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody acknowledged something of ours."""

    activity_id: str
    actor_id: str
    object_id: str
    kind: Kind
    created: datetime


def add(session: Session, witness: Witness) -> bool:
    """Keep an acknowledgement; False where this actor gave the same before."""
    added = session.run(
        "INSERT INTO witness (activity_id, actor_id, object_id, kind, created_at)"
        " VALUES (:activity, :actor, :object, :kind, :created) ON CONFLICT DO NOTHING",
        {
            "activity": witness.activity_id,
            "actor": witness.actor_id,
            "object": witness.object_id,
            "kind": witness.kind,
            "created": to_ms(witness.created),
        },
    )
    return added > 0


def remove(session: Session, actor_id: str, object_id: str, kind: Kind) -> bool:
    """Take an acknowledgement back; whether there was one."""
    removed = session.run(
        "DELETE FROM witness WHERE actor_id = :actor AND object_id = :object AND kind = :kind",
        {"actor": actor_id, "object": object_id, "kind": kind},
    )
    return removed > 0


def remove_by_activity(session: Session, actor_id: str, activity_id: str) -> bool:
    """Take back the acknowledgement that this activity gave; whether it was this actor's."""
    removed = session.run(
        "DELETE FROM witness WHERE activity_id = :activity AND actor_id = :actor",
        {"actor": actor_id, "activity": activity_id},
    )
    return removed > 0


def remove_of_actor(session: Session, actor_id: str) -> int:
    """Delete all acknowledgements of an actor; how many."""
    return session.run("DELETE FROM witness WHERE actor_id = :actor", {"actor": actor_id})


def remove_about(session: Session, object_id: str) -> int:
    """Forget who acknowledged something that is gone; how many."""
    return session.run("DELETE FROM witness WHERE object_id = :object", {"object": object_id})


def count(session: Session, object_id: str, kind: Kind) -> int:
    """How many gave this acknowledgement to an object of ours: for stewards, unless hosts show numbers."""
    number: int = session.value(
        "SELECT count(*) FROM witness WHERE object_id = :object AND kind = :kind",
        {"object": object_id, "kind": kind},
    )
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were touched by something of ours."""

    object_id: str
    likes: int
    announces: int


def latest(session: Session, limit: int = 50) -> list[Tally]:
    """What was acknowledged, what was so last first: for stewards."""
    rows = session.rows(
        "SELECT object_id, sum(kind = 'like') AS likes, sum(kind = 'announce') AS announces"
        " FROM witness GROUP BY object_id ORDER BY max(created_at) DESC, object_id LIMIT :limit",
        {"limit": limit},
    )
    return [Tally(**row) for row in rows]


def of(session: Session, object_id: str, limit: int = 500) -> list[Witness]:
    """Who acknowledged an object of ours, oldest first: for stewards."""
    rows = session.rows(
        "SELECT * FROM witness WHERE object_id = :object ORDER BY created_at, activity_id LIMIT :limit",
        {"object": object_id, "limit": limit},
    )
    return [_witness(row) for row in rows]


def _witness(row: Row) -> Witness:
    return Witness(
        activity_id=row["activity_id"],
        actor_id=row["actor_id"],
        object_id=row["object_id"],
        kind=row["kind"],
        created=from_ms(row["created_at"]),
    )
