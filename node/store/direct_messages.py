"""What we wrote to one person of another server, and how they voted. Never public."""

import json
from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.domain.question import Option
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectMessage:
    """A message to one actor; a question where it has options. `content` is HTML made by us.

    `answer` is the value of the option last voted for.
    """

    id: str
    kind: str
    subject: str
    actor_id: str
    content: str
    language: str
    in_reply_to: str | None
    options: tuple[Option, ...]
    created: datetime
    expires: datetime
    answered: datetime | None = None
    answer: str | None = None


def add(session: Session, message: DirectMessage) -> None:
    """Keep a message that is about to be sent."""
    options = [[option.value, option.label] for option in message.options]
    session.run(
        "INSERT INTO direct_message (id, kind, subject, actor_id, content, language, in_reply_to, options,"
        " created_at, expires_at) VALUES (:id, :kind, :subject, :actor, :content, :language, :parent,"
        " :options, :created, :expires)",
        {
            "id": message.id,
            "kind": message.kind,
            "subject": message.subject,
            "actor": message.actor_id,
            "content": message.content,
            "language": message.language,
            "parent": message.in_reply_to,
            "options": json.dumps(options, ensure_ascii=False),
            "created": to_ms(message.created),
            "expires": to_ms(message.expires),
        },
    )


def find(session: Session, message_id: str) -> DirectMessage | None:
    """The message with this id, or None."""
    row = session.row("SELECT * FROM direct_message WHERE id = :id", {"id": message_id})
    return _message(row) if row is not None else None


def of(session: Session, kind: str, subject: str, actor_id: str) -> list[DirectMessage]:
    """All we wrote to somebody about one thing, the latest first."""
    rows = session.rows(
        "SELECT * FROM direct_message WHERE kind = :kind AND subject = :subject AND actor_id = :actor"
        " ORDER BY created_at DESC, id DESC",
        {"kind": kind, "subject": subject, "actor": actor_id},
    )
    return [_message(row) for row in rows]


def about(session: Session, kind: str, subject: str) -> list[DirectMessage]:
    """All we wrote to anybody about one thing, the oldest first."""
    rows = session.rows(
        "SELECT * FROM direct_message WHERE kind = :kind AND subject = :subject"
        " ORDER BY created_at, id",
        {"kind": kind, "subject": subject},
    )
    return [_message(row) for row in rows]


def written_since(session: Session, since: datetime, actor_id: str | None = None) -> int:
    """How many messages were written since then: to one actor, or to everybody."""
    count: int = session.value(
        "SELECT count(*) FROM direct_message WHERE created_at >= :since"
        " AND (:actor IS NULL OR actor_id = :actor)",
        {"since": to_ms(since), "actor": actor_id},
    )
    return count


def note_answer(session: Session, message_id: str, value: str, now: datetime) -> None:
    """Keep what was voted for last."""
    session.run(
        "UPDATE direct_message SET answer = :value, answered_at = :now WHERE id = :id",
        {"value": value, "now": to_ms(now), "id": message_id},
    )


def remove(session: Session, message_id: str) -> None:
    """Forget one message."""
    session.run("DELETE FROM direct_message WHERE id = :id", {"id": message_id})


def expired(session: Session, before: datetime, limit: int = 500) -> list[str]:
    """The ids of messages that ran out before then."""
    rows = session.rows(
        "SELECT id FROM direct_message WHERE expires_at < :before LIMIT :limit",
        {"before": to_ms(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def _message(row: Row) -> DirectMessage:
    return DirectMessage(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        actor_id=row["actor_id"],
        content=row["content"],
        language=row["language"],
        in_reply_to=row["in_reply_to"],
        options=tuple(Option(value, label) for value, label in json.loads(row["options"])),
        created=from_ms(row["created_at"]),
        expires=from_ms(row["expires_at"]),
        answered=from_ms(row["answered_at"]) if row["answered_at"] is not None else None,
        answer=row["answer"],
    )
