"""Notices: short notes to followers about a change of an event."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.errors import NotFoundError
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A note that says what changed; `content` is HTML made by us from escaped text."""

    id: str
    event_slug: str
    content: str
    language: str
    created: datetime


def add(session: Session, notice: Notice) -> None:
    """Keep a notice."""
    session.run(
        "INSERT INTO notice (id, event_slug, content, language, created_at)"
        " VALUES (:id, :event, :content, :language, :created)",
        {
            "id": notice.id,
            "event": notice.event_slug,
            "content": notice.content,
            "language": notice.language,
            "created": to_ms(notice.created),
        },
    )


def get(session: Session, notice_id: str) -> Notice:
    """One notice. Raises NotFoundError."""
    row = session.row("SELECT * FROM notice WHERE id = :id", {"id": notice_id})
    if row is None:
        raise NotFoundError("There is no such notice.")
    return _notice(row)


def ids_of_event(session: Session, event_slug: str) -> list[str]:
    """The ids of all notices about an event, oldest first."""
    return [one.id for one in of_event(session, event_slug)]


def of_event(session: Session, event_slug: str) -> list[Notice]:
    """All notices about an event, oldest first."""
    rows = session.rows(
        "SELECT * FROM notice WHERE event_slug = :event ORDER BY created_at, id",
        {"event": event_slug},
    )
    return [_notice(row) for row in rows]


def _notice(row: Row) -> Notice:
    return Notice(
        id=row["id"],
        event_slug=row["event_slug"],
        content=row["content"],
        language=row["language"],
        created=from_ms(row["created_at"]),
    )
