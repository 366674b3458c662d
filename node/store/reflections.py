"""The group's reflections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.reflection import Reflection, ReflectionStatus
from node.errors import GoneError, NotFoundError
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReflection:
    """A reflection and its dates."""

    reflection: Reflection
    created: datetime
    updated: datetime


def add(
    session: Session, reflection: Reflection, document: Mapping[str, Any], now: datetime
) -> None:
    """Keep a new reflection. The slug must be free (`slug_taken`)."""
    session.run(
        "INSERT INTO reflection (slug, document, status, visibility, federated, spiral_stage,"
        " event_slug, published_at, created_at, updated_at)"
        " VALUES (:slug, :document, :status, :visibility, :federated, :stage, :event, :published,"
        " :now, :now)",
        _values(reflection, document, now),
    )


def add_withdrawn(session: Session, slug: str, visibility: str, now: datetime) -> None:
    """Keep only the slug of a reflection that had been withdrawn before it came here."""
    session.run(
        "INSERT INTO reflection (slug, status, visibility, federated, created_at, updated_at,"
        " withdrawn_at) VALUES (:slug, 'withdrawn', :visibility, 0, :now, :now, :now)",
        {"slug": slug, "visibility": visibility, "now": to_ms(now)},
    )


def update(
    session: Session, reflection: Reflection, document: Mapping[str, Any], now: datetime
) -> None:
    """Replace a reflection with its next revision; `updated` moves on by a second (as of events)."""
    session.run(
        "UPDATE reflection SET document = :document, status = :status, visibility = :visibility,"
        " federated = :federated, spiral_stage = :stage, event_slug = :event,"
        " published_at = :published, updated_at = max(:now, updated_at / 1000 * 1000 + 1000)"
        " WHERE slug = :slug",
        _values(reflection, document, now),
    )


def withdraw(session: Session, slug: str, now: datetime) -> None:
    """Take a reflection back for good: its words go, its address answers 410 from now on.

    One that was never published leaves no trace for visitors either.
    """
    session.run(
        "UPDATE reflection SET document = NULL, status = 'withdrawn', spiral_stage = NULL,"
        " event_slug = NULL, origin = NULL, withdrawn_at = :now, updated_at = :now,"
        " visibility = CASE status WHEN 'published' THEN visibility ELSE 'local_only' END"
        " WHERE slug = :slug",
        {"slug": slug, "now": to_ms(now)},
    )


def note_origin(session: Session, slug: str, post_id: str) -> None:
    """Remember of which post on another server a reflection was made: it goes when that goes.

    Kept beside the document and never shown: of an anonymous author it could tell the name.
    """
    session.run(
        "UPDATE reflection SET origin = :post WHERE slug = :slug", {"slug": slug, "post": post_id}
    )


def made_of(session: Session, post_id: str) -> str | None:
    """The slug of the reflection that was made of a post, or None."""
    slug: str | None = session.value(
        "SELECT slug FROM reflection WHERE origin = :post", {"post": post_id}
    )
    return slug


def slug_taken(session: Session, slug: str) -> bool:
    """Whether a reflection has, or ever had, this slug."""
    return session.value("SELECT 1 FROM reflection WHERE slug = :slug", {"slug": slug}) is not None


def get(session: Session, slug: str) -> StoredReflection:
    """One reflection, whatever its status. Raises NotFoundError, or GoneError once withdrawn."""
    row = session.row("SELECT * FROM reflection WHERE slug = :slug", {"slug": slug})
    if row is None:
        raise NotFoundError("There is no such reflection.")
    if row["document"] is None:
        raise GoneError("This reflection was withdrawn.")
    return _stored(session, row)


def get_document(session: Session, slug: str) -> dict[str, Any]:
    """The reflection's document as it was written. Raises as `get`."""
    get(session, slug)
    text = session.value("SELECT document FROM reflection WHERE slug = :slug", {"slug": slug})
    document: dict[str, Any] = json.loads(text)
    return document


def all_documents(session: Session) -> list[dict[str, Any]]:
    """Every reflection's document as it was written, in the order it came."""
    rows = session.rows(
        "SELECT document FROM reflection WHERE document IS NOT NULL ORDER BY created_at, rowid"
    )
    return [json.loads(row["document"]) for row in rows]


def listed(session: Session, limit: int = 200) -> list[StoredReflection]:
    """Reflections everyone may see, latest first."""
    rows = session.rows(
        "SELECT * FROM reflection WHERE status = 'published' AND visibility = 'public'"
        " ORDER BY published_at DESC, slug LIMIT :limit",
        {"limit": limit},
    )
    return [one for one in (_stored(session, row) for row in rows) if one.reflection.listed]


def published_at(session: Session, limit: int = 20_000) -> list[datetime]:
    """When the reflections were published that everyone may see, latest first."""
    rows = session.rows(
        "SELECT published_at FROM reflection WHERE status = 'published' AND visibility = 'public'"
        " ORDER BY published_at DESC LIMIT :limit",
        {"limit": limit},
    )
    return [from_ms(row["published_at"]) for row in rows if row["published_at"] is not None]


def first_listed(session: Session) -> datetime | None:
    """When the first reflection that everyone may see was published."""
    moment = session.value(
        "SELECT min(published_at) FROM reflection WHERE status = 'published' AND visibility = 'public'"
    )
    return from_ms(moment) if moment is not None else None


def listed_between(
    session: Session, start: datetime, end: datetime, limit: int = 500
) -> list[StoredReflection]:
    """Reflections everyone may see that were published from `start` until before `end`, oldest first."""
    rows = session.rows(
        "SELECT * FROM reflection WHERE status = 'published' AND visibility = 'public'"
        " AND published_at >= :start AND published_at < :end ORDER BY published_at, slug LIMIT :limit",
        {"start": to_ms(start), "end": to_ms(end), "limit": limit},
    )
    return [one for one in (_stored(session, row) for row in rows) if one.reflection.listed]


def of_event(session: Session, event_slug: str) -> list[StoredReflection]:
    """Listed reflections that came out of a gathering, oldest first."""
    rows = session.rows(
        "SELECT * FROM reflection WHERE status = 'published' AND visibility = 'public'"
        " AND event_slug = :event ORDER BY published_at, slug",
        {"event": event_slug},
    )
    return [one for one in (_stored(session, row) for row in rows) if one.reflection.listed]


def every(session: Session, limit: int = 1000) -> list[StoredReflection]:
    """All reflections that were not withdrawn, latest first: for stewards and the command line."""
    rows = session.rows(
        "SELECT * FROM reflection WHERE document IS NOT NULL ORDER BY created_at DESC, slug LIMIT :limit",
        {"limit": limit},
    )
    return [_stored(session, row) for row in rows]


def withdrawn(session: Session) -> list[tuple[str, datetime]]:
    """Slug and moment of every withdrawn reflection, in the order they were withdrawn."""
    rows = session.rows(
        "SELECT slug, withdrawn_at FROM reflection WHERE status = 'withdrawn'"
        " ORDER BY withdrawn_at, rowid"
    )
    return [(row["slug"], from_ms(row["withdrawn_at"])) for row in rows]


def _stored(session: Session, row: Row) -> StoredReflection:
    language = session.value("SELECT document ->> '$.languages[0]' FROM group_profile") or "en"
    return StoredReflection(
        reflection=_reflection(row["document"], language),
        created=from_ms(row["created_at"]),
        updated=from_ms(row["updated_at"]),
    )


@lru_cache(maxsize=512)
def _reflection(document: str, language: str) -> Reflection:
    return Reflection.from_document(json.loads(document), language)


def _values(reflection: Reflection, document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    published = reflection.published
    if published is None and reflection.status is ReflectionStatus.PUBLISHED:
        published = now
    return {
        "slug": reflection.slug,
        "document": json.dumps(document, ensure_ascii=True, separators=(",", ":")),
        "status": reflection.status,
        "visibility": reflection.visibility,
        "federated": int(reflection.federated),
        "stage": reflection.spiral_stage,
        "event": reflection.event,
        "published": to_ms(published) if published else None,
        "now": to_ms(now),
    }
