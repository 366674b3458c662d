"""What the delivery queue needs beside deliveries: forgetting what is long past, and after a wrong clock."""

from datetime import datetime, timedelta

from federation.backoff import LONGEST_WAIT
from node.store import activities, delivery_queue, hosts
from node.store.database import Session

_FARTHEST = 2 * LONGEST_WAIT  # no wait is as long: what is further off was dated by a wrong clock
_KEEP_DELIVERED = timedelta(days=30)
_KEEP_DEAD = timedelta(days=90)


def bring_near(session: Session, now: datetime) -> None:
    """After a clock that was ahead has been put right, nothing waits until it would have been that late."""
    delivery_queue.bring_near(session, now, now + _FARTHEST)
    hosts.bring_near(session, now, now + _FARTHEST)


def purge(session: Session, now: datetime) -> bool:
    """One slice of what is long past; whether there may be more."""
    gone = delivery_queue.purge(
        session, delivered_before=now - _KEEP_DELIVERED, dead_before=now - _KEEP_DEAD
    )
    return gone + activities.purge(session, now - _KEEP_DELIVERED) > 0
