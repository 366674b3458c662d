"""Activities we sent or are sending: rendered once, their bytes never changed afterwards."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.clock import from_ms, to_ms
from node.errors import GoneError, NotFoundError
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity:
    """An activity about to be stored. `body` is the JSON as it is sent, `digest` its Digest header.

    `signer` is `group` or `instance`; a `public` one stands in the outbox collection. `key_name` is the
    replaced key that signs it; None for the one in use.
    """

    id: str
    type: str
    object_id: str
    body: bytes
    digest: str
    signer: str
    public: bool
    published: datetime
    key_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredActivity:
    """An activity as it stands in the database; `seq` orders the outbox collection."""

    seq: int
    id: str
    body: bytes
    digest: str
    signer: str
    public: bool
    published: datetime
    key_name: str | None = None


def add(session: Session, activity: NewActivity) -> int | None:
    """Store an activity; its number, or None where its id was stored before."""
    number: int | None = session.value(
        "INSERT INTO activity (id, type, object_id, body, digest, signer, key_name, public, published_at)"
        " VALUES (:id, :type, :object, :body, :digest, :signer, :key_name, :public, :published)"
        " ON CONFLICT (id) DO NOTHING RETURNING seq",
        {
            "id": activity.id,
            "type": activity.type,
            "object": activity.object_id,
            "body": activity.body,
            "digest": activity.digest,
            "signer": activity.signer,
            "key_name": activity.key_name,
            "public": int(activity.public),
            "published": to_ms(activity.published),
        },
    )
    return number


class Told(StrEnum):
    """Who was told of an object of ours."""

    PUBLIC = "public"
    FOLLOWERS = "followers"


def told(session: Session, object_id: str) -> Told | None:
    """Who was told of an object; None where nobody was, or everybody since that it is gone."""
    row = session.row(
        "SELECT type, public FROM activity WHERE object_id = :object AND type IN ('Create', 'Delete')"
        " ORDER BY seq DESC LIMIT 1",
        {"object": object_id},
    )
    if row is None or row["type"] == "Delete":
        return None
    return Told.PUBLIC if row["public"] else Told.FOLLOWERS


def told_featured(session: Session) -> list[str]:
    """The objects of which followers heard last that they are featured; oldest first."""
    rows = session.rows(
        "SELECT object_id FROM activity AS last WHERE type = 'Add' AND NOT EXISTS"
        " (SELECT 1 FROM activity AS later WHERE later.object_id = last.object_id"
        " AND later.seq > last.seq AND later.type IN ('Add', 'Remove')) ORDER BY seq"
    )
    return [row["object_id"] for row in rows]


def narrow(session: Session, object_id: str, before: int) -> None:
    """What is for followers only now stands in the outbox collection no longer."""
    session.run(
        "UPDATE activity SET public = 0 WHERE object_id = :object AND seq < :before AND public = 1",
        {"object": object_id, "before": before},
    )


def withdraw(session: Session, object_id: str, before: int) -> None:
    """Forget what activities older than number `before` said of an object: its words are gone here."""
    session.run(
        "UPDATE activity SET body = NULL, public = 0"
        " WHERE object_id = :object AND seq < :before AND body IS NOT NULL AND type <> 'Delete'",
        {"object": object_id, "before": before},
    )


def announces(session: Session, object_id: str) -> list[StoredActivity]:
    """The Announces of somebody else's post that stand, that is were not undone since."""
    rows = session.rows(
        "SELECT * FROM activity WHERE object_id = :object AND type = 'Announce' AND body IS NOT NULL"
        " AND seq > coalesce((SELECT max(seq) FROM activity WHERE object_id = :object AND type = 'Undo'), 0)"
        " ORDER BY seq",
        {"object": object_id},
    )
    return [_stored(row) for row in rows]


def count_since(session: Session, object_id: str, since: datetime) -> int:
    """How many activities about an object were made since then."""
    number: int = session.value(
        "SELECT count(*) FROM activity WHERE object_id = :object AND published_at > :since",
        {"object": object_id, "since": to_ms(since)},
    )
    return number


def take_back(session: Session, object_id: str, before: int) -> None:
    """What was undone in activity number `before` stands in the outbox collection no longer."""
    session.run(
        "UPDATE activity SET public = 0"
        " WHERE object_id = :object AND seq < :before AND public = 1 AND type = 'Announce'",
        {"object": object_id, "before": before},
    )


def get(session: Session, activity_id: str) -> StoredActivity:
    """One activity by its URL. Raises NotFoundError, or GoneError where its object was deleted."""
    row = session.row("SELECT * FROM activity WHERE id = :id", {"id": activity_id})
    if row is None:
        raise NotFoundError("There is no such activity.")
    if row["body"] is None:
        raise GoneError("What this activity told of was withdrawn.")
    return _stored(row)


def create_of(session: Session, object_id: str) -> StoredActivity | None:
    """The Create that told of an object, while its words are kept; or None."""
    row = session.row(
        "SELECT * FROM activity WHERE object_id = :object AND type = 'Create' AND body IS NOT NULL"
        " ORDER BY seq DESC LIMIT 1",
        {"object": object_id},
    )
    return _stored(row) if row is not None else None


def public_count(session: Session) -> int:
    """How many activities stand in the outbox collection."""
    count: int = session.value("SELECT count(*) FROM activity WHERE public = 1")
    return count


def public_page(
    session: Session, before: int | None = None, limit: int = 20
) -> list[StoredActivity]:
    """Activities of the outbox collection older than number `before` (None: all), latest first."""
    rows = session.rows(
        "SELECT * FROM activity WHERE public = 1 AND seq < :before ORDER BY seq DESC LIMIT :limit",
        {"before": before if before is not None else 2**62, "limit": limit},
    )
    return [_stored(row) for row in rows]


def bodies(session: Session, numbers: set[int]) -> dict[int, StoredActivity]:
    """The activities of those numbers that still have a body."""
    found = {}
    for number in numbers:
        row = session.row(
            "SELECT * FROM activity WHERE seq = :seq AND body IS NOT NULL", {"seq": number}
        )
        if row is not None:
            found[number] = _stored(row)
    return found


def purge(session: Session, before: datetime, limit: int = 500) -> int:
    """Delete at most `limit` activities that nobody needs any more; how many.

    Kept: what stands in the outbox, what is still being delivered or reported, follows in force,
    Creates and Updates whose object is not deleted, because its Delete must follow them, what is
    passed on still, because its Undo must, and the Accept of a reply, which older GoToSocials look up.
    """
    return session.run(
        "DELETE FROM activity WHERE seq IN (SELECT seq FROM activity AS old WHERE public = 0"
        " AND published_at < :before AND (type NOT IN ('Create', 'Update') OR body IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.activity = old.seq)"
        " AND NOT EXISTS (SELECT 1 FROM following WHERE following.follow_id = old.id)"
        " AND NOT (type = 'Announce' AND EXISTS"
        " (SELECT 1 FROM reply WHERE reply.id = old.object_id AND reply.passed_on = 1))"
        " AND NOT (type = 'Accept' AND EXISTS (SELECT 1 FROM stamp WHERE state = 'given' AND request IS NULL"
        " AND stamp.id = substr(old.object_id, -length(stamp.id)))) LIMIT :limit)",
        {"before": to_ms(before), "limit": limit},
    )


def _stored(row: Row) -> StoredActivity:
    return StoredActivity(
        seq=row["seq"],
        id=row["id"],
        body=row["body"],
        digest=row["digest"],
        signer=row["signer"],
        public=bool(row["public"]),
        published=from_ms(row["published_at"]),
        key_name=row["key_name"],
    )
