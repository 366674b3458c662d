"""Groups around us: what is known of them, who says they stand with whom, and when to look again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from node.clock import from_ms, to_ms
from node.domain.known_group import GroupProfile, KnownGroup, Spot
from node.store.database import Row, Session

CRAWL_WORKER = "crawl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A group to look at; `reads_list`: whom it stands with is of interest, too."""

    id: str
    host: str
    stands_with: str | None
    actor_etag: str | None
    list_etag: str | None
    attempts: int
    reads_list: bool


def is_unsettled(session: Session) -> bool:
    """Whether a neighbour is not among the known groups, or something known is no longer reached."""
    found = session.value(
        "SELECT EXISTS (SELECT id FROM neighbour_group EXCEPT SELECT id FROM known_group)"
        " OR EXISTS (SELECT source FROM group_claim EXCEPT SELECT id FROM group_source)"
        " OR EXISTS (SELECT id FROM known_group WHERE hidden_at IS NULL"
        " EXCEPT SELECT group_id FROM group_claim EXCEPT SELECT id FROM neighbour_group)"
    )
    return bool(found)


def settle(session: Session, now: datetime) -> None:
    """Look at new neighbours from now on, and forget what only those said who no longer count."""
    for row in session.rows("SELECT id FROM neighbour_group EXCEPT SELECT id FROM known_group"):
        add(session, row["id"], now)
    session.run("DELETE FROM group_claim WHERE source NOT IN (SELECT id FROM group_source)")
    session.run(
        "DELETE FROM known_group WHERE hidden_at IS NULL"
        " AND id NOT IN (SELECT group_id FROM group_claim)"
        " AND id NOT IN (SELECT id FROM neighbour_group)"
    )


def add(session: Session, group_id: str, now: datetime) -> None:
    """Have a group looked at, unless it is known."""
    session.run(
        "INSERT INTO known_group (id, host, not_before, created_at) VALUES (:id, :host, :now, :now)"
        " ON CONFLICT (id) DO NOTHING",
        {"id": group_id, "host": urlsplit(group_id).netloc.lower(), "now": to_ms(now)},
    )


def count(session: Session) -> int:
    """How many groups are known."""
    number: int = session.value("SELECT count(*) FROM known_group")
    return number


def is_known(session: Session, group_id: str) -> bool:
    """Whether anything is kept of a group, be it a mere claim."""
    return session.value("SELECT 1 FROM known_group WHERE id = :id", {"id": group_id}) is not None


def due(session: Session, now: datetime, limit: int) -> list[Due]:
    """Who is to be looked at now, the longest due first; one of each host."""
    rows = session.rows(
        "SELECT *, min(not_before), id IN (SELECT id FROM group_source) AS reads_list FROM known_group"
        " WHERE not_before <= :now AND hidden_at IS NULL GROUP BY host ORDER BY not_before LIMIT :limit",
        {"now": to_ms(now), "limit": limit},
    )
    return [
        Due(
            id=row["id"],
            host=row["host"],
            stands_with=row["stands_with"],
            actor_etag=row["actor_etag"],
            list_etag=row["list_etag"],
            attempts=row["attempts"],
            reads_list=bool(row["reads_list"]),
        )
        for row in rows
    ]


def next_due(session: Session) -> datetime | None:
    """When somebody is to be looked at next; None where nobody is known."""
    moment = session.value("SELECT min(not_before) FROM known_group WHERE hidden_at IS NULL")
    return from_ms(moment) if moment is not None else None


def confirm(session: Session, profile: GroupProfile, etag: str | None) -> None:
    """Keep what a group says of itself."""
    session.run(
        "UPDATE known_group SET name = :name, url = :url, languages = :languages, place = :place,"
        " latitude = :latitude, longitude = :longitude, listed = :listed, actor_etag = :etag,"
        " list_etag = CASE WHEN stands_with IS :stands_with THEN list_etag END, stands_with = :stands_with"
        " WHERE id = :id",
        {
            "id": profile.id,
            "name": profile.name,
            "url": profile.url,
            "languages": json.dumps(profile.languages),
            "place": profile.place,
            "latitude": profile.spot.latitude if profile.spot else None,
            "longitude": profile.spot.longitude if profile.spot else None,
            "listed": int(profile.listed),
            "stands_with": profile.stands_with,
            "etag": etag,
        },
    )


def seen(session: Session, group_id: str, now: datetime, again: datetime) -> None:
    """Note that a group's document was read, or is as it was; it is looked at next at `again`."""
    session.run(
        "UPDATE known_group SET confirmed_at = :now, attempts = 0, not_before = :again WHERE id = :id",
        {"id": group_id, "now": to_ms(now), "again": to_ms(again)},
    )


def put_off(session: Session, group_id: str, again: datetime) -> None:
    """Note that a group could not be looked at; the next attempt is at `again`."""
    session.run(
        "UPDATE known_group SET attempts = attempts + 1, not_before = :again WHERE id = :id",
        {"id": group_id, "again": to_ms(again)},
    )


def rest(session: Session, host: str, until: datetime) -> None:
    """Look at nobody else on a host before `until`."""
    session.run(
        "UPDATE known_group SET not_before = :until WHERE host = :host AND not_before < :until",
        {"host": host, "until": to_ms(until)},
    )


def look_again(session: Session, group_id: str, now: datetime) -> None:
    """Somebody said that it changed: look at it now, if it is known."""
    values = {"id": group_id, "now": to_ms(now)}
    if session.run("UPDATE known_group SET not_before = :now WHERE id = :id", values):
        session.wake(CRAWL_WORKER)


def look_at_lists(session: Session, ids: Sequence[str], now: datetime) -> None:
    """Groups that came within reach: look now at those whose list nobody read so far, as it was too far away."""
    session.run(
        "UPDATE known_group SET not_before = min(not_before, :now) WHERE attempts = 0"
        " AND stands_with IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))"
        " AND id NOT IN (SELECT id FROM group_source)",
        {"ids": json.dumps(list(ids)), "now": to_ms(now)},
    )


def look_at_named(session: Session, source: str, now: datetime) -> None:
    """A group is a neighbour from now on: the lists of those it names came within reach."""
    session.run(
        "UPDATE known_group SET not_before = min(not_before, :now) WHERE attempts = 0"
        " AND stands_with IS NOT NULL AND id IN (SELECT group_id FROM group_claim WHERE source = :source)",
        {"source": source, "now": to_ms(now)},
    )


def keep_claims(session: Session, source: str, ids: Sequence[str]) -> None:
    """Forget what a source claimed beyond `ids`; an empty list forgets all."""
    session.run(
        "DELETE FROM group_claim WHERE source = :source"
        " AND group_id NOT IN (SELECT value FROM json_each(:ids))",
        {"source": source, "ids": json.dumps(list(ids))},
    )


def claim(session: Session, source: str, group_id: str) -> None:
    """Note that a source stands with a group that is known."""
    session.run(
        "INSERT INTO group_claim (source, group_id) VALUES (:source, :id) ON CONFLICT DO NOTHING",
        {"source": source, "id": group_id},
    )


def note_list(session: Session, source: str, etag: str | None) -> None:
    """Note which edition of its list was read."""
    session.run(
        "UPDATE known_group SET list_etag = :etag WHERE id = :id", {"id": source, "etag": etag}
    )


def is_neighbour(session: Session, group_id: str) -> bool:
    """Whether this is a group that lets us follow it."""
    found = session.value("SELECT 1 FROM neighbour_group WHERE id = :id", {"id": group_id})
    return found is not None


def brought_by(session: Session, source: str) -> int:
    """How many groups came through the neighbour behind `source`: named by it, or by those it names.

    Where several neighbours name `source`, the one that brought the fewest.
    """
    number: int | None = session.value(
        "SELECT min((SELECT count(DISTINCT group_id) FROM group_claim WHERE source = root.id"
        " OR source IN (SELECT group_id FROM group_claim WHERE source = root.id)))"
        " FROM neighbour_group AS root WHERE root.id = :source"
        " OR :source IN (SELECT group_id FROM group_claim WHERE source = root.id)",
        {"source": source},
    )
    return number or 0


def standing_with(session: Session, since: datetime, limit: int) -> list[KnownGroup]:
    """The groups we follow, by name, as far as their own documents were read after `since` and they do not mind."""
    rows = session.rows(
        "SELECT * FROM known_group WHERE listed = 1 AND hidden_at IS NULL AND confirmed_at > :since"
        " AND id IN (SELECT id FROM neighbour_group)"
        " ORDER BY name COLLATE NOCASE, id LIMIT :limit",
        {"since": to_ms(since), "limit": limit},
    )
    return [_known(row) for row in rows]


def suggestions(session: Session, since: datetime, limit: int) -> list[KnownGroup]:
    """Groups that we do not follow and others stand with, read after `since`; most named first."""
    rows = session.rows(
        "SELECT *, (SELECT count(*) FROM group_claim WHERE group_id = known_group.id) AS weight"
        " FROM known_group WHERE listed = 1 AND hidden_at IS NULL AND confirmed_at > :since"
        " AND id NOT IN (SELECT actor_id FROM following)"
        " ORDER BY weight DESC, name COLLATE NOCASE, id LIMIT :limit",
        {"since": to_ms(since), "limit": limit},
    )
    return [_known(row, _followed_by(session, row["id"])) for row in rows]


def hidden(session: Session, limit: int) -> list[KnownGroup]:
    """Groups the stewards said are not for us, the latest first."""
    rows = session.rows(
        "SELECT * FROM known_group WHERE hidden_at IS NOT NULL AND confirmed_at IS NOT NULL"
        " ORDER BY hidden_at DESC LIMIT :limit",
        {"limit": limit},
    )
    return [_known(row) for row in rows]


def set_hidden(session: Session, group_id: str, moment: datetime | None) -> bool:
    """Hide a group from the suggestions, or (None) no longer; whether it is known."""
    hidden_at = to_ms(moment) if moment is not None else None
    changed = session.run(
        "UPDATE known_group SET hidden_at = :at WHERE id = :id", {"id": group_id, "at": hidden_at}
    )
    return changed > 0


def remove(session: Session, group_id: str) -> bool:
    """Forget a group and what it said of others; whether it was known."""
    session.run("DELETE FROM group_claim WHERE source = :id", {"id": group_id})
    return session.run("DELETE FROM known_group WHERE id = :id", {"id": group_id}) > 0


def forget_unseen(session: Session, before: datetime) -> int:
    """Forget groups whose documents were not read since `before`; how many.

    Who names them is asked for the whole list again, so that one that comes back is found anew.
    """
    values = {"before": to_ms(before)}
    session.run(
        "UPDATE known_group SET list_etag = NULL WHERE id IN (SELECT source FROM group_claim"
        " JOIN known_group AS lost ON lost.id = group_claim.group_id"
        " WHERE coalesce(lost.confirmed_at, lost.created_at) < :before AND lost.hidden_at IS NULL)",
        values,
    )
    return session.run(
        "DELETE FROM known_group WHERE coalesce(confirmed_at, created_at) < :before"
        " AND hidden_at IS NULL",
        values,
    )


def _followed_by(session: Session, group_id: str) -> tuple[str, ...]:
    rows = session.rows(
        "SELECT coalesce(nullif(known_group.name, ''), actor.name, group_claim.source) AS name FROM group_claim"
        " LEFT JOIN known_group ON known_group.id = group_claim.source"
        " LEFT JOIN actor ON actor.id = group_claim.source"
        " WHERE group_claim.group_id = :id ORDER BY name LIMIT 5",
        {"id": group_id},
    )
    return tuple(row["name"] for row in rows)


def _known(row: Row, followed_by: tuple[str, ...] = ()) -> KnownGroup:
    return KnownGroup(
        profile=GroupProfile(
            id=row["id"],
            name=row["name"],
            url=row["url"],
            languages=tuple(json.loads(row["languages"])),
            place=row["place"],
            spot=Spot.of(row["latitude"], row["longitude"]),
            stands_with=row["stands_with"],
            listed=bool(row["listed"]),
        ),
        seen=from_ms(row["confirmed_at"]),
        followed_by=followed_by,
    )
