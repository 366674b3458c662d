"""Replies to what we published and messages to the group, held until a steward accepts them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session


class ReplyState(StrEnum):
    """What the stewards decided."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReply:
    """What somebody wrote. `content` is sanitised HTML; what is not `public` is never shown.

    `root` is our event or reflection that it stands under, `quotes` one that it quotes; where both
    are None it is a message to the group. `passable`: its author lets everyone pass it on.
    """

    id: str
    actor_id: str
    in_reply_to: str | None
    root: str | None
    quotes: str | None
    content: str
    language: str | None
    public: bool
    passable: bool
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(NewReply):
    """A reply as it is kept: who wrote it, what the stewards decided, whether followers hear of it."""

    handle: str
    name: str
    state: ReplyState
    passed_on: bool
    received: datetime


_FIRST_OF_EACH = 20
_LARGEST_KEPT = 60 * 1024
_SELECT = (
    "SELECT reply.*, coalesce(actor.handle, '') AS handle, coalesce(actor.name, '') AS name"
    " FROM reply LEFT JOIN actor ON actor.id = reply.actor_id "
)
_SHOWN = (
    _SELECT + "WHERE reply.{} AND reply.public = 1 AND reply.state = 'accepted'"
    " ORDER BY reply.published_at, reply.id LIMIT :limit"
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
    reply: NewReply,
    *,
    now: datetime,
    activity: Mapping[str, Any] | None = None,
) -> bool:
    """Hold a reply for the stewards, with the Create it came in; False where we have it already."""
    added = session.run(
        "INSERT INTO reply (id, actor_id, in_reply_to, root, quotes, content, language, activity, public, passable,"
        " published_at, updated_at, received_at)"
        " VALUES (:id, :actor, :parent, :root, :quotes, :content, :language, :activity, :public, :passable,"
        " :published, :updated, :now) ON CONFLICT (id) DO NOTHING",
        {
            "id": reply.id,
            "actor": reply.actor_id,
            "parent": reply.in_reply_to,
            "root": reply.root,
            "quotes": reply.quotes,
            "content": reply.content,
            "language": reply.language,
            "activity": _written(activity),
            "public": int(reply.public),
            "passable": int(reply.passable),
            "published": to_ms(reply.published),
            "updated": to_ms(reply.updated),
            "now": to_ms(now),
        },
    )
    return added > 0


def revise(
    session: Session,
    reply_id: str,
    content: str,
    *,
    public: bool,
    passable: bool,
    updated: datetime,
    activity: Mapping[str, Any] | None = None,
) -> bool:
    """Take a newer revision by its author, which waits for the stewards again; False if not newer.

    One that was private stays private.
    """
    changed = session.run(
        "UPDATE reply SET content = :content, public = min(public, :public), updated_at = :updated,"
        " passable = min(public, :public, :passable), activity = :activity,"
        " state = CASE WHEN content = :content THEN state ELSE 'pending' END"
        " WHERE id = :id AND updated_at <= :updated",
        {
            "id": reply_id,
            "content": content,
            "public": int(public),
            "passable": int(passable),
            "activity": _written(activity),
            "updated": to_ms(updated),
        },
    )
    return changed > 0


def find(session: Session, reply_id: str) -> Reply | None:
    """One reply, or None."""
    row = session.row(_SELECT + "WHERE reply.id = :id", {"id": reply_id})
    return _reply(row) if row is not None else None


def get(session: Session, reply_id: str) -> Reply:
    """One reply. Raises NotFoundError."""
    reply = find(session, reply_id)
    if reply is None:
        raise NotFoundError("There is no such reply.")
    return reply


def activity_of(session: Session, reply_id: str) -> dict[str, Any] | None:
    """The Create or Update that a reply came in, as it came; None where it was not kept."""
    text = session.value("SELECT activity FROM reply WHERE id = :id", {"id": reply_id})
    activity: dict[str, Any] | None = json.loads(text) if text is not None else None
    return activity


def remove(session: Session, reply_id: str) -> bool:
    """Delete one reply; whether there was one."""
    return session.run("DELETE FROM reply WHERE id = :id", {"id": reply_id}) > 0


def ids_of_actor(session: Session, actor_id: str) -> list[str]:
    """The ids of whatever an actor replied."""
    rows = session.rows("SELECT id FROM reply WHERE actor_id = :actor", {"actor": actor_id})
    return [row["id"] for row in rows]


def is_passed_on(session: Session, post_id: str) -> bool:
    """Whether followers hear of this post of somebody's through us."""
    found = session.value(
        "SELECT 1 FROM reply WHERE id = :id AND passed_on = 1 AND state = 'accepted'",
        {"id": post_id},
    )
    return found is not None


def passed_on_under(session: Session, path: str) -> list[str]:
    """The ids of what followers heard of under the thing of ours whose address ends in `path`."""
    rows = session.rows(
        "SELECT id FROM reply WHERE passed_on = 1 AND substr(root, -length(:path)) = :path",
        {"path": path},
    )
    return [row["id"] for row in rows]


def pending(session: Session, limit: int = 200) -> list[Reply]:
    """What waits for the stewards, oldest first; private messages among it.

    Whoever writes without end waits behind all others after the first twenty.
    """
    rows = session.rows(_WAITING, {"first": _FIRST_OF_EACH, "limit": limit})
    return [_reply(row) for row in rows]


def accepted(session: Session, limit: int = 100) -> list[Reply]:
    """What the stewards accepted, latest first."""
    rows = session.rows(
        _SELECT + "WHERE reply.state = 'accepted' AND reply.public = 1"
        " ORDER BY reply.published_at DESC, reply.id LIMIT :limit",
        {"limit": limit},
    )
    return [_reply(row) for row in rows]


def shown(session: Session, roots: Collection[str], limit: int = 500) -> list[Reply]:
    """What stands under these objects of ours for everyone to see, oldest first: public, accepted."""
    rows = session.rows(
        _SHOWN.format("root IN (SELECT value FROM json_each(:roots))"),
        {"roots": json.dumps(list(roots)), "limit": limit},
    )
    return [_reply(row) for row in rows]


def direct(session: Session, object_id: str, limit: int = 500) -> list[Reply]:
    """Of those, what answers an object of ours itself and not another reply."""
    rows = session.rows(
        _SHOWN.format("in_reply_to = :object"),
        {"object": object_id, "limit": limit},
    )
    return [_reply(row) for row in rows]


def decide(session: Session, reply_id: str, state: ReplyState, *, passed_on: bool = False) -> Reply:
    """Write what the stewards decided. Raises NotFoundError."""
    session.run(
        "UPDATE reply SET state = :state, passed_on = :passed_on WHERE id = :id",
        {"id": reply_id, "state": state, "passed_on": int(passed_on)},
    )
    return get(session, reply_id)


def _written(activity: Mapping[str, Any] | None) -> str | None:
    """The activity as JSON; what is too large to be passed on whole is not kept."""
    if activity is None:
        return None
    text = json.dumps(activity, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _LARGEST_KEPT else None


def _reply(row: Row) -> Reply:
    return Reply(
        id=row["id"],
        actor_id=row["actor_id"],
        handle=row["handle"],
        name=row["name"],
        in_reply_to=row["in_reply_to"],
        root=row["root"],
        quotes=row["quotes"],
        content=row["content"],
        language=row["language"],
        public=bool(row["public"]),
        passable=bool(row["passable"]),
        passed_on=bool(row["passed_on"]),
        state=ReplyState(row["state"]),
        published=from_ms(row["published_at"]),
        updated=from_ms(row["updated_at"]),
        received=from_ms(row["received_at"]),
    )
