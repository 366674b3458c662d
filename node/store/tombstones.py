"""Ids of other servers' objects that were deleted: a late Create must not bring them back."""

from datetime import datetime

from node.clock import to_ms
from node.store.database import Session


def add(session: Session, object_id: str, now: datetime) -> None:
    """Remember that an object is gone."""
    session.run(
        "INSERT INTO remote_tombstone (id, deleted_at) VALUES (:id, :now) ON CONFLICT (id) DO NOTHING",
        {"id": object_id, "now": to_ms(now)},
    )


def stands(session: Session, object_id: str) -> bool:
    """Whether we know an object to be gone."""
    return (
        session.value("SELECT 1 FROM remote_tombstone WHERE id = :id", {"id": object_id})
        is not None
    )


def purge(session: Session, before: datetime) -> int:
    """Forget tombstones older than that; how many."""
    return session.run(
        "DELETE FROM remote_tombstone WHERE deleted_at < :before", {"before": to_ms(before)}
    )
