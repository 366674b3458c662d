"""Who is coming. One list for every way of answering; never public."""

from datetime import datetime

from node.clock import from_ms, to_ms
from node.domain.rsvp import ACTIVITYPUB, Answer, Rsvp, RsvpState
from node.store import inbound
from node.store.database import Row, Session


def put(session: Session, rsvp: Rsvp) -> None:
    """Keep an answer, or what somebody answers now instead; the place in the queue stays."""
    session.run(
        "INSERT INTO rsvp (event_slug, who, via, answer, state, guests, activity_id, message, created_at,"
        " updated_at, offered_until, lapsed_at) VALUES (:slug, :who, :via, :answer, :state, :guests,"
        " :activity, :message, :created, :updated, :offered, :lapsed)"
        " ON CONFLICT (event_slug, who) DO UPDATE SET via = :via, answer = :answer, state = :state,"
        " guests = :guests, activity_id = :activity, message = :message, updated_at = :updated,"
        " offered_until = :offered, lapsed_at = :lapsed",
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
            "offered": to_ms(rsvp.offered_until) if rsvp.offered_until else None,
            "lapsed": to_ms(rsvp.lapsed) if rsvp.lapsed else None,
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


def events_of(session: Session, who: str) -> list[str]:
    """The slugs of all events with which something ties one person of another server."""
    rows = session.rows(
        "SELECT event_slug FROM rsvp WHERE who = :who UNION SELECT event_slug FROM rsvp_link"
        " WHERE who = :who UNION SELECT event_slug FROM rsvp_said WHERE who = :who"
        " UNION SELECT event_slug FROM invitation WHERE actor_id = :who"
        " UNION SELECT subject FROM direct_message WHERE kind = 'rsvp' AND actor_id = :who",
        {"who": who},
    )
    return [row["event_slug"] for row in rows]


def seats_taken(session: Session, slug: str, *, but: str = "") -> int:
    """How many places are given or kept for somebody, guests included, not counting `but`."""
    seats: int = session.value(
        "SELECT coalesce(sum(1 + guests), 0) FROM rsvp WHERE event_slug = :slug AND answer = 'going'"
        " AND (state = 'confirmed' OR offered_until IS NOT NULL) AND who <> :but",
        {"slug": slug, "but": but},
    )
    return seats


def first_waiting(session: Session, slug: str) -> Rsvp | None:
    """Who has waited longest for a place and was offered none so far, or None."""
    row = session.row(
        "SELECT * FROM rsvp WHERE event_slug = :slug AND answer = 'going' AND state = 'waiting'"
        " AND offered_until IS NULL AND lapsed_at IS NULL ORDER BY created_at, rowid LIMIT 1",
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


def coming_unfollowing(session: Session, slug: str) -> list[str]:
    """Ids of people on other servers who come to an event, or may, and do not follow the group."""
    rows = session.rows(
        "SELECT who FROM rsvp WHERE event_slug = :slug AND via = 'activitypub'"
        " AND answer <> 'not_going'"
        " AND NOT EXISTS (SELECT 1 FROM follower WHERE follower.actor_id = rsvp.who)"
        " ORDER BY created_at, rowid",
        {"slug": slug},
    )
    return [row["who"] for row in rows]


def pending(session: Session) -> dict[str, int]:
    """How many people ask for a place, by the slug of the event."""
    rows = session.rows(
        "SELECT event_slug, count(*) AS number FROM rsvp WHERE state = 'pending'"
        " AND answer = 'going' GROUP BY event_slug ORDER BY min(created_at)"
    )
    return {row["event_slug"]: row["number"] for row in rows}


def lapsing(session: Session, now: datetime) -> list[Rsvp]:
    """Whose offered place was not taken up in time."""
    rows = session.rows(
        "SELECT * FROM rsvp WHERE offered_until <= :now ORDER BY offered_until, rowid",
        {"now": to_ms(now)},
    )
    return [_rsvp(row) for row in rows]


def note_said(session: Session, slug: str, who: str, said: datetime) -> None:
    """Remember when somebody last said something about an event, by their own server's clock."""
    session.run(
        "INSERT INTO rsvp_said (event_slug, who, said_at) VALUES (:slug, :who, :said)"
        " ON CONFLICT (event_slug, who) DO UPDATE SET said_at = max(said_at, :said)",
        {"slug": slug, "who": who, "said": to_ms(said)},
    )


def said(session: Session, slug: str, who: str) -> datetime | None:
    """When that was; None where they said nothing or their server does not date it."""
    moment = session.value(
        "SELECT said_at FROM rsvp_said WHERE event_slug = :slug AND who = :who",
        {"slug": slug, "who": who},
    )
    return from_ms(moment) if moment is not None else None


def forget_said(session: Session, slug: str, who: str) -> None:
    """Forget when they said it."""
    session.run(
        "DELETE FROM rsvp_said WHERE event_slug = :slug AND who = :who", {"slug": slug, "who": who}
    )


def purge(session: Session, ended_before: datetime) -> int:
    """Delete all that tells who came to events over or removed before that; how many answers."""
    values = {"before": to_ms(ended_before)}
    ended = "(SELECT slug FROM event WHERE end_at < :before OR removed_at < :before)"
    session.run(f"DELETE FROM rsvp_link WHERE event_slug IN {ended}", values)  # noqa: S608
    session.run(f"DELETE FROM invitation WHERE event_slug IN {ended}", values)  # noqa: S608
    session.run(
        f"DELETE FROM rsvp_said WHERE said_at < :before OR event_slug IN {ended}",  # noqa: S608
        values,
    )
    return session.run(f"DELETE FROM rsvp WHERE event_slug IN {ended}", values)  # noqa: S608


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
        offered_until=_moment(row["offered_until"]),
        lapsed=_moment(row["lapsed_at"]),
    )


def _moment(milliseconds: int | None) -> datetime | None:
    return from_ms(milliseconds) if milliseconds is not None else None
