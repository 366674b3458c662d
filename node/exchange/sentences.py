"""What the schema refuses, each as one plain sentence about one value."""

from collections.abc import Iterator
from typing import Any

from node.domain.sentence import Sentence
from node.errors import Problem
from node.exchange.schema import Definition, validator
from node.exchange.wording import at, nearest

_TYPES = {
    "string": "text",
    "object": "an object of fields, { … }",
    "array": "a list, [ … ]",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_SIZES = {
    "minimum": Sentence("must be at least %(limit)s"),
    "maximum": Sentence("must be at most %(limit)s"),
    "minItems": Sentence("must not be an empty list: leave it out"),
    "maxItems": Sentence("has more than %(limit)s entries"),
    "minProperties": Sentence("must not be empty: leave it out"),
    "maxProperties": Sentence("has more than %(limit)s entries"),
    "minLength": Sentence("must not be empty"),
    "maxLength": Sentence("is longer than %(limit)s characters"),
}


def schema_problems(document: Any, name: Definition, path: str) -> Iterator[Problem]:
    """Every value of `document` that the definition refuses, with its path under `path`."""
    for error in validator(name).iter_errors(document):
        where = path
        for step in error.absolute_path:
            where = at(where, step)
        yield from _explained(error, where)


def _explained(error: Any, where: str) -> Iterator[Problem]:
    if error.validator == "required":
        missing = (key for key in error.validator_value if key not in error.instance)
        yield from (Problem(at(where, key), Sentence("is missing")) for key in missing)
    elif "propertyNames" in error.relative_schema_path:
        yield Problem(at(where, error.instance), _refusal(error))
    else:
        yield Problem(where, _refusal(error))


def _refusal(error: Any) -> str:
    keyword, limit = error.validator, error.validator_value
    if keyword == "type":
        return _wrong_type(error, limit)
    if keyword == "enum":
        return _not_one_of(error.instance, limit)
    if keyword == "pattern":
        return Sentence(error.schema.get("x-refusal", Sentence("is not written as it must be")))
    return Sentence(_SIZES.get(keyword, Sentence("is not as it must be")), limit=limit)


def _wrong_type(error: Any, wanted: str | list[str]) -> str:
    names = [wanted] if isinstance(wanted, str) else [name for name in wanted if name != "null"]
    of_a_field = bool(error.absolute_path) and isinstance(error.absolute_path[-1], str)
    if error.instance is None and of_a_field and names != ["boolean"]:
        return Sentence("is missing")
    if names == ["string", "object"]:
        return "must be text, or a map from language to text"
    return "must be " + " or ".join(_TYPES[name] for name in names)


def _not_one_of(instance: Any, choices: list[Any]) -> str:
    words = [choice for choice in choices if choice is not None]
    if instance is None:
        return Sentence("is missing")
    if len(words) == 1:
        return Sentence("must be “%(choice)s”", choice=words[0])
    listed = ", ".join(words)
    near = nearest(instance, words) if isinstance(instance, str) else ""
    if near:
        return Sentence(
            "must be one of %(choices)s; did you mean “%(near)s”?", choices=listed, near=near
        )
    return Sentence("must be one of %(choices)s", choices=listed)
