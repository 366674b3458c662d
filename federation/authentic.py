"""When a fetched document may be believed (FEP-fe34): its media type, and its id where it was found."""

from collections.abc import Mapping
from typing import Any

from federation.addresses import canonical, same_origin, without_fragment
from federation.answers import Fetched, Unfetchable
from federation.gate import parse_json
from federation.media_types import is_activity_json
from node.errors import MalformedError


def read_document(fetched: Fetched) -> dict[str, Any]:
    """The JSON object in an answer of one of the two ActivityPub media types; raises Unfetchable."""
    if not is_activity_json(fetched.content_type):
        raise Unfetchable("The answer is no ActivityPub document by its media type.")
    try:
        return parse_json(fetched.body)
    except MalformedError as error:
        raise Unfetchable(str(error)) from error


def id_in(document: Mapping[str, Any]) -> str:
    """The canonical id of a document; raises Unfetchable."""
    named = document.get("id")
    if not isinstance(named, str):
        raise Unfetchable("The document has no id.")
    try:
        return canonical(named)
    except MalformedError as error:
        raise Unfetchable("The document's id is no URL.") from error


def stands_at(named: str, fetched: Fetched, asked: str) -> bool:
    """Whether a canonical id is where the document came from, or was asked for on the same origin.

    A document may name a fragment of itself (`…/card#me`).
    """
    place = named.partition("#")[0]
    return place == fetched.url or (
        place == without_fragment(asked) and same_origin(place, fetched.url)
    )
