"""The delivery queue: leasing rows that are due, and what became of them.

A row is leased by the process that sends it. A process that dies leaves its leases; the next one
frees them at its start, and the activity goes out again under the same id.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.clock import from_ms, to_ms
from node.store.database import Row, Session

# Claiming looks at this many due rows for each it may take, so that a long queue costs no more than
# a short one.
_WINDOW = 2
_DAYS_BETWEEN_410 = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Leased:
    """A row this process may send now. `attempts` were made before; `failing`: its host's last failed."""

    seq: int
    activity: int
    host: str
    inbox: str
    attempts: int
    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a leased row: its new state, with `not_before` where it is pending again.

    `counted` is 0 where the attempt does not count against the row (we were offline).
    """

    seq: int
    state: str
    counted: int = 1
    not_before: datetime | None = None
    status: int | None = None
    error: str | None = None


# A row waits while an earlier activity about its thing is not finished at its host, or one that goes before
# everything else (its order key is empty).
_NOTHING_BEFORE_IT = """
    NOT EXISTS (SELECT 1 FROM delivery AS earlier WHERE earlier.host = waiting.host
        AND earlier.order_key = waiting.order_key AND earlier.activity < waiting.activity
        AND earlier.state IN ('pending', 'leased'))
    AND NOT EXISTS (SELECT 1 FROM delivery AS first WHERE first.host = waiting.host
        AND first.order_key = '' AND first.state IN ('pending', 'leased')
        AND (waiting.order_key <> '' OR first.activity < waiting.activity))
"""
# The statements below are put together from constants of this module only.
_LEASE = "UPDATE delivery SET state = 'leased', lease = :lease WHERE seq IN ("
_GIVE = ") RETURNING seq, activity, host, inbox, attempts"
# Hosts that are sound: due rows as they were made, past the hosts that are not wanted now.
CLAIM_SOUND = (
    _LEASE  # noqa: S608 - constants
    + """
    SELECT seq FROM (
        SELECT seq, row_number() OVER (PARTITION BY host ORDER BY seq) AS place FROM (
            SELECT seq, host FROM delivery AS waiting
            WHERE state = 'pending' AND not_before <= :now
            AND host NOT IN (SELECT host FROM host_state WHERE failures > 0)
            AND host NOT IN (SELECT value FROM json_each(:busy)) AND
    """
    + _NOTHING_BEFORE_IT
    + """
            ORDER BY not_before, seq LIMIT :window
        )
    ) WHERE place <= :per_host ORDER BY seq LIMIT :room
    """
    + _GIVE
)
# Hosts that failed last and are not closed: one row of each, so that nobody else's are looked at.
CLAIM_FAILING = (
    _LEASE  # noqa: S608 - constants
    + """
    SELECT seq FROM (
        SELECT (SELECT waiting.seq FROM delivery AS waiting
            WHERE waiting.host = host_state.host AND waiting.state IN ('pending', 'leased')
            AND waiting.state = 'pending' AND waiting.not_before <= :now AND
    """
    + _NOTHING_BEFORE_IT
    + """
            LIMIT 1) AS seq
        FROM host_state WHERE failures > 0 AND closed_until <= :now
        AND host NOT IN (SELECT value FROM json_each(:busy))
    ) WHERE seq IS NOT NULL LIMIT :room
    """
    + _GIVE
)


def claim(
    session: Session,
    lease: str,
    now: datetime,
    *,
    room: int,
    per_host: int,
    busy: Collection[str] = (),
) -> list[Leased]:
    """Lease at most `room` due rows of sound hosts, at most `per_host` of one, none of `busy` ones.

    Sound are hosts whose last answer was no failure. In the order the rows were made.
    """
    if room <= 0:
        return []
    rows = session.rows(
        CLAIM_SOUND,
        {
            "lease": lease,
            "now": to_ms(now),
            "busy": json.dumps(list(busy)),
            "window": _WINDOW * room,
            "per_host": per_host,
            "room": room,
        },
    )
    return _leased(rows, failing=False)


def claim_failing(
    session: Session, lease: str, now: datetime, *, room: int, busy: Collection[str] = ()
) -> list[Leased]:
    """Lease one due row of each host that failed last, at most `room`, none of `busy` ones.

    A host that is closed by its breaker waits; after that this one row is its probe.
    """
    if room <= 0:
        return []
    values = {"lease": lease, "now": to_ms(now), "busy": json.dumps(list(busy)), "room": room}
    return _leased(session.rows(CLAIM_FAILING, values), failing=True)


def _leased(rows: Sequence[Row], *, failing: bool) -> list[Leased]:
    leased = [
        Leased(
            seq=row["seq"],
            activity=row["activity"],
            host=row["host"],
            inbox=row["inbox"],
            attempts=row["attempts"],
            failing=failing,
        )
        for row in rows
    ]
    return sorted(leased, key=lambda one: one.seq)


def record(session: Session, lease: str, results: Sequence[Result], now: datetime) -> None:
    """Write what became of rows leased by `lease`; a retry of something withdrawn meanwhile is dropped."""
    session.run_many(
        "UPDATE delivery SET state = :state, attempts = attempts + :counted, lease = NULL,"
        " not_before = coalesce(:not_before, not_before), last_status = :status, last_error = :error,"
        " finished_at = :finished WHERE seq = :seq AND lease = :lease",
        [
            {
                "seq": result.seq,
                "state": result.state,
                "counted": result.counted,
                "not_before": to_ms(result.not_before) if result.not_before else None,
                "status": result.status,
                "error": result.error,
                "finished": None if result.state == "pending" else to_ms(now),
                "lease": lease,
            }
            for result in results
        ],
    )
    session.run_many(
        "DELETE FROM delivery WHERE seq = :seq AND state = 'pending'"
        " AND (SELECT body IS NULL FROM activity WHERE activity.seq = delivery.activity)",
        [{"seq": result.seq} for result in results if result.state == "pending"],
    )


def put_back(session: Session, lease: str, numbers: Sequence[int]) -> None:
    """Give back leased rows that were not tried."""
    session.run_many(
        "UPDATE delivery SET state = 'pending', lease = NULL WHERE seq = :seq AND lease = :lease",
        [{"seq": seq, "lease": lease} for seq in numbers],
    )
    session.run_many(
        "DELETE FROM delivery WHERE seq = :seq AND state = 'pending'"
        " AND (SELECT body IS NULL FROM activity WHERE activity.seq = delivery.activity)",
        [{"seq": seq} for seq in numbers],
    )


def free_leases(session: Session, *, held_by: str | None = None, but: str | None = None) -> int:
    """Give back every lease of process `held_by`, or of every process `but` one; how many rows."""
    return session.run(
        "UPDATE delivery SET state = 'pending', lease = NULL WHERE state IN ('pending', 'leased')"
        " AND state = 'leased' AND (:held_by IS NULL OR lease = :held_by) AND (:but IS NULL OR lease <> :but)",
        {"held_by": held_by, "but": but},
    )


def bring_near(session: Session, now: datetime, farthest: datetime) -> int:
    """Make due what waits for a moment after `farthest`; how many rows."""
    return session.run(
        "UPDATE delivery SET not_before = :now WHERE state = 'pending' AND not_before > :farthest",
        {"now": to_ms(now), "farthest": to_ms(farthest)},
    )


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next waiting row that is not due yet will be."""
    moment = session.value(
        "SELECT not_before FROM delivery WHERE state = 'pending' AND not_before > :now"
        " ORDER BY not_before LIMIT 1",
        {"now": to_ms(now)},
    )
    return from_ms(moment) if moment is not None else None


def drop_gone(session: Session, inbox: str, now: datetime) -> int:
    """After a 410 from `inbox`: forget its followers if it said so on another day too; how many.

    Nothing was delivered there in between. Call it after `record`.
    """
    first = session.value(
        "SELECT min(finished_at) FROM delivery WHERE inbox = :inbox AND last_status = 410"
        " AND finished_at <= :until",
        {"inbox": inbox, "until": to_ms(now - _DAYS_BETWEEN_410)},
    )
    if first is None:
        return 0
    answered = session.value(
        "SELECT 1 FROM delivery WHERE state = 'delivered' AND finished_at > :first AND inbox = :inbox",
        {"inbox": inbox, "first": first},
    )
    if answered:
        return 0
    return session.run(
        "DELETE FROM follower WHERE coalesce(nullif(shared_inbox, ''), inbox) = :inbox",
        {"inbox": inbox},
    )


def drop_late_announcements(session: Session, now: datetime) -> int:
    """Forget the Creates of gatherings that are over, where they never arrived; how many.

    A server that was away for weeks has no use for them. Changes and deletions still go there.
    """
    return session.run(
        "DELETE FROM delivery WHERE state = 'pending' AND activity IN ("
        " SELECT activity.seq FROM activity JOIN event ON event.slug ="
        " replace(substr(activity.object_id, instr(activity.object_id, '/events/') + 8), '/note', '')"
        " WHERE activity.type = 'Create' AND instr(activity.object_id, '/events/') > 0"
        " AND event.is_series = 0 AND coalesce(event.end_at, event.start_at) < :now)",
        {"now": to_ms(now)},
    )


def purge(
    session: Session, *, delivered_before: datetime, dead_before: datetime, limit: int = 1000
) -> int:
    """Delete at most `limit` finished rows older than that; how many."""
    return session.run(
        "DELETE FROM delivery WHERE seq IN ("
        " SELECT seq FROM delivery WHERE finished_at IS NOT NULL AND state = 'delivered'"
        " AND finished_at < :delivered UNION ALL"
        " SELECT seq FROM delivery WHERE finished_at IS NOT NULL AND state = 'dead'"
        " AND finished_at < :dead LIMIT :limit)",
        {"delivered": to_ms(delivered_before), "dead": to_ms(dead_before), "limit": limit},
    )
