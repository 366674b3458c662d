"""How each kind of server writes its actors, activities and posts: from the plain document to its own."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.signatures import SigningKey
from tests.federation.peer import AS2, SECURITY
from tests.interop.shapes.software import PUBLIC, Document
from tests.signing import encode_base58btc

TOOT = {
    "toot": "http://joinmastodon.org/ns#",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "featured": {"@id": "toot:featured", "@type": "@id"},
}


# -------------------------------------------------------------------------------- Mastodon


def mastodon_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "@context": [AS2, SECURITY, TOOT],
        "featured": actor["id"] + "/collections/featured",
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": False,
        "memorial": False,
        "published": "2022-11-05T00:00:00Z",
        "devices": actor["id"] + "/collections/devices",
        "tag": [],
        "attachment": [],
    }


def mastodon_activity(activity: Document) -> Document:
    if activity["type"] in ("Block", "Flag"):
        first = activity["object"][0] if activity["type"] == "Flag" else activity["object"]
        return activity | {"to": first}
    if activity["type"] == "Create":
        return activity | {"id": activity["object"]["id"] + "/activity"}
    return activity


def mastodon_note(note: Document) -> Document:
    return {
        "summary": None,
        "inReplyTo": None,
        "url": note["id"].replace("/users/", "/@").replace("/statuses/", "/"),
        "sensitive": False,
        "atomUri": note["id"],
        "conversation": "tag:peer,2025-06-01:objectId=1:objectType=Conversation",
        "contentMap": {"en": note["content"]},
        "attachment": [],
        "tag": [],
        "replies": {
            "id": note["id"] + "/replies",
            "type": "Collection",
            "first": {
                "type": "CollectionPage",
                "next": note["id"] + "/replies?only_other_accounts=true&page=true",
                "partOf": note["id"] + "/replies",
                "items": [],
            },
        },
    } | note


# ------------------------------------------------------------------------------ GoToSocial


def flat(document: Document) -> Document:
    """GoToSocial writes one of a thing without a list around it, and leaves empty lists out."""
    made = {}
    for name, value in document.items():
        if isinstance(value, list) and name in ("to", "cc", "tag", "attachment"):
            if value:
                made[name] = value[0] if len(value) == 1 else value
        else:
            made[name] = value
    return made


def gotosocial_activity(activity: Document) -> Document:
    if activity["type"] in ("Follow", "Undo", "Like", "Block"):
        activity = {"to": _addressee(activity["object"])} | activity
    return flat(activity)


def gotosocial_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "@context": ["https://gotosocial.org/ns", SECURITY, AS2, TOOT],
        "featured": actor["id"] + "/collections/featured",
        "hidesToPublicFromUnauthedWeb": False,
        "manuallyApprovesFollowers": False,
        "tag": [],
    }


def gotosocial_note(note: Document) -> Document:
    policy = {"always": PUBLIC, "approvalRequired": []}
    made = note | {
        "interactionPolicy": {"canLike": policy, "canReply": policy, "canAnnounce": policy},
        "sensitive": False,
        "summary": "",
        "attachment": [],
        "contentMap": {"en": note["content"]},
    }
    return flat(made)


# --------------------------------------------------------------------------------- Misskey

MISSKEY_CONTEXT = [
    AS2,
    SECURITY,
    TOOT
    | {
        "Key": "sec:Key",
        "misskey": "https://misskey-hub.net/ns#",
        "_misskey_content": "misskey:_misskey_content",
        "_misskey_quote": "misskey:_misskey_quote",
        "_misskey_reaction": "misskey:_misskey_reaction",
        "isCat": "misskey:isCat",
    },
]


def misskey_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "@context": MISSKEY_CONTEXT,
        "sharedInbox": actor["endpoints"]["sharedInbox"],
        "featured": actor["id"] + "/collections/featured",
        "_misskey_summary": "writes here",
        "_misskey_followedMessage": None,
        "icon": None,
        "image": None,
        "tag": [],
        "discoverable": True,
        "isCat": False,
        "publicKey": actor["publicKey"] | {"type": "Key"},
        "attachment": [],
    }


def misskey_activity(activity: Document) -> Document:
    if activity["type"] == "Like":
        return {"content": "👍", "_misskey_reaction": "👍"} | activity
    return activity


def misskey_note(note: Document) -> Document:
    return {"summary": None, "inReplyTo": None, "attachment": [], "sensitive": False, "tag": []} | (
        note | {"_misskey_content": "as typed", "source": {"content": "as typed"}}
    )


# --------------------------------------------------------------------------------- Pleroma


def litepub(here: str) -> list[Any]:
    return [AS2, here + "/schemas/litepub-0.1.jsonld", {"@language": "und"}]


def pleroma_actor(actor: Document, _: SigningKey) -> Document:
    here = actor["inbox"].partition("/users/")[0]
    return actor | {
        "@context": litepub(here),
        "alsoKnownAs": [],
        "attachment": [],
        "capabilities": {"acceptsChatMessages": True},
        "featured": actor["id"] + "/collections/featured",
        "manuallyApprovesFollowers": False,
        "tag": [],
    }


def pleroma_activity(activity: Document) -> Document:
    here = activity["id"].partition("/activities/")[0]
    made = {"cc": [], "context": here + "/contexts/1", "published": "2025-06-01T10:00:00Z"}
    if activity["type"] == "Follow":
        made["state"] = "pending"
    addressed = {"to": [_addressee(activity["object"])]}
    return addressed | made | activity | {"@context": litepub(here)}


def pleroma_note(note: Document) -> Document:
    return note | {
        "actor": note["attributedTo"],
        "attachment": [],
        "summary": "",
        "tag": [],
        "emoji": {},
        "source": {"content": "as typed", "mediaType": "text/plain"},
        "content": note["content"].removeprefix("<p>").removesuffix("</p>"),
    }


# ----------------------------------------------------------------------------------- Lemmy


def lemmy_actor(actor: Document, _: SigningKey) -> Document:
    group = {
        "attributedTo": actor["id"] + "/moderators",
        "featured": actor["id"] + "/featured",
        "postingRestrictedToMods": False,
        "sensitive": False,
        "language": [{"identifier": "en", "name": "English"}],
    }
    common = {
        "source": {"content": "writes here", "mediaType": "text/markdown"},
        "mediaType": "text/html",
        "published": "2022-06-02T16:43:50.799554Z",
        "following": None,
    }
    return actor | common | (group if actor["type"] == "Group" else {"followers": None})


def lemmy_activity(activity: Document) -> Document:
    if activity["type"] in ("Follow", "Undo", "Accept"):
        return {"to": [_addressee(activity["object"])]} | activity
    if activity["type"] == "Flag":
        first, *_ = activity["object"]
        return activity | {"object": first, "summary": activity["content"], "to": [first]}
    return activity


def lemmy_note(note: Document) -> Document:
    return note | {
        "source": {"content": "as typed", "mediaType": "text/markdown"},
        "mediaType": "text/html",
        "published": "2025-06-01T10:00:00.123456Z",
        "distinguished": False,
        "language": {"identifier": "en", "name": "English"},
        "tag": [],
        "attachment": [],
    }


# -------------------------------------------------------------------- Pixelfed and the others


def pixelfed_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "manuallyApprovesFollowers": False,
        "indexable": False,
        "published": "2023-01-01",
    }


def pixelfed_note(note: Document) -> Document:
    return (
        note
        | {
            "@context": [
                AS2,
                SECURITY,
                {"sc": "http://schema.org#", "pixelfed": "http://pixelfed.org/ns#"},
            ],
            "url": note["id"],
            "inReplyTo": None,
            "summary": None,
            "sensitive": False,
            "attachment": [],
            "tag": [],
            "commentsEnabled": True,
            "capabilities": {"announce": PUBLIC, "like": PUBLIC, "reply": PUBLIC},
            "location": None,
        }
        | ({"inReplyTo": note["inReplyTo"]} if "inReplyTo" in note else {})
    )


def mobilizon_actor(actor: Document, key: SigningKey) -> Document:
    """Persons and groups alike; keys in PKCS#1, properties it has nothing for as nulls."""
    nothing = dict.fromkeys(("discussions", "events", "members", "posts", "resources", "todos"))
    return actor | {
        "@context": [AS2, SECURITY, {"mz": "https://joinmobilizon.org/ns#", "@language": "und"}],
        "endpoints": actor["endpoints"] | nothing,
        "discoverable": False,
        "manuallyApprovesFollowers": False,
        "openness": "invite_only" if actor["type"] == "Group" else None,
        "publicKey": actor["publicKey"] | {"publicKeyPem": pkcs1(key)},
        "url": actor["id"],
    }


def mobilizon_activity(activity: Document) -> Document:
    addressed = {"to": [_addressee(activity["object"])], "cc": []}
    return addressed | activity | {"attributedTo": activity["actor"]}


def gancio_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "manuallyApprovesFollowers": False,
        "endpoints": {"sharedInbox": actor["inbox"]},
        "discoverable": True,
        "following": None,
    }


def friendica_activity(activity: Document) -> Document:
    said: Document = {
        "published": "2025-06-01T10:00:00Z",
        "instrument": {"type": "Service", "name": "Friendica 2024.09", "url": activity["actor"]},
        "to": [_addressee(activity["object"])],
        "signature": {
            "type": "RsaSignature2017",
            "nonce": "00",
            "creator": activity["actor"] + "#main-key",
            "created": "2025-06-01T10:00:00Z",
            "signatureValue": "AAAA",
        },
    }
    return said | activity


def friendica_note(note: Document) -> Document:
    return note | {
        "diaspora:guid": "0a1b",
        "directMessage": False,
        "sensitive": False,
        "context": note["id"] + "#context",
        "source": {"content": "as typed", "mediaType": "text/bbcode"},
        "contentMap": {"en": note["content"]},
        "attachment": [],
        "tag": [],
        "generator": {"type": "Application", "name": "Friendica"},
    }


def wordpress_actor(actor: Document, _: SigningKey) -> Document:
    return actor | {
        "@context": [AS2, SECURITY, TOOT | {"webfinger": "https://webfinger.net/#"}],
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "implements": [
            {"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421"}
        ],
        "tag": [],
        "attachment": [],
    }


def fedify_actor(actor: Document, _: SigningKey) -> Document:
    """Both keys, in both places: publicKey for everybody, assertionMethod (FEP-521a) for proofs."""
    second = ed25519_of(actor["id"]).public_key()
    raw = second.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return actor | {
        "@context": [AS2, SECURITY, "https://w3id.org/security/multikey/v1"],
        "assertionMethod": [
            {
                "id": actor["id"] + "#key-2",
                "type": "Multikey",
                "controller": actor["id"],
                "publicKeyMultibase": encode_base58btc(b"\xed\x01" + raw),
            }
        ],
    }


def ed25519_of(actor_id: str) -> Ed25519PrivateKey:
    """The second key of a Fedify actor, the same at every asking."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(actor_id.encode()).digest())


def pkcs1(key: SigningKey) -> str:
    """`BEGIN RSA PUBLIC KEY`, as Mobilizon and older servers publish it."""
    public: Any = key.key.public_key()
    return str(public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode())


def _addressee(thing: Any) -> Any:
    """Whom an activity about `thing` is for: itself, or what the inner activity is about."""
    while isinstance(thing, dict):
        thing = thing.get("object", thing["id"])
    return thing[0] if isinstance(thing, list) else thing
