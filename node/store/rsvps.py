"""Who is coming. One list for every way of answering; never public."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.domain.rsvp import ACTIVITYPUB, Answer, Rsvp, RsvpState
from node.store import inbound
from node.store.database import Row, Session


def put(session: Session, rsvp: Rsvp) -> None:
    """Keep an answer, or what somebody answers now instead; the place in the queue stays."""
    session.run(
        "INSERT INTO rsvp (event_slug, who, via, answer, state, guests, activity_id, message, created_at,"
        " updated_at) VALUES (:slug, :who, :via, :answer, :state, :guests, :activity, :message, :created,"
        " :updated) ON CONFLICT (event_slug, who) DO UPDATE SET via = :via, answer = :answer,"
        " state = :state, guests = :guests, activity_id = :activity, message = :message,"
        " updated_at = :updated",
        {
            "slug": rsvp.event_slug,
            "who": rsvp.who,
            "via": rsvp.via,
            "answer": rsvp.answer,
            "state": rsvp.state,
            "guests": rsvp.guests,
            "activity": rsvp.activity_id,
            "message": rsvp.message,
            "created": to_ms(rsvp.created),
            "updated": to_ms(rsvp.updated),
        },
    )


def find(session: Session, slug: str, who: str) -> Rsvp | None:
    """What somebody answered, or None."""
    row = session.row(
        "SELECT * FROM rsvp WHERE event_slug = :slug AND who = :who", {"slug": slug, "who": who}
    )
    return _rsvp(row) if row is not None else None


def by_activity(session: Session, who: str, activity_id: str) -> Rsvp | None:
    """The answer somebody gave with this activity, or None."""
    row = session.row(
        "SELECT * FROM rsvp WHERE activity_id = :activity AND who = :who",
        {"activity": activity_id, "who": who},
    )
    return _rsvp(row) if row is not None else None


def remove(session: Session, slug: str, who: str) -> bool:
    """Delete an answer; whether there was one."""
    return (
        session.run(
            "DELETE FROM rsvp WHERE event_slug = :slug AND who = :who", {"slug": slug, "who": who}
        )
        > 0
    )


def of_event(session: Session, slug: str) -> list[Rsvp]:
    """Everyone's answer for one event, in the order they came: for hosts only."""
    rows = session.rows(
        "SELECT * FROM rsvp WHERE event_slug = :slug ORDER BY created_at, rowid", {"slug": slug}
    )
    return [_rsvp(row) for row in rows]


def of_person(session: Session, who: str) -> list[Rsvp]:
    """All answers of one person."""
    return [_rsvp(row) for row in session.rows("SELECT * FROM rsvp WHERE who = :who", {"who": who})]


def seats_taken(session: Session, slug: str, *, but: str = "") -> int:
    """How many people have a place, guests included, not counting the one called `but`."""
    seats: int = session.value(
        "SELECT coalesce(sum(1 + guests), 0) FROM rsvp WHERE event_slug = :slug"
        " AND answer = 'going' AND state = 'confirmed' AND who <> :but",
        {"slug": slug, "but": but},
    )
    return seats


def first_waiting(session: Session, slug: str) -> Rsvp | None:
    """Who has waited longest for a place, or None."""
    row = session.row(
        "SELECT * FROM rsvp WHERE event_slug = :slug AND answer = 'going' AND state = 'waiting'"
        " ORDER BY created_at, rowid LIMIT 1",
        {"slug": slug},
    )
    return _rsvp(row) if row is not None else None


def asking_inbox(session: Session, rsvp: Rsvp) -> str | None:
    """The inbox that waits for our answer, where somebody asked with a Join; else None.

    Friendica and EveryCal say Accept of the event instead of Join and expect no answer.
    """
    if rsvp.activity_id is None or rsvp.via != ACTIVITYPUB:
        return None
    if inbound.kind_of(session, inbound.origin_of(rsvp.who), rsvp.who, rsvp.activity_id) not in (
        None,
        "Join",
    ):
        return None
    inbox: str | None = session.value("SELECT inbox FROM actor WHERE id = :who", {"who": rsvp.who})
    return inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody on another server who comes, or may."""

    actor_id: str
    handle: str
    inbox: str


def coming_unfollowing(session: Session, slug: str) -> list[Attendee]:
    """People on other servers who come to an event, or may, and do not follow the group."""
    rows = session.rows(
        "SELECT actor.id AS actor_id, actor.handle, actor.inbox FROM rsvp JOIN actor ON actor.id = rsvp.who"
        " WHERE rsvp.event_slug = :slug AND rsvp.via = 'activitypub' AND rsvp.answer <> 'not_going'"
        " AND NOT EXISTS (SELECT 1 FROM follower WHERE follower.actor_id = rsvp.who)"
        " ORDER BY rsvp.created_at, rsvp.rowid",
        {"slug": slug},
    )
    return [Attendee(**row) for row in rows]


def purge(session: Session, ended_before: datetime) -> int:
    """Delete the answers for events that were over before that; how many."""
    return session.run(
        "DELETE FROM rsvp WHERE event_slug IN (SELECT slug FROM event WHERE end_at < :before)",
        {"before": to_ms(ended_before)},
    )


def _rsvp(row: Row) -> Rsvp:
    return Rsvp(
        event_slug=row["event_slug"],
        who=row["who"],
        via=row["via"],
        answer=Answer(row["answer"]),
        state=RsvpState(row["state"]),
        guests=row["guests"],
        activity_id=row["activity_id"],
        message=row["message"],
        created=from_ms(row["created_at"]),
        updated=from_ms(row["updated_at"]),
    )
