"""A stamp: leave to quote (FEP-044f), or to answer, like or pass on (GoToSocial), that anybody can look up."""

from typing import Final

from federation.render.encode import Document
from federation.vocab import STAMP_CONTEXT

# From what was asked for to what the stamp is called.
_TYPES: Final = {
    "quote": "QuoteAuthorization",
    "like": "LikeAuthorization",
    "reply": "ReplyAuthorization",
    "announce": "AnnounceAuthorization",
}


def stamp(address: str, kind: str, owner: str, *, interacting: str, target: str) -> Document:
    """The stamp with its `@context`: ids alone, since an embedded post could tell what is not for all."""
    return {
        "@context": STAMP_CONTEXT,
        "id": address,
        "type": _TYPES[kind],
        "attributedTo": owner,
        "interactingObject": interacting,
        "interactionTarget": target,
    }
