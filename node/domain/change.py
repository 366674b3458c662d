"""What somebody on their way to a gathering must hear of: another time, place or status, and in which words.

Only what `Event` shows is looked at, so no change of a hidden place or link is told to everyone.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from node.domain.dates import short_when
from node.domain.event import Event, EventStatus
from node.domain.phrases import held, open_place_line, phrase, place_line, status_words
from node.domain.walltime import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """When, where and whether, as people outside know it.

    `start` and `end` are wall time, zone and UTC time in ISO 8601; `place` is one line, which a
    hidden place does not have, `where` everything that tells one place from another.
    """

    status: str
    held: str
    start: tuple[str, str, str] | None
    end: tuple[str, str, str] | None
    place: str | None
    where: tuple[str, ...]
    room: str | None

    @classmethod
    def of(cls, event: Event) -> "Known":
        """What an event as it is now tells."""
        place = event.place
        area = place.area.text if place is not None and place.area is not None else None
        parts = (place.name, place.address, place.locality, place.region, area) if place else ()
        return cls(
            status=event.status,
            held=held(event),
            start=_kept(event.start),
            end=_kept(event.end),
            place=open_place_line(place) if place is not None and not place.hidden else None,
            where=tuple(part or "" for part in parts),
            room=event.online.url if event.online is not None else None,
        )

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Known":
        """From what `as_json` made."""
        start, end = told["start"], told["end"]
        return cls(
            status=told["status"],
            held=told["held"],
            start=tuple(start) if start else None,
            end=tuple(end) if end else None,
            place=told["place"],
            where=tuple(told["where"]),
            room=told["room"],
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values to keep."""
        return asdict(self)


def change_words(lines: Sequence[str]) -> str:
    """What `change_lines` found, as HTML."""
    return "<p>" + "<br>".join(html.escape(line) for line in lines) + "</p>"


def change_lines(before: Known, event: Event) -> list[str]:
    """What is different from `before`, line by line in the event's language; empty where nothing is.

    Status and title, then when and where it is now, each with what it was if that changed, then why.
    """
    now = Known.of(event)
    if now == before:
        return []
    language = event.language
    lines = [_headline(before, event), _when(before, now, event)]
    if event.status is not EventStatus.CANCELLED:
        lines.extend(_where(before, now, event))
    if event.status_reason and event.status is not EventStatus.SCHEDULED:
        lines.append(event.status_reason.best([language])[1])
    return lines


def _headline(before: Known, event: Event) -> str:
    status = status_words(event.status, event.language)
    if status is None and before.status in (EventStatus.CANCELLED, EventStatus.POSTPONED):
        status = phrase("on_again", event.language)
    return f"{status}: {event.title.text}" if status else event.title.text


def _when(before: Known, now: Known, event: Event) -> str:
    language = event.language
    if event.start is None:
        return phrase("no_date", language)
    line = short_when(event.start, event.end, language)
    start, end = _moment(before.start), _moment(before.end)
    if start is None or (before.start, before.end) == (now.start, now.end):
        return line
    return f"{line} ({phrase('was', language, when=short_when(start, end, language))})"


def _where(before: Known, now: Known, event: Event) -> list[str]:
    """The place with its address where that is new, and the room online where that is new.

    The former place is not named beside a hidden one, which may be the same.
    """
    lines = []
    line = place_line(event, event.language)
    moved = (before.where, before.held) != (now.where, now.held)
    if line is not None:
        address = event.place.address if event.place is not None else None
        if moved and address and address not in line:
            line = f"{line} · {address}"
        if before.place is not None and now.place is not None and before.place != now.place:
            line = f"{line} ({phrase('was', event.language, when=before.place)})"
        lines.append(line)
    if now.room is not None and (now.room != before.room or line is None):
        lines.append(now.room)
    return lines


def _kept(moment: Moment | None) -> tuple[str, str, str] | None:
    if moment is None:
        return None
    return (moment.wall.isoformat(), moment.zone, moment.utc.isoformat())


def _moment(kept: tuple[str, str, str] | None) -> Moment | None:
    if kept is None:
        return None
    wall, zone, utc = kept
    return Moment(datetime.fromisoformat(wall), zone, datetime.fromisoformat(utc))
