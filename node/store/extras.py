"""Parts of an imported exchange document that have no table of their own, kept for the export."""

import json
from collections.abc import Mapping
from typing import Any

from node.store.database import Session


def put(session: Session, documents: Mapping[str, Any]) -> None:
    """Keep parts by their top-level name, replacing earlier ones."""
    session.run_many(
        "INSERT INTO extra_document (name, document) VALUES (:name, :document)"
        " ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        [{"name": name, "document": json.dumps(part)} for name, part in documents.items()],
    )


def every(session: Session) -> dict[str, Any]:
    """All parts by name."""
    rows = session.rows("SELECT name, document FROM extra_document ORDER BY rowid")
    return {row["name"]: json.loads(row["document"]) for row in rows}
