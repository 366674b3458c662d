"""What is left of removed things, and how much is published: for federation's documents."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms
from node.domain.event import Visibility
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """When something of ours was removed or withdrawn, and who had been able to see it."""

    at: datetime
    visibility: Visibility

    @property
    def was_federated(self) -> bool:
        """Whether other servers may know that there was something."""
        return self.visibility in (Visibility.PUBLIC, Visibility.FOLLOWERS_AND_LINK)


def event_removal(session: Session, slug: str) -> Removal | None:
    """The removal of an event; None where it was never here or still is."""
    row = session.row(
        "SELECT removed_at AS at, visibility FROM event WHERE slug = :slug AND document IS NULL",
        {"slug": slug},
    )
    return _removal(row)


def reflection_removal(session: Session, slug: str) -> Removal | None:
    """The withdrawal of a reflection; None where it was never here or still is."""
    row = session.row(
        "SELECT withdrawn_at AS at, visibility FROM reflection"
        " WHERE slug = :slug AND document IS NULL",
        {"slug": slug},
    )
    return _removal(row)


def count(session: Session) -> int:
    """How many events and reflections everyone may see."""
    number: int = session.value(
        "SELECT (SELECT count(*) FROM event WHERE document IS NOT NULL AND visibility = 'public')"
        " + (SELECT count(*) FROM reflection WHERE status = 'published' AND visibility = 'public')"
    )
    return number


def _removal(row: Row | None) -> Removal | None:
    if row is None or row["at"] is None:
        return None
    return Removal(at=from_ms(row["at"]), visibility=Visibility(row["visibility"]))
