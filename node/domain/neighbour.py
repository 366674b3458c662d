"""What neighbours publish, as our pages show it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from node.domain.event import EventStatus
from node.domain.facts import NOTHING_KNOWN, Facts
from node.domain.walltime import zone


class PostKind(StrEnum):
    """A gathering, something to read, or a practice of its library."""

    EVENT = "event"
    NOTE = "note"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourPost:
    """One object of another server, read once, sanitised, ready to be shown.

    `content` is sanitised HTML, every other text plain. `previous_start` is the date it was to have
    before it was moved; one that is postponed may have no other. `organizers` are names: None where the
    author is to be taken for them, empty where they are withheld. `categories` are codes of FEP-8a8e,
    `join_url` is where one registers, http(s) or mailto. `series` is the id of the series it is a session
    of, `siblings` are those of what offers the same at another hour. `actor_id` is the neighbour it reached us
    from, `author` whom it is attributed to. A gathering whose dates come without a time of day
    (`all_day`) has neither `timezone` nor `utc_offset`; its `end` is the last second of its last
    day in UTC. `listed` is false for what its author keeps out of public lists,
    `passable` for what its author does not let everyone pass on.
    """

    id: str
    actor_id: str
    author: str
    kind: PostKind
    url: str
    title: str
    content: str
    summary: str
    language: str | None
    status: EventStatus
    start: datetime | None
    end: datetime | None
    timezone: str | None
    utc_offset: int | None
    place: str
    online_url: str | None
    previous_start: datetime | None = None
    organizers: tuple[str, ...] | None = None
    categories: tuple[str, ...] = ()
    join_url: str | None = None
    series: str | None = None
    siblings: tuple[str, ...] = ()
    listed: bool
    passable: bool = True
    facts: Facts = NOTHING_KNOWN
    published: datetime
    updated: datetime
    received: datetime

    @property
    def all_day(self) -> bool:
        """Whether only dates are known, not times."""
        return self.start is not None and self.timezone is None and self.utc_offset is None

    def local(self, moment: datetime) -> datetime:
        """`moment` on the clocks of the place, as far as the other server told which those are."""
        if self.timezone is not None:
            return moment.astimezone(zone(self.timezone))
        return moment.astimezone(
            timezone(timedelta(minutes=self.utc_offset or 0)) if self.utc_offset else UTC
        )
