"""Whom the hosts invited from other servers to an event. Never public."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import to_ms
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One person invited to one event; `invite_id` is the id of the Invite we sent."""

    event_slug: str
    actor_id: str
    invite_id: str
    inbox: str


def add(session: Session, invitation: Invitation, now: datetime) -> None:
    """Keep an invitation."""
    session.run(
        "INSERT INTO invitation (event_slug, actor_id, invite_id, inbox, created_at)"
        " VALUES (:slug, :actor, :invite, :inbox, :now)",
        {
            "slug": invitation.event_slug,
            "actor": invitation.actor_id,
            "invite": invitation.invite_id,
            "inbox": invitation.inbox,
            "now": to_ms(now),
        },
    )


def find(session: Session, slug: str, actor_id: str) -> Invitation | None:
    """The invitation of somebody to an event, or None."""
    row = session.row(
        "SELECT * FROM invitation WHERE event_slug = :slug AND actor_id = :actor",
        {"slug": slug, "actor": actor_id},
    )
    return _invitation(row) if row is not None else None


def by_invite(session: Session, invite_id: str, actor_id: str) -> Invitation | None:
    """The invitation of somebody that this Invite of ours told them of, or None."""
    row = session.row(
        "SELECT * FROM invitation WHERE invite_id = :invite AND actor_id = :actor",
        {"invite": invite_id, "actor": actor_id},
    )
    return _invitation(row) if row is not None else None


def of_event(session: Session, slug: str) -> list[Invitation]:
    """Everyone invited to an event, in the order they were: for hosts only."""
    rows = session.rows(
        "SELECT * FROM invitation WHERE event_slug = :slug ORDER BY created_at, rowid",
        {"slug": slug},
    )
    return [_invitation(row) for row in rows]


def remove(session: Session, slug: str, actor_id: str) -> None:
    """Forget an invitation."""
    session.run(
        "DELETE FROM invitation WHERE event_slug = :slug AND actor_id = :actor",
        {"slug": slug, "actor": actor_id},
    )


def _invitation(row: Row) -> Invitation:
    return Invitation(
        event_slug=row["event_slug"],
        actor_id=row["actor_id"],
        invite_id=row["invite_id"],
        inbox=row["inbox"],
    )
