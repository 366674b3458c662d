"""What commands print: JSON for programs, plain columns for people; neither can steer a terminal."""

import json
import re
from collections.abc import Sequence
from typing import Any

from node.domain.text import clean

# What JSON allows raw inside strings but a terminal may obey: DEL, C1 controls, bidi overrides.
_UNSAFE = re.compile("[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def as_json(value: Any) -> str:
    """One JSON document, indented, in UTF-8, with a line feed at its end."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def columns(rows: Sequence[Sequence[object]], empty: str) -> str:
    """Rows in columns of equal width, or the sentence `empty` where there are none."""
    if not rows:
        return f"{empty}\n"
    cells = [[line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    return "\n".join(lines) + "\n"


def line(value: object) -> str:
    """`value` as one line of harmless text."""
    return " ".join(clean(str(value)).split())
