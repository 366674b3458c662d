"""The first check of any document: is it plain, bounded JSON at all?"""

import math
import re
from collections.abc import Iterator
from typing import Any

from node.domain.sentence import Sentence
from node.errors import Problem
from node.exchange.wording import at

DEEPEST = 32
LONGEST_TEXT = 50_000
LONGEST_NAME = 200
MOST_FIELDS = 1_000
LARGEST_NUMBER = 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")


def structure_problem(value: Any, path: str) -> Problem | None:
    """What makes `value` not JSON, or too deep, so that nothing else can be said of it."""
    waiting: list[tuple[Any, str, int]] = [(value, path, 0)]
    while waiting:
        part, where, depth = waiting.pop()
        if depth > DEEPEST:
            return Problem(path, f"is nested more than {DEEPEST} levels deep")
        if isinstance(part, dict):
            if not all(isinstance(key, str) for key in part):
                return Problem(where, "has a field whose name is not text")
            waiting.extend((child, at(where, key), depth + 1) for key, child in part.items())
        elif isinstance(part, list):
            waiting.extend((child, at(where, i), depth + 1) for i, child in enumerate(part))
        elif part is not None and not isinstance(part, str | bool | int | float):
            return Problem(where, f"is not JSON, but {type(part).__name__}")
    return None


def value_problems(value: Any, path: str) -> Iterator[Problem]:
    """Texts and numbers that cannot be kept; `value` has passed `structure_problem`."""
    if isinstance(value, dict):
        yield from _object_problems(value, path)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from value_problems(child, at(path, i))
    elif isinstance(value, str):
        yield from _text_problems(value, path)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, "must be a finite number")
    elif isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        yield Problem(path, "is too large a number")


def _object_problems(value: dict[str, Any], path: str) -> Iterator[Problem]:
    if len(value) > MOST_FIELDS:
        yield Problem(path, Sentence("has more than %(limit)s entries", limit=MOST_FIELDS))
    for key, child in value.items():
        where = at(path, key)
        if len(key) > LONGEST_NAME:
            yield Problem(where, f"is a name of more than {LONGEST_NAME} characters")
        if _SURROGATE.search(key):
            yield Problem(where, "is a name with half a character in it (a lone surrogate)")
        yield from value_problems(child, where)


def _text_problems(value: str, path: str) -> Iterator[Problem]:
    if len(value) > LONGEST_TEXT:
        yield Problem(path, Sentence("is longer than %(limit)s characters", limit=LONGEST_TEXT))
    if _SURROGATE.search(value):
        yield Problem(path, "has half a character in it (a lone surrogate)")
