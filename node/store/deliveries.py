"""How deliveries stand, and a second chance for those that were given up."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """How one activity stands at one inbox. `state`: pending, retrying, delivered or dead."""

    activity_id: str
    activity_type: str
    host: str
    inbox: str
    state: str
    attempts: int
    next_try: datetime | None
    last_status: int | None
    last_error: str | None
    created: datetime
    finished: datetime | None


def counts(session: Session, now: datetime) -> dict[str, int]:
    """Deliveries by state: pending, retrying, delivered, dead, parked, and oldest_pending_seconds.

    Parked is what a fault of ours keeps from being told, or from being worked off, after some tries.
    What was decided here but not yet addressed to anybody counts as one pending delivery each.
    """
    open_rows = session.row(
        "SELECT count(*) AS open, coalesce(sum(attempts > 0), 0) AS retrying, min(created_at) AS oldest"
        " FROM delivery WHERE state IN ('pending', 'leased')"
    )
    entries = session.row(
        "SELECT count(*) AS waiting, min(created_at) AS oldest FROM outbox_entry WHERE parked = 0"
    )
    assert open_rows is not None  # an aggregate always has its one row
    assert entries is not None
    parked = "SELECT (SELECT count(*) FROM outbox_entry WHERE parked = 1) + (SELECT count(*) FROM inbound"
    parked += " WHERE state = 'parked')"
    finished = "SELECT count(*) FROM delivery WHERE finished_at IS NOT NULL AND state = :state"
    oldest = [row["oldest"] for row in (open_rows, entries) if row["oldest"] is not None]
    return {
        "pending": open_rows["open"] - open_rows["retrying"] + entries["waiting"],
        "retrying": open_rows["retrying"],
        "delivered": session.value(finished, {"state": "delivered"}),
        "dead": session.value(finished, {"state": "dead"}),
        "parked": session.value(parked),
        "oldest_pending_seconds": max(0, to_ms(now) - min(oldest)) // 1000 if oldest else 0,
    }


def reached(session: Session, object_id: str, kind: str, host: str) -> bool:
    """Whether an activity of that type about an object was addressed to a host, or to whoever follows there."""
    found = session.value(
        "SELECT 1 FROM activity JOIN delivery ON delivery.activity = activity.seq"
        " WHERE activity.object_id = :object AND activity.type = :kind AND (delivery.host = :host"
        " OR delivery.inbox IN (SELECT inbox FROM follower WHERE host = :host"
        " UNION SELECT shared_inbox FROM follower WHERE host = :host)) LIMIT 1",
        {"object": object_id, "kind": kind, "host": host},
    )
    return found is not None


def of_object(session: Session, object_id: str, limit: int = 1000) -> list[DeliveryReport]:
    """Where everything about one object of ours was sent, latest activity first, then by host."""
    return of_objects(session, [object_id], limit)


def of_objects(
    session: Session, object_ids: Sequence[str], limit: int = 1000
) -> list[DeliveryReport]:
    """As `of_object`, for several."""
    rows = session.rows(
        "SELECT delivery.*, activity.id AS activity_id, activity.type AS activity_type FROM activity"
        " JOIN delivery ON delivery.activity = activity.seq"
        " WHERE activity.object_id IN (SELECT value FROM json_each(:objects))"
        " ORDER BY activity.seq DESC, delivery.host, delivery.inbox LIMIT :limit",
        {"objects": json.dumps(list(object_ids)), "limit": limit},
    )
    return [_report(row) for row in rows]


def try_now(
    session: Session, now: datetime, object_ids: Sequence[str], *, host: str | None = None
) -> int:
    """Try at once what is not delivered of these objects, given up or waiting; how many rows.

    What was given up starts with a fresh count of attempts. Servers that are left alone for a while are not any more.
    """
    values = {"objects": json.dumps(list(object_ids)), "host": host, "now": to_ms(now)}
    which = (
        " AND (:host IS NULL OR host = :host) AND activity IN (SELECT seq FROM activity WHERE"
        " body IS NOT NULL AND object_id IN (SELECT value FROM json_each(:objects)))"
    )
    count = session.run(
        "UPDATE delivery SET state = 'pending', attempts = 0, not_before = :now, created_at = :now,"  # noqa: S608 - a constant
        " finished_at = NULL, last_status = NULL WHERE finished_at IS NOT NULL AND state = 'dead'"
        + which,
        values,
    )
    count += session.run(
        "UPDATE delivery SET not_before = :now WHERE state = 'pending'" + which,  # noqa: S608 - a constant
        values,
    )
    session.run(
        "UPDATE host_state SET closed_until = 0 WHERE host IN (SELECT host FROM delivery"  # noqa: S608 - a constant
        " WHERE state = 'pending'" + which + ")",
        values,
    )
    if count:
        session.wake("delivery")
    return count


def retry_dead(
    session: Session, now: datetime, *, host: str | None = None, object_id: str | None = None
) -> int:
    """Try again what was given up: all of it, or that of one host or object; how many rows."""
    count = session.run(
        "UPDATE delivery SET state = 'pending', attempts = 0, not_before = :now, created_at = :now,"
        " finished_at = NULL, last_status = NULL WHERE finished_at IS NOT NULL AND state = 'dead'"
        " AND (:host IS NULL OR host = :host) AND activity IN (SELECT seq FROM activity"
        " WHERE body IS NOT NULL AND (:object IS NULL OR object_id = :object))",
        {"now": to_ms(now), "host": host, "object": object_id},
    )
    if count:
        session.wake("delivery")
    return count


def unpark(session: Session) -> int:
    """Try once more what was parked, going out and coming in; how many."""
    out = session.run(
        "UPDATE outbox_entry SET parked = 0, attempts = 0, not_before = 0 WHERE parked = 1"
    )
    come = session.run(
        "UPDATE inbound SET state = 'waiting', attempts = 0, not_before = 0 WHERE state = 'parked'"
    )
    session.wake("outbox")
    session.wake("inbox")
    return out + come


def _report(row: Any) -> DeliveryReport:
    waits = row["state"] in ("pending", "leased")
    return DeliveryReport(
        activity_id=row["activity_id"],
        activity_type=row["activity_type"],
        host=row["host"],
        inbox=row["inbox"],
        state=("retrying" if row["attempts"] else "pending") if waits else row["state"],
        attempts=row["attempts"],
        next_try=from_ms(row["not_before"]) if waits else None,
        last_status=row["last_status"],
        last_error=row["last_error"],
        created=from_ms(row["created_at"]),
        finished=from_ms(row["finished_at"]) if row["finished_at"] is not None else None,
    )
