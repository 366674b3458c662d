"""Decisions that can be explained and undone: who did what to what, and why."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. `who` is a steward's name, `command line` or `node`."""

    seq: int
    at: datetime
    who: str
    action: str
    about: str
    reason: str | None


def note(
    session: Session, who: str, action: str, about: str, now: datetime, *, reason: str | None = None
) -> None:
    """Write a decision down, in the transaction that carries it out."""
    session.run(
        "INSERT INTO audit (at, who, action, about, reason) VALUES (:now, :who, :action, :about, :reason)",
        {"now": to_ms(now), "who": who, "action": action, "about": about, "reason": reason},
    )


def latest(session: Session, limit: int = 100) -> list[Decision]:
    """The last decisions, latest first."""
    return find(session, limit=limit)


def find(
    session: Session,
    *,
    who: str = "",
    action: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[Decision]:
    """Decisions of one person, of one kind, older than the one with the number `before`; latest first."""
    rows = session.rows(
        "SELECT * FROM audit WHERE (:who = '' OR who = :who) AND (:action = '' OR action = :action)"
        " AND (:before IS NULL OR seq < :before) ORDER BY seq DESC LIMIT :limit",
        {"who": who, "action": action, "before": before, "limit": limit},
    )
    return [
        Decision(
            seq=row["seq"],
            at=from_ms(row["at"]),
            who=row["who"],
            action=row["action"],
            about=row["about"],
            reason=row["reason"],
        )
        for row in rows
    ]


def was_noted(session: Session, action: str, about: str, since: datetime) -> bool:
    """Whether this was done to that after `since`."""
    found = session.value(
        "SELECT 1 FROM audit WHERE action = :action AND about = :about AND at >= :since LIMIT 1",
        {"action": action, "about": about, "since": to_ms(since)},
    )
    return found is not None


def choices(session: Session) -> tuple[list[str], list[str]]:
    """Everyone who decided something, and every kind of decision, in the order of the alphabet."""
    people = session.rows("SELECT DISTINCT who FROM audit ORDER BY who")
    actions = session.rows("SELECT DISTINCT action FROM audit ORDER BY action")
    return [row["who"] for row in people], [row["action"] for row in actions]


def purge(session: Session, before: datetime) -> int:
    """Forget what was decided before that; how many decisions."""
    return session.run("DELETE FROM audit WHERE at < :before", {"before": to_ms(before)})
