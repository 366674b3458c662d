"""What stewards are writing: forms as they were typed, each for the eyes of its steward only."""

from dataclasses import dataclass
from datetime import datetime

from node.clock import from_ms, to_ms
from node.store.database import Row, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form that is not published yet: `fields` is a JSON array of `[name, text]`.

    `about` is the slug of what it changes, empty for something new. `became` is what it was published
    as; then its fields are gone.
    """

    id: str
    form: str
    about: str
    fields: str
    became: str | None
    saved: datetime


def put(session: Session, draft: Draft, steward_id: int, picture_id: str | None) -> None:
    """Keep a draft, in place of what was kept of it before."""
    session.run(
        "INSERT INTO draft (id, steward_id, form, about, fields, picture, saved_at)"
        " VALUES (:id, :steward, :form, :about, :fields, :picture, :saved)"
        " ON CONFLICT (id) DO UPDATE SET fields = :fields, picture = :picture, saved_at = :saved",
        {
            "id": draft.id,
            "steward": steward_id,
            "form": draft.form,
            "about": draft.about,
            "fields": draft.fields,
            "picture": picture_id,
            "saved": to_ms(draft.saved),
        },
    )


def find(session: Session, draft_id: str, steward_id: int) -> Draft | None:
    """A draft of this steward, published or not; None where they have none of that id."""
    row = session.row(
        "SELECT * FROM draft WHERE id = :id AND steward_id = :steward",
        {"id": draft_id, "steward": steward_id},
    )
    return _draft(row) if row is not None else None


def of(session: Session, steward_id: int) -> list[Draft]:
    """What a steward is writing, the latest first."""
    rows = session.rows(
        "SELECT * FROM draft WHERE steward_id = :steward AND became IS NULL"
        " ORDER BY saved_at DESC, id DESC",
        {"steward": steward_id},
    )
    return [_draft(row) for row in rows]


def close(session: Session, draft_id: str, became: str) -> None:
    """It was published: what was typed goes, and what it became stays known for a while."""
    session.run(
        "UPDATE draft SET fields = '', picture = NULL, became = :became WHERE id = :id",
        {"id": draft_id, "became": became},
    )


def remove(session: Session, draft_id: str, steward_id: int) -> None:
    """Forget a draft of this steward, if it is there."""
    session.run(
        "DELETE FROM draft WHERE id = :id AND steward_id = :steward",
        {"id": draft_id, "steward": steward_id},
    )


def purge(session: Session, unfinished: datetime, published: datetime) -> None:
    """Forget drafts last saved before `unfinished`, and published ones before `published`."""
    session.run(
        "DELETE FROM draft WHERE saved_at < CASE WHEN became IS NULL THEN :unfinished ELSE :published END",
        {"unfinished": to_ms(unfinished), "published": to_ms(published)},
    )


def _draft(row: Row) -> Draft:
    return Draft(
        id=row["id"],
        form=row["form"],
        about=row["about"],
        fields=row["fields"],
        became=row["became"],
        saved=from_ms(row["saved_at"]),
    )
