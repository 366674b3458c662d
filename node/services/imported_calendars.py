"""Taking in what a calendar from elsewhere holds, and following what changes there.

A UID is taken once. What is published here, what a neighbour publishes and what another calendar brought is
left alone. A change there is followed field by field, except where somebody changed the same field here: that
stays, and the report says so. What goes missing is called off only where the calendar is otherwise sound:

| what is missing | what is done |
|---|---|
| everything, or the calendar cannot be read | nothing |
| more than half of what is ahead | nothing; the report says so |
| what lies beyond the last of ten or more that are ahead | nothing: the calendar shows only the next ones |
| one gathering, for the first time | nothing yet; the report says so |
| the same one twice, twelve hours apart | it is called off here; it stays visible as cancelled |
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from node.calendars.gathering import Gathering
from node.calendars.reading import Reading
from node.domain.event import Event
from node.domain.sentence import Sentence
from node.domain.walltime import zone
from node.errors import GoneError, InvalidDocumentError, RoughweatherError
from node.services.event_documents import as_object, checked
from node.services.events import edit_event, new_slug, put_new
from node.store import events, groups, neighbours
from node.store import imported_calendars as store
from node.store.database import Session
from node.store.imported_calendars import Became, ImportedCalendar, ImportedEvent, Line, State
from node.urls import Urls

AGAIN = timedelta(hours=12)
_MANY = 10  # so many ahead may be all that a calendar shows

# What belongs together: followed as one, or kept as one where part of it was changed here.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "text": ("description",),
    "time": (
        *("timezone", "start_local", "start_utc", "end_local", "end_utc"),
        "series",
    ),
    "place": ("location", "online", "format"),
    "status": ("status", "reason"),
    "kind": ("kind", "tags"),
    "registration": ("registration",),
}
# What need not be said, and a form says all the same.
_DEFAULTS = {"kind": "other", "mode": "none"}

_HERE = Sentence("It is published here.")
_REMOVED = Sentence("It was removed here.")
_NEIGHBOURS = Sentence("A neighbour publishes it; it stands in the shared calendar.")
_NAMESAKE = Sentence("A gathering of this name stands here at that time already.")
_OTHERS = Sentence("Another calendar brought it.")
_OVER = Sentence("It is over.")
_CALLED_OFF = Sentence("It was called off before it came here.")
_OLDER = Sentence("The calendar has an older version of it.")
_FIRST_TIME = Sentence("It is missing there. If it still is tomorrow, it is called off here.")
_BEYOND = Sentence("It is missing there, perhaps because only the next ones are shown.")
_TOO_MANY = Sentence("More than half is missing there, so nothing is called off.")
_GONE_THERE = Sentence("It is no longer there, so it is called off here.")


class _RehearsedError(Exception):
    """Carries the report out of a part of a transaction that is undone."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines


def rehearse(
    session: Session, calendar: ImportedCalendar, reading: Reading, *, urls: Urls, now: datetime
) -> list[Line]:
    """What `take` would do: it is done, and undone."""

    def work(inner: Session) -> None:
        raise _RehearsedError(take(inner, calendar, reading, urls=urls, now=now))

    try:
        session.alone(work)
    except _RehearsedError as done:
        return done.lines
    raise AssertionError("a rehearsal always ends early")


def take(
    session: Session, calendar: ImportedCalendar, reading: Reading, *, urls: Urls, now: datetime
) -> list[Line]:
    """Publish what is new, follow what changed, and say of each entry what became of it."""
    lines = []
    for one in reading.gatherings:
        line = Line(
            uid=one.uid, title=one.title, became=Became.SAME, start=one.start, zone=one.zone
        )
        work = partial(_take, calendar=calendar, one=one, line=line, urls=urls, now=now)
        lines.append(_alone(session, work, line))
    lines += [
        Line(uid=left.uid, title=left.title, became=Became.LEFT_OUT, why=left.why)
        for left in reading.left_out
    ]
    return lines + _missing(session, calendar, reading, now)


def _alone(session: Session, work: Any, line: Line) -> Line:
    """What became of one entry; where it cannot be kept nothing of it is, and the line says why."""
    try:
        done: Line = session.alone(work)
    except InvalidDocumentError as error:
        first = error.problems[0]
        why = Sentence("It cannot be kept: %(problem)s", problem=str(first)[:200])
        return replace(line, became=Became.LEFT_OUT, why=why)
    except RoughweatherError as error:
        if error.status >= 500:
            raise  # the disk's fault, not the entry's
        return replace(line, became=Became.LEFT_OUT, why=error.sentence)
    return done


def _take(
    session: Session,
    *,
    calendar: ImportedCalendar,
    one: Gathering,
    line: Line,
    urls: Urls,
    now: datetime,
) -> Line:
    """One gathering. Raises what publishing and changing raise."""
    if urls.is_ours(one.uid):
        return replace(line, became=Became.LEFT_OUT, why=_HERE)
    if _is_a_neighbours(session, one.uid):
        return replace(line, became=Became.LEFT_OUT, why=_NEIGHBOURS)
    known = store.event_of(session, one.uid)
    if known is None:
        return _make(session, calendar, one, line, now)
    if _is_anothers(session, known, calendar):
        return replace(line, became=Became.LEFT_OUT, why=_OTHERS, slug=known.slug)
    try:
        document = events.get_document(session, known.slug)
    except GoneError:
        return replace(line, became=Became.LEFT_OUT, why=_REMOVED)
    line = replace(line, slug=known.slug)
    known = replace(known, calendar_id=calendar.id, missing=None)
    over = one.document is None or (one.ends is not None and one.ends <= now)
    if one.document is None or over or one.sequence < known.sequence:
        store.put_event(session, known)
        return replace(line, why=_OVER if over else _OLDER)
    known = replace(known, sequence=one.sequence)
    return _follow(session, known, document, one.document, line, now=now)


def _make(
    session: Session, calendar: ImportedCalendar, one: Gathering, line: Line, now: datetime
) -> Line:
    """Publish what was not known yet, unless it is over; followers hear of nothing that is over."""
    over = one.document is None or (one.ends is not None and one.ends <= now)
    if one.document is None or (over and not calendar.with_past):
        return replace(line, became=Became.LEFT_OUT, why=_OVER)
    if one.document.get("status") == "cancelled" and not over:
        return replace(line, became=Became.LEFT_OUT, why=_CALLED_OFF)
    if _stands_here(session, calendar, one):
        return replace(line, became=Became.LEFT_OUT, why=_NAMESAKE)
    full = as_object(one.document)
    full["id"] = new_slug(session, full, now)
    event = checked(session, full)
    put_new(session, event, full, now=now, announce=not over)
    store.put_event(
        session,
        ImportedEvent(
            uid=one.uid,
            slug=event.slug,
            calendar_id=calendar.id,
            sequence=one.sequence,
            since=_day(event),
            written=one.document,
        ),
    )
    return replace(line, became=Became.MADE, slug=event.slug)


def _follow(
    session: Session,
    known: ImportedEvent,
    document: Mapping[str, Any],
    told: Mapping[str, Any],
    line: Line,
    *,
    now: datetime,
) -> Line:
    """Take over what changed there since it was taken last, except where it was changed here, too."""
    changes: dict[str, Any] = {}
    written = dict(known.written)
    ours = []
    for name, fields in _FIELDS.items():
        new, old, here = (_part(one, fields) for one in (told, known.written, document))
        if _same(new, here) or (not _same(new, old) and _same(old, here)):
            if not _same(new, here):
                changes |= {key: told.get(key) for key in fields if key in told or key in document}
            written = {key: value for key, value in written.items() if key not in fields} | new
        else:
            ours.append(name)
    if changes:
        edit_event(session, known.slug, changes, now=now)
    store.put_event(session, replace(known, written=written))
    cancelled = changes.get("status") == "cancelled"
    became = Became.CANCELLED if cancelled else Became.CHANGED if changes else Became.SAME
    return replace(line, became=became, ours=tuple(ours))


def _missing(
    session: Session, calendar: ImportedCalendar, reading: Reading, now: datetime
) -> list[Line]:
    """What became of events that came from the calendar and are not in it any more."""
    present = reading.uids
    if not present or calendar.address is None:
        return []
    ahead, gone = 0, []
    for known in store.events_of(session, calendar.id):
        event = _ahead(session, known, now)
        ahead += event is not None
        if event is not None and known.uid not in present:
            gone.append((known, event))
    starts = sorted(one.start for one in reading.gatherings if one.start > now)
    last = starts[-1] if len(starts) >= _MANY else None
    too_many = len(gone) > max(1, ahead // 2)
    return [
        _miss(session, known, event, last=last, too_many=too_many, now=now) for known, event in gone
    ]


def _miss(
    session: Session,
    known: ImportedEvent,
    event: Event,
    *,
    last: datetime | None,
    too_many: bool,
    now: datetime,
) -> Line:
    start = event.start.utc if event.start else None
    line = Line(
        uid=known.uid,
        title=event.title.text,
        became=Became.MISSING,
        slug=known.slug,
        start=start,
        zone=event.timezone,
    )
    if too_many:
        return replace(line, why=_TOO_MANY)
    if last is not None and start is not None and start > last:
        return replace(line, why=_BEYOND)
    if known.missing is None:
        store.put_event(session, replace(known, missing=now))
        return replace(line, why=_FIRST_TIME)
    if now - known.missing < AGAIN:
        return replace(line, why=_FIRST_TIME)
    edit_event(session, known.slug, {"status": "cancelled"}, now=now)
    written = known.written | {"status": "cancelled"}
    store.put_event(session, replace(known, written=written))
    return replace(line, became=Became.CANCELLED, why=_GONE_THERE)


def _ahead(session: Session, known: ImportedEvent, now: datetime) -> Event | None:
    """The event, if it is to come and was neither removed nor given another status here."""
    try:
        event = events.get(session, known.slug).event
    except GoneError:
        return None
    if event.status != known.written.get("status", "scheduled") or event.status == "cancelled":
        return None
    if event.recurs:
        return event
    return event if event.ends is None or event.ends.utc > now else None


def _is_a_neighbours(session: Session, uid: str) -> bool:
    return neighbours.find(session, uid) is not None or (
        uid.startswith(("https://", "http://")) and neighbours.by_address(session, uid) is not None
    )


def _stands_here(session: Session, calendar: ImportedCalendar, one: Gathering) -> bool:
    """Whether somebody typed the same gathering, or it came otherwise than from this calendar."""
    for stored in events.at(session, one.start):
        home = store.home_of(session, stored.event.slug)
        called = {text.casefold() for _, text in stored.event.title}
        if one.title.casefold() in called and (home is None or home.id != calendar.id):
            return True
    return False


def _is_anothers(session: Session, known: ImportedEvent, calendar: ImportedCalendar) -> bool:
    """Whether another calendar that is kept in step brought it."""
    if known.calendar_id in (None, calendar.id):
        return False
    return store.get(session, known.calendar_id).state is State.KEPT


def _day(event: Event) -> date:
    assert event.start is not None  # whatever a calendar says has a day
    return event.start.wall.date()


def _part(document: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in fields if name in document}


def _same(one: Any, other: Any) -> bool:
    return bool(_essence(one) == _essence(other))


def _essence(value: Any, name: str = "") -> Any:
    """What a value says, however it is written: without empty parts, moments that follow, and seconds."""
    if isinstance(value, Mapping):
        parts = {
            key: _essence(part, key) for key, part in value.items() if not key.endswith("_utc")
        }
        return {
            key: part
            for key, part in parts.items()
            if part not in (None, False, "", [], {}) and _DEFAULTS.get(key) != part
        }
    if isinstance(value, list):
        return [_essence(part, name) for part in value]
    if isinstance(value, str):
        return value[:16] if name.endswith("_local") else value.strip()
    return value


def since(session: Session, now: datetime, *, with_past: bool) -> tuple[dict[str, date], date]:
    """From which day on sessions are taken: of each known UID, and of all others."""
    here = now.astimezone(zone(groups.get(session).timezone)).date()
    return store.days(session), here - timedelta(days=400) if with_past else here
