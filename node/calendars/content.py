"""The lines of a calendar file: unfolded, within bounds, as components with properties (RFC 5545 §3.1).

Lenient where files in the wild are broken, and no further: a line without a colon is passed over, what is
not UTF-8 is read as Windows-1252, a fold may stand within a letter. Nothing is interpreted here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from node.domain.sentence import Sentence
from node.errors import MalformedError, TooLargeError

LARGEST = 1024 * 1024  # bytes
_MOST_LINES = 60_000
_MOST_COMPONENTS = 5000
_DEEPEST = 6
_LONGEST_HEAD = 1000

_NAME = re.compile(r"[A-Za-z0-9-]+")
_UP_TO_COLON = re.compile(r'"[^"]*"|:')
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^;"]*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ITEM = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)
_NO_CALENDAR = Sentence("This is no calendar file: it has no BEGIN:VCALENDAR.")


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its parameters by upper-case name, unquoted, and its value as it stands in the file."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT (§3.3.11): `\\n` a line break, other escapes gone."""
        return _unescaped(self.value)

    @property
    def items(self) -> list[str]:
        """The values of a list, split at commas that are not escaped."""
        return [_unescaped(one).strip() for one in _ITEM.findall(self.value)]


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END, with the components inside it."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def every(self, name: str) -> list[Property]:
        """All properties of one name, in their order."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """The first property of that name."""
        return next(iter(self.every(name)), None)

    def value(self, name: str) -> str:
        """The first value of that name, trimmed; empty where there is none."""
        found = self.first(name)
        return found.value.strip() if found else ""

    def named(self, name: str) -> Iterator["Component"]:
        """The components of one name directly inside."""
        return (part for part in self.parts if part.name == name)


def read_calendars(data: bytes) -> list[Component]:
    """The VCALENDAR components of a file.

    Raises MalformedError for what is no calendar or is nested too deeply, TooLargeError beyond the bounds.
    """
    if len(data) > LARGEST:
        raise TooLargeError(Sentence("The calendar is larger than 1 MiB."))
    lines = _unfolded(data)
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines[:50]):
        raise MalformedError(_NO_CALENDAR)
    whole = Component("")
    _build(lines, whole)
    return list(whole.named("VCALENDAR"))


def _unfolded(data: bytes) -> list[str]:
    """The lines without folds, which may stand within a letter of several bytes."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.count(b"\n") > _MOST_LINES:
        raise TooLargeError(Sentence("The calendar has too many lines."))
    data = data.replace(b"\n ", b"").replace(b"\n\t", b"")
    try:
        return data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").split("\n")


def _build(lines: list[str], whole: Component) -> None:
    """Put the lines into `whole`; an END that closes nothing open is passed over."""
    opened, count = [whole], 0
    for line in lines:
        found = _property(line)
        if found is None:
            continue
        if found.name == "BEGIN":
            count += 1
            if count > _MOST_COMPONENTS:
                raise TooLargeError(Sentence("The calendar has too many entries."))
            if len(opened) > _DEEPEST:
                raise MalformedError(Sentence("The calendar is nested too deeply."))
            opened.append(Component(found.value.strip().upper()))
            opened[-2].parts.append(opened[-1])
        elif found.name == "END":
            names = [one.name for one in opened]
            if (name := found.value.strip().upper()) in names[1:]:
                del opened[len(names) - 1 - names[::-1].index(name) :]
        else:
            opened[-1].properties.setdefault(found.name, []).append(found)


def _property(line: str) -> Property | None:
    """One line; None for what is none."""
    end = next((one.start() for one in _UP_TO_COLON.finditer(line) if one[0] == ":"), -1)
    name = _NAME.match(line)
    if name is None or not 0 < end <= _LONGEST_HEAD:
        return None
    parameters = {
        key.upper(): value.strip('"') for key, value in _PARAMETER.findall(line[name.end() : end])
    }
    return Property(name[0].upper(), parameters, line[end + 1 :])


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda one: "\n" if one[1] in "nN" else one[1], value)
