"""Servers and actors whose doors are closed here, and clearing away what came from them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from node.clock import from_ms, to_ms
from node.store.database import Session

Kind = Literal["host", "actor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One closed door: a lower-case host name, which covers its subdomains, or an actor id."""

    target: str
    kind: Kind
    reason: str | None
    created: datetime


CHANGED = "blocks"


def put(session: Session, target: str, kind: Kind, reason: str | None, now: datetime) -> bool:
    """Close a door, or change the reason; True where it was open before."""
    session.wake(CHANGED)
    values = {"target": target, "kind": kind, "reason": reason, "now": to_ms(now)}
    if session.run(
        "UPDATE block SET reason = coalesce(:reason, reason) WHERE target = :target", values
    ):
        return False
    session.run(
        "INSERT INTO block (target, kind, reason, created_at) VALUES (:target, :kind, :reason, :now)",
        values,
    )
    return True


def remove(session: Session, target: str) -> bool:
    """Open a door again; whether it was closed."""
    session.wake(CHANGED)
    return session.run("DELETE FROM block WHERE target = :target", {"target": target}) > 0


def every(session: Session) -> list[Block]:
    """All closed doors, by target."""
    return [
        Block(
            target=row["target"],
            kind=row["kind"],
            reason=row["reason"],
            created=from_ms(row["created_at"]),
        )
        for row in session.rows("SELECT * FROM block ORDER BY target")
    ]


def closed(session: Session) -> frozenset[str]:
    """The targets of all closed doors; for `Database.peek_kept`."""
    return frozenset(row["target"] for row in session.rows("SELECT target FROM block"))


def any_of(session: Session, targets: Sequence[str]) -> bool:
    """Whether one of these exact targets is blocked (a point read each)."""
    found = session.value(
        "SELECT 1 FROM block WHERE target IN (SELECT value FROM json_each(:targets)) LIMIT 1",
        {"targets": json.dumps(targets)},
    )
    return found is not None


def actors_at_hand(session: Session) -> list[str]:
    """The ids of all actors who follow, are followed, wrote, answered, are coming or are known: to clear away."""
    rows = session.rows(
        "SELECT actor_id AS id FROM follower UNION SELECT actor_id FROM follow_request"
        " UNION SELECT actor_id FROM following"
        " UNION SELECT actor_id FROM neighbour_post UNION SELECT author FROM neighbour_post"
        " UNION SELECT actor_id FROM reply UNION SELECT actor_id FROM witness"
        " UNION SELECT actor_id FROM stamp UNION SELECT id FROM known_group"
        " UNION SELECT actor_id FROM cohosting"
        " UNION SELECT who FROM rsvp WHERE via = 'activitypub'"
    )
    return [row["id"] for row in rows]


def waiting_inboxes(session: Session) -> list[str]:
    """The inboxes something waits to be delivered to."""
    rows = session.rows("SELECT DISTINCT inbox FROM delivery WHERE state = 'pending'")
    return [row["inbox"] for row in rows]


def drop_deliveries(session: Session, inboxes: Sequence[str]) -> int:
    """Take back what waits to be delivered to these inboxes; how many rows."""
    return session.run(
        "DELETE FROM delivery WHERE state = 'pending' AND inbox IN (SELECT value FROM json_each(:inboxes))",
        {"inboxes": json.dumps(inboxes)},
    )


def is_at_hand(session: Session, actor_id: str) -> bool:
    """Whether anything here is by or about this actor, its cached document included."""
    found = session.value(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM actor WHERE id = :actor)"
        " OR EXISTS (SELECT 1 FROM follower WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM following WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM neighbour_post WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM neighbour_post WHERE author = :actor)"
        " OR EXISTS (SELECT 1 FROM reply WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM witness WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM stamp WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM cohosting WHERE actor_id = :actor)"
        " OR EXISTS (SELECT 1 FROM rsvp WHERE who = :actor)",
        {"actor": actor_id},
    )
    return found is not None
