"""Reading a group as one to be found: its profile, and the list of groups it stands with.

Pure and total. A group speaks for itself: languages, place and consent are read in its own document alone,
and of a list of others nothing is taken but ids (docs/proposals/standing.md).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from federation.addresses import same_origin
from federation.parse import Document, as_list, id_of, text_of, types_of
from federation.read_actor import read_actor
from node.domain.known_group import GroupProfile, Spot
from node.errors import MalformedError
from node.sanitize import one_line

GROUP_TYPES: Final = ("Group", "Organization")
_COLLECTIONS: Final = frozenset({"Collection", "OrderedCollection"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_MOST_LANGUAGES: Final = 20
_LONGEST_PLACE: Final = 120
_LONGEST_NAME: Final = 120


def read_group(document: Document) -> GroupProfile:
    """What an authentic actor document says of a group. Raises MalformedError where it is none."""
    actor = read_actor(document)
    if actor.type not in GROUP_TYPES:
        raise MalformedError("The actor is no group.")
    where = document.get("location")
    where = where if isinstance(where, Mapping) else {}
    stands_with = id_of(document.get("standsWith"))
    own = stands_with is not None and same_origin(stands_with, actor.id)
    return GroupProfile(
        id=actor.id,
        name=one_line(actor.name, _LONGEST_NAME),
        url=actor.url or actor.id,
        languages=_languages(document.get("knowsLanguage")),
        place=one_line(text_of(where, "name"), _LONGEST_PLACE),
        spot=Spot.of(_degrees(where.get("latitude")), _degrees(where.get("longitude"))),
        stands_with=stands_with if own else None,
        listed=document.get("discoverable") is not False and actor.moved_to in (None, actor.id),
    )


def read_standing(document: Document, owner: str, most: int) -> Sequence[str]:
    """The ids in an authentic list of `owner`'s, the first `most`, each once.

    Raises MalformedError for what is no collection, or says it is somebody else's.
    """
    if not _COLLECTIONS & set(types_of(document)):
        raise MalformedError("The document is no collection.")
    theirs = id_of(document.get("attributedTo"))
    if theirs is not None and theirs != owner:
        raise MalformedError("The collection is somebody else's.")
    items = as_list(document.get("orderedItems")) or as_list(document.get("items"))
    found = (id_of(item) for item in items[: 2 * most])
    return list(dict.fromkeys(one for one in found if one is not None and one != owner))[:most]


def _languages(value: object) -> tuple[str, ...]:
    told = [one for one in as_list(value)[:_MOST_LANGUAGES] if isinstance(one, str)]
    return tuple(dict.fromkeys(one for one in told if _LANGUAGE.fullmatch(one)))


def _degrees(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= 180 else None
