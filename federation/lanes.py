"""Which of the leased deliveries goes next: one lane per host, so that none can fill the road. Pure.

At most `TOTAL` are on their way at once, two per host, one to a host that failed lately, and a third of
the road for such hosts together: servers that do not answer must not hold up those that do.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from node.store.activities import StoredActivity
from node.store.delivery_queue import Leased

TOTAL = 48
PER_HOST = 2
_FAILING_TOTAL = TOTAL // 3


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased row and what it carries; `rfc9421`: whether its host wants the newer signatures."""

    row: Leased
    activity: StoredActivity
    rfc9421: bool = False


@dataclass(slots=True)
class _Lane:
    """What waits for one host, and how much is on its way there."""

    waiting: deque[Parcel] = field(default_factory=deque)
    sending: int = 0
    listed: bool = False

    @property
    def open(self) -> bool:
        """Whether one more may go."""
        if not self.waiting:
            return False
        return self.sending < (1 if self.waiting[0].row.failing else PER_HOST)


@dataclass(slots=True)
class _Tally:
    """How many wait in memory and how many are on their way."""

    waiting: int = 0
    sending: int = 0

    @property
    def here(self) -> int:
        """Both together."""
        return self.waiting + self.sending


class Lanes:
    """Leased rows waiting in memory, by host. `sound` and `failing` count them by how their host is."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._ready: deque[str] = deque()
        self.sound = _Tally()
        self.failing = _Tally()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self.sound.waiting + self.failing.waiting

    @property
    def sending(self) -> int:
        """How many are on their way."""
        return self.sound.sending + self.failing.sending

    def add(self, parcels: Iterable[Parcel]) -> None:
        """Put parcels at the end of their lanes."""
        for parcel in parcels:
            host = parcel.row.host
            lane = self._lanes.setdefault(host, _Lane())
            lane.waiting.append(parcel)
            self._tally(parcel.row).waiting += 1
            self._list(host, lane)

    def take(self) -> list[Parcel]:
        """What may go now; each is on its way until `done`."""
        taken: list[Parcel] = []
        passed: list[str] = []
        while self._ready and self.sending < TOTAL:
            host = self._ready.popleft()
            lane = self._lanes[host]
            if lane.open and self._may_go(lane.waiting[0].row):
                lane.listed = False
                taken.append(self._start(lane))
                self._list(host, lane)
            elif lane.open:
                passed.append(host)
            else:
                lane.listed = False
        self._ready.extend(passed)
        return taken

    def done(self, row: Leased) -> None:
        """A row that was taken is no longer on its way."""
        lane = self._lanes[row.host]
        lane.sending -= 1
        self._tally(row).sending -= 1
        if lane.waiting:
            self._list(row.host, lane)
        elif not lane.sending:
            del self._lanes[row.host]

    def drop(self, host: str) -> list[Leased]:
        """Take everything that waits for `host` out of its lane; it is not on its way."""
        lane = self._lanes.get(host)
        if lane is None:
            return []
        rows = [parcel.row for parcel in lane.waiting]
        lane.waiting.clear()
        for row in rows:
            self._tally(row).waiting -= 1
        if lane.listed:
            self._ready.remove(host)
            lane.listed = False
        if not lane.sending:
            del self._lanes[host]
        return rows

    def drop_all(self) -> list[Leased]:
        """Take out everything that waits."""
        return [row for host in list(self._lanes) for row in self.drop(host)]

    def busy(self, enough: int) -> list[str]:
        """Hosts that have at least `enough` rows here: no more of theirs for now."""
        return [
            host for host, lane in self._lanes.items() if len(lane.waiting) + lane.sending >= enough
        ]

    def _tally(self, row: Leased) -> _Tally:
        return self.failing if row.failing else self.sound

    def _may_go(self, row: Leased) -> bool:
        return not row.failing or self.failing.sending < _FAILING_TOTAL

    def _start(self, lane: _Lane) -> Parcel:
        parcel = lane.waiting.popleft()
        lane.sending += 1
        tally = self._tally(parcel.row)
        tally.waiting -= 1
        tally.sending += 1
        return parcel

    def _list(self, host: str, lane: _Lane) -> None:
        if lane.open and not lane.listed:
            lane.listed = True
            self._ready.append(host)
