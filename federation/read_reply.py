"""What a post by somebody says of its dealings with others: what it quotes, and who may pass it on."""

from collections.abc import Iterator
from typing import Final

from federation.parse import (
    Audience,
    Document,
    as_list,
    audience_of,
    id_of,
    ids_of,
    is_public_id,
    types_of,
)

# FEP-044f, Misskey and Pleroma, Fedibird (which has spelled it both ways), Misskey's own; in this order.
_QUOTING: Final = ("quote", "quoteUrl", "quoteURL", "quoteUri", "_misskey_quote")
# FEP-e232: a Link tag. Some name only the media type and no relation; those are links, not quotes.
_QUOTE_RELATIONS: Final = frozenset(
    {
        "https://misskey-hub.net/ns#_misskey_quote",
        "https://misskey-hub.net/ns/#_misskey_quote",
        "https://w3id.org/fep/044f#quote",
    }
)
_MOST_TAGS: Final = 256


def quoted_in(document: Document) -> tuple[str, ...]:
    """The ids of what a post quotes, in whichever of six spellings, each once."""
    return tuple(dict.fromkeys(_quoted(document)))


def _quoted(document: Document) -> Iterator[str]:
    for name in _QUOTING:
        found = id_of(document.get(name))
        if found is not None:
            yield found
    for tag in as_list(document.get("tag"))[:_MOST_TAGS]:
        if not isinstance(tag, dict) or "Link" not in types_of(tag):
            continue
        relations = as_list(tag.get("rel"))
        href = id_of(tag.get("href"))
        if href is not None and any(
            isinstance(one, str) and not _QUOTE_RELATIONS.isdisjoint(one.split())
            for one in relations
        ):
            yield href


def may_be_passed_on(document: Document, activity: Document, by: str = "") -> bool:
    """Whether `by`, or anybody, may announce a post: it is for everyone, and its author does not want to be asked.

    Who keeps a post out of public lists does not want it carried into others' either. GoToSocial's
    `canAnnounce` is honoured; where it asks for approval, the answer here is no.
    """
    if audience_of(document, activity) is not Audience.PUBLIC:
        return False
    policy = document.get("interactionPolicy")
    announce = policy.get("canAnnounce") if isinstance(policy, dict) else None
    if not isinstance(announce, dict) or not announce:
        return True
    allowed = [*as_list(announce.get("automaticApproval")), *as_list(announce.get("always"))]
    return any(is_public_id(one) for one in allowed) or by in ids_of(allowed)
