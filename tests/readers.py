"""Every reader of ActivityPub documents, under one roof: properties and fuzzing ask them all."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from federation.acquaintance import software_of
from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Context
from federation.parse import embedded, language_of, mentions, page_of, read_activity
from federation.proofs import read_proof
from federation.read_actor import advertises_rfc9421, key_ids, read_actor, read_keys
from federation.read_event import read_status, read_when, read_where
from federation.read_gathering_actor import gathering_of
from federation.read_participation import read_categories, read_join_url, read_organizers
from federation.read_post import read_post
from federation.read_reply import may_be_passed_on, quoted_in
from federation.webfinger import read_jrd
from node.urls import Urls

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
NEIGHBOUR = "https://hills.example/users/fern"
CONTEXT = Context(urls=Urls("https://ours.example"), now=NOW, neighbours=frozenset({NEIGHBOUR}))


def activity(document: Mapping[str, Any]) -> object:
    """Everything that is done with an activity before any transaction."""
    read = read_activity(document)
    handler = HANDLERS.get(read.type)
    if handler is not None:
        handler.wants(read, CONTEXT)
    return embedded(read), read.to, read.cc, read.target


READERS: dict[str, Callable[[Any], object]] = {
    "activity": activity,
    "actor": read_actor,
    "keys": lambda document: (read_keys(document), key_ids(document)),
    "signatures": advertises_rfc9421,
    "post": lambda document: read_post(document, via=NEIGHBOUR, now=NOW, activity=document),
    "event": lambda document: (read_when(document), read_where(document), read_status(document)),
    "gathering actor": gathering_of,
    "participation": lambda document: (
        read_organizers(document),
        read_categories(document),
        read_join_url(document),
    ),
    "reply": lambda document: (
        quoted_in(document),
        may_be_passed_on(document, document, NEIGHBOUR),
    ),
    "small things": lambda document: (
        language_of(document),
        page_of(document),
        list(mentions(document)),
    ),
    "proof": read_proof,
    "webfinger": read_jrd,
    "nodeinfo": software_of,
}
