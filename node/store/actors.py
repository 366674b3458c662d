"""Actors of other servers and their public keys, as last fetched: a cache that may be dropped."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.ports import RemoteActor
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredActor:
    """An actor and when its document was fetched."""

    actor: RemoteActor
    fetched: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A public key: its id, the id of the actor it belongs to, SPKI PEM, when it was fetched."""

    key_id: str
    owner: str
    pem: str
    fetched: datetime


def put(session: Session, actor: RemoteActor, now: datetime, *, confirmed: bool = False) -> None:
    """Keep an actor as fetched now.

    `confirmed`: WebFinger was asked about the handle. A handle that was not asked about never
    replaces one that was, unless the name in it changed.
    """
    session.run(
        "INSERT INTO actor (id, type, handle, name, summary, url, inbox, shared_inbox, outbox,"
        " upcoming, featured, also_known_as, moved_to, fetched_at)"
        " VALUES (:id, :type, :handle, :name, :summary, :url, :inbox, :shared_inbox, :outbox,"
        " :upcoming, :featured, :also_known_as, :moved_to, :now)"
        " ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,"
        " handle = CASE WHEN :confirmed OR substr(handle, 1, instr(handle, '@'))"
        " <> substr(excluded.handle, 1, instr(excluded.handle, '@')) THEN excluded.handle ELSE handle END,"
        " summary = excluded.summary, url = excluded.url, inbox = excluded.inbox,"
        " shared_inbox = excluded.shared_inbox, outbox = excluded.outbox,"
        " upcoming = excluded.upcoming, featured = excluded.featured,"
        " also_known_as = excluded.also_known_as, moved_to = excluded.moved_to,"
        " fetched_at = excluded.fetched_at",
        {
            "id": actor.id,
            "type": actor.type,
            "handle": actor.handle,
            "name": actor.name,
            "summary": actor.summary,
            "url": actor.url,
            "inbox": actor.inbox,
            "shared_inbox": actor.shared_inbox,
            "outbox": actor.outbox,
            "upcoming": actor.upcoming,
            "featured": actor.featured,
            "also_known_as": json.dumps(actor.also_known_as),
            "moved_to": actor.moved_to,
            "confirmed": confirmed,
            "now": to_ms(now),
        },
    )


def put_keys(
    session: Session,
    owner: str,
    keys: Iterable[tuple[str, str]],
    now: datetime,
    *,
    listed: Iterable[str] = (),
) -> None:
    """Keep `(key id, PEM)` pairs of `owner`; its other keys go, save those still `listed`.

    A key that is known as somebody else's stays theirs.
    """
    rows = [
        {"key_id": key_id, "owner": owner, "pem": pem, "now": to_ms(now)} for key_id, pem in keys
    ]
    kept = [*listed, *(row["key_id"] for row in rows)]
    session.run(
        "DELETE FROM public_key WHERE owner = :owner"
        " AND key_id NOT IN (SELECT value FROM json_each(:kept))",
        {"owner": owner, "kept": json.dumps(kept)},
    )
    session.run_many(
        "INSERT INTO public_key (key_id, owner, pem, fetched_at) VALUES (:key_id, :owner, :pem, :now)"
        " ON CONFLICT (key_id) DO UPDATE SET pem = excluded.pem, fetched_at = excluded.fetched_at"
        " WHERE owner = excluded.owner",
        rows,
    )


def find(session: Session, actor_id: str) -> StoredActor | None:
    """The actor with this id, or None."""
    row = session.row("SELECT * FROM actor WHERE id = :id", {"id": actor_id})
    return None if row is None else _stored(row)


def find_by_name(session: Session, name: str) -> StoredActor | None:
    """The actor last fetched under this handle (with or without @, in any case), id or page; or None."""
    row = session.row(
        "SELECT * FROM actor WHERE id = :name OR url = :name OR lower(handle) = lower(ltrim(:name, '@'))"
        " ORDER BY fetched_at DESC LIMIT 1",
        {"name": name},
    )
    return None if row is None else _stored(row)


def get(session: Session, actor_id: str) -> StoredActor:
    """The actor with this id. Raises NotFoundError."""
    found = find(session, actor_id)
    if found is None:
        raise NotFoundError("Nothing is known of that actor.")
    return found


def find_key(session: Session, key_id: str) -> StoredKey | None:
    """The key with this id, or None."""
    row = session.row("SELECT * FROM public_key WHERE key_id = :key_id", {"key_id": key_id})
    if row is None:
        return None
    return StoredKey(
        key_id=row["key_id"], owner=row["owner"], pem=row["pem"], fetched=from_ms(row["fetched_at"])
    )


def delete(session: Session, actor_id: str) -> bool:
    """Forget an actor and its keys; whether anything was known of it."""
    keys = session.run("DELETE FROM public_key WHERE owner = :id", {"id": actor_id})
    return session.run("DELETE FROM actor WHERE id = :id", {"id": actor_id}) + keys > 0


def delete_key(session: Session, key_id: str) -> bool:
    """Forget a key; whether it was known."""
    return session.run("DELETE FROM public_key WHERE key_id = :key_id", {"key_id": key_id}) > 0


def prune(session: Session, before: datetime) -> int:
    """Forget actors and keys fetched before a moment, save followers and neighbours; how many actors."""
    values = {"before": to_ms(before)}
    session.run(
        "DELETE FROM public_key WHERE fetched_at < :before"
        " AND owner NOT IN (SELECT actor_id FROM follower)"
        " AND owner NOT IN (SELECT actor_id FROM following)",
        values,
    )
    return session.run(
        "DELETE FROM actor WHERE fetched_at < :before"
        " AND id NOT IN (SELECT actor_id FROM follower)"
        " AND id NOT IN (SELECT actor_id FROM following)"
        " AND id NOT IN (SELECT actor_id FROM follow_request)"
        " AND id NOT IN (SELECT author FROM neighbour_post)"
        " AND id NOT IN (SELECT actor_id FROM reply)",
        values,
    )


def _stored(row: Row) -> StoredActor:
    actor = RemoteActor(
        id=row["id"],
        type=row["type"],
        handle=row["handle"],
        name=row["name"],
        summary=row["summary"],
        url=row["url"],
        inbox=row["inbox"],
        shared_inbox=row["shared_inbox"],
        outbox=row["outbox"],
        upcoming=row["upcoming"],
        featured=row["featured"],
        also_known_as=tuple(json.loads(row["also_known_as"])),
        moved_to=row["moved_to"],
    )
    return StoredActor(actor=actor, fetched=from_ms(row["fetched_at"]))
