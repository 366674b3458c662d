"""Announce: somebody passes something on: ours, which we note, or a neighbour what it finds good.

What is passed on is never believed as it is embedded; it is fetched where it comes from. Lemmy,
PieFed, NodeBB, Discourse and WordPress pass on whole activities (FEP-1b12): their object counts.
"""

from typing import Final

from federation.addresses import same_origin
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
    later,
    refused,
)
from federation.inbox.like import bear_witness
from federation.inbox.posts import put_once
from federation.parse import (
    ACTIVITY_TYPES,
    Activity,
    Audience,
    Document,
    audience_of,
    carried,
    id_of,
    types_of,
)
from federation.read_post import authors_of, is_post, read_post
from node.domain.doors import targets
from node.store import following, neighbours, passed_on, tombstones
from node.store.blocks import any_of
from node.store.database import Session

_UNWRAPPED: Final = frozenset({"Create", "Update", "Delete"})


def wants(activity: Activity, context: Context) -> Wanted:
    """What a neighbour passes on, from where it comes, and who its hosts are: pages name them as its home."""
    about = _about(activity)
    if about is None or context.urls.is_ours(about) or activity.actor not in context.neighbours:
        return NOTHING
    return Wanted(objects=(about,), and_hosts=True)


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Note that something of ours is passed on, or keep what a neighbour passes on."""
    about = _about(activity)
    if about is None:
        return ignored("it passes on nothing we read")
    if context.urls.is_ours(about):
        return bear_witness(session, activity, "announce", context)
    if not following.is_listened_to(session, activity.actor):
        return ignored("it comes from nobody we follow")
    document = documents.objects.get(about)
    if document is None:
        return _not_there(session, about, activity, documents)
    return keep_passed_on(session, carried(activity.raw, _unwrapped(document)), activity, context)


def _about(activity: Activity) -> str | None:
    """The id of what is passed on, seen through a wrapped Create, Update or Delete."""
    inner = activity.object
    if inner is None:
        return activity.object_id
    kinds = set(types_of(inner))
    if kinds & _UNWRAPPED:
        return id_of(inner.get("object"))
    return None if kinds & ACTIVITY_TYPES else activity.object_id


def _unwrapped(document: Document) -> Document:
    """The object of a fetched Create, as far as it lies on the same server."""
    inner = document.get("object")
    if not {"Create", "Update"} & set(types_of(document)) or not isinstance(inner, dict):
        return document
    inner_id, outer_id = id_of(inner), id_of(document)
    if inner_id is None or outer_id is None or not same_origin(inner_id, outer_id):
        return document
    return carried(document, inner)


def _not_there(session: Session, about: str, activity: Activity, documents: Documents) -> Outcome:
    if about in documents.unreachable:
        return later("what is passed on cannot be reached")
    post = neighbours.find(session, about)
    if about in documents.gone and post is not None and post.actor_id == activity.actor:
        neighbours.remove(session, about)
        return applied("what was passed on is gone")
    return ignored("what is passed on cannot be had")


def keep_passed_on(
    session: Session, document: Document, activity: Activity, context: Context
) -> Outcome:
    """Keep what a neighbour passes on, as its own server serves it, for our pages.

    A reply is not: without what it answers it would stand there alone, and groups of Lemmy and of our
    own kind pass on every one.
    """
    post_id = id_of(document.get("id"))
    if post_id is None or not is_post(document):
        return ignored("what is passed on is nothing we read")
    if id_of(document.get("inReplyTo")) is not None:
        return ignored("what is passed on is part of a conversation")
    authors = authors_of(document)
    author = next((one for one in authors if same_origin(one, post_id)), None)
    if authors and author is None:
        return refused("what is passed on is attributed to somebody on another server")
    if tombstones.stands(session, post_id):
        return refused("what is passed on was deleted")
    if any_of(session, [*targets(post_id), *([author] if author else [])]):
        return refused("what is passed on comes from somebody who is blocked")
    if audience_of(document) is Audience.PRIVATE:
        return ignored("what is passed on is not for everyone")
    before = neighbours.find(session, post_id)
    if before is not None and not following.is_listened_to(session, before.actor_id):
        neighbours.remove(session, post_id)
    post = read_post(document, via=activity.actor, now=context.now)
    outcome = put_once(session, post)
    passed_on.note(session, post_id, activity.actor)
    return outcome
