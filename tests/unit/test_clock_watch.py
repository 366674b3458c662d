"""Can our own clock be believed?"""

from datetime import UTC, datetime, timedelta

from federation.clock_watch import ClockTrouble, ClockWatch
from node.clock import RELEASED

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A machine whose clock can be set, and whose steady clock cannot."""

    def __init__(self, shows: datetime, seen: datetime | None = None) -> None:
        self.now = shows
        self.seconds = 0.0
        self.watch = ClockWatch(shows, seen, lambda: self.seconds)

    def passes(self, time: timedelta) -> None:
        self.now += time
        self.seconds += time.total_seconds()

    def told(self, *ahead: timedelta) -> None:
        for number, one in enumerate(ahead):
            self.watch.told(f"h{number}.example", one, self.now)

    @property
    def trouble(self) -> ClockTrouble | None:
        return self.watch.trouble(self.now)

    @property
    def guess(self) -> datetime:
        earliest, latest = self.watch.may_be(self.now)
        assert earliest == latest
        return latest


def test_a_clock_that_nobody_contradicts_is_believed() -> None:
    machine = Machine(NOW, seen=NOW - HOUR)
    assert (machine.trouble, machine.guess) == (None, NOW)


def test_a_machine_without_a_battery_wakes_up_in_the_past() -> None:
    machine = Machine(datetime(1970, 1, 1, tzinfo=UTC), seen=NOW)
    assert machine.trouble is ClockTrouble.BEFORE_RELEASE
    earliest, latest = machine.watch.may_be(machine.now)
    assert earliest == RELEASED
    assert latest > NOW + timedelta(days=300)  # it may have been without power for long


def test_a_clock_that_goes_backwards_is_in_doubt_until_somebody_agrees() -> None:
    machine = Machine(NOW, seen=NOW + 3 * HOUR)
    assert machine.trouble is ClockTrouble.BACKWARDS
    machine.told(timedelta(seconds=20))
    assert machine.trouble is None
    machine.passes(HOUR)
    assert machine.trouble is None


def test_one_server_alone_cannot_make_us_doubt_nor_can_two() -> None:
    machine = Machine(NOW)
    machine.told(timedelta(days=900), timedelta(days=-3))
    assert machine.trouble is None


def test_three_servers_that_agree_say_that_we_are_off_and_by_how_much() -> None:
    machine = Machine(NOW)
    machine.told(HOUR, HOUR + timedelta(seconds=9), timedelta(0))
    assert machine.trouble is ClockTrouble.OFF
    assert machine.guess == NOW - HOUR


def test_one_liar_among_three_changes_nothing() -> None:
    machine = Machine(NOW)
    machine.told(timedelta(days=365), timedelta(seconds=2), timedelta(seconds=-3))
    assert machine.trouble is None


def test_a_crowd_of_liars_changes_nothing_where_three_agree_with_us() -> None:
    machine = Machine(NOW)
    machine.told(*[timedelta(days=9)] * 40, *[timedelta(seconds=2)] * 3)
    assert (machine.trouble, machine.guess) == (None, NOW)


def test_a_clock_that_goes_backwards_may_be_right_now() -> None:
    machine = Machine(NOW, seen=NOW + timedelta(days=30))
    earliest, latest = machine.watch.may_be(machine.now)
    assert earliest == NOW
    assert latest >= NOW + timedelta(days=30)


def test_a_clock_that_is_set_right_is_judged_anew() -> None:
    machine = Machine(NOW)
    machine.told(HOUR, HOUR, HOUR)
    machine.passes(timedelta(minutes=2))
    assert machine.trouble is ClockTrouble.OFF
    machine.now -= HOUR  # somebody sets it; it may well have been ahead only since then
    assert machine.trouble is ClockTrouble.BACKWARDS or machine.trouble is None
    machine.told(timedelta(seconds=1))
    assert machine.trouble is None


def test_a_clock_that_was_ahead_for_years_is_believed_once_others_agree() -> None:
    """What it showed then is not held against it for ever."""
    machine = Machine(NOW + timedelta(days=3650))
    assert machine.trouble is None
    machine.now = NOW
    assert machine.trouble is ClockTrouble.BACKWARDS
    machine.told(timedelta(0))
    assert machine.trouble is None
    machine.passes(HOUR)
    machine.now -= timedelta(seconds=40)
    assert machine.trouble is None
