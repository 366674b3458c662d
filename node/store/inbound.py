"""What other servers sent, from the moment it is acknowledged until its effects are in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.clock import from_ms, to_ms
from node.store.database import Session

WORKER = "inbox"

# A copy that comes later than this is no copy: gancio has one id for all its Follows of an actor and
# one for every Undo of them, so the second friendship would never begin.
_SAID_ANEW = timedelta(minutes=10)
_SAID_AGAIN = ("Follow", "Undo")
_ADD = (
    "INSERT INTO inbound (origin, activity_id, actor_id, type, body, state, received_at, forwarded)"
    " VALUES (:origin, :activity, :actor, :type, :body, 'waiting', :now, :forwarded)"
    " ON CONFLICT (origin, activity_id) DO NOTHING"
)
_MAKE_ROOM = (
    "DELETE FROM inbound WHERE origin = :origin AND activity_id = :activity AND actor_id = :actor"
    " AND type = :type AND state <> 'waiting'"
    " AND (received_at <= :anew OR (type = 'Follow' AND EXISTS"
    " (SELECT 1 FROM follower WHERE actor_id = :actor AND follow_id = :activity)))"
)


def origin_of(url: str) -> str:
    """Scheme, host and port of a canonical URL: `https://example.org`."""
    return "/".join(url.split("/", 3)[:3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An activity whose signature was verified, as it came in. `body` is the JSON as it was sent.

    `forwarded`: `origin` is that of who passed it on, and `actor_id` only what the activity says.
    """

    origin: str
    activity_id: str
    actor_id: str
    type: str
    body: bytes
    received: datetime
    forwarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """An activity that waits to be worked off."""

    seq: int
    origin: str
    activity_id: str
    actor_id: str
    type: str
    body: bytes
    attempts: int
    forwarded: bool


def add(session: Session, arrivals: Sequence[Arrival]) -> int:
    """Keep activities until they are worked off; how many of them are new by their origin and id.

    A Follow that stands is kept again: whoever repeats it has not heard our Accept.
    """
    rows = [
        {
            "origin": one.origin,
            "activity": one.activity_id,
            "actor": one.actor_id,
            "type": one.type,
            "body": one.body,
            "now": to_ms(one.received),
            "anew": to_ms(one.received - _SAID_ANEW),
            "forwarded": int(one.forwarded),
        }
        for one in arrivals
    ]
    session.run_many(_MAKE_ROOM, [row for row in rows if row["type"] in _SAID_AGAIN])
    added = session.run_many(_ADD, rows)
    if added:
        session.wake(WORKER)
    return added


def due(
    session: Session,
    now: datetime,
    limit: int,
    *,
    held: Sequence[tuple[str, str]] = (),
    full: Sequence[str] = (),
) -> list[Inbound]:
    """Activities to work off now, in the order they came; those that are tried again come last.

    Left out is what came from one of `held`, pairs of origin and actor, or from one of the origins in `full`.
    """
    rows = session.rows(
        "SELECT seq, origin, activity_id, actor_id, type, body, attempts, forwarded FROM inbound"
        " WHERE state = 'waiting' AND not_before <= :now"
        " AND json_array(origin, actor_id) NOT IN (SELECT value FROM json_each(:held))"
        " AND origin NOT IN (SELECT value FROM json_each(:full))"
        " ORDER BY not_before, seq LIMIT :limit",
        {
            "now": to_ms(now),
            "limit": limit,
            "held": json.dumps([json.dumps(one, separators=(",", ":")) for one in held]),
            "full": json.dumps(full),
        },
    )
    return [
        Inbound(
            seq=row["seq"],
            origin=row["origin"],
            activity_id=row["activity_id"],
            actor_id=row["actor_id"],
            type=row["type"],
            body=row["body"],
            attempts=row["attempts"],
            forwarded=bool(row["forwarded"]),
        )
        for row in rows
    ]


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next activity that was put off is due, or None."""
    moment = session.value(
        "SELECT min(not_before) FROM inbound WHERE state = 'waiting' AND not_before > :now",
        {"now": to_ms(now)},
    )
    return from_ms(moment) if moment is not None else None


def is_waiting(session: Session, seq: int) -> bool:
    """Whether nobody has worked it off or taken it back yet."""
    state = session.value("SELECT state FROM inbound WHERE seq = :seq", {"seq": seq})
    return bool(state == "waiting")


def finish(session: Session, seq: int, state: str, outcome: str) -> None:
    """Write what came of an activity, in the transaction of its effects; its body goes."""
    session.run(
        "UPDATE inbound SET state = :state, outcome = :outcome, body = NULL WHERE seq = :seq",
        {"seq": seq, "state": state, "outcome": outcome},
    )


def postpone(session: Session, seq: int, until: datetime, outcome: str) -> None:
    """Count one attempt and try again at `until`."""
    session.run(
        "UPDATE inbound SET attempts = attempts + 1, not_before = :until, outcome = :outcome"
        " WHERE seq = :seq AND state = 'waiting'",
        {"seq": seq, "until": to_ms(until), "outcome": outcome},
    )


def park(session: Session, seq: int, outcome: str) -> None:
    """Give up on an activity but keep its body for people to look at; the queue goes on."""
    session.run(
        "UPDATE inbound SET state = 'parked', attempts = attempts + 1, outcome = :outcome WHERE seq = :seq",
        {"seq": seq, "outcome": outcome},
    )


def take_back(
    session: Session, origin: str, actor_id: str, activity_id: str, *, undo: str, outcome: str
) -> bool:
    """Let a waiting activity of an actor have no effect: it was undone before its turn came.

    `undo` is the id of what undoes it. What came in after that stays: it was done again.
    """
    changed = session.run(
        "UPDATE inbound SET state = 'ignored', outcome = :outcome, body = NULL"
        " WHERE origin = :origin AND activity_id = :activity AND actor_id = :actor AND state = 'waiting'"
        " AND seq < (SELECT seq FROM inbound WHERE origin = :origin AND activity_id = :undo)",
        {
            "origin": origin,
            "activity": activity_id,
            "actor": actor_id,
            "undo": undo,
            "outcome": outcome,
        },
    )
    return changed > 0


def bar(session: Session, actor_id: str, activity_id: str, kind: str, now: datetime) -> None:
    """Let an activity have no effect if it is still to come: it was undone before. One we had stays."""
    session.run(
        "INSERT INTO inbound (origin, activity_id, actor_id, type, state, outcome, received_at)"
        " VALUES (:origin, :activity, :actor, :type, 'ignored', 'undone before it came', :now)"
        " ON CONFLICT (origin, activity_id) DO NOTHING",
        {
            "origin": origin_of(actor_id),
            "activity": activity_id,
            "actor": actor_id,
            "type": kind,
            "now": to_ms(now),
        },
    )


def kind_of(session: Session, origin: str, actor_id: str, activity_id: str) -> str | None:
    """The type of an activity that an actor sent in the last 30 days; None if we never saw it."""
    kind: str | None = session.value(
        "SELECT type FROM inbound WHERE origin = :origin AND activity_id = :activity AND actor_id = :actor",
        {"origin": origin, "activity": activity_id, "actor": actor_id},
    )
    return kind


def counts(session: Session) -> dict[str, int]:
    """How many activities are in each state."""
    rows = session.rows("SELECT state, count(*) AS number FROM inbound GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


def purge(session: Session, before: datetime, limit: int = 1000) -> int:
    """Forget at most `limit` finished activities received before that; how many.

    They stand against replays, so `before` must lie well past the age a signature may have.
    """
    return session.run(
        "DELETE FROM inbound WHERE seq IN (SELECT seq FROM inbound"
        " WHERE received_at < :before AND state <> 'waiting' ORDER BY received_at LIMIT :limit)",
        {"before": to_ms(before), "limit": limit},
    )
