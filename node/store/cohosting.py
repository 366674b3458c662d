"""Gatherings that are held together with other groups: ours that we offered, and theirs that were offered to us."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.clock import to_ms
from node.domain.cohost import Cohost
from node.store.database import Row, Session


class CohostState(StrEnum):
    """How far the two groups got."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohosting:
    """One gathering and one other group.

    `event` is the slug of ours (`ours`), else the id of theirs. `actor_id` is the other group, `name` what it
    is called, as far as we know, else its id.
    """

    event: str
    actor_id: str
    name: str
    offer_id: str
    inbox: str
    ours: bool
    state: CohostState


_SELECT = (
    "SELECT cohosting.*, coalesce(nullif(actor.name, ''), actor.handle, actor_id) AS name"
    " FROM cohosting LEFT JOIN actor ON actor.id = cohosting.actor_id "
)


def put(session: Session, one: Cohosting, now: datetime) -> None:
    """Keep an offer; a new one takes the place of one before."""
    session.run(
        "INSERT INTO cohosting (event, actor_id, offer_id, inbox, ours, state, created_at)"
        " VALUES (:event, :actor, :offer, :inbox, :ours, :state, :now)"
        " ON CONFLICT (event, actor_id) DO UPDATE SET offer_id = :offer, inbox = :inbox, state = :state",
        {
            "event": one.event,
            "actor": one.actor_id,
            "offer": one.offer_id,
            "inbox": one.inbox,
            "ours": int(one.ours),
            "state": one.state,
            "now": to_ms(now),
        },
    )


def set_state(session: Session, one: Cohosting, state: CohostState) -> None:
    """Note an answer."""
    session.run(
        "UPDATE cohosting SET state = :state WHERE event = :event AND actor_id = :actor",
        {"state": state, "event": one.event, "actor": one.actor_id},
    )


def remove(session: Session, one: Cohosting) -> None:
    """Forget an offer."""
    session.run(
        "DELETE FROM cohosting WHERE event = :event AND actor_id = :actor",
        {"event": one.event, "actor": one.actor_id},
    )


def find(session: Session, event: str, actor_id: str | None = None) -> Cohosting | None:
    """The offer about an event, to or from a group; without one, to whoever it was."""
    row = session.row(
        _SELECT + "WHERE event = :event AND (:actor IS NULL OR actor_id = :actor) LIMIT 1",
        {"event": event, "actor": actor_id},
    )
    return _one(row) if row is not None else None


def by_offer(session: Session, offer_id: str, actor_id: str) -> Cohosting | None:
    """The offer of that id to or from that group."""
    row = session.row(
        _SELECT + "WHERE offer_id = :offer AND actor_id = :actor",
        {"offer": offer_id, "actor": actor_id},
    )
    return _one(row) if row is not None else None


def every(session: Session, limit: int = 200) -> list[Cohosting]:
    """All of them, latest first."""
    rows = session.rows(
        _SELECT + "ORDER BY cohosting.created_at DESC, event LIMIT :limit", {"limit": limit}
    )
    return [_one(row) for row in rows]


def of_event(session: Session, slug: str) -> list[Cohost]:
    """The groups that agreed to hold an event of ours together with us, by id."""
    rows = session.rows(
        "SELECT actor_id, coalesce(nullif(actor.name, ''), actor.handle, actor_id) AS name,"
        " coalesce(actor.url, actor_id) AS url"
        " FROM cohosting LEFT JOIN actor ON actor.id = cohosting.actor_id"
        " WHERE event = :slug AND ours = 1 AND state = 'accepted' ORDER BY actor_id",
        {"slug": slug},
    )
    return [Cohost(row["actor_id"], row["name"], row["url"]) for row in rows]


def of_actor(session: Session, actor_id: str) -> list[Cohosting]:
    """Every offer to or from a group."""
    rows = session.rows(_SELECT + "WHERE actor_id = :actor ORDER BY event", {"actor": actor_id})
    return [_one(row) for row in rows]


def shared(session: Session) -> frozenset[str]:
    """The slugs of events of ours that another group agreed to hold together with us."""
    rows = session.rows("SELECT event FROM cohosting WHERE ours = 1 AND state = 'accepted'")
    return frozenset(row["event"] for row in rows)


def count_waiting(session: Session, actor_id: str) -> int:
    """How many offers of a group wait for our answer."""
    number: int = session.value(
        "SELECT count(*) FROM cohosting WHERE actor_id = :actor AND ours = 0 AND state = 'pending'",
        {"actor": actor_id},
    )
    return number


def _one(row: Row) -> Cohosting:
    return Cohosting(
        event=row["event"],
        actor_id=row["actor_id"],
        name=row["name"],
        offer_id=row["offer_id"],
        inbox=row["inbox"],
        ours=bool(row["ours"]),
        state=CohostState(row["state"]),
    )
