"""The part of Structured Field Values (RFC 9651) that signatures need, read strictly.

Dictionaries of items and inner lists; integers, strings, tokens, byte sequences and booleans.
Stricter than the RFC in one point: a key or parameter that stands twice is an error instead of
"the last one wins", so that two readers cannot take two meanings from one header. Decimals,
dates and display strings do not occur here and are errors.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from federation.signatures.errors import SignatureMalformed

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")
_BOOLEAN = re.compile(r"\?([01])")
_SPACES = re.compile(r" *")
_OWS = re.compile(r"[ \t]*")
_UNESCAPE = re.compile(r'\\(["\\])')
_MAX_MEMBERS = 64


class Token(str):
    """A bare word, to be told from a quoted string."""

    __slots__ = ()


Bare = int | str | bytes | bool
Parameters = dict[str, Bare]


@dataclass(frozen=True, slots=True)
class Item:
    """One value with its parameters in the order they stood."""

    value: Bare
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        return _bare_text(self.value) + _parameters_text(self.parameters)


@dataclass(frozen=True, slots=True)
class InnerList:
    """A list in parentheses with parameters of its own."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        listed = " ".join(str(item) for item in self.items)
        return f"({listed})" + _parameters_text(self.parameters)


def parse_dictionary(text: str) -> dict[str, Item | InnerList]:
    """Read a Dictionary field; raises SignatureMalformed for anything not exactly one."""
    reader = _Reader(text)
    members: dict[str, Item | InnerList] = {}
    reader.skip(_SPACES)
    while not reader.done():
        key = reader.take(_KEY)
        if key in members or len(members) == _MAX_MEMBERS:
            raise SignatureMalformed("A structured header repeats a key or is too long.")
        members[key] = reader.member()
        reader.skip(_OWS)
        if reader.done():
            break
        reader.expect(",")
        reader.skip(_OWS)
        if reader.done():
            raise _unreadable()
    return members


class _Reader:
    """A position in a text; every method consumes what it names or raises SignatureMalformed."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.rstrip(" ")
        self._at = 0

    def done(self) -> bool:
        return self._at >= len(self._text)

    def skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        length = match.end() - self._at if match else 0
        self._at += length
        return length

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _unreadable()
        self._at = match.end()
        return match.group(match.lastindex or 0)

    def next_is(self, character: str) -> bool:
        return self._text.startswith(character, self._at)

    def expect(self, character: str) -> None:
        if not self.next_is(character):
            raise _unreadable()
        self._at += 1

    def member(self) -> Item | InnerList:
        if not self.next_is("="):
            return Item(True, self.parameters())
        self.expect("=")
        return self.inner_list() if self.next_is("(") else self.item()

    def inner_list(self) -> InnerList:
        self.expect("(")
        items: list[Item] = []
        self.skip(_SPACES)
        while not self.next_is(")"):
            if len(items) == _MAX_MEMBERS:
                raise _unreadable()
            items.append(self.item())
            if not self.skip(_SPACES) and not self.next_is(")"):
                raise _unreadable()
        self.expect(")")
        return InnerList(tuple(items), self.parameters())

    def item(self) -> Item:
        return Item(self.bare(), self.parameters())

    def parameters(self) -> Parameters:
        found: Parameters = {}
        while self.next_is(";"):
            self.expect(";")
            self.skip(_SPACES)
            key = self.take(_KEY)
            if key in found or len(found) == _MAX_MEMBERS:
                raise SignatureMalformed("A structured header repeats a parameter.")
            found[key] = True
            if self.next_is("="):
                self.expect("=")
                found[key] = self.bare()
        return found

    def bare(self) -> Bare:
        if self.next_is('"'):
            text = self.take(_STRING)
            return _UNESCAPE.sub(r"\1", text) if "\\" in text else text
        if self.next_is(":"):
            return strict_base64(self.take(_BYTES))
        if self.next_is("?"):
            return self.take(_BOOLEAN) == "1"
        if _TOKEN.match(self._text, self._at):
            return Token(self.take(_TOKEN))
        return int(self.take(_INTEGER))


def strict_base64(text: str) -> bytes:
    """The bytes of padded, standard base64; raises SignatureMalformed for any other text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureMalformed("A value is not base64.") from error


def _bare_text(value: Bare) -> str:
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode()}:"
    if isinstance(value, int | Token):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _parameters_text(parameters: Parameters) -> str:
    return "".join(
        f";{key}" if value is True else f";{key}={_bare_text(value)}"
        for key, value in parameters.items()
    )


def _unreadable() -> SignatureMalformed:
    return SignatureMalformed("A structured header cannot be read.")
