"""How the post with each neighbour is doing: when it was last heard of, what waits for it, what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from node.clock import from_ms, to_ms
from node.store import following
from node.store.database import Session
from node.store.following import Following


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourHealth:
    """One neighbour. `heard`: when its server last took or sent something; None where it never did.

    `waiting` and `given_up` count deliveries to its server; `failing_since` is when the oldest of those that were
    tried in vain was made, `attempts`, `status` and `error` are of the one tried most, `next_try` is when it is tried
    again. `gone`: the last word of its server was that nobody is there (410). `moved_to` is where it says it lives now.
    """

    neighbour: Following
    host: str
    heard: datetime | None
    waiting: int
    given_up: int
    failing_since: datetime | None
    attempts: int
    status: int | None
    error: str | None
    next_try: datetime | None
    gone: bool
    moved_to: str | None


def every(session: Session, now: datetime) -> list[NeighbourHealth]:
    """All neighbours, by handle."""
    return [_health(session, one, now) for one in following.every(session)]


def host_of(neighbour: Following) -> str:
    """The host its inbox is on, as deliveries name it."""
    return urlsplit(neighbour.inbox).netloc.lower()


def _health(session: Session, one: Following, now: datetime) -> NeighbourHealth:
    host = host_of(one)
    values = {"host": host, "id": one.actor_id, "inbox": one.inbox}
    state = session.row(
        "SELECT (SELECT max(at) FROM (SELECT last_ok_at AS at FROM host_state WHERE host = :host"
        " UNION ALL SELECT max(received_at) FROM neighbour_post WHERE actor_id = :id"
        " UNION ALL SELECT confirmed_at FROM known_group WHERE id = :id)) AS heard,"
        " (SELECT last_ok_at FROM host_state WHERE host = :host) AS ok_at,"
        " coalesce((SELECT closed_until FROM host_state WHERE host = :host), 0) AS closed_until,"
        " (SELECT moved_to FROM actor WHERE id = :id) AS moved_to,"
        " (SELECT max(finished_at) FROM delivery WHERE inbox = :inbox AND last_status = 410) AS gone_at",
        values,
    )
    waiting = session.row(
        "SELECT count(*) AS number, min(CASE WHEN attempts > 0 THEN created_at END) AS since,"
        " max(attempts) AS attempts, min(not_before) AS next FROM delivery"
        " WHERE host = :host AND state IN ('pending', 'leased')",
        values,
    )
    worst = session.row(
        "SELECT last_status, last_error FROM delivery WHERE host = :host"
        " AND state IN ('pending', 'leased') ORDER BY attempts DESC LIMIT 1",
        values,
    )
    given_up: int = session.value(
        "SELECT count(*) FROM delivery WHERE finished_at IS NOT NULL AND state = 'dead' AND host = :host",
        values,
    )
    assert state is not None  # both are aggregates, which always have their one row
    assert waiting is not None
    next_try = max(waiting["next"] or 0, state["closed_until"])
    return NeighbourHealth(
        neighbour=one,
        host=host,
        heard=_moment(state["heard"]),
        waiting=waiting["number"],
        given_up=given_up,
        failing_since=_moment(waiting["since"]),
        attempts=waiting["attempts"] or 0,
        status=worst["last_status"] if worst else None,
        error=worst["last_error"] if worst else None,
        next_try=from_ms(next_try) if next_try > to_ms(now) and waiting["since"] else None,
        gone=state["gone_at"] is not None and state["gone_at"] > (state["ok_at"] or 0),
        moved_to=state["moved_to"] if state["moved_to"] != one.actor_id else None,
    )


def _moment(milliseconds: int | None) -> datetime | None:
    return from_ms(milliseconds) if milliseconds is not None else None
