"""What is kept of our own clock: the latest moment it has shown, and whether it is in doubt."""

from datetime import datetime

from node.clock import from_ms, to_ms
from node.store.database import Session


def seen(session: Session) -> datetime | None:
    """The latest moment the clock had shown while it was believed; None for a new node."""
    moment = session.value("SELECT seen_at FROM clock_state")
    return from_ms(moment) if moment is not None else None


def trouble(session: Session) -> str | None:
    """Why the clock is in doubt (`federation.clock_watch.ClockTrouble`); None while it is believed."""
    found: str | None = session.value("SELECT trouble FROM clock_state")
    return found


def note(session: Session, now: datetime, trouble: str | None) -> None:
    """Keep how the clock stands. While it is in doubt, what it shows is not kept as seen.

    Where it is believed, `seen` becomes what it shows now, also if that is earlier: the clock was ahead then.
    """
    session.run(
        "INSERT INTO clock_state (id, seen_at, trouble) VALUES (1, :now, :trouble)"
        " ON CONFLICT (id) DO UPDATE SET trouble = :trouble,"
        " seen_at = CASE WHEN :trouble IS NULL THEN :now ELSE seen_at END",
        {"now": to_ms(now) if trouble is None else None, "trouble": trouble},
    )
