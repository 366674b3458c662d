"""The pictures that are kept, and what shows them; the files themselves are `node.pictures`'."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from node.clock import to_ms
from node.domain.picture import Picture
from node.store.database import Session

# One that was shown goes with the last thing that shows it; one that never was, when its day is over and
# no draft names it.
_UNUSED = (
    "(taken = 1 OR created_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM draft WHERE draft.picture = picture.id))"
    " AND NOT EXISTS (SELECT 1 FROM picture_use WHERE picture_use.picture = picture.id)"
)


def add(session: Session, picture: Picture, weights: Sequence[int], now: datetime) -> None:
    """Keep a new picture, whose files are there; `weights` are their bytes, in the order of `files`."""
    session.run(
        "INSERT INTO picture (id, width, height, bytes, small_bytes, created_at)"
        " VALUES (:id, :width, :height, :bytes, :small, :now)",
        {
            "id": picture.id,
            "width": picture.width,
            "height": picture.height,
            "bytes": weights[0],
            "small": sum(weights[1:]),
            "now": to_ms(now),
        },
    )


def get(session: Session, picture_id: str) -> Picture | None:
    """A picture that is kept, shown by anything or not."""
    row = session.row("SELECT id, width, height FROM picture WHERE id = :id", {"id": picture_id})
    return Picture(row["id"], row["width"], row["height"]) if row else None


def uses(session: Session, picture_id: str) -> list[tuple[str, str]]:
    """What shows it: `("group", "")`, `("event", slug)` or `("reflection", slug)`."""
    rows = session.rows(
        "SELECT source, name FROM picture_use WHERE picture = :id ORDER BY source, name",
        {"id": picture_id},
    )
    return [(row["source"], row["name"]) for row in rows]


def was_shown(session: Session, picture_id: str) -> bool:
    """Whether anything shows it now, or ever did."""
    sql = "SELECT taken FROM picture WHERE id = :id"
    return bool(session.value(sql, {"id": picture_id}))


def files(session: Session) -> Iterator[str]:
    """The names of all files there should be."""
    for row in session.rows("SELECT id, width, height FROM picture"):
        yield from Picture(row["id"], row["width"], row["height"]).files


def weights(session: Session, shown: Iterable[Picture]) -> dict[str, int]:
    """How many bytes the larger file of each has, by its id."""
    sql = "SELECT bytes FROM picture WHERE id = :id"
    return {one.id: session.value(sql, {"id": one.id}) or 0 for one in shown}


def bytes_used(session: Session) -> int:
    """How much room all of them take."""
    used: int = session.value("SELECT coalesce(sum(bytes + small_bytes), 0) FROM picture")
    return used


def has_unused(session: Session, before: datetime) -> bool:
    """Whether there is one that nothing shows any more, or that waits in vain since `before`."""
    sql = f"SELECT 1 FROM picture WHERE {_UNUSED}"  # noqa: S608 - made of our own words
    return session.value(sql, {"before": to_ms(before)}) is not None


def drop_unused(session: Session, before: datetime) -> list[Picture]:
    """Forget those; their files are the caller's to remove."""
    rows = session.rows(
        f"DELETE FROM picture WHERE {_UNUSED} RETURNING id, width, height",  # noqa: S608 - as above
        {"before": to_ms(before)},
    )
    return [Picture(row["id"], row["width"], row["height"]) for row in rows]
