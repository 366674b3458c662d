"""The JSON Schema of the exchange format as it is used here: read once, references resolved."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

Definition = Literal["document", "group", "event", "reflection", "practice"]

SECTIONS: dict[str, Definition] = {
    "groups": "group",
    "events": "event",
    "reflections": "reflection",
    "practices": "practice",
}


@cache
def schema() -> dict[str, Any]:
    """The schema of a whole document, as it stands in `schema.json`."""
    text = (resources.files("node.exchange") / "schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


@cache
def definition(name: Definition) -> dict[str, Any]:
    """The schema of one thing without any `$ref` in it.

    `document` is only the outline of a whole one: its lists hold objects, which are checked one by
    one against the other definitions, so that part of a document can be checked alone.
    """
    if name != "document":
        one: dict[str, Any] = _resolved(schema()["$defs"][name])
        return one
    outline = {key: value for key, value in schema().items() if key != "$defs"}
    outline["properties"] = {
        key: part | {"items": {"type": "object"}} if key in SECTIONS else part
        for key, part in outline["properties"].items()
    }
    return outline


@cache
def validator(name: Definition) -> Any:
    """The `jsonschema` validator of one definition; the first call imports the library."""
    # Imported here because it costs 5 MB, and a node that only serves pages never needs it.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    strict = extend(
        Draft202012Validator,
        {"pattern": _whole_pattern},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole_number),
    )
    return strict(definition(name))


def _resolved(part: Any) -> Any:
    if isinstance(part, list):
        return [_resolved(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    plain = {key: _resolved(value) for key, value in part.items() if key != "$ref"}
    if "$ref" in part:
        target = part["$ref"].removeprefix("#/$defs/")
        return _resolved(schema()["$defs"][target]) | plain
    return plain


def _whole_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[Any]:
    """`pattern` as JSON Schema means it: Python's `$` would let a line feed through."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - with the library itself

    if isinstance(instance, str) and not _compiled(pattern).fullmatch(instance):
        yield ValidationError("does not match")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _is_whole_number(_: Any, value: Any) -> bool:
    """24 but not 24.0: a capacity of “24.0” would be shown as such."""
    return isinstance(value, int) and not isinstance(value, bool)
