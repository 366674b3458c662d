"""The only place that asks what time it is, and the two conversions to and from the database."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

# Nothing of this program was ever run before: no honest clock shows an earlier day.
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MILLISECOND = timedelta(milliseconds=1)


class Clock(Protocol):
    """Tells the time. Tests pass one that they can turn."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, as the database keeps moments; `moment` must be aware."""
    return (moment - EPOCH) // ONE_MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC moment that the database keeps as `milliseconds`."""
    return EPOCH + milliseconds * ONE_MILLISECOND


def rfc3339(moment: datetime) -> str:
    """`2027-03-14T16:00:00Z`: UTC, whole seconds, as ActivityStreams and the fediverse like it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
