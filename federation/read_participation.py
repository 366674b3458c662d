"""Reading from anybody's Event who holds it, what it is about, and where one says “I am coming” (FEP-8a8e)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from federation.parse import Document, as_list, id_of, text_of
from federation.read_event import as_line
from node.domain.event_terms import CATEGORIES

_MOST_ORGANIZERS: Final = 10
_LONGEST_NAME: Final = 100
_MOST_CATEGORIES: Final = 5
_LONGEST_ADDRESS: Final = 512
_MAILTO: Final = "mailto:"


def read_organizers(document: Document) -> tuple[str, ...] | None:
    """The names of those who hold it, as far as the document tells them.

    None where it says nothing of organizers, or only ids: readers may then take the author. Empty
    where they are withheld on purpose: `null`, a total of 0 or no items; nobody is to be named then.
    """
    if "organizers" not in document:
        return None
    value = document["organizers"]
    if value is None:
        return ()
    items = list(_items(value))
    if not items:
        return ()
    names = (_name(item) for item in items[:_MOST_ORGANIZERS])
    return tuple(dict.fromkeys(name for name in names if name)) or None


def _items(value: Any) -> Iterator[Any]:
    """The items of a collection, or of its embedded first page; a bare list or actor counts too."""
    if not isinstance(value, Mapping):
        yield from as_list(value)
        return
    page = value.get("first")
    found = [
        item
        for part in (value, page if isinstance(page, Mapping) else {})
        for field in ("items", "orderedItems")
        for item in as_list(part.get(field))
    ]
    is_collection = any(name in value for name in ("items", "orderedItems", "totalItems", "first"))
    if not is_collection:
        yield value
    elif value.get("totalItems") != 0:
        yield from found or ([page] if isinstance(page, str) else [])


def _name(item: Any) -> str:
    return as_line(text_of(item, "name"), _LONGEST_NAME) if isinstance(item, Mapping) else ""


def read_categories(document: Document) -> tuple[str, ...]:
    """The categories of FEP-8a8e it is filed under: one, or a list; what is unknown is passed over."""
    words = (
        word.strip().rpartition("/")[2].upper()
        for word in as_list(document.get("category"))[:20]
        if isinstance(word, str)
    )
    known = dict.fromkeys(word for word in words if word in CATEGORIES)
    return tuple(known)[:_MOST_CATEGORIES]


def read_join_url(document: Document) -> str | None:
    """The web or mail address where one registers elsewhere; None where there is none."""
    value = document.get("externalParticipationUrl")
    if isinstance(value, str) and len(value) <= _LONGEST_ADDRESS:
        value = value.strip()
        if value.lower().startswith(_MAILTO):
            address = value[len(_MAILTO) :].partition("?")[0]
            plain = "@" in address and not any(c.isspace() or c in "<>\"'," for c in address)
            return _MAILTO + address if plain else None
    return id_of(value)
