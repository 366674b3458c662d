"""What somebody looks for in the shared calendar; every part of it is optional, all that is given must hold."""

from dataclasses import dataclass
from datetime import datetime

from node.domain.facts import Point

OURS = "ours"  # the group that is this node's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Somewhere: within `km` of a point, or at a place whose folded words are these. One of the two is given."""

    km: float
    words: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFilter:
    """Which gatherings: those that hold all that is given.

    `language` is a tag without region. `start` and `end` bound the time, `end` is not included; without
    `start`, what is not over. `past` turns to what is over, latest first. `group` is `OURS`, or the id of a
    neighbour. `tags` are spellings of one tag, of which one is enough; None: any.
    """

    language: str = ""
    near: Near | None = None
    online: bool = False
    free: bool = False
    access: tuple[str, ...] = ()
    kind: str = ""
    start: datetime | None = None
    end: datetime | None = None
    group: str = ""
    tags: tuple[str, ...] | None = None
    past: bool = False
