"""How our neighbours are doing, for stewards: in which condition each is, and another try now."""

from datetime import datetime, timedelta
from enum import StrEnum

from node.errors import NotFoundError
from node.store import audit, deliveries, following, hosts, known_groups
from node.store.database import Session
from node.store.neighbour_health import NeighbourHealth, every, host_of

_SILENT = timedelta(days=30)


class Condition(StrEnum):
    """What a steward should know first."""

    WELL = "well"
    MOVED = "moved"
    GONE = "gone"
    FAILING = "failing"


def conditions(session: Session, now: datetime) -> list[tuple[NeighbourHealth, Condition]]:
    """All neighbours, those that need somebody first."""
    found = [(one, condition(one, now)) for one in every(session, now)]
    return sorted(found, key=lambda pair: pair[1] is Condition.WELL)


def condition(one: NeighbourHealth, now: datetime) -> Condition:
    """Gone is who says so (410), or fails and was not heard of for thirty days."""
    if one.moved_to is not None:
        return Condition.MOVED
    troubled = one.failing_since is not None or one.given_up > 0
    last = one.heard or one.neighbour.created
    if one.gone or (troubled and last < now - _SILENT):
        return Condition.GONE
    return Condition.FAILING if troubled else Condition.WELL


def try_again(session: Session, actor_id: str, *, now: datetime, who: str) -> int:
    """Try everything for a neighbour's server now, given up or waiting; how many deliveries.

    Raises NotFoundError where we do not follow it.
    """
    neighbour = following.find(session, actor_id)
    if neighbour is None:
        raise NotFoundError("The group does not follow this actor.")
    host = host_of(neighbour)
    number = deliveries.retry_dead(session, now, host=host) + hosts.hurry(session, host, now)
    hosts.seen_alive(session, host, now)
    known_groups.look_again(session, actor_id, now)
    session.wake("delivery")
    audit.note(session, who, "try again", host, now)
    return number
