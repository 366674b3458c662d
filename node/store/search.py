"""The index of the search: which words stand in what is public.

A change of a thing takes its entry out in the same transaction (triggers of `schema.sql`), and writes it
down as due; `put` gives it an entry and words again. So what is hidden, withdrawn or deleted cannot be found from that
moment on, whoever changed it, and what nobody put back is merely not found yet. What an unfollowed
neighbour wrote keeps its words and is passed over.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from node.clock import to_ms
from node.domain import tokens
from node.domain.search import Findable, Order, Question, Term
from node.store.database import Session

LONGEST_TEXT = 20_000  # characters of one thing that can be found

_TITLE, _PLACE, _WORDS = 8.0, 4.0, 1.0  # how much a word counts there
_FOUND = """
FROM search_words JOIN search_entry ON search_entry.id = search_words.rowid
WHERE search_words MATCH :words
AND (:kind IS NULL OR kind = :kind)
AND (:language = '' OR instr(languages, ' ' || :language || ' ') > 0)
AND (:first IS NULL OR ends_at >= :first) AND (:last IS NULL OR starts_at < :last)
AND (:gatherings IS NULL OR source || ' ' || name IN (SELECT value FROM json_each(:gatherings)))
AND (source <> 'neighbour_post' OR EXISTS (
    SELECT 1 FROM neighbour_post JOIN following USING (actor_id)
    WHERE neighbour_post.id = name AND state <> 'rejected'))
"""
_BY_FIT = f"""ORDER BY coalesce(kind = 'event' AND ends_at < :now, 0),
bm25(search_words, {_TITLE}, {_PLACE}, {_WORDS}), search_entry.id"""
_BY_DATE = """ORDER BY starts_at IS NULL, coalesce(ends_at, starts_at) < :now,
CASE WHEN ends_at >= :now THEN starts_at ELSE -starts_at END, search_entry.id"""


class Source(StrEnum):
    """The table a thing stands in."""

    EVENT = "event"
    REFLECTION = "reflection"
    PRACTICE = "practice"
    NEIGHBOUR_POST = "neighbour_post"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: the table it stands in, and its slug or id there."""

    source: Source
    name: str


def is_behind(session: Session) -> bool:
    """Whether something changed that the index has not taken in yet."""
    sql = "SELECT EXISTS (SELECT 1 FROM search_due) OR EXISTS (SELECT 1 FROM search_stale)"
    return bool(session.value(sql))


def due(session: Session, limit: int) -> list[Item]:
    """Some of what the index has not read yet."""
    rows = session.rows("SELECT source, name FROM search_due LIMIT :limit", {"limit": limit})
    return [Item(Source(row["source"]), row["name"]) for row in rows]


def drop_stale(session: Session) -> None:
    """Delete the words of what left the index."""
    session.run("DELETE FROM search_words WHERE rowid IN (SELECT id FROM search_stale)")
    session.run("DELETE FROM search_stale")


def put(session: Session, item: Item, found: Findable | None) -> None:
    """Read a thing that is due into the index; None: it is not for everyone, and stays out."""
    key = {"source": item.source, "name": item.name}
    session.run("DELETE FROM search_due WHERE source = :source AND name = :name", key)
    session.run("DELETE FROM search_entry WHERE source = :source AND name = :name", key)
    if found is None:
        return
    session.run(
        "INSERT INTO search_entry (source, name, kind, languages, starts_at, ends_at)"
        " VALUES (:source, :name, :kind, :languages, :starts, :ends)",
        key
        | {
            "kind": found.kind,
            "languages": f" {' '.join(found.languages)} " if found.languages else "",
            "starts": to_ms(found.starts) if found.starts else None,
            "ends": to_ms(found.ends) if found.ends else None,
        },
    )
    texts = [*(text for _, text in found.texts), *found.tags]
    session.run(
        "INSERT INTO search_words (rowid, title, place, words)"
        " SELECT id, :title, :place, :words FROM search_entry WHERE source = :source AND name = :name",
        key
        | {
            "title": _words([text for _, text in found.title or ()]),
            "place": _words(found.place),
            "words": _words(texts),
        },
    )


def find(
    session: Session, question: Question, now: datetime, *, limit: int, offset: int = 0
) -> list[Item]:
    """What holds every word of a question, `limit` at most after the first `offset`."""
    order = _BY_DATE if question.order is Order.DATE else _BY_FIT
    rows = session.rows(
        f"SELECT source, name {_FOUND} {order} LIMIT :limit OFFSET :offset",
        _parameters(question, now) | {"limit": limit, "offset": offset},
    )
    return [Item(Source(row["source"]), row["name"]) for row in rows]


def languages(session: Session) -> list[str]:
    """Every language in which something can be found, as tags in small letters."""
    rows = session.rows("SELECT DISTINCT languages FROM search_entry")
    return sorted({tag for row in rows for tag in row["languages"].split()})


def differences(session: Session) -> int:
    """How many things stand in the index without their words, or words without their thing; 0 when sound."""
    lost: int = session.value(
        "SELECT count(*) FROM search_entry WHERE id NOT IN (SELECT rowid FROM search_words)"
    )
    strange: int = session.value(
        "SELECT count(*) FROM search_words WHERE rowid NOT IN (SELECT id FROM search_entry)"
        " AND rowid NOT IN (SELECT id FROM search_stale)"
    )
    return lost + strange


def start_over(session: Session) -> None:
    """Empty the index and write down everything as due."""
    session.run("DELETE FROM search_entry")
    session.run("DELETE FROM search_words")
    session.run("DELETE FROM search_stale")
    session.run("DELETE FROM search_due")
    session.run(
        "INSERT INTO search_due SELECT 'event', slug FROM event"
        " UNION ALL SELECT 'reflection', slug FROM reflection"
        " UNION ALL SELECT 'practice', slug FROM practice"
        " UNION ALL SELECT 'neighbour_post', id FROM neighbour_post"
    )


def tidy(session: Session) -> None:
    """Merge the index into one piece: words that were taken out leave the file, too."""
    session.run("INSERT INTO search_words (search_words) VALUES ('optimize')")


def _words(texts: list[str] | tuple[str, ...]) -> str:
    return " ".join(tokens.tokens("\n".join(texts)[:LONGEST_TEXT]))


def _parameters(question: Question, now: datetime) -> dict[str, object]:
    first, last = question.first, question.last
    day = timedelta(days=1)
    return {
        "words": " ".join(_match(term) for term in question.terms),
        "kind": question.kind,
        "language": question.language,
        "first": to_ms(datetime.combine(first, time(), UTC)) if first else None,
        "last": to_ms(datetime.combine(last, time(), UTC) + day) if last else None,
        "now": to_ms(now),
        "gatherings": None
        if question.gatherings is None
        else json.dumps([" ".join(one) for one in question.gatherings]),
    }


def _match(term: Term) -> str:
    """A phrase of FTS5. Tokens are letters, marks and digits, so nothing in the quotes can end them."""
    return f'"{" ".join(term.tokens)}"' + ("*" if term.beginning else "")
