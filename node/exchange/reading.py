"""Reading a file that an operator gives us: strict JSON, and where exactly it is not.

Stricter than Python's own reader: UTF-8 only, no name twice in one object, no NaN or Infinity, no
number beyond 64 bits, at most 20 MB and 64 levels. A byte order mark at the start, as some editors
write it, is passed over.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from node.errors import MalformedError, TooLargeError
from node.exchange.wording import quoted

LARGEST_FILE = 20_000_000
DEEPEST = 64
_LONGEST_NUMBER = 400
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class _RefusedError(ValueError):
    """A hook met something that JSON or we do not allow; `find` looks for it in the text."""

    def __init__(self, message: str, find: Callable[[str], int]) -> None:
        super().__init__(message)
        self.find = find


def read_json(data: bytes) -> Any:
    """The value of a JSON file.

    Raises MalformedError whose sentence names line and column, TooLargeError above 20 MB.
    """
    if len(data) > LARGEST_FILE:
        raise TooLargeError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
    text = _decoded(data)
    if not text.strip():
        raise MalformedError("The file is empty.")
    if _too_deep(text):
        raise _malformed(f"is nested more than {DEEPEST} levels deep", text, _deepest(text))
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except _RefusedError as error:
        raise _malformed(str(error), text, error.find(text)) from error
    except json.JSONDecodeError as error:
        raise _malformed(f"is not JSON: {error.msg}", text, error.pos) from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _malformed("is not UTF-8", before, len(before)) from error


def _malformed(what: str, text: str, position: int) -> MalformedError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return MalformedError(f"The file {what} (line {line}, column {column}).")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedError(
            f"has the name {quoted(name)} twice in one object", _first_repeated_name
        )
    return made


def _no_constant(word: str) -> Any:
    raise _RefusedError(
        f"has {word}, which is not a number", lambda text: _first_token(text, word.__eq__)
    )


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _RefusedError(
            "has a number that is too large", lambda text: _first_token(text, digits.__eq__)
        )
    return number


def _int(digits: str) -> int:
    number = int(digits) if len(digits) < _LONGEST_NUMBER else 2**64
    if abs(number) >= 2**63:
        raise _RefusedError(
            "has a number that is too large", lambda text: _first_token(text, digits.__eq__)
        )
    return number


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    return ((match.group(), match.start()) for match in _TOKEN.finditer(text))


def _first_token(text: str, wanted: Callable[[str], bool]) -> int:
    return next((start for token, start in _tokens(text) if wanted(token)), 0)


def _too_deep(text: str) -> bool:
    """Whether it may be, cheaply: most files have fewer brackets than are allowed, or are flat."""
    return text.count("{") + text.count("[") > DEEPEST and _deepest(text) >= 0


def _deepest(text: str) -> int:
    """Where nesting goes beyond what is allowed; -1 where it does not."""
    depth = 0
    for token, start in _tokens(text):
        if token in ("{", "["):
            depth += 1
            if depth > DEEPEST:
                return start
        elif token in ("}", "]"):
            depth -= 1
    return -1


def _first_repeated_name(text: str) -> int:
    """Where the first name stands that its object already has."""
    open_objects: list[set[str]] = []
    last = ("", 0)
    for token, start in _tokens(text):
        if token in ("{", "["):
            open_objects.append(set())
        elif token in ("}", "]"):
            open_objects.pop()
        elif token == ":":  # noqa: S105 - a token of JSON
            name = json.loads(last[0], strict=False)
            if name in open_objects[-1]:
                return last[1]
            open_objects[-1].add(name)
        last = (token, start)
    return 0
