"""Checks of the exchange format: each gives every problem it finds, an empty list if there is none.

What has passed can be read by `from_document` of the domain without fail. Paths are those of the
document as it was given: `events[3].start_local`, `price.model` for an event alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from node.domain.sentence import Sentence
from node.domain.series import recurs
from node.domain.slug import is_slug
from node.errors import Problem
from node.exchange import meaning
from node.exchange.plain import structure_problem, value_problems
from node.exchange.schema import SECTIONS, Definition
from node.exchange.sentences import schema_problems
from node.exchange.sessions import session_problems
from node.exchange.times import time_problems, zone_problem
from node.exchange.wording import at, guess, quoted

MOST_PROBLEMS = 500


def check_event(document: Any, group_languages: Sequence[str], path: str = "") -> list[Problem]:
    """Everything wrong with one event; `id` may be absent (it is made from the title)."""
    return _check(document, path, lambda: _event(document, group_languages, path))


def check_reflection(document: Any, path: str = "") -> list[Problem]:
    """Everything wrong with one reflection; `id` may be absent (it is made from the title)."""
    return _check(document, path, lambda: _one(document, "reflection", path))


def check_practice(document: Any, path: str = "") -> list[Problem]:
    """Everything wrong with one practice."""
    return _check(document, path, lambda: _one(document, "practice", path))


def check_group(document: Any, path: str = "") -> list[Problem]:
    """Everything wrong with what a group says of itself."""
    return _check(document, path, lambda: _one(document, "group", path))


def check_document(document: Any) -> list[Problem]:
    """Everything wrong with a whole exchange document, whichever group it is about."""
    return _check(document, "", lambda: _document(document, None))


def check_part(document: Any, group_slug: str) -> list[Problem]:
    """As `check_document`, but of one group and what belongs to it; paths are those of the whole.

    What belongs to no group is named as well: it would be lost without a word.
    """
    return _check(document, "", lambda: _document(document, group_slug))


def check_outline(document: Any) -> list[Problem]:
    """Whether it is an exchange document at all: lists where lists must be, groups with slugs."""
    return _check(document, "", lambda: _outline(document))


def slug_of_group(document: Mapping[str, Any], item: Mapping[str, Any]) -> Any:
    """The slug of the group that `item` belongs to; the only one's where it does not say."""
    groups = document["groups"]
    given = item.get("group")
    return groups[0].get("slug") if given is None and len(groups) == 1 else given


def _check(document: Any, path: str, problems: Callable[[], Iterator[Problem]]) -> list[Problem]:
    """Bounds first; then all that `problems()` finds, one per path, at most 500."""
    broken = structure_problem(document, path)
    if broken:
        return [broken]
    found: dict[str, Problem] = {}
    for problem in islice(chain(value_problems(document, path), problems()), MOST_PROBLEMS):
        found.setdefault(problem.path, problem)
    return list(found.values())


def _event(document: Any, group_languages: Sequence[str], path: str) -> Iterator[Problem]:
    found = list(_alone(document, group_languages, path))
    yield from found
    if not found and recurs(document):
        yield from session_problems(
            document, path, lambda session, where: _alone(session, group_languages, where)
        )


def _alone(document: Any, group_languages: Sequence[str], path: str) -> Iterator[Problem]:
    """An event by itself, without what differs on single dates of a series."""
    yield from _one(document, "event", path)
    if isinstance(document, Mapping):
        yield from time_problems(document, path)
        if not document.get("languages") and not group_languages:
            yield Problem(at(path, "languages"), Sentence("is missing, and the group names none"))


_MEANINGS = {
    "event": meaning.event_problems,
    "reflection": meaning.reflection_problems,
    "practice": meaning.practice_problems,
    "group": meaning.group_problems,
}


def _one(document: Any, name: Definition, path: str) -> Iterator[Problem]:
    yield from schema_problems(document, name, path)
    if isinstance(document, Mapping):
        yield from _MEANINGS[name](document, path)
        if name == "group":
            unknown = zone_problem(document.get("timezone"), at(path, "timezone"))
            yield from [unknown] if unknown else []


def _outline(document: Any) -> Iterator[Problem]:
    """The shape; and where that is right, whether every group can be told from the others."""
    wrong_shape = list(schema_problems(document, "document", ""))
    yield from wrong_shape or _slugs(document["groups"])


def _slugs(groups: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for i, group in enumerate(groups):
        where, slug = at("groups", i), group.get("slug")
        if not isinstance(slug, str) or not is_slug(slug):
            yield from (
                one
                for one in schema_problems(group, "group", where)
                if one.path == at(where, "slug")
            )
        elif slug in seen:
            yield Problem(at(where, "slug"), f"{quoted(slug)} is already the slug of {seen[slug]}")
        else:
            seen[slug] = where


def _document(document: Any, wanted: str | None) -> Iterator[Problem]:
    wrong_shape = list(schema_problems(document, "document", ""))
    if wrong_shape:
        yield from wrong_shape
        return
    yield from _slugs(document["groups"])
    for i, group in enumerate(document["groups"]):
        if wanted in (None, group.get("slug")):
            yield from _one(group, "group", at("groups", i))
    languages = {_word(group.get("slug")): _languages(group) for group in document["groups"]}
    for section, name in SECTIONS.items():
        if section != "groups":
            items = list(enumerate(document.get(section) or ()))
            yield from _unassigned(document, section, items, languages)
            chosen = [
                (i, one) for i, one in items if wanted in (None, slug_of_group(document, one))
            ]
            yield from _twice(document, section, chosen)
            for i, item in chosen:
                tags = languages.get(_word(slug_of_group(document, item)), ("en",))
                yield from _item(item, name, tags, at(section, i))


def _item(item: Any, name: Definition, languages: Sequence[str], path: str) -> Iterator[Problem]:
    if item.get("id") is None:
        yield Problem(at(path, "id"), Sentence("is missing"))
    yield from _event(item, languages, path) if name == "event" else _one(item, name, path)


def _languages(group: Mapping[str, Any]) -> tuple[str, ...]:
    given = group.get("languages")
    return tuple(given) if isinstance(given, list) and given else ("en",)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _unassigned(
    document: Any, section: str, items: Iterable[tuple[int, Any]], slugs: Iterable[str]
) -> Iterator[Problem]:
    known = [slug for slug in slugs if slug]
    for i, item in items:
        slug, where = slug_of_group(document, item), at(at(section, i), "group")
        if slug is None:
            yield Problem(where, f"is missing: which of the groups is it, {', '.join(known[:20])}?")
        elif slug not in known:
            hint = guess(_word(slug), known)
            yield Problem(where, f"there is no group {quoted(slug)} in the document{hint}")


def _twice(document: Any, section: str, items: Iterable[tuple[int, Any]]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for i, item in items:
        key = (str(slug_of_group(document, item)), str(item.get("id")))
        if item.get("id") is not None and key in seen:
            yield Problem(
                at(at(section, i), "id"), f"{quoted(key[1])} is already the id of {seen[key]}"
            )
        seen.setdefault(key, at(section, i))
