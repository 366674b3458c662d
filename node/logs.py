"""What the node says on standard error: one line a record, whoever chose the words in it.

Names, addresses and paths of strangers come into messages. A line feed in one would begin a record
that we never wrote, and an escape would steer the terminal of whoever reads.
"""

import logging
import re
from typing import Any, Final

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# A flood of refused requests leaves this many lines and then one a second, with the number of those
# left out, so that nobody fills the disk with our own words.
_BOUNDED: Final = "node.refusals"
_BURST: Final = 300
_PER_SECOND: Final = 1.0
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class OneLine(logging.Formatter):
    """Writes what steers as its escape; a trace stands below its record, each line set in."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the library calls it
        """The record without its trace, on one line."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - likewise
        """The trace; its own lines cannot be mistaken for records."""
        lines = super().formatException(ei).split("\n")
        return "\n".join("  " + escaped(line) for line in lines)


class Bounded(logging.Filter):
    """Lets `_BURST` records through at once and `_PER_SECOND` in the long run, and counts the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = float(_BURST)
        self._filled = 0.0
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; the first after some that were not says how many."""
        elapsed = max(0.0, record.created - self._filled) if self._filled else 0.0
        self._tokens = min(float(_BURST), self._tokens + elapsed * _PER_SECOND)
        self._filled = record.created
        if self._tokens < 1:
            self._left_out += 1
            return False
        self._tokens -= 1
        if self._left_out:
            record.msg = f"{record.msg} left_out={self._left_out}"
            self._left_out = 0
        return True


def escaped(text: str) -> str:
    r"""`text` with control, direction-changing and half characters as `\x1b` or `\u202e`."""
    return _STEERING.sub(_escape, text)


def set_up(level: str) -> None:
    """Log to standard error from `level` on (`info`, `warning` …)."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger(_BOUNDED).addFilter(Bounded())


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
