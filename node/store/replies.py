"""Replies to what we published and messages to the group, held until a steward accepts them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session


class ReplyState(StrEnum):
    """What the stewards decided."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply or message. `content` is sanitised HTML; one that is not `public` is never shown."""

    id: str
    actor_id: str
    handle: str
    name: str
    in_reply_to: str | None
    content: str
    public: bool
    state: ReplyState
    published: datetime
    updated: datetime
    received: datetime


_FIRST_OF_EACH = 20
_SELECT = (
    "SELECT reply.*, coalesce(actor.handle, '') AS handle, coalesce(actor.name, '') AS name"
    " FROM reply LEFT JOIN actor ON actor.id = reply.actor_id "
)

_WAITING = (
    "SELECT waiting.*, coalesce(actor.handle, '') AS handle, coalesce(actor.name, '') AS name"
    " FROM (SELECT *, row_number() OVER (PARTITION BY actor_id ORDER BY received_at, id) AS turn"
    "       FROM reply WHERE state = 'pending') AS waiting"
    " LEFT JOIN actor ON actor.id = waiting.actor_id"
    " ORDER BY waiting.turn > :first, waiting.received_at, waiting.id LIMIT :limit"
)


def add(
    session: Session,
    *,
    reply_id: str,
    actor_id: str,
    in_reply_to: str | None,
    content: str,
    public: bool,
    published: datetime,
    updated: datetime,
    now: datetime,
) -> bool:
    """Hold a reply for the stewards; False where we have it already."""
    added = session.run(
        "INSERT INTO reply (id, actor_id, in_reply_to, content, public, published_at, updated_at, received_at)"
        " VALUES (:id, :actor, :parent, :content, :public, :published, :updated, :now)"
        " ON CONFLICT (id) DO NOTHING",
        {
            "id": reply_id,
            "actor": actor_id,
            "parent": in_reply_to,
            "content": content,
            "public": int(public),
            "published": to_ms(published),
            "updated": to_ms(updated),
            "now": to_ms(now),
        },
    )
    return added > 0


def revise(
    session: Session, reply_id: str, content: str, *, public: bool, updated: datetime
) -> bool:
    """Take a newer revision by its author, which waits for the stewards again; False if not newer.

    One that was private stays private.
    """
    changed = session.run(
        "UPDATE reply SET content = :content, public = min(public, :public), updated_at = :updated,"
        " state = CASE WHEN content = :content THEN state ELSE 'pending' END"
        " WHERE id = :id AND updated_at <= :updated",
        {"id": reply_id, "content": content, "public": int(public), "updated": to_ms(updated)},
    )
    return changed > 0


def find(session: Session, reply_id: str) -> Reply | None:
    """One reply, or None."""
    row = session.row(_SELECT + "WHERE reply.id = :id", {"id": reply_id})
    return _reply(row) if row is not None else None


def remove(session: Session, reply_id: str) -> bool:
    """Delete one reply; whether there was one."""
    return session.run("DELETE FROM reply WHERE id = :id", {"id": reply_id}) > 0


def remove_of_actor(session: Session, actor_id: str) -> int:
    """Delete whatever an actor replied; how many."""
    return session.run("DELETE FROM reply WHERE actor_id = :actor", {"actor": actor_id})


def pending(session: Session, limit: int = 200) -> list[Reply]:
    """What waits for the stewards, oldest first; private messages among it.

    Whoever writes without end waits behind all others after the first twenty.
    """
    rows = session.rows(_WAITING, {"first": _FIRST_OF_EACH, "limit": limit})
    return [_reply(row) for row in rows]


def shown(session: Session, object_id: str, limit: int = 500) -> list[Reply]:
    """Replies to an object of ours that everyone may see, oldest first: public ones, accepted."""
    rows = session.rows(
        _SELECT
        + "WHERE reply.in_reply_to = :object AND reply.public = 1 AND reply.state = 'accepted'"
        " ORDER BY reply.published_at, reply.id LIMIT :limit",
        {"object": object_id, "limit": limit},
    )
    return [_reply(row) for row in rows]


def decide(session: Session, reply_id: str, state: ReplyState) -> Reply:
    """Write what the stewards decided. Raises NotFoundError."""
    session.run("UPDATE reply SET state = :state WHERE id = :id", {"id": reply_id, "state": state})
    reply = find(session, reply_id)
    if reply is None:
        raise NotFoundError("There is no such reply.")
    return reply


def _reply(row: Row) -> Reply:
    return Reply(
        id=row["id"],
        actor_id=row["actor_id"],
        handle=row["handle"],
        name=row["name"],
        in_reply_to=row["in_reply_to"],
        content=row["content"],
        public=bool(row["public"]),
        state=ReplyState(row["state"]),
        published=from_ms(row["published_at"]),
        updated=from_ms(row["updated_at"]),
        received=from_ms(row["received_at"]),
    )
