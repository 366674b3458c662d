"""Outbox entries: what must still be told to other servers. Written by services, read by federation."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.outbox import OutboxEntry, OutboxKind
from node.store.database import Session

WORKER = "outbox"


def enqueue(
    session: Session,
    kind: OutboxKind,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Note that others must be told, in the transaction of the change itself."""
    session.run(
        "INSERT INTO outbox_entry (kind, subject, detail, created_at) VALUES (:kind, :subject, :detail, :now)",
        {"kind": kind, "subject": subject, "detail": json.dumps(detail or {}), "now": to_ms(now)},
    )
    session.wake(WORKER)


def next_seq(session: Session, now: datetime) -> int | None:
    """The number of the oldest entry whose turn it is, or None.

    Entries about one subject keep their order: while one waits for another try, so do the later
    ones. Parked entries stand in nobody's way.
    """
    number: int | None = session.value(
        "SELECT seq FROM outbox_entry AS entry WHERE parked = 0 AND not_before <= :now AND NOT EXISTS"
        " (SELECT 1 FROM outbox_entry AS earlier WHERE earlier.seq < entry.seq AND earlier.parked = 0"
        " AND earlier.subject = entry.subject) ORDER BY seq LIMIT 1",
        {"now": to_ms(now)},
    )
    return number


def get(session: Session, seq: int) -> OutboxEntry:
    """The entry of that number. Raises ValueError when it cannot be read."""
    row = session.row("SELECT * FROM outbox_entry WHERE seq = :seq", {"seq": seq})
    if row is None:
        raise ValueError("There is no such entry.")
    return OutboxEntry(
        seq=row["seq"],
        kind=OutboxKind(row["kind"]),
        subject=row["subject"],
        detail=json.loads(row["detail"]),
        created=from_ms(row["created_at"]),
    )


def discard_alike(session: Session, entry: OutboxEntry) -> None:
    """Forget `entry` and the later ones of its kind about its subject: one activity told all of it.

    In the transaction that stored that activity.
    """
    session.run(
        "DELETE FROM outbox_entry WHERE kind = :kind AND subject = :subject AND seq >= :seq AND parked = 0",
        {"kind": entry.kind, "subject": entry.subject, "seq": entry.seq},
    )


def discard(session: Session, seq: int) -> None:
    """Forget one entry, in the transaction that stored what came of it."""
    session.run("DELETE FROM outbox_entry WHERE seq = :seq", {"seq": seq})


def attempts(session: Session, seq: int) -> int:
    """How often an activity could not be made of this entry so far."""
    count: int = (
        session.value("SELECT attempts FROM outbox_entry WHERE seq = :seq", {"seq": seq}) or 0
    )
    return count


def put_off(session: Session, seq: int, error: str, again_at: datetime | None) -> None:
    """Note that no activity could be made of an entry: try it `again_at`, or park it where None."""
    session.run(
        "UPDATE outbox_entry SET attempts = attempts + 1, error = :error, parked = :parked,"
        " not_before = :not_before WHERE seq = :seq",
        {
            "seq": seq,
            "error": error,
            "parked": int(again_at is None),
            "not_before": to_ms(again_at) if again_at else 0,
        },
    )


def next_try_at(session: Session, now: datetime) -> datetime | None:
    """When the next entry that was put off is to be tried again."""
    moment = session.value(
        "SELECT min(not_before) FROM outbox_entry WHERE parked = 0 AND not_before > :now",
        {"now": to_ms(now)},
    )
    return from_ms(moment) if moment is not None else None
