"""Where the conversation about an object is: replies, likes, shares, and what it belongs to (FEP-7888).

Objects name the addresses only. Where the hosts show numbers, `counted` puts them in place when the
object is asked for: an address alone is what Mastodon takes for “not known”, so it never shows a
number that the hosts keep to themselves.
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.render.encode import Document

COLLECTIONS: Final = ("replies", "likes", "shares", "context")


def conversation(page: str, thread: str) -> Document:
    """The collections of the object at `page`; `thread` is the address of what it belongs with."""
    return {
        "replies": f"{page}/replies",
        "likes": f"{page}/likes",
        "shares": f"{page}/shares",
        "context": thread,
    }


def thread_of(page: str) -> str:
    """The address of the conversation that begins with the object at `page`."""
    return f"{page}/context"


def counted(document: Mapping[str, Any], *, likes: int, shares: int) -> Document:
    """The object with the numbers of its likes and shares; who they are is never told."""
    return dict(document) | {
        "likes": number(document["likes"], likes),
        "shares": number(document["shares"], shares),
    }


def number(address: str, total: int | None) -> Document:
    """A collection that says how many at most; None: not even that."""
    document: Document = {"id": address, "type": "Collection"}
    return document if total is None else document | {"totalItems": total}
