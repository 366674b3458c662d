"""What Create, Update and Announce share: whose an object is, and keeping it as post or as reply."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from federation.addresses import same_origin
from federation.inbox.handler import (
    NOTHING,
    Context,
    Documents,
    Outcome,
    Wanted,
    applied,
    duplicate,
    ignored,
    refused,
)
from federation.inbox.ours import event_slug, is_known_outside, linked_event, root_of
from federation.parse import (
    Activity,
    Audience,
    Document,
    audience_of,
    id_of,
    language_of,
    mentions,
    moment_of,
    types_of,
)
from federation.read_post import EVENT, authors_of, is_post, read_post, times_of, words_of
from federation.read_reply import may_be_passed_on, quoted_in
from node.domain.neighbour import NeighbourPost
from node.sanitize import plain_text
from node.services import boosts, rsvp_questions
from node.store import actors, direct_messages, following, neighbours, replies, tombstones
from node.store.database import Session
from node.store.replies import NewReply, ReplyState

MOST_A_DAY: Final = 1000  # new posts of one neighbour
# Actors that speak through the people in them: their server signs as the person.
_COLLECTIVE: Final = frozenset({"Application", "Group", "Organization", "Service"})


def wanted_object(activity: Activity, context: Context) -> Wanted:
    """The object as its server shows it, where what was sent is not enough.

    That is where only its id was sent; where an Event has no place (EveryCal pushes them without
    and serves them with it); and where the signer is not the author but may speak for a group, which
    is then asked for, too. Only objects of the signer's own server, and only while somebody there
    is our neighbour.
    """
    named = activity.object_id
    if named is None or not same_origin(named, activity.actor):
        return NOTHING
    document = activity.object
    authors = authors_of(document) if document is not None else ()
    if context.neighbours.isdisjoint((activity.actor, *authors)):
        return NOTHING
    if not _is_by(activity.actor, authors):
        group = next((one for one in authors if same_origin(one, activity.actor)), None)
        return Wanted(objects=(named,), actors=(group,) if group is not None else ())
    if document is None or _has_no_place(document):
        return Wanted(objects=(named,))
    return NOTHING


def _has_no_place(document: Document) -> bool:
    return EVENT in types_of(document) and document.get("location") is None


def _is_by(actor: str, authors: tuple[str, ...]) -> bool:
    return not authors or actor in authors


def is_by_signer(document: Document, activity: Activity) -> bool:
    """Whether the signer is an author of the object, or the object names none."""
    return _is_by(activity.actor, authors_of(document))


def best_document(activity: Activity, documents: Documents) -> Document | None:
    """The object as its server serves it where it was asked for, else as it was sent."""
    fetched = documents.objects.get(activity.object_id or "")
    return fetched if fetched is not None and is_post(fetched) else activity.object


def problem(session: Session, document: Document, activity: Activity) -> Outcome | None:
    """Why the signer may not say this about this object; None where it may.

    The object lies on the signer's own server, and the signer is its author, or speaks for a group
    there that is (Mobilizon: actor Person, attributedTo Group).
    """
    post_id = id_of(document.get("id"))
    if post_id is None or not is_post(document):
        return ignored("the object is nothing we read")
    if not same_origin(post_id, activity.actor):
        return refused("the object belongs to another server")
    if tombstones.stands(session, post_id):
        return refused("the object was deleted")
    authors = authors_of(document)
    if (
        authors
        and activity.actor not in authors
        and _collective(session, document, activity) is None
    ):
        return refused("the object is attributed to somebody else")
    return None


def neighbour_of(session: Session, document: Document, activity: Activity) -> str | None:
    """The neighbour through whom an object comes: its author or signer, if we listen to one of them."""
    if following.is_listened_to(session, activity.actor):
        return activity.actor
    group = _collective(session, document, activity)
    return group if group is not None and following.is_listened_to(session, group) else None


def may_speak_for(session: Session, actor: str, author: str) -> bool:
    """Whether what `actor` signed counts as said by `author`."""
    return actor == author or (same_origin(actor, author) and _is_collective(session, author))


def _collective(session: Session, document: Document, activity: Activity) -> str | None:
    """The group among the authors, other than the signer, for which the signer speaks."""
    return next(
        (
            author
            for author in authors_of(document)
            if author != activity.actor
            and same_origin(author, activity.actor)
            and _is_collective(session, author)
        ),
        None,
    )


def _is_collective(session: Session, actor_id: str) -> bool:
    known = actors.find(session, actor_id)
    return known is not None and known.actor.type in _COLLECTIVE


def keep_post(
    session: Session, document: Document, activity: Activity, via: str, context: Context
) -> Outcome:
    """Keep an object of a neighbour for our pages, if everyone may see it."""
    if audience_of(document, activity.raw) is Audience.PRIVATE:
        return ignored("it is not for everyone")
    parent = id_of(document.get("inReplyTo"))
    if parent is not None and not _continues(session, parent, via):
        return ignored("it answers somebody else")
    post = read_post(document, via=via, now=context.now, activity=activity.raw)
    return put_once(session, post)


def put_once(session: Session, post: NeighbourPost) -> Outcome:
    """Keep a post, unless we have this revision or a newer one."""
    neighbours.bring_home(session, post)
    before = neighbours.find(session, post.id)
    if before is not None and before.updated >= post.updated:
        return duplicate("we have this or a newer one")
    if before is None and _is_flooding(session, post):
        return ignored("this neighbour has published too much today")
    if not neighbours.put(session, post):
        return refused("it was somebody else's before")
    boosts.changed(session, post.id, post.received)
    return applied()


def _is_flooding(session: Session, post: NeighbourPost) -> bool:
    """Whether the neighbour it came from filled the disk before, as fast as the door lets it."""
    day = post.received - timedelta(days=1)
    return neighbours.count_since(session, post.actor_id, day, MOST_A_DAY) == MOST_A_DAY


def _continues(session: Session, parent: str, via: str) -> bool:
    """Whether a reply continues something of the same neighbour (our own notices of change do)."""
    post = neighbours.find(session, parent)
    return post is not None and via in (post.actor_id, post.author)


def keep_reply(
    session: Session, document: Document, activity: Activity, context: Context
) -> Outcome | None:
    """Hold for the stewards what answers, quotes or speaks to us; None for what does none of these.

    Where it is about an event, its author may be asked whether they come (`rsvp_questions`).
    """
    parent, about = _parent_of(session, document, context)
    if (
        parent is not None
        and context.urls.is_ours(parent)
        and not is_known_outside(session, parent, context.urls)
    ):
        return ignored("it answers nothing we published")
    place = _place_of(session, document, parent, context)
    if place is None:
        return None
    if activity.actor not in (authors_of(document) or (activity.actor,)):
        return refused("the reply is attributed to somebody else")
    reply_id, content = id_of(document.get("id")), words_of(document)
    if reply_id is None or not content.strip():
        return ignored("it says nothing")
    published, updated = times_of(document, context.now)
    public = audience_of(document, activity.raw) is not Audience.PRIVATE
    reply = NewReply(
        id=reply_id,
        actor_id=activity.actor,
        in_reply_to=place.parent,
        root=place.root,
        quotes=place.quotes,
        content=content,
        language=language_of(document),
        public=public,
        passable=may_be_passed_on(document, activity.raw, context.urls.group),
        published=published,
        updated=updated,
    )
    carrier = activity.raw if public and activity.type == "Create" else None
    added = replies.add(session, reply, now=context.now, activity=carrier)
    if not added:
        return duplicate("held before")
    root = event_slug(place.root, context.urls)
    to_us = parent is not None and context.urls.is_ours(parent)
    asked = rsvp_questions.hear(
        session,
        activity.actor,
        answers=root if to_us else None,
        speaks_of=about or linked_event(content, context.urls) or root,
        text=plain_text(content),
        private=not public,
        in_reply_to=reply_id,
        now=context.now,
    )
    return applied("held for the stewards" + ("; asked whether they come" if asked else ""))


def _parent_of(
    session: Session, document: Document, context: Context
) -> tuple[str | None, str | None]:
    """What is answered, and the event that is spoken of where that was a message of ours about it.

    Whoever answers a message we wrote to them writes to the group, not to anything of ours.
    """
    parent = id_of(document.get("inReplyTo"))
    named = context.urls.identify(parent) if parent is not None else None
    if named is None or named[0] != "message":
        return parent, None
    message = direct_messages.find(session, named[1])
    return None, message.subject if message is not None and message.kind == "rsvp" else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a post stands towards us: what it answers, under which object of ours, what it quotes."""

    parent: str | None
    root: str | None
    quotes: str | None


def _place_of(
    session: Session, document: Document, parent: str | None, context: Context
) -> _Place | None:
    """What a post has to do with us; None: nothing.

    An answer to a reply that stewards accepted belongs to the same conversation.
    """
    urls = context.urls
    quotes = next(
        (urls.original(one) for one in quoted_in(document) if is_known_outside(session, one, urls)),
        None,
    )
    if parent is not None and urls.is_ours(parent):
        return _Place(urls.original(parent), root_of(session, parent, urls), quotes)
    answered = replies.find(session, parent) if parent is not None else None
    if answered is not None and answered.public and answered.state is ReplyState.ACCEPTED:
        return _Place(parent, answered.root, quotes)
    spoken_to = quotes is not None or urls.group in mentions(document)
    return _Place(None, None, quotes) if spoken_to else None


def revised(document: Document, post: NeighbourPost, context: Context) -> NeighbourPost:
    """A revision as of when it says it was made, or of now where it does not say."""
    if moment_of(document.get("updated")) is None:
        return replace(post, updated=context.now)
    return post
