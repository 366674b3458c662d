"""Other servers: whether they answer, the breaker that gives them rest, and what software they run."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from urllib.parse import urlsplit

from node.clock import from_ms, to_ms
from node.store.database import Session

ACQUAINTANCE_WORKER = "acquaintance"
_CLOCK_NEWS_SECONDS = 30
_DAY_MS = 86_400_000
_CLOCK_STALE_MS = _DAY_MS // 4
_FRESH_MS = 60_000  # `last_ok_at` is exact to a minute: a busy host costs no write per delivery


def answered(session: Session, host: str, now: datetime) -> bool:
    """Note that a host took something; whether that ended a time of failures.

    If its breaker had closed it, everything that waits for it is due at once.
    """
    row = session.row(
        "SELECT failures, closed_until, coalesce(last_ok_at, 0) AS ok_at FROM host_state"
        " WHERE host = :host",
        {"host": host},
    )
    if row is not None and not row["failures"] and to_ms(now) - int(row["ok_at"]) < _FRESH_MS:
        return False
    session.run(
        "INSERT INTO host_state (host, last_ok_at) VALUES (:host, :now) ON CONFLICT (host) DO UPDATE"
        " SET failures = 0, closed_until = 0, last_ok_at = :now, last_error = NULL",
        {"host": host, "now": to_ms(now)},
    )
    if row is not None and row["closed_until"]:
        hurry(session, host, now)
    return row is not None and row["failures"] > 0


def failed(session: Session, host: str, error: str, now: datetime) -> int:
    """Note one more failure of a host; how many in a row that makes.

    While its breaker keeps it closed nothing is counted: those were still on their way. Then 0.
    """
    count: int | None = session.value(
        "INSERT INTO host_state (host, failures, last_error) VALUES (:host, 1, :error)"
        " ON CONFLICT (host) DO UPDATE SET failures = failures + 1, last_error = :error"
        " WHERE closed_until <= :now RETURNING failures",
        {"host": host, "error": error, "now": to_ms(now)},
    )
    return count or 0


def bring_near(session: Session, now: datetime, farthest: datetime) -> None:
    """Open to a probe every host that is closed until after `farthest`."""
    session.run(
        "UPDATE host_state SET closed_until = :now WHERE closed_until > :farthest",
        {"now": to_ms(now), "farthest": to_ms(farthest)},
    )


def close(session: Session, host: str, until: datetime) -> None:
    """Send nothing to a host before `until`; what waits for it waits, without an attempt."""
    values = {"host": host, "until": to_ms(until)}
    session.run(
        "INSERT INTO host_state (host, closed_until) VALUES (:host, :until)"
        " ON CONFLICT (host) DO UPDATE SET closed_until = :until",
        values,
    )
    session.run(
        "UPDATE delivery SET not_before = :until WHERE host = :host AND state IN ('pending', 'leased')"
        " AND state = 'pending' AND not_before < :until",
        values,
    )


def hurry(session: Session, host: str, now: datetime) -> int:
    """Make everything that waits for a host due at once; how many rows."""
    return session.run(
        "UPDATE delivery SET not_before = :now WHERE host = :host AND state IN ('pending', 'leased')"
        " AND state = 'pending' AND not_before > :now",
        {"host": host, "now": to_ms(now)},
    )


def reads_rfc9421(session: Session, host: str, until: datetime) -> None:
    """Remember that a host refused a draft-cavage signature and took an RFC 9421 one."""
    session.run(
        "INSERT INTO host_state (host, rfc9421_until) VALUES (:host, :until)"
        " ON CONFLICT (host) DO UPDATE SET rfc9421_until = :until",
        {"host": host, "until": to_ms(until)},
    )


def readers_of_rfc9421(session: Session, hosts: Collection[str], now: datetime) -> frozenset[str]:
    """Those of `hosts` that are to be written to with RFC 9421 signatures."""
    rows = session.rows(
        "SELECT host FROM host_state WHERE rfc9421_until > :now"
        " AND host IN (SELECT value FROM json_each(:hosts))",
        {"now": to_ms(now), "hosts": json.dumps(list(hosts))},
    )
    return frozenset(row["host"] for row in rows)


def told_time(session: Session, host: str, ahead: timedelta, now: datetime) -> None:
    """Note how far our clock is ahead of a host's; written only where that is news."""
    session.run(
        "INSERT INTO host_state (host, clock_ahead, clock_at) VALUES (:host, :ahead, :now)"
        " ON CONFLICT (host) DO UPDATE SET clock_ahead = :ahead, clock_at = :now"
        " WHERE clock_ahead IS NULL OR abs(clock_ahead - :ahead) > :news OR clock_at < :now - :stale",
        {
            "host": host,
            "ahead": int(ahead.total_seconds()),
            "now": to_ms(now),
            "news": _CLOCK_NEWS_SECONDS,
            "stale": _CLOCK_STALE_MS,
        },
    )


def clock_ahead(session: Session, now: datetime) -> timedelta:
    """How far our clock is ahead of other servers' (behind, where negative): the median of a day."""
    rows = session.rows(
        "SELECT clock_ahead FROM host_state WHERE clock_at > :since",
        {"since": to_ms(now) - _DAY_MS},
    )
    return timedelta(seconds=median(row["clock_ahead"] for row in rows) if rows else 0)


def seen_alive(session: Session, host: str, now: datetime) -> None:
    """A closed host wrote to us, so it is up: let the next delivery try it now."""
    closed = session.value(
        "SELECT 1 FROM host_state WHERE host = :host AND closed_until > :now",
        {"host": host, "now": to_ms(now)},
    )
    if closed:
        session.run(
            "UPDATE host_state SET closed_until = :now WHERE host = :host",
            {"host": host, "now": to_ms(now)},
        )
        hurry(session, host, now)
        session.wake("delivery")


def last_contact(session: Session) -> datetime | None:
    """When another server last answered us or sent us something; None where that never was."""
    moment = session.value(
        "SELECT max(at) FROM (SELECT max(last_ok_at) AS at FROM host_state"
        " UNION ALL SELECT max(received_at) FROM inbound)"
    )
    return from_ms(moment) if moment is not None else None


def give_up(session: Session, host: str, before: datetime, now: datetime) -> int:
    """End every row for a host that does not answer which is older than `before`; how many."""
    return session.run(
        "UPDATE delivery SET state = 'dead', finished_at = :now,"
        " last_error = coalesce(last_error, 'The server has not answered for too long.')"
        " WHERE host = :host AND state IN ('pending', 'leased') AND state = 'pending' AND created_at < :before",
        {"host": host, "before": to_ms(before), "now": to_ms(now)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A server whose software is to be asked for; `attempts` failed since it last answered."""

    host: str
    origin: str
    attempts: int


def meet(session: Session, actor_id: str, now: datetime) -> None:
    """Have the server of an actor asked what software it runs, unless it was asked before."""
    parts = urlsplit(actor_id)
    added = session.run(
        "INSERT INTO host_software (host, origin, not_before) VALUES (:host, :origin, :now)"
        " ON CONFLICT (host) DO NOTHING",
        {
            "host": parts.netloc.lower(),
            "origin": f"{parts.scheme}://{parts.netloc}".lower(),
            "now": to_ms(now),
        },
    )
    if added:
        session.wake(ACQUAINTANCE_WORKER)


def software(session: Session, host: str) -> str | None:
    """The lower-case name of what a host (with its port, if it has one) runs; None where unknown."""
    name: str | None = session.value(
        "SELECT software FROM host_software WHERE host = :host", {"host": host.lower()}
    )
    return name


def next_stranger(session: Session, now: datetime) -> Stranger | None:
    """The server that has waited longest to be asked what it runs, or None."""
    row = session.row(
        "SELECT host, origin, attempts FROM host_software WHERE not_before <= :now"
        " ORDER BY not_before LIMIT 1",
        {"now": to_ms(now)},
    )
    return Stranger(**row) if row is not None else None


def next_stranger_at(session: Session) -> datetime | None:
    """When the next server is to be asked; None where none is known."""
    moment = session.value("SELECT min(not_before) FROM host_software")
    return from_ms(moment) if moment is not None else None


def learned(
    session: Session,
    host: str,
    name: str | None,
    version: str | None,
    *,
    now: datetime,
    again: datetime,
) -> bool:
    """Note what a host runs (None: it does not say), and when to ask next; whether that is new."""
    before = software(session, host)
    session.run(
        "UPDATE host_software SET software = :name, version = :version, read_at = :now, attempts = 0,"
        " not_before = :again WHERE host = :host",
        {"host": host, "name": name, "version": version, "now": to_ms(now), "again": to_ms(again)},
    )
    return name != before


def unlearned(session: Session, host: str, again: datetime) -> None:
    """Note that a host did not answer; what was known of it stays known until it is asked `again`."""
    session.run(
        "UPDATE host_software SET attempts = attempts + 1, not_before = :again WHERE host = :host",
        {"host": host, "again": to_ms(again)},
    )


def forget_strangers(session: Session) -> int:
    """Forget the software of servers where nobody follows us or is followed any more; how many."""
    return session.run(
        "DELETE FROM host_software WHERE NOT EXISTS"
        " (SELECT 1 FROM follower WHERE follower.host = host_software.host)"
        " AND NOT EXISTS (SELECT 1 FROM following"
        " WHERE lower(substr(actor_id, 1, length(origin) + 1)) = origin || '/')"
    )
