"""Calendars from elsewhere, and which of our events came from them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from node.clock import from_ms, to_ms
from node.domain.sentence import Sentence
from node.domain.walltime import zone
from node.errors import NotFoundError
from node.store.database import Row, Session

CALENDAR_WORKER = "calendars"


class State(StrEnum):
    """Looked at, taken once, kept in step, or no longer so."""

    PROPOSED = "proposed"
    TAKEN = "taken"
    KEPT = "kept"
    STOPPED = "stopped"


class Became(StrEnum):
    """What became of an entry."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    CANCELLED = "cancelled"
    MISSING = "missing"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of a report; `slug` is empty where it has no event here, `why` where nothing needs saying."""

    uid: str
    title: str
    became: Became
    slug: str = ""
    start: datetime | None = None
    zone: str = "UTC"
    why: str = ""
    ours: tuple[str, ...] = ()  # what differs from the calendar because it was changed here

    @property
    def local(self) -> datetime | None:
        """The start on the clocks of its own zone."""
        return self.start.astimezone(zone(self.zone)) if self.start else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCalendar:
    """A calendar from elsewhere; `address` is None where it came as a file."""

    id: int
    address: str | None
    name: str
    state: State
    open_places: bool
    with_past: bool
    digest: str
    etag: str | None
    report: tuple[Line, ...]
    problem: str
    attempts: int
    not_before: datetime | None
    read: datetime | None
    created: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedEvent:
    """An event that came from a calendar; `calendar_id` is None where that is forgotten."""

    uid: str
    slug: str
    calendar_id: int | None
    sequence: int
    since: date
    written: dict[str, Any]
    missing: datetime | None = None


def add(
    session: Session,
    *,
    address: str | None,
    name: str,
    open_places: bool,
    with_past: bool,
    body: bytes,
    who: str,
    now: datetime,
) -> int:
    """Keep a calendar that was looked at; its number."""
    session.run(
        "INSERT INTO imported_calendar (address, name, state, open_places, with_past, body, created_at, who)"
        " VALUES (:address, :name, 'proposed', :open_places, :with_past, :body, :now, :who)",
        {
            "address": address,
            "name": name,
            "open_places": int(open_places),
            "with_past": int(with_past),
            "body": body,
            "now": to_ms(now),
            "who": who,
        },
    )
    number: int = session.value("SELECT last_insert_rowid()")
    return number


def get(session: Session, number: int) -> ImportedCalendar:
    """One calendar. Raises NotFoundError."""
    row = session.row("SELECT * FROM imported_calendar WHERE id = :id", {"id": number})
    if row is None:
        raise NotFoundError(Sentence("There is no such calendar."))
    return _calendar(row)


def body(session: Session, number: int) -> bytes | None:
    """What was looked at; None where it is not kept any more."""
    found: bytes | None = session.value(
        "SELECT body FROM imported_calendar WHERE id = :id", {"id": number}
    )
    return found


def every(session: Session) -> list[ImportedCalendar]:
    """All that were taken, the latest first; proposals not."""
    rows = session.rows(
        "SELECT * FROM imported_calendar WHERE state != 'proposed' ORDER BY created_at DESC, id DESC"
    )
    return [_calendar(row) for row in rows]


def kept_at(session: Session, address: str) -> int | None:
    """The number of the calendar that is kept in step with an address."""
    found: int | None = session.value(
        "SELECT id FROM imported_calendar WHERE address = :address AND state = 'kept'",
        {"address": address},
    )
    return found


def count_kept(session: Session) -> int:
    """How many are kept in step."""
    number: int = session.value("SELECT count(*) FROM imported_calendar WHERE state = 'kept'")
    return number


def due(session: Session, now: datetime) -> ImportedCalendar | None:
    """The one that has waited longest to be read again."""
    row = session.row(
        "SELECT * FROM imported_calendar WHERE state = 'kept' AND not_before <= :now"
        " ORDER BY not_before LIMIT 1",
        {"now": to_ms(now)},
    )
    return _calendar(row) if row else None


def next_due(session: Session) -> datetime | None:
    """When one is to be read next; None where none is kept."""
    moment = session.value("SELECT min(not_before) FROM imported_calendar WHERE state = 'kept'")
    return from_ms(moment) if moment is not None else None


def report(session: Session, number: int, lines: Sequence[Line]) -> None:
    """Keep what became of the entries."""
    text = json.dumps([_as_json(line) for line in lines], separators=(",", ":"))
    session.run(
        "UPDATE imported_calendar SET report = :text WHERE id = :id", {"id": number, "text": text}
    )


def settle(
    session: Session, number: int, state: State, *, name: str, not_before: datetime | None
) -> None:
    """Give a calendar a state and a name; the bytes that were looked at go."""
    session.run(
        "UPDATE imported_calendar SET state = :state, name = :name, not_before = :not_before,"
        " body = NULL WHERE id = :id",
        {
            "id": number,
            "state": state,
            "name": name,
            "not_before": to_ms(not_before) if not_before else None,
        },
    )


def note_read(
    session: Session, number: int, *, digest: str, etag: str | None, now: datetime, again: datetime
) -> None:
    """Note that a calendar was read, or is as it was; it is read next at `again`."""
    session.run(
        "UPDATE imported_calendar SET digest = :digest, etag = :etag, read_at = :now, attempts = 0,"
        " problem = NULL, not_before = CASE state WHEN 'kept' THEN :again END WHERE id = :id",
        {
            "id": number,
            "digest": digest,
            "etag": etag,
            "now": to_ms(now),
            "again": to_ms(again),
        },
    )


def note_problem(session: Session, number: int, problem: str, again: datetime) -> None:
    """Note why a calendar could not be read; the next attempt is at `again`."""
    session.run(
        "UPDATE imported_calendar SET problem = :problem, attempts = attempts + 1,"
        " not_before = CASE state WHEN 'kept' THEN :again END WHERE id = :id",
        {"id": number, "problem": json.dumps(_said(problem)), "again": to_ms(again)},
    )


def read_soon(session: Session, number: int, now: datetime) -> None:
    """Have a kept calendar read now, by the whole, whatever edition we have."""
    session.run(
        "UPDATE imported_calendar SET not_before = :now, digest = '', etag = NULL"
        " WHERE id = :id AND state = 'kept'",
        {"id": number, "now": to_ms(now)},
    )
    session.wake(CALENDAR_WORKER)


def forget(session: Session, number: int) -> None:
    """Forget a calendar. Its events stay, and so does whose UIDs they have."""
    session.run("DELETE FROM imported_calendar WHERE id = :id", {"id": number})


def has_proposals(session: Session, before: datetime) -> bool:
    """Whether something was looked at before a moment, and never taken."""
    found = session.value(
        "SELECT EXISTS (SELECT 1 FROM imported_calendar WHERE state = 'proposed' AND created_at < :before)",
        {"before": to_ms(before)},
    )
    return bool(found)


def forget_proposals(session: Session, before: datetime, most: int) -> None:
    """Forget what was looked at and not taken: older than `before`, and all but the last `most`."""
    session.run(
        "DELETE FROM imported_calendar WHERE state = 'proposed' AND (created_at < :before OR id NOT IN"
        " (SELECT id FROM imported_calendar WHERE state = 'proposed' ORDER BY id DESC LIMIT :most))",
        {"before": to_ms(before), "most": most},
    )


def event_of(session: Session, uid: str) -> ImportedEvent | None:
    """The event of a UID, if one was taken."""
    row = session.row("SELECT * FROM imported_event WHERE uid = :uid", {"uid": uid})
    return _event(row) if row else None


def events_of(session: Session, number: int) -> list[ImportedEvent]:
    """The events that came from a calendar."""
    rows = session.rows(
        "SELECT * FROM imported_event WHERE calendar_id = :id ORDER BY uid", {"id": number}
    )
    return [_event(row) for row in rows]


def days(session: Session) -> dict[str, date]:
    """From which day on the sessions of each known UID were taken."""
    rows = session.rows("SELECT uid, since FROM imported_event")
    return {row["uid"]: date.fromisoformat(row["since"]) for row in rows}


def home_of(session: Session, slug: str) -> ImportedCalendar | None:
    """The calendar that an event, or the series of a session, came from; None where it was written here."""
    row = session.row(
        "SELECT imported_calendar.* FROM imported_event JOIN imported_calendar ON id = calendar_id"
        " WHERE slug IN (:slug, (SELECT series_slug FROM event WHERE slug = :slug))",
        {"slug": slug},
    )
    return _calendar(row) if row else None


def put_event(session: Session, one: ImportedEvent) -> None:
    """Keep what was taken of a UID."""
    session.run(
        "INSERT INTO imported_event (uid, slug, calendar_id, sequence, since, written, missing_at)"
        " VALUES (:uid, :slug, :calendar, :sequence, :since, :written, :missing)"
        " ON CONFLICT (uid) DO UPDATE SET slug = excluded.slug, calendar_id = excluded.calendar_id,"
        " sequence = excluded.sequence, written = excluded.written, missing_at = excluded.missing_at",
        {
            "uid": one.uid,
            "slug": one.slug,
            "calendar": one.calendar_id,
            "sequence": one.sequence,
            "since": one.since.isoformat(),
            "written": json.dumps(one.written, separators=(",", ":")),
            "missing": to_ms(one.missing) if one.missing else None,
        },
    )


def _calendar(row: Row) -> ImportedCalendar:
    return ImportedCalendar(
        id=row["id"],
        address=row["address"],
        name=row["name"],
        state=State(row["state"]),
        open_places=bool(row["open_places"]),
        with_past=bool(row["with_past"]),
        digest=row["digest"],
        etag=row["etag"],
        report=tuple(_line(one) for one in json.loads(row["report"])),
        problem=_sentence(json.loads(row["problem"])) if row["problem"] else "",
        attempts=row["attempts"],
        not_before=from_ms(row["not_before"]) if row["not_before"] is not None else None,
        read=from_ms(row["read_at"]) if row["read_at"] is not None else None,
        created=from_ms(row["created_at"]),
        who=row["who"],
    )


def _event(row: Row) -> ImportedEvent:
    return ImportedEvent(
        uid=row["uid"],
        slug=row["slug"],
        calendar_id=row["calendar_id"],
        sequence=row["sequence"],
        since=date.fromisoformat(row["since"]),
        written=json.loads(row["written"]),
        missing=from_ms(row["missing_at"]) if row["missing_at"] is not None else None,
    )


def _as_json(line: Line) -> dict[str, Any]:
    return {
        "uid": line.uid,
        "title": line.title,
        "became": line.became,
        "slug": line.slug,
        "start": to_ms(line.start) if line.start else None,
        "zone": line.zone,
        "why": _said(line.why),
        "ours": line.ours,
    }


def _line(told: dict[str, Any]) -> Line:
    return Line(
        uid=told["uid"],
        title=told["title"],
        became=Became(told["became"]),
        slug=told["slug"],
        start=from_ms(told["start"]) if told["start"] is not None else None,
        zone=told["zone"],
        why=_sentence(told["why"]),
        ours=tuple(told["ours"]),
    )


def _said(text: str) -> list[Any]:
    """A sentence in a form that can still be translated when it is read again."""
    return [text.template, text.values] if isinstance(text, Sentence) else [text, {}]


def _sentence(told: list[Any]) -> str:
    template, values = told
    return Sentence(template, **values) if template else ""
