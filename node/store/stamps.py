"""Who asked whether they may quote, answer, like or pass on something of ours, and the stamps given."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session


class StampKind(StrEnum):
    """What was asked for."""

    QUOTE = "quote"
    LIKE = "like"
    REPLY = "reply"
    ANNOUNCE = "announce"


class StampState(StrEnum):
    """What came of it."""

    PENDING = "pending"
    GIVEN = "given"
    REFUSED = "refused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A request and what came of it; only a `given` one is a stamp that can be looked up.

    `target` is our object, `interacting` what they make of it. `request` is the request as it came,
    as far as an answer embeds it; None where nobody asked, but a steward accepted. `content` is
    sanitised HTML.
    """

    id: str
    kind: StampKind
    actor_id: str
    inbox: str
    target: str
    interacting: str
    request: Mapping[str, Any] | None
    content: str
    state: StampState
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """A stamp with the name and handle of who asked, for stewards; empty where not known."""

    stamp: Stamp
    name: str
    handle: str


_FIRST_OF_EACH = 5
_QUOTES = """
SELECT asked.*, coalesce(actor.name, '') AS name, coalesce(actor.handle, '') AS handle
FROM (SELECT *, row_number() OVER (PARTITION BY actor_id ORDER BY created_at DESC, id) AS turn
    FROM stamp WHERE kind = 'quote' AND state = :state) AS asked
LEFT JOIN actor ON actor.id = asked.actor_id
ORDER BY asked.turn > :first, asked.created_at DESC, asked.id LIMIT :limit
"""


def put(session: Session, stamp: Stamp) -> None:
    """Keep a request, or what came of it."""
    session.run(
        "INSERT INTO stamp (id, kind, actor_id, inbox, target, interacting, request, content, state,"
        " created_at, decided_at)"
        " VALUES (:id, :kind, :actor, :inbox, :target, :interacting, :request, :content, :state, :created,"
        " CASE :state WHEN 'pending' THEN NULL ELSE :created END)"
        " ON CONFLICT (id) DO UPDATE SET inbox = :inbox, request = :request, content = :content,"
        " state = :state",
        {
            "id": stamp.id,
            "kind": stamp.kind,
            "actor": stamp.actor_id,
            "inbox": stamp.inbox,
            "target": stamp.target,
            "interacting": stamp.interacting,
            "request": json.dumps(stamp.request) if stamp.request is not None else None,
            "content": stamp.content,
            "state": stamp.state,
            "created": to_ms(stamp.created),
        },
    )


def decide(session: Session, stamp_id: str, state: StampState, now: datetime) -> Stamp:
    """Write what came of a request. Raises NotFoundError."""
    session.run(
        "UPDATE stamp SET state = :state, decided_at = :now WHERE id = :id",
        {"id": stamp_id, "state": state, "now": to_ms(now)},
    )
    return get(session, stamp_id)


def get(session: Session, stamp_id: str) -> Stamp:
    """One request. Raises NotFoundError."""
    row = session.row("SELECT * FROM stamp WHERE id = :id", {"id": stamp_id})
    if row is None:
        raise NotFoundError("There is no such stamp.")
    return _stamp(row)


def find(session: Session, kind: StampKind, interacting: str, target: str) -> Stamp | None:
    """The request to do this with that, or None."""
    row = session.row(
        "SELECT * FROM stamp WHERE interacting = :interacting AND target = :target AND kind = :kind",
        {"interacting": interacting, "target": target, "kind": kind},
    )
    return _stamp(row) if row is not None else None


def find_for(session: Session, kind: StampKind, interacting: str) -> Stamp | None:
    """The request for leave to make this, whatever it is about; or None."""
    row = session.row(
        "SELECT * FROM stamp WHERE interacting = :interacting AND kind = :kind",
        {"interacting": interacting, "kind": kind},
    )
    return _stamp(row) if row is not None else None


def given_for(session: Session, target: str) -> list[Stamp]:
    """All stamps in force for an object of ours."""
    rows = session.rows(
        "SELECT * FROM stamp WHERE target = :target AND state = 'given' ORDER BY created_at, id",
        {"target": target},
    )
    return [_stamp(row) for row in rows]


def quotes(session: Session, state: StampState, limit: int = 100) -> list[AskedFor]:
    """Quotes that wait for the stewards, or that were let be, latest first.

    Whoever asks without end stands behind all others after the first five.
    """
    rows = session.rows(_QUOTES, {"state": state, "first": _FIRST_OF_EACH, "limit": limit})
    return [AskedFor(stamp=_stamp(row), name=row["name"], handle=row["handle"]) for row in rows]


def remove_for(session: Session, interacting: str) -> int:
    """Forget whatever was asked for a post that is gone; how many."""
    return session.run(
        "DELETE FROM stamp WHERE interacting = :interacting", {"interacting": interacting}
    )


def remove_of_actor(session: Session, actor_id: str) -> int:
    """Forget whatever an actor asked for: their stamps are worth nothing any more; how many."""
    return session.run("DELETE FROM stamp WHERE actor_id = :actor", {"actor": actor_id})


def _stamp(row: Row) -> Stamp:
    return Stamp(
        id=row["id"],
        kind=StampKind(row["kind"]),
        actor_id=row["actor_id"],
        inbox=row["inbox"],
        target=row["target"],
        interacting=row["interacting"],
        request=json.loads(row["request"]) if row["request"] is not None else None,
        content=row["content"],
        state=StampState(row["state"]),
        created=from_ms(row["created_at"]),
    )
