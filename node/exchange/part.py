"""The part of an exchange document that one node takes in: one group and all that is its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from node.errors import InvalidDocumentError, Problem, RefusedError
from node.exchange.check import check_outline, check_part, slug_of_group
from node.exchange.schema import SECTIONS
from node.exchange.unknown import warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The checked part of an exchange document that is about one group, and its other top-level keys."""

    group: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    reflections: tuple[Mapping[str, Any], ...]
    practices: tuple[Mapping[str, Any], ...]
    others: Mapping[str, Any]
    warnings: tuple[Problem, ...]

    @property
    def slug(self) -> str:
        """The group's slug in the document."""
        slug: str = self.group["slug"]
        return slug

    @property
    def languages(self) -> tuple[str, ...]:
        """The group's languages, the main one first; as `Group.from_document` reads them."""
        return tuple(self.group.get("languages") or ("en",))


def read_part(document: Any, *, group_slug: str | None, handle: str) -> Part:
    """The part of `document` that an import takes; checks all of it, no database needed.

    The group is the one called `group_slug`; else the only one; else the one called as the node's
    handle. Raises InvalidDocumentError with every problem, RefusedError where the choice is open.
    """
    _raise_if(check_outline(document))
    slug = _choose([group["slug"] for group in document["groups"]], group_slug, handle)
    _raise_if(check_part(document, slug))
    chosen = {
        section: tuple(
            one for one in document.get(section, ()) if slug_of_group(document, one) == slug
        )
        for section in SECTIONS
        if section != "groups"
    }
    return Part(
        group=next(group for group in document["groups"] if group["slug"] == slug),
        **chosen,
        others={key: value for key, value in document.items() if key not in SECTIONS},
        warnings=tuple(_warnings_of(document, slug)),
    )


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise InvalidDocumentError(problems)


def _choose(slugs: list[str], wanted: str | None, handle: str) -> str:
    if wanted is None:
        wanted = slugs[0] if len(slugs) == 1 else handle
    if wanted not in slugs:
        named = ", ".join(slugs[:50])
        raise RefusedError(f"Say which group to import: the document has {named}; not “{wanted}”.")
    return wanted


def _warnings_of(document: Mapping[str, Any], slug: str) -> Iterator[Problem]:
    """Warnings about the chosen group and the document itself, not about other groups."""
    theirs = {
        f"{section}[{i}]"
        for section in SECTIONS
        for i, one in enumerate(document.get(section, ()))
        if (one.get("slug") if section == "groups" else slug_of_group(document, one)) != slug
    }
    return (one for one in warnings(document) if one.path.partition(".")[0] not in theirs)
