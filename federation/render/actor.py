"""Our two actors: the group, which publishes, and the node itself, which signs fetches.

The group is a `Group`, because Mobilizon cannot follow people; types never change after the first
follower. A new picture has a new address: Mastodon fetches it again only then.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from federation.render.encode import Document
from federation.render.links import picture
from federation.render.standing import place
from federation.render.text import clip, one_line, paragraphs
from federation.vocab import ACTOR_CONTEXT, PUBLIC, RFC9421
from node.clock import rfc3339
from node.domain.group import HERE, Group, Whereabouts
from node.domain.known_group import Spot
from node.domain.phrases import phrase
from node.urls import Urls

_LONGEST_NAME: Final = 120  # Misskey refuses more than 128
_LONGEST_ABOUT: Final = 1200  # and a summary of more than 2048, markup included
_LONGEST_SUMMARY: Final = 2000
_SIGNATURES: Final = [{"href": RFC9421, "name": "RFC-9421: HTTP Message Signatures"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKeys:
    """An actor's public keys: RSA as PEM, and the one for proofs as a Multikey, each with its name.

    The name is what stands after # in the key's id; `proof_name` is empty where there is no such key.
    """

    name: str = "main-key"
    pem: str
    proof_name: str = ""
    proof_multibase: str = ""


def group(
    one: Group,
    urls: Urls,
    keys: ShownKeys,
    created: datetime,
    updated: datetime | None = None,
    *,
    whereabouts: Whereabouts = HERE,
) -> Document:
    """The group's `Group` actor, with its `@context`, `to` and `cc` (for Update)."""
    name = one_line(one.name.text, _LONGEST_NAME)
    document: Document = {
        "@context": ACTOR_CONTEXT,
        "id": urls.group,
        "type": "Group",
        "preferredUsername": one.handle,
        "webfinger": f"{one.handle}@{urls.host}",
        "name": name,
        "nameMap": {language: one_line(text, _LONGEST_NAME) for language, text in one.name},
        "summary": _summary(one.about.text) if one.about else "",
        # Not the front page: WebFinger of that is the node itself (FEP-d556), and `rel=me` there names this.
        "url": urls.group,
        "inbox": urls.collection("inbox"),
        "outbox": urls.collection("outbox"),
        "followers": urls.followers,
        "following": urls.collection("following"),
        "featured": urls.collection("featured"),
        "upcomingEvents": urls.collection("upcoming"),
        "practices": urls.collection("practices"),
        "endpoints": {"sharedInbox": urls.shared_inbox},
        **_keys(urls.group, keys),
        "to": [PUBLIC],
        "cc": [urls.followers],
        "published": rfc3339(created),
        "manuallyApprovesFollowers": one.approves_followers,
        "discoverable": one.discoverable,
        "indexable": one.discoverable,
        "knowsLanguage": list(one.languages),
        # Members cannot post through it; Lemmy and PieFed then offer no form.
        "postingRestrictedToMods": True,
        "attributionDomains": [_hostname(urls)],
        "attachment": _fields(one, urls),
        "generator": {"type": "Application", "id": urls.instance, "implements": _SIGNATURES},
    }
    if one.about:
        document["summaryMap"] = {language: _summary(text) for language, text in one.about}
    spot = Spot.of(one.latitude, one.longitude) if one.discoverable else None
    if spot is not None or one.region:
        document["location"] = place(one.region.text if one.region else "", spot)
    if one.stands_publicly:
        document["standsWith"] = urls.collection("stands-with")
    shown = picture(one.image, urls) if one.image else None
    if shown:
        del shown["focalPoint"]  # servers cut an icon round, from the middle
        document["icon"] = shown | {"type": "Image"}
    if whereabouts.also_known_as:
        document["alsoKnownAs"] = list(whereabouts.also_known_as)
    if whereabouts.moved_to:
        document["movedTo"] = whereabouts.moved_to
    if updated is not None:
        document["updated"] = rfc3339(updated)
    return document


def instance(urls: Urls, keys: ShownKeys) -> Document:
    """The node's `Application` actor (FEP-d556, FEP-2677), with its `@context`; it publishes nothing."""
    host = _hostname(urls)
    return {
        "@context": ACTOR_CONTEXT,
        "id": urls.instance,
        "type": "Application",
        "preferredUsername": host,
        "webfinger": f"{host}@{urls.host}",
        "name": host,
        "summary": "",
        "url": urls.origin + "/about",
        "inbox": urls.instance + "/inbox",
        "outbox": urls.instance + "/outbox",
        "endpoints": {"sharedInbox": urls.shared_inbox},
        **_keys(urls.instance, keys),
        "manuallyApprovesFollowers": True,
        "discoverable": False,
        "indexable": False,
        "implements": _SIGNATURES,
    }


def _keys(owner: str, keys: ShownKeys) -> Document:
    """`publicKey` is always one object: Misskey refuses more, older Mastodon reads the first."""
    key = {"id": f"{owner}#{keys.name}", "owner": owner, "publicKeyPem": keys.pem}
    if not keys.proof_name:
        return {"publicKey": key}
    multikey = {
        "id": f"{owner}#{keys.proof_name}",
        "type": "Multikey",
        "controller": owner,
        "publicKeyMultibase": keys.proof_multibase,
    }
    return {"publicKey": key, "assertionMethod": [multikey]}


def _summary(about: str) -> str:
    """HTML of at most 2000 characters."""
    longest = _LONGEST_ABOUT
    while len(html := paragraphs(clip(about, longest))) > _LONGEST_SUMMARY:
        longest = longest * 3 // 4
    return html


def _fields(one: Group, urls: Urls) -> list[Document]:
    """The web page (Mastodon verifies it by rel=me when the text is the address), and the region."""
    page = f'<a href="{urls.home}" rel="me nofollow noopener">{urls.home}</a>'
    fields: list[Document] = [
        {"type": "PropertyValue", "name": phrase("website", one.language), "value": page}
    ]
    if one.region:
        name = phrase("region", one.language)
        fields.append({"type": "PropertyValue", "name": name, "value": paragraphs(one.region.text)})
    return fields


def _hostname(urls: Urls) -> str:
    return urlsplit(urls.origin).hostname or urls.host
