"""What the node says on standard error: one line a record, whoever chose the words in it.

Names, addresses and paths of strangers come into messages. A line feed in one would begin a record
that we never wrote, and an escape would steer the terminal of whoever reads.
"""

import logging
import re
from typing import Any

from node import refusals

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
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


def escaped(text: str) -> str:
    r"""`text` with control, direction-changing and half characters as `\x1b` or `\u202e`."""
    return _STEERING.sub(_escape, text)


def set_up(level: str) -> None:
    """Log to standard error from `level` on (`info`, `warning` …)."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    refusals.log.addFilter(refusals.Bounded())


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
