"""Update: an actor changed its profile, or somebody changed what they wrote.

An older revision never replaces a newer one, and who wrote something never changes. An unknown
gathering is taken in as if it had been created now, because what changed may be that it is called
off; an unknown note only while it is young.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from federation.inbox import create
from federation.inbox.handler import (
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    ignored,
    later,
    refused,
)
from federation.inbox.posts import (
    best_document,
    may_speak_for,
    problem,
    revised,
    wanted_object,
)
from federation.parse import Activity, Audience, Document, audience_of, id_of, moment_of, types_of
from federation.read_post import EVENT, authors_of, read_post, words_of
from federation.read_reply import may_be_passed_on
from node.domain.neighbour import NeighbourPost
from node.services import boosts, conversation, sharing
from node.store import followers, following, known_groups, neighbours, replies
from node.store.database import Session
from node.store.replies import Reply

_YOUNG: Final = timedelta(days=1)


def wants(activity: Activity, context: Context) -> Wanted:
    """The actor as it is now, where it speaks of itself: what is embedded is not believed."""
    if activity.object_id == activity.actor:
        return Wanted(fresh_actors=(activity.actor,))
    return wanted_object(activity, context)


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Take the change over."""
    if activity.object_id == activity.actor:
        return _actor(session, activity, documents, context)
    document = best_document(activity, documents)
    if document is None:
        if activity.object_id in documents.unreachable:
            return later("the object cannot be reached")
        return ignored("there is no object")
    found = problem(session, document, activity)
    if found is not None:
        return found
    post_id = id_of(document.get("id")) or ""
    reply = replies.find(session, post_id)
    if reply is not None:
        return _reply(session, reply, document, activity, context)
    post = neighbours.find(session, post_id)
    if post is not None:
        if document is activity.object and activity.actor != post.author:
            # Any account of that server could say so; the server itself must.
            if activity.object_id in documents.unreachable:
                return later("the server of the group cannot be reached")
            return refused("its server does not confirm that the group said so")
        return _post(session, post, document, activity, context)
    if EVENT not in types_of(document) and not _is_young(document, context):
        return ignored("an old note we never saw")
    return create.apply(session, activity, documents, context)


def _actor(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """The new document is in the cache already; addresses we deliver to follow it.

    An actor that is a gathering itself (Smithereen) is read again for when and where.
    """
    actor = documents.actors.get(activity.actor)
    if actor is None:
        if activity.actor in documents.unreachable:
            return later("the actor cannot be reached")
        return ignored("the actor document cannot be had")
    followers.move_inbox(session, actor.id, actor.inbox, actor.shared_inbox)
    following.move_inbox(session, actor.id, actor.handle, actor.inbox)
    known_groups.look_again(session, actor.id, context.now)
    if neighbours.find(session, actor.id) is not None:
        following.ask_backfill(session, actor.id, context.now)
    return applied()


def _reply(
    session: Session, reply: Reply, document: Document, activity: Activity, context: Context
) -> Outcome:
    if reply.actor_id != activity.actor:
        return refused("the reply is somebody else's")
    post = revised(document, read_post(document, via=activity.actor, now=context.now), context)
    public = audience_of(document, activity.raw) is not Audience.PRIVATE
    content = words_of(document)
    changed = replies.revise(
        session,
        reply.id,
        content,
        public=public,
        passable=may_be_passed_on(document, activity.raw, context.urls.group),
        updated=post.updated,
        activity=activity.raw if public else None,
    )
    if not changed:
        return ignored("we have a newer one")
    if content != reply.content:
        sharing.take_back(session, reply.id, context.now)
    conversation.revised(session, reply, context.now)
    return applied("held for the stewards")


def _post(
    session: Session,
    post: NeighbourPost,
    document: Document,
    activity: Activity,
    context: Context,
) -> Outcome:
    if not may_speak_for(session, activity.actor, post.author):
        return refused("the object is somebody else's")
    if post.author not in (authors_of(document) or (post.author,)):
        return refused("the author of an object never changes")
    if audience_of(document, activity.raw) is Audience.PRIVATE:
        neighbours.remove(session, post.id)
        boosts.lapse(session, context.now)
        return applied("no longer for everyone")
    new = read_post(document, via=post.actor_id, now=context.now, activity=activity.raw)
    new = replace(revised(document, new, context), author=post.author)
    if not neighbours.put(session, new):
        return ignored("we have a newer one")
    if (post.listed and not new.listed) or (post.passable and not new.passable):
        boosts.lapse(session, context.now)
    boosts.changed(session, post.id, context.now)
    return applied()


def _is_young(document: Document, context: Context) -> bool:
    published = moment_of(document.get("published"))
    return published is None or published > context.now - _YOUNG
