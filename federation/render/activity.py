"""Activities: what happened to an object, wrapped so that every server takes it.

`activity_id` is always a full URL of ours (`Urls.activity`), and unique: an id that was used once is
never used again, not even for the next Update of the same object (EveryCal's mistake).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from federation.render.encode import Document
from federation.vocab import AS2, REQUEST_CONTEXT
from node.clock import rfc3339

_EMBEDDED = ("id", "type", "actor", "object")


def create(activity_id: str, document: Mapping[str, object]) -> Document:
    """Create of a rendered object, with its author, date and readers (Mastodon, Pixelfed, Pleroma)."""
    return _wrapped("Create", activity_id, document, document["published"])


def update(activity_id: str, document: Mapping[str, object], now: datetime) -> Document:
    """Update of a rendered object or actor: the whole of it, `now` being when."""
    return _wrapped("Update", activity_id, document, rfc3339(now))


def _wrapped(
    kind: str, activity_id: str, document: Mapping[str, object], published: object
) -> Document:
    """The object embedded, its context hoisted; `to` and `cc` equal to the object's."""
    inner = {key: value for key, value in document.items() if key != "@context"}
    return {
        "@context": document["@context"],
        "id": activity_id,
        "type": kind,
        "actor": document.get("attributedTo", document["id"]),
        "published": published,
        "to": document["to"],
        "cc": document["cc"],
        "object": inner,
    }


def delete(
    activity_id: str,
    actor: str,
    object_id: str,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    now: datetime,
    former_type: str | None = None,
) -> Document:
    """Delete of an object, as a Tombstone; to everyone who got it."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Delete",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "object": tombstone(object_id, now, former_type),
    }


def tombstone(object_id: str, deleted: datetime | None, former_type: str | None = None) -> Document:
    """What is left of a withdrawn object."""
    stone: Document = {"id": object_id, "type": "Tombstone"}
    if former_type:
        stone["formerType"] = former_type
    if deleted is not None:
        stone["deleted"] = rfc3339(deleted)
    return stone


def announce(
    activity_id: str,
    actor: str,
    object_id: str,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    now: datetime,
) -> Document:
    """Announce of an object by its id: Mobilizon lists a remote event only after one."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Announce",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "object": object_id,
    }


def listing(
    kind: Literal["Add", "Remove"],
    activity_id: str,
    actor: str,
    object_id: str,
    target: str,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    now: datetime,
) -> Document:
    """Add of an object, by its id, to a collection of ours (`target`), or Remove from it."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": kind,
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "object": object_id,
        "target": target,
    }


def move(
    activity_id: str,
    actor: str,
    target: str,
    *,
    to: Sequence[str],
    cc: Sequence[str],
    now: datetime,
) -> Document:
    """Move of an actor to another one, which must name it in `alsoKnownAs` (FEP-7628)."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Move",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "object": actor,
        "target": target,
    }


def farewell(
    activity_id: str, actor: str, *, to: Sequence[str], cc: Sequence[str], now: datetime
) -> Document:
    """Delete of the actor by itself; its id alone, as Mastodon sends it."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Delete",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "object": actor,
    }


def follow(activity_id: str, actor: str, target: str) -> Document:
    """Follow; the object is a string (gancio), and `to` says whom (Pleroma)."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Follow",
        "actor": actor,
        "to": [target],
        "object": target,
    }


def invite(activity_id: str, actor: str, event: object, target: str) -> Document:
    """Invite of somebody to an event, which is named by its id, or embedded where that shows nothing."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Invite",
        "actor": actor,
        "to": [target],
        "object": event,
        "target": target,
    }


def offer(activity_id: str, actor: str, event_id: str, target: str) -> Document:
    """Offer of an event to another group, to hold it together; to that group alone."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Offer",
        "actor": actor,
        "to": [target],
        "object": event_id,
        "target": target,
    }


def answer_offer(kind: str, activity_id: str, actor: str, offer_id: str, offerer: str) -> Document:
    """Accept or Reject of an Offer, by its id."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": kind,
        "actor": actor,
        "to": [offerer],
        "object": offer_id,
    }


def undo(activity_id: str, done: Mapping[str, object]) -> Document:
    """Undo of an activity of ours, which is embedded without its context."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Undo",
        "actor": done["actor"],
        "to": done.get("to", []),
        "object": {key: done[key] for key in (*_EMBEDDED, "to") if key in done},
    }


def accept(activity_id: str, actor: str, received: Mapping[str, object]) -> Document:
    """Accept of a Follow or a Join, which is embedded: Misskey and Mobilizon want it whole."""
    return _answer("Accept", activity_id, actor, received)


def reject(activity_id: str, actor: str, received: Mapping[str, object]) -> Document:
    """Reject of a Follow or a Join, likewise."""
    return _answer("Reject", activity_id, actor, received)


def ignore(activity_id: str, actor: str, received: Mapping[str, object]) -> Document:
    """Ignore of a Join by its id: the event takes no registration here (FEP-8a8e)."""
    answer = _answer("Ignore", activity_id, actor, received)
    return answer | {"object": received.get("id", answer["object"])}


def answer_request(
    activity_id: str, actor: str, request: Mapping[str, object], *, asker: str, stamp: str | None
) -> Document:
    """Accept of a QuoteRequest and its kin, with the stamp as its `result`; without one, Reject."""
    kind = "Accept" if stamp is not None else "Reject"
    document: Document = {
        "@context": REQUEST_CONTEXT,
        "id": activity_id,
        "type": kind,
        "actor": actor,
        "to": [asker],
        "object": dict(request),
    }
    return document | ({"result": stamp} if stamp is not None else {})


def approve_reply(
    activity_id: str,
    actor: str,
    reply: str,
    *,
    target: str,
    asker: str,
    stamp: str,
    cc: Sequence[str],
) -> Document:
    """Accept of a reply whose author's server did not ask; to followers as well (GoToSocial)."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Accept",
        "actor": actor,
        "to": [asker],
        "cc": list(cc),
        "object": reply,
        "target": target,
        "result": stamp,
    }


def turn_down_reply(
    activity_id: str, actor: str, reply: str, *, target: str, asker: str
) -> Document:
    """Reject of such a reply; nobody else need know."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Reject",
        "actor": actor,
        "to": [asker],
        "object": reply,
        "target": target,
    }


def revoke(
    activity_id: str, actor: str, stamp: str, *, to: Sequence[str], now: datetime
) -> Document:
    """Delete of a stamp by its id alone: a Tombstone would not say more, and must not (FEP-044f)."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Delete",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "object": stamp,
    }


def announce_whole(
    activity_id: str,
    actor: str,
    activity: Mapping[str, object],
    *,
    to: Sequence[str],
    cc: Sequence[str],
    now: datetime,
) -> Document:
    """Announce of a whole activity, which stays as it came (FEP-1b12)."""
    return {
        "@context": AS2,
        "id": activity_id,
        "type": "Announce",
        "actor": actor,
        "published": rfc3339(now),
        "to": list(to),
        "cc": list(cc),
        "audience": actor,
        "object": dict(activity),
    }


def _answer(kind: str, activity_id: str, actor: str, received: Mapping[str, object]) -> Document:
    """Only what identifies the activity is sent back, ids instead of whatever they had embedded."""
    embedded = {key: received[key] for key in _EMBEDDED if key in received}
    for key in ("actor", "object"):
        if key in embedded:
            embedded[key] = _id(embedded[key])
    asker = embedded.get("actor")
    return {
        "@context": AS2,
        "id": activity_id,
        "type": kind,
        "actor": actor,
        "to": [asker] if isinstance(asker, str) else [],
        "object": embedded,
    }


def _id(value: object) -> object:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        return value.get("id", value)
    return value
