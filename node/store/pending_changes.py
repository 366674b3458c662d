"""Important changes of events that are not told yet: they wait until the hosts have finished editing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.store.database import Session

WORKER = "change notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """An event that changed; `told` is what people outside were told of it last."""

    event_slug: str
    told: Mapping[str, Any]


def note(session: Session, slug: str, told: Mapping[str, Any], now: datetime) -> None:
    """Note that an event changed `now`; what was `told` before the first such change is kept."""
    session.run(
        "INSERT INTO pending_change (event_slug, told, changed_at) VALUES (:slug, :told, :now)"
        " ON CONFLICT (event_slug) DO UPDATE SET changed_at = :now",
        {"slug": slug, "told": json.dumps(told), "now": to_ms(now)},
    )
    session.wake(WORKER)


def forget(session: Session, slug: str) -> None:
    """There is nothing to tell of an event any more."""
    session.run("DELETE FROM pending_change WHERE event_slug = :slug", {"slug": slug})


def every(session: Session) -> set[str]:
    """The slugs of all events that changed."""
    return {row["event_slug"] for row in session.rows("SELECT event_slug FROM pending_change")}


def next_quiet(session: Session, since: datetime) -> PendingChange | None:
    """The event that changed longest ago and not after `since`, or None."""
    row = session.row(
        "SELECT event_slug, told FROM pending_change WHERE changed_at <= :since"
        " ORDER BY changed_at LIMIT 1",
        {"since": to_ms(since)},
    )
    if row is None:
        return None
    return PendingChange(event_slug=row["event_slug"], told=json.loads(row["told"]))


def first_at(session: Session) -> datetime | None:
    """When the event changed last that has waited longest; None where none waits."""
    moment = session.value("SELECT min(changed_at) FROM pending_change")
    return from_ms(moment) if moment is not None else None
