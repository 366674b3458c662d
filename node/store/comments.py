"""What the group answered to replies that its stewards had accepted."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.errors import GoneError, NotFoundError
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A Note of the group in answer to `in_reply_to`, whose author `handle` is mentioned.

    `content` is plain text. `root` is our event or reflection it stands under; None where the one
    answered is a message to the group.
    """

    id: str
    in_reply_to: str
    actor_id: str
    handle: str
    root: str | None
    content: str
    language: str
    created: datetime


def add(session: Session, comment: Comment) -> None:
    """Keep a new comment."""
    session.run(
        "INSERT INTO comment (id, in_reply_to, actor_id, handle, root, content, language, created_at)"
        " VALUES (:id, :parent, :actor, :handle, :root, :content, :language, :created)",
        {
            "id": comment.id,
            "parent": comment.in_reply_to,
            "actor": comment.actor_id,
            "handle": comment.handle,
            "root": comment.root,
            "content": comment.content,
            "language": comment.language,
            "created": to_ms(comment.created),
        },
    )


def get(session: Session, comment_id: str) -> Comment:
    """One comment. Raises NotFoundError, or GoneError once taken back."""
    row = session.row("SELECT * FROM comment WHERE id = :id", {"id": comment_id})
    if row is None:
        raise NotFoundError("There is no such comment.")
    if row["content"] is None:
        raise GoneError("This comment was taken back.")
    return _comment(row)


def is_to(session: Session, comment_id: str, actor_id: str) -> bool:
    """Whether a comment that is still here answers this actor."""
    found = session.value(
        "SELECT 1 FROM comment WHERE id = :id AND actor_id = :actor AND content IS NOT NULL",
        {"id": comment_id, "actor": actor_id},
    )
    return found is not None


def remove(session: Session, comment_id: str, now: datetime) -> bool:
    """Take a comment back for good: its words go; whether it was there."""
    changed = session.run(
        "UPDATE comment SET content = NULL, removed_at = :now WHERE id = :id AND content IS NOT NULL",
        {"id": comment_id, "now": to_ms(now)},
    )
    return changed > 0


def removed_at(session: Session, comment_id: str) -> datetime | None:
    """When a comment was taken back; None where it was never here or still is."""
    moment = session.value("SELECT removed_at FROM comment WHERE id = :id", {"id": comment_id})
    return from_ms(moment) if moment is not None else None


def answering(session: Session, reply_id: str) -> list[Comment]:
    """What the group answered to one reply, oldest first."""
    rows = session.rows(
        "SELECT * FROM comment WHERE in_reply_to = :reply AND content IS NOT NULL"
        " ORDER BY created_at, id",
        {"reply": reply_id},
    )
    return [_comment(row) for row in rows]


def ids_under(session: Session, path: str) -> list[str]:
    """The ids of what the group answered under the thing of ours whose address ends in `path`."""
    rows = session.rows(
        "SELECT id FROM comment WHERE content IS NOT NULL AND substr(root, -length(:path)) = :path",
        {"path": path},
    )
    return [row["id"] for row in rows]


def under(session: Session, roots: Collection[str], limit: int = 500) -> list[Comment]:
    """What the group answered under these objects of ours, oldest first."""
    rows = session.rows(
        "SELECT * FROM comment WHERE root IN (SELECT value FROM json_each(:roots))"
        " AND content IS NOT NULL ORDER BY created_at, id LIMIT :limit",
        {"roots": json.dumps(list(roots)), "limit": limit},
    )
    return [_comment(row) for row in rows]


def _comment(row: Row) -> Comment:
    return Comment(
        id=row["id"],
        in_reply_to=row["in_reply_to"],
        actor_id=row["actor_id"],
        handle=row["handle"],
        root=row["root"],
        content=row["content"],
        language=row["language"],
        created=from_ms(row["created_at"]),
    )
