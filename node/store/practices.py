"""The group's library of practices."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.practice import Practice
from node.errors import NotFoundError
from node.store.database import Session


def put(session: Session, slug: str, document: Mapping[str, Any], now: datetime) -> None:
    """Keep a practice, or its next revision."""
    session.run(
        "INSERT INTO practice (slug, document, updated_at) VALUES (:slug, :document, :now)"
        " ON CONFLICT (slug) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
        {
            "slug": slug,
            "document": json.dumps(document, ensure_ascii=True, separators=(",", ":")),
            "now": to_ms(now),
        },
    )


def get(session: Session, slug: str, group_language: str) -> Practice:
    """One practice. Raises NotFoundError."""
    text = session.value("SELECT document FROM practice WHERE slug = :slug", {"slug": slug})
    if text is None:
        raise NotFoundError("There is no such practice.")
    return Practice.from_document(json.loads(text), group_language)


def updated(session: Session, slug: str) -> datetime:
    """When a practice was last changed. Raises NotFoundError."""
    moment = session.value("SELECT updated_at FROM practice WHERE slug = :slug", {"slug": slug})
    if moment is None:
        raise NotFoundError("There is no such practice.")
    return from_ms(moment)


def every(session: Session, group_language: str) -> list[Practice]:
    """All practices, in the order of the Spiral and then by slug."""
    documents = all_documents(session)
    practices = [Practice.from_document(document, group_language) for document in documents]
    return sorted(practices, key=lambda one: (list(_ORDER).index(one.spiral_stage or ""), one.slug))


_ORDER = ("gratitude", "honoring_pain", "new_ancient_eyes", "going_forth", "")


def all_documents(session: Session) -> list[dict[str, Any]]:
    """Every practice's document as it was written, in the order it came."""
    rows = session.rows("SELECT document FROM practice ORDER BY rowid")
    return [json.loads(row["document"]) for row in rows]
