"""The group's own profile."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.group import HERE, Group, Whereabouts
from node.errors import NotFoundError
from node.store.database import Session


def create(session: Session, handle: str, document: Mapping[str, Any], now: datetime) -> None:
    """Keep the profile of the one group; once, at `init`."""
    session.run(
        "INSERT INTO group_profile (id, handle, document, created_at, updated_at)"
        " VALUES (1, :handle, :document, :now, :now)",
        {"handle": handle, "document": _text(document), "now": to_ms(now)},
    )


def update(session: Session, document: Mapping[str, Any], now: datetime) -> None:
    """Replace what the group says of itself; the handle stays."""
    session.run(
        "UPDATE group_profile SET document = :document, updated_at = :now",
        {"document": _text(document), "now": to_ms(now)},
    )


def get(session: Session) -> Group:
    """The group. Raises NotFoundError before `init` is done."""
    row = session.row("SELECT handle, document FROM group_profile")
    if row is None:
        raise NotFoundError("This node has no group yet.")
    return _group(row["handle"], row["document"])


def get_document(session: Session) -> dict[str, Any]:
    """The group's document as it was written."""
    document: dict[str, Any] = json.loads(session.value("SELECT document FROM group_profile"))
    return document


def created_ms(session: Session) -> int:
    """When the group came to this node, in milliseconds."""
    created: int = session.value("SELECT created_at FROM group_profile")
    return created


def whereabouts(session: Session) -> Whereabouts:
    """Where the group lives besides here."""
    row = session.row("SELECT also_known_as, moved_to, moved_at, retired_at FROM group_profile")
    if row is None:
        return HERE
    return Whereabouts(
        also_known_as=tuple(json.loads(row["also_known_as"])),
        moved_to=row["moved_to"],
        moved=from_ms(row["moved_at"]) if row["moved_at"] is not None else None,
        retired=from_ms(row["retired_at"]) if row["retired_at"] is not None else None,
    )


def set_aliases(session: Session, ids: Sequence[str]) -> None:
    """Replace the ids under which the group lives or lived too."""
    session.run("UPDATE group_profile SET also_known_as = :ids", {"ids": json.dumps(list(ids))})


def set_moved(session: Session, target: str | None, now: datetime) -> None:
    """Note where the group moved; None where it is back. When it last moved stays known."""
    session.run(
        "UPDATE group_profile SET moved_to = :target,"
        " moved_at = CASE WHEN :target IS NULL THEN moved_at ELSE :now END",
        {"target": target, "now": to_ms(now)},
    )


def retire(session: Session, now: datetime) -> None:
    """Note that the group said farewell."""
    session.run("UPDATE group_profile SET retired_at = :now", {"now": to_ms(now)})


@lru_cache(maxsize=4)
def _group(handle: str, document: str) -> Group:
    return Group.from_document(handle, json.loads(document))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))
