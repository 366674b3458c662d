"""Collections: counted only, whole, or in pages."""

from collections.abc import Sequence

from federation.render.encode import Document
from federation.vocab import AS2, COLLECTION_CONTEXT


def counted(collection_id: str, total: int) -> Document:
    """How many there are and no more: Mastodon shows the number and takes the rest as hidden."""
    return {
        "@context": AS2,
        "id": collection_id,
        "type": "OrderedCollection",
        "totalItems": total,
    }


def whole(collection_id: str, items: Sequence[object]) -> Document:
    """A short collection in one document; items are ids, or objects without their own context."""
    return {
        "@context": COLLECTION_CONTEXT,
        "id": collection_id,
        "type": "OrderedCollection",
        "totalItems": len(items),
        "orderedItems": list(items),
    }


def paged(collection_id: str, total: int, first: str) -> Document:
    """The head of a long collection; its items are in pages from `first` on."""
    return {
        "@context": AS2,
        "id": collection_id,
        "type": "OrderedCollection",
        "totalItems": total,
        "first": first,
    }


def page(
    page_id: str, collection_id: str, items: Sequence[object], following: str | None
) -> Document:
    """One page of it; `following` is the address of the next, None on the last."""
    document: Document = {
        "@context": COLLECTION_CONTEXT,
        "id": page_id,
        "type": "OrderedCollectionPage",
        "partOf": collection_id,
        "orderedItems": list(items),
    }
    return document | ({"next": following} if following else {})


def bare(document: Document) -> Document:
    """A rendered object as an item of something that has the context already."""
    return {key: value for key, value in document.items() if key != "@context"}
