"""Publishing, reviewing and withdrawing the group's reflections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from node.clock import rfc3339
from node.domain.outbox import OutboxKind
from node.domain.reflection import Reflection
from node.domain.sentence import Sentence
from node.domain.slug import make_slug
from node.errors import ConflictError, InvalidDocumentError, Problem, RefusedError
from node.exchange.check import check_reflection
from node.services import conversation
from node.services.pictures import absent
from node.store import groups, outbox, reflections
from node.store.database import Session
from node.store.reflections import StoredReflection


def add_reflection(
    session: Session, document: Mapping[str, Any], *, now: datetime
) -> StoredReflection:
    """Keep a new reflection; if its status is `published` (the default), publish it.

    A missing `id` is made from the title. Raises InvalidDocumentError naming each refused value, and
    ConflictError where the `id` is, or ever was, taken.
    """
    full = _object(document)
    if not full.get("id"):
        full["id"] = _free_slug(session, full, now)
    if full.get("status", "published") == "withdrawn":
        raise RefusedError("A withdrawn reflection cannot be added.")
    reflection = _checked(session, _dated(full, now))
    if reflections.slug_taken(session, reflection.slug):
        raise ConflictError(
            Sentence(
                "There is, or was, a reflection called “%(slug)s”: choose another id.",
                slug=reflection.slug,
            )
        )
    reflections.add(session, reflection, _dated(full, now), now)
    if reflection.federated:
        outbox.enqueue(session, OutboxKind.CREATE_REFLECTION, reflection.slug, now)
    return reflections.get(session, reflection.slug)


def edit_reflection(
    session: Session, slug: str, changes: Mapping[str, Any], *, now: datetime
) -> StoredReflection:
    """Change a reflection, or accept one that waits (`{"status": "published"}`).

    The top-level keys of `changes` replace the ones it has. Raises NotFoundError, GoneError,
    InvalidDocumentError, RefusedError where the `id` would change.
    """
    before = reflections.get(session, slug).reflection
    _object(changes)
    if changes.get("id", slug) != slug:
        raise RefusedError("The id of a reflection cannot change: other servers know it by it.")
    document = _dated(reflections.get_document(session, slug) | dict(changes), now)
    after = _checked(session, document)
    reflections.update(session, after, document, now)
    if before.federated and after.federated:
        outbox.enqueue(session, OutboxKind.UPDATE_REFLECTION, slug, now)
    elif after.federated:
        outbox.enqueue(session, OutboxKind.CREATE_REFLECTION, slug, now)
    elif before.federated:
        outbox.enqueue(session, OutboxKind.DELETE_REFLECTION, slug, now)
    if before.federated and not (after.federated and after.listed):
        conversation.close(session, f"/reflections/{slug}", for_good=False, now=now)
    return reflections.get(session, slug)


def withdraw_reflection(session: Session, slug: str, *, now: datetime) -> None:
    """Take a reflection back for good: its words go from here, 410, a Delete to every receiver."""
    reflection = reflections.get(session, slug).reflection
    reflections.withdraw(session, slug, now)
    conversation.close(session, f"/reflections/{slug}", for_good=True, now=now)
    if reflection.federated:
        outbox.enqueue(session, OutboxKind.DELETE_REFLECTION, slug, now)


def _object(document: object) -> dict[str, Any]:
    """A copy of what must be a JSON object; raises InvalidDocumentError for anything else."""
    if not isinstance(document, Mapping):
        raise InvalidDocumentError([Problem("", "the reflection must be a JSON object")])
    return dict(document)


def _checked(session: Session, document: Mapping[str, Any]) -> Reflection:
    group = groups.get(session)
    problems = check_reflection(document)
    if document.get("group", group.slug) != group.slug:
        problems.append(Problem("group", f"this node hosts “{group.slug}”"))
    problems += absent(session, document)
    if problems:
        raise InvalidDocumentError(problems)
    return Reflection.from_document(document, group.language)


def _dated(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """With the moment of publication, where it is being published and none was given."""
    full = dict(document)
    if full.get("status", "published") == "published" and not full.get("published"):
        full["published"] = rfc3339(now)
    return full


def _free_slug(session: Session, document: Mapping[str, Any], now: datetime) -> str:
    title = document.get("title") or ""
    text = next(iter(title.values()), "") if isinstance(title, Mapping) else title
    slug = make_slug(str(text), f"reflection-{now:%Y-%m-%d}")
    number = 1
    candidate = slug
    while reflections.slug_taken(session, candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
