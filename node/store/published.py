"""What people outside may know of: what is here, what is left of removed things, and how much it is."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms
from node.domain.event import Visibility
from node.errors import GoneError, NotFoundError
from node.store import comments, events, reflections
from node.store.database import Row, Session
from node.store.events import StoredEvent
from node.store.reflections import StoredReflection
from node.urls import Kind

_FEDERATED = {
    "event": "SELECT federated FROM event WHERE slug = :name AND document IS NOT NULL",
    "reflection": "SELECT federated FROM reflection WHERE slug = :name AND document IS NOT NULL",
    "notice": "SELECT event.federated FROM notice JOIN event ON event.slug = notice.event_slug"
    " WHERE notice.id = :name AND event.document IS NOT NULL",
    "comment": "SELECT 1 FROM comment WHERE id = :name AND content IS NOT NULL",
}
_FEDERATED |= {"event_note": _FEDERATED["event"], "notice_note": _FEDERATED["notice"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """When something of ours was removed or withdrawn, and who had been able to see it."""

    at: datetime
    visibility: Visibility

    @property
    def was_federated(self) -> bool:
        """Whether other servers may know that there was something."""
        return self.visibility in (Visibility.PUBLIC, Visibility.FOLLOWERS_AND_LINK)


def is_federated(session: Session, kind: Kind, name: str) -> bool:
    """Whether this is an event, reflection, notice or comment that other servers know of, still here."""
    sql = _FEDERATED.get(kind)
    return sql is not None and session.value(sql, {"name": name}) == 1


def is_open(session: Session, slug: str) -> bool:
    """Whether this is an event that every other server may know of, still here."""
    found = session.value(
        "SELECT 1 FROM event WHERE slug = :slug AND document IS NOT NULL AND federated = 1"
        " AND visibility = 'public'",
        {"slug": slug},
    )
    return found is not None


def is_listed_event(session: Session, slug: str) -> bool:
    """Whether there is an event of that name that everyone may find."""
    sql = "SELECT visibility FROM event WHERE slug = :slug AND document IS NOT NULL"
    return bool(session.value(sql, {"slug": slug}) == Visibility.PUBLIC)


def event(session: Session, slug: str) -> StoredEvent:
    """An event that a visitor may see, by list or by link.

    Raises GoneError where a visitor could have seen it before it was removed, and NotFoundError for
    everything else: what never left the stewards looks as if it had never been.
    """
    try:
        stored = events.get(session, slug)
    except GoneError:
        _check_known(event_removal(session, slug), "event")
        raise
    if stored.event.visibility is Visibility.LOCAL_ONLY:
        raise _absent("event")
    return stored


def reflection(session: Session, slug: str) -> StoredReflection:
    """A reflection that a visitor may see, by list or by link. Raises as `event`."""
    try:
        stored = reflections.get(session, slug)
    except GoneError:
        _check_known(reflection_removal(session, slug), "reflection")
        raise
    told = stored.reflection
    if not told.shown or told.visibility is Visibility.LOCAL_ONLY:
        raise _absent("reflection")
    return stored


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


def comment_removal(session: Session, comment_id: str) -> Removal | None:
    """The taking back of a comment; None where it was never here or still is."""
    at = comments.removed_at(session, comment_id)
    return Removal(at=at, visibility=Visibility.PUBLIC) if at is not None else None


def count(session: Session) -> int:
    """How many events and reflections everyone may see."""
    number: int = session.value(
        "SELECT (SELECT count(*) FROM event WHERE document IS NOT NULL AND visibility = 'public'"
        " AND is_series = 0 AND (series_slug IS NULL OR announced_at IS NOT NULL))"
        " + (SELECT count(*) FROM reflection WHERE status = 'published' AND visibility = 'public')"
    )
    return number


def _check_known(removal: Removal | None, kind: str) -> None:
    if removal is None or removal.visibility is Visibility.LOCAL_ONLY:
        raise _absent(kind) from None


def _absent(kind: str) -> NotFoundError:
    """The same as the store says of what was never here."""
    return NotFoundError(f"There is no such {kind}.")


def _removal(row: Row | None) -> Removal | None:
    if row is None or row["at"] is None:
        return None
    return Removal(at=from_ms(row["at"]), visibility=Visibility(row["visibility"]))
