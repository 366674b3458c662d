"""Who follows our group. Never shown to anyone but stewards."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.store import hosts
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A follower; `handle` and `name` are empty where its actor document is not at hand."""

    actor_id: str
    handle: str
    name: str
    inbox: str
    shared_inbox: str | None
    host: str
    follow_id: str
    created: datetime


_SELECT = (
    "SELECT follower.*, coalesce(actor.handle, '') AS handle, coalesce(actor.name, '') AS name"
    " FROM follower"
    " LEFT JOIN actor ON actor.id = follower.actor_id "
)


_LISTER = (
    "SELECT 1 FROM follower LEFT JOIN actor ON actor.id = follower.actor_id"
    " LEFT JOIN host_software ON host_software.host = lower(follower.host)"
    " WHERE (actor.type = 'Application' AND actor.handle LIKE 'relay@%'"
    " OR host_software.software IN (SELECT value FROM json_each(:software))) "
)


def put(
    session: Session,
    *,
    actor_id: str,
    inbox: str,
    shared_inbox: str | None,
    host: str,
    follow_id: str,
    follow: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Add a follower, or note the Follow of one we have again; True where it is a new one."""
    values = {
        "actor": actor_id,
        "inbox": inbox,
        "shared": shared_inbox,
        "host": host,
        "follow_id": follow_id,
        "follow": json.dumps(follow, separators=(",", ":")),
        "now": to_ms(now),
    }
    known = session.run(
        "UPDATE follower SET inbox = :inbox, shared_inbox = :shared, host = :host,"
        " follow_id = :follow_id, follow = :follow WHERE actor_id = :actor",
        values,
    )
    hosts.meet(session, actor_id, now)
    if known:
        return False
    session.run(
        "INSERT INTO follower (actor_id, inbox, shared_inbox, host, follow_id, follow, created_at)"
        " VALUES (:actor, :inbox, :shared, :host, :follow_id, :follow, :now)",
        values,
    )
    return True


def move_inbox(session: Session, actor_id: str, inbox: str, shared_inbox: str | None) -> None:
    """Note that a follower takes its post elsewhere now."""
    session.run(
        "UPDATE follower SET inbox = :inbox, shared_inbox = :shared WHERE actor_id = :actor"
        " AND (inbox, coalesce(shared_inbox, '')) <> (:inbox, coalesce(:shared, ''))",
        {"actor": actor_id, "inbox": inbox, "shared": shared_inbox},
    )


def remove(session: Session, actor_id: str) -> bool:
    """Forget a follower; whether there was one."""
    return session.run("DELETE FROM follower WHERE actor_id = :actor", {"actor": actor_id}) > 0


def find(session: Session, actor_id: str) -> Follower | None:
    """One follower, or None."""
    row = session.row(_SELECT + "WHERE follower.actor_id = :actor", {"actor": actor_id})
    return _follower(row) if row is not None else None


def follow_of(session: Session, actor_id: str) -> Mapping[str, Any]:
    """The Follow a follower sent, as it was received."""
    text = session.value("SELECT follow FROM follower WHERE actor_id = :actor", {"actor": actor_id})
    follow: Mapping[str, Any] = json.loads(text)
    return follow


def lives_at(session: Session, host: str) -> bool:
    """Whether a follower lives on a host (with its port where that is not the default)."""
    found = session.value("SELECT 1 FROM follower WHERE host = :host LIMIT 1", {"host": host})
    return found is not None


def every(session: Session, limit: int = 10_000) -> list[Follower]:
    """All followers, oldest first: for stewards and the command line."""
    rows = session.rows(
        _SELECT + "ORDER BY follower.created_at, follower.actor_id LIMIT :limit", {"limit": limit}
    )
    return [_follower(row) for row in rows]


def lists_announced(session: Session, actor_id: str, software: Collection[str]) -> bool:
    """Whether a follower's server lists what we announce: a relay (`relay@host`), or one of `software`."""
    values = {"actor": actor_id, "software": json.dumps(sorted(software))}
    return session.value(_LISTER + "AND follower.actor_id = :actor", values) is not None


def has_listers(session: Session, followed: str, software: Collection[str]) -> bool:
    """Whether such a follower follows `followed`, one of our two actors."""
    values = {"followed": followed, "software": json.dumps(sorted(software))}
    found = session.value(_LISTER + "AND follow ->> '$.object' = :followed LIMIT 1", values)
    return found is not None


def count(session: Session) -> int:
    """How many followers there are."""
    number: int = session.value("SELECT count(*) FROM follower")
    return number


def _follower(row: Row) -> Follower:
    return Follower(
        actor_id=row["actor_id"],
        handle=row["handle"],
        name=row["name"],
        inbox=row["inbox"],
        shared_inbox=row["shared_inbox"],
        host=row["host"],
        follow_id=row["follow_id"],
        created=from_ms(row["created_at"]),
    )
