"""Reading anybody's actor document: who it is, where it is written to, which keys are its own.

Pure and total. Tolerant of shape (single values, lists, nulls, prefixed types), strict about where
things are: an actor whose inbox is on another server could make us write to whomever it likes, and a
key elsewhere could be anybody's. Servers only speak for themselves.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from federation.addresses import InvalidUrl, canonical, host_of, origin, same_origin
from federation.parse import (
    ACTOR_TYPES,
    Document,
    as_list,
    id_of,
    ids_of,
    moment_of,
    page_of,
    text_of,
    types_of,
)
from federation.signatures import PublicKey, UnusableKey, load_multikey, load_public_pem
from federation.vocab import RFC9421
from node.errors import MalformedError
from node.ports import RemoteActor
from node.sanitize import clean_html, one_line

LONGEST_NAME: Final = 200
_LONGEST_SUMMARY: Final = 16 * 1024  # of HTML; the longest honest ones have 2 000 characters
_MOST_KEYS: Final = 10  # as Mastodon
_MOST_ALIASES: Final = 20  # as GoToSocial
_MOST_LISTED: Final = 64
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_USERNAME: Final = re.compile(r"[^\s@/:?#\\<>\"&\x00-\x1f\x7f]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorKey:
    """A usable public key that an actor's document shows, under its canonical id; and until when."""

    id: str
    key: PublicKey
    expires: datetime | None = None


def read_actor(document: Document) -> RemoteActor:
    """The actor in an authentic document; raises MalformedError for what cannot be written to.

    Ids and addresses are canonical. The inbox must be on the actor's own origin; a shared inbox,
    outbox or collection elsewhere is left out. The handle is `preferredUsername` at the host of the
    id: WebFinger has not been asked.
    """
    actor_id = read_id(document)
    kind = next((name for name in types_of(document) if name in ACTOR_TYPES), None)
    if kind is None:
        raise MalformedError("The document is no actor.")
    inbox = _own(document.get("inbox"), actor_id)
    if inbox is None:
        raise MalformedError("The actor has no inbox on its own server.")
    username = _username(document, actor_id)
    return RemoteActor(
        id=actor_id,
        type=kind,
        handle=f"{username}@{origin(actor_id).netloc}",
        name=one_line(text_of(document, "name"), LONGEST_NAME) or username,
        summary=clean_html(text_of(document, "summary")[:_LONGEST_SUMMARY]),
        url=_page(document, actor_id),
        inbox=inbox,
        shared_inbox=_own(_endpoints(document).get("sharedInbox"), actor_id),
        outbox=_own(document.get("outbox"), actor_id),
        upcoming=_own(document.get("upcomingEvents"), actor_id),
        featured=_own(document.get("featured"), actor_id),
        also_known_as=_aliases(document),
        moved_to=_canonical(id_of(document.get("movedTo"))),
    )


def advertises_rfc9421(document: Document) -> bool:
    """Whether an actor says that its server reads RFC 9421 (FEP-844e): in its `generator`, or itself."""
    generator = document.get("generator")
    sources = (document, generator) if isinstance(generator, Mapping) else (document,)
    listed = (one for source in sources for one in as_list(source.get("implements"))[:_MOST_LISTED])
    return any((one.get("href") if isinstance(one, Mapping) else one) == RFC9421 for one in listed)


def read_id(document: Document) -> str:
    """The canonical id of a document; raises MalformedError."""
    named = document.get("id")
    if not isinstance(named, str):
        raise MalformedError("The document has no id.")
    return canonical(named)


def read_keys(document: Document) -> tuple[ActorKey, ...]:
    """The keys that an actor's document shows as its own: `publicKey`, then `assertionMethod`.

    Passed over: keys of another owner, ids on another origin, what is no usable key (C13), repeated
    ids, and all but the first ten. Raises MalformedError without an id.
    """
    actor_id = read_id(document)
    found: dict[str, ActorKey] = {}
    for entry in _key_entries(document):
        key_id = _key_id(entry, actor_id)
        if key_id is None or key_id in found or not _belongs_to(entry, actor_id):
            continue
        key = load_key(entry)
        if key is not None:
            found[key_id] = ActorKey(id=key_id, key=key, expires=expiry_of(entry))
    return tuple(found.values())


def keys_to_keep(keys: Iterable[ActorKey], actor_id: str) -> list[tuple[str, str]]:
    """`(id, PEM)` of the keys that stand in or under the actor's own document.

    A key that has a document elsewhere on the server may be somebody else's there: it is believed
    only after that document was asked. One that expires is asked for again each time.
    """
    document = actor_id.partition("#")[0]
    return [
        (one.id, one.key.pem())
        for one in keys
        if one.expires is None
        and (one.id.partition("#")[0] == document or one.id.startswith(document + "/"))
    ]


def key_ids(document: Document) -> frozenset[str]:
    """Canonical ids of all keys that an actor's document names, shown in full or by id only."""
    actor_id = read_id(document)
    return frozenset(
        found for entry in _key_entries(document) if (found := _key_id(entry, actor_id)) is not None
    )


def load_key(entry: object) -> PublicKey | None:
    """The key in a `publicKey` or Multikey object; None if it is none we use."""
    if not isinstance(entry, Mapping):
        return None
    pem, multibase = entry.get("publicKeyPem"), entry.get("publicKeyMultibase")
    try:
        if isinstance(pem, str):
            return load_public_pem(pem)
        if isinstance(multibase, str):
            return load_multikey(multibase)
    except UnusableKey:
        return None
    return None


def expiry_of(entry: object) -> datetime | None:
    """When a Multikey expires (FEP-521a); long ago where that cannot be read."""
    expires = entry.get("expires") if isinstance(entry, Mapping) else None
    return None if expires is None else moment_of(expires) or _LONG_AGO


def owner_of(entry: Document) -> str | None:
    """The canonical id of a key's owner: `owner`, or `controller` of a Multikey."""
    named = entry.get("owner") if entry.get("owner") is not None else entry.get("controller")
    return _canonical(id_of(named))


def _key_entries(document: Document) -> Iterator[Any]:
    yield from as_list(document.get("publicKey"))[:_MOST_KEYS]
    yield from as_list(document.get("assertionMethod"))[:_MOST_KEYS]


def _key_id(entry: object, actor_id: str) -> str | None:
    """The id of a key in an actor's document; where it is a mere name (Bridgy Fed), the actor's own."""
    key_id = _canonical(id_of(entry))
    if key_id is None and isinstance(entry, Mapping) and isinstance(entry.get("id"), str):
        return actor_id
    return key_id if key_id is not None and same_origin(key_id, actor_id) else None


def _belongs_to(entry: object, actor_id: str) -> bool:
    """Whether an entry names the actor as its owner, or nobody: it stands in the actor's document."""
    if not isinstance(entry, Mapping):
        return False
    unsaid = entry.get("owner") is None and entry.get("controller") is None
    return unsaid or owner_of(entry) == actor_id


def _own(value: object, actor_id: str) -> str | None:
    """The canonical address in a value, if it is on the actor's own origin."""
    url = _canonical(id_of(value))
    return url if url is not None and same_origin(url, actor_id) else None


def _page(document: Document, actor_id: str) -> str | None:
    url = _canonical(page_of(document))
    return url if url is not None and host_of(url) == host_of(actor_id) else None


def _endpoints(document: Document) -> Document:
    found = document.get("endpoints")
    return found if isinstance(found, Mapping) else {}


def _aliases(document: Document) -> tuple[str, ...]:
    named = (_canonical(alias) for alias in ids_of(document.get("alsoKnownAs"))[:_MOST_ALIASES])
    return tuple(alias for alias in named if alias is not None)


def _username(document: Document, actor_id: str) -> str:
    """`preferredUsername`, or the host itself for the few server actors that go without."""
    name = document.get("preferredUsername")
    if isinstance(name, str) and name.isprintable() and _USERNAME.fullmatch(name):
        return name
    return host_of(actor_id)


def _canonical(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return canonical(url)
    except InvalidUrl:
        return None
