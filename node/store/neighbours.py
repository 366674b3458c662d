"""What neighbours published. The past is kept as an archive; what its author deletes goes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from node.clock import from_ms, to_ms
from node.domain.event import EventStatus
from node.domain.facts import Facts
from node.domain.neighbour import NeighbourPost, PostKind
from node.errors import NotFoundError
from node.store.database import Row, Session

# What is shown: only what neighbours we follow keep in public lists. After an unfollow the posts stay
# in the archive, unseen. A `+` keeps SQLite from reading a neighbour's whole archive: by time there is less.
_SHOWN_POST = """
SELECT * FROM neighbour_post WHERE id = :id AND listed = 1
AND actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
"""
_UPCOMING_EVENTS = """
SELECT * FROM neighbour_post WHERE kind = 'event' AND listed = 1
AND coalesce(end_at, start_at + 7200000) > :now
AND +actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
ORDER BY +start_at, id LIMIT :limit
"""
# Postponed ones without a date are kept in sight for half a year after they were last changed.
_UNDATED = timedelta(days=180)
_UNDATED_EVENTS = """
SELECT * FROM neighbour_post WHERE kind = 'event' AND start_at IS NULL AND listed = 1
AND status = 'postponed' AND updated_at > :since
AND +actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
ORDER BY updated_at DESC, id LIMIT :limit
"""
_RECENT_NOTES = """
SELECT * FROM neighbour_post WHERE kind = 'note' AND practice = 0 AND listed = 1
AND +actor_id IN (SELECT actor_id FROM following WHERE state <> 'rejected')
ORDER BY published_at DESC, id LIMIT :limit
"""


def put(session: Session, post: NeighbourPost) -> bool:
    """Keep a post, or its newer revision; False where what we have is as new.

    Who wrote it, through whom it came and what kind of thing it is never change.
    """
    changed = session.run(
        "INSERT INTO neighbour_post (id, actor_id, author, kind, url, title, content, summary, language,"
        " status, start_at, end_at, timezone, utc_offset, place, online_url, previous_start_at, organizers,"
        " categories, join_url, series, siblings, listed, facts, practice, passable,"
        " published_at, updated_at, received_at)"
        " VALUES (:id, :actor, :author, :kind, :url, :title, :content, :summary, :language, :status,"
        " :start, :end, :timezone, :utc_offset, :place, :online_url, :previous_start, :organizers, :categories,"
        " :join_url, :series, :siblings, :listed, :facts, :practice, :passable, :published, :updated, :received)"
        " ON CONFLICT (id) DO UPDATE SET url = :url, title = :title, content = :content,"
        " summary = :summary, language = :language, status = :status, start_at = :start, end_at = :end,"
        " timezone = :timezone, utc_offset = :utc_offset, place = :place, online_url = :online_url,"
        " previous_start_at = :previous_start, organizers = :organizers, categories = :categories,"
        " join_url = :join_url, series = :series, siblings = :siblings, listed = :listed,"
        " facts = :facts, passable = :passable, updated_at = :updated"
        " WHERE updated_at <= :updated AND author = :author AND kind = :kind",
        {
            "id": post.id,
            "actor": post.actor_id,
            "author": post.author,
            "kind": PostKind.NOTE if post.kind is PostKind.PRACTICE else post.kind,
            "practice": int(post.kind is PostKind.PRACTICE),
            "url": post.url,
            "title": post.title,
            "content": post.content,
            "summary": post.summary,
            "language": post.language,
            "status": post.status,
            "start": _ms(post.start),
            "end": _ms(post.end),
            "timezone": post.timezone,
            "utc_offset": post.utc_offset,
            "place": post.place,
            "online_url": post.online_url,
            "previous_start": _ms(post.previous_start),
            "organizers": None if post.organizers is None else json.dumps(post.organizers),
            "categories": json.dumps(post.categories),
            "join_url": post.join_url,
            "series": post.series,
            "siblings": json.dumps(post.siblings),
            "listed": int(post.listed),
            "facts": _facts(post),
            "passable": int(post.passable),
            "published": to_ms(post.published),
            "updated": to_ms(post.updated),
            "received": to_ms(post.received),
        },
    )
    return changed > 0


def bring_home(session: Session, post: NeighbourPost) -> None:
    """What somebody passed on to us and now comes from its author, comes from its author from now on.

    So it stays when whoever passed it on takes that back, or is followed no longer.
    """
    if post.actor_id == post.author:
        session.run(
            "UPDATE neighbour_post SET actor_id = author"
            " WHERE id = :id AND author = :author AND actor_id <> author",
            {"id": post.id, "author": post.author},
        )


def count_since(session: Session, actor_id: str, since: datetime, most: int) -> int:
    """How many posts came from a neighbour since then; `most` for that many or more."""
    count: int = session.value(
        "SELECT count(*) FROM (SELECT 1 FROM neighbour_post"
        " WHERE actor_id = :actor AND received_at > :since LIMIT :most)",
        {"actor": actor_id, "since": to_ms(since), "most": most},
    )
    return count


def find(session: Session, post_id: str) -> NeighbourPost | None:
    """One post, or None, whether it is shown or not."""
    row = session.row("SELECT * FROM neighbour_post WHERE id = :id", {"id": post_id})
    return _post(row) if row is not None else None


def post(session: Session, post_id: str) -> NeighbourPost:
    """One post that is shown on our pages. Raises NotFoundError."""
    row = session.row(_SHOWN_POST, {"id": post_id})
    if row is None:
        raise NotFoundError("No neighbour of ours published this.")
    return _post(row)


def by_address(session: Session, address: str) -> NeighbourPost | None:
    """One post that is shown on our pages, by its id or its page; None where there is none."""
    row = session.row(_SHOWN_POST, {"id": address})
    if row is None:
        named = session.value(
            "SELECT id FROM neighbour_post WHERE url = :url AND kind = 'event' ORDER BY id LIMIT 1",
            {"url": address},
        )
        row = session.row(_SHOWN_POST, {"id": named}) if named is not None else None
    return _post(row) if row is not None else None


def upcoming_events(session: Session, now: datetime, limit: int = 200) -> list[NeighbourPost]:
    """Neighbours' listed gatherings that are not over, soonest first; postponed ones without a date last."""
    rows = session.rows(_UPCOMING_EVENTS, {"now": to_ms(now), "limit": limit})
    undated = {"since": to_ms(now - _UNDATED), "limit": max(0, limit - len(rows))}
    return [_post(row) for row in (*rows, *session.rows(_UNDATED_EVENTS, undated))]


def recent_notes(session: Session, limit: int = 50) -> list[NeighbourPost]:
    """Listed writing of neighbours, latest first."""
    return [_post(row) for row in session.rows(_RECENT_NOTES, {"limit": limit})]


def names(session: Session) -> dict[str, str]:
    """How to call each neighbour we follow: its name, or its handle while we do not know the name."""
    rows = session.rows(
        "SELECT following.actor_id, coalesce(nullif(actor.name, ''), following.handle) AS name"
        " FROM following LEFT JOIN actor ON actor.id = following.actor_id"
    )
    return {row["actor_id"]: row["name"] for row in rows}


@dataclass(frozen=True, slots=True)
class Home:
    """Where something comes from: the name of its group, and of the neighbour that passed it on, if one did."""

    name: str
    passed_on_by: str = ""


def homes(session: Session, posts: Sequence[NeighbourPost]) -> dict[str, Home]:
    """The home of each post, by its id; a group of which only the server is known goes by that."""
    ours = names(session)
    known = {
        row["id"]: row["name"]
        for row in session.rows(
            "SELECT id, name FROM actor WHERE name <> '' AND id IN (SELECT value FROM json_each(:ids))",
            {"ids": json.dumps([post.author for post in posts])},
        )
    }
    return {post.id: _home(post, ours, known) for post in posts}


def _home(post: NeighbourPost, ours: Mapping[str, str], known: Mapping[str, str]) -> Home:
    """On servers where people speak for groups, the author is one of them: the neighbour is its home."""
    server = urlsplit(post.id).netloc
    neighbour = ours.get(post.actor_id, server)
    if urlsplit(post.actor_id)[:2] == urlsplit(post.id)[:2]:
        return Home(ours.get(post.author, neighbour))
    return Home(ours.get(post.author) or known.get(post.author) or server, neighbour)


def remove(session: Session, post_id: str) -> bool:
    """Delete one post; whether there was one."""
    return session.run("DELETE FROM neighbour_post WHERE id = :id", {"id": post_id}) > 0


def remove_of_actor(session: Session, actor_id: str) -> int:
    """Delete whatever an actor wrote or passed on; how many posts."""
    return session.run(
        "DELETE FROM neighbour_post WHERE id IN (SELECT id FROM neighbour_post WHERE actor_id = :actor"
        " UNION SELECT id FROM neighbour_post WHERE author = :actor)",
        {"actor": actor_id},
    )


def keep_practices(session: Session, actor_id: str, ids: Sequence[str]) -> None:
    """A neighbour's library holds these and no others: what left it goes here, too."""
    session.run(
        "DELETE FROM neighbour_post WHERE actor_id = :actor AND practice = 1"
        " AND id NOT IN (SELECT value FROM json_each(:ids))",
        {"actor": actor_id, "ids": json.dumps(list(ids))},
    )


def hand_over(session: Session, old: str, new: str) -> None:
    """A neighbour moved: what came from it came from where it lives now."""
    session.run(
        "UPDATE neighbour_post SET actor_id = :new WHERE actor_id = :old", {"old": old, "new": new}
    )


def _facts(post: NeighbourPost) -> str:
    """Its facts, and whether its page is on its own server: a copy of it elsewhere is not."""
    original = urlsplit(post.id)[:2] == urlsplit(post.url)[:2]
    return json.dumps(post.facts.document(post.place) | {"original": int(original)})


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment is not None else None


def _moment(milliseconds: int | None) -> datetime | None:
    return from_ms(milliseconds) if milliseconds is not None else None


def _post(row: Row) -> NeighbourPost:
    return NeighbourPost(
        id=row["id"],
        actor_id=row["actor_id"],
        author=row["author"],
        kind=PostKind.PRACTICE if row["practice"] else PostKind(row["kind"]),
        url=row["url"],
        title=row["title"],
        content=row["content"],
        summary=row["summary"],
        language=row["language"],
        status=EventStatus(row["status"]),
        start=_moment(row["start_at"]),
        end=_moment(row["end_at"]),
        timezone=row["timezone"],
        utc_offset=row["utc_offset"],
        place=row["place"],
        online_url=row["online_url"],
        previous_start=_moment(row["previous_start_at"]),
        organizers=None if row["organizers"] is None else tuple(json.loads(row["organizers"])),
        categories=tuple(json.loads(row["categories"])),
        join_url=row["join_url"],
        series=row["series"],
        siblings=tuple(json.loads(row["siblings"])),
        listed=bool(row["listed"]),
        facts=Facts.from_document(json.loads(row["facts"])),
        passable=bool(row["passable"]),
        published=from_ms(row["published_at"]),
        updated=from_ms(row["updated_at"]),
        received=from_ms(row["received_at"]),
    )
