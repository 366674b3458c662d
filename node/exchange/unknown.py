"""Fields that the format does not know: kept as they are, pointed out, never shown to everyone."""

from collections.abc import Iterator, Mapping
from typing import Any

from node.errors import Problem
from node.exchange.schema import SECTIONS, Definition, definition
from node.exchange.wording import at, guess

_KEPT = "is not a known field; it is kept as it is"


def warnings(document: Any) -> list[Problem]:
    """What a whole document says that nothing here reads, each with the nearest known field."""
    if not isinstance(document, Mapping):
        return []
    known = definition("document")["properties"]
    found = [
        Problem(at("", key), _KEPT + guess(key, known)) for key in document if key not in known
    ]
    found = [problem for problem in found if "did you mean" in problem.message]
    for section, name in SECTIONS.items():
        items = document.get(section)
        for i, item in enumerate(items if isinstance(items, list) else ()):
            found += unknown_fields(item, name, at(section, i))
    return found


def unknown_fields(document: Any, name: Definition, path: str = "") -> list[Problem]:
    """The same for one group, event, reflection or practice."""
    return list(_unknown(document, definition(name), path))


def known_only(document: Any, name: Definition) -> dict[str, Any]:
    """A copy with nothing in it that the format does not know: what may be given to everyone."""
    copy: dict[str, Any] = _known(document, definition(name))
    return copy


def _unknown(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Problem]:
    schema = _meant(schema)
    if isinstance(value, list):
        for i, child in enumerate(value):
            yield from _unknown(child, schema.get("items", {}), at(path, i))
    elif isinstance(value, Mapping):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, child in value.items():
            hint = guess(key, known) if key not in known else ""
            if key not in known and (others is None or hint):
                yield Problem(at(path, key), _KEPT + hint)
            else:
                yield from _unknown(child, known.get(key, others), at(path, key))


def _meant(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that another one points at: parts of an event stand inside an event's own series."""
    return definition(schema["x-like"]) if "x-like" in schema else schema


def _known(value: Any, schema: Mapping[str, Any]) -> Any:
    schema = _meant(schema)
    if isinstance(value, list):
        return [_known(child, schema.get("items", {})) for child in value]
    if not isinstance(value, Mapping):
        return value
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    return {
        key: _known(child, known.get(key, others))
        for key, child in value.items()
        if key in known or others is not None
    }
