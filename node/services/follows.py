"""Following other groups, and who follows ours."""

from datetime import datetime

from node.domain.doors import targets
from node.domain.outbox import OutboxKind
from node.domain.sentence import Sentence
from node.errors import NotFoundError, RefusedError
from node.ids import new_id
from node.ports import RemoteActor
from node.services import boosts, cohosting
from node.services.moderation import is_blocked
from node.store import audit, follow_requests, neighbours, outbox, passed_on
from node.store import followers as follower_store
from node.store import following as following_store
from node.store.blocks import any_of
from node.store.database import Session
from node.store.follow_requests import FollowRequest
from node.store.followers import Follower
from node.store.following import Following
from node.urls import Urls

__all__ = [
    "follow_id_of",
    "followers",
    "following",
    "is_blocked",
    "leave",
    "let_in",
    "move",
    "request",
    "stop",
    "turn_away",
    "waiting",
]


def request(
    session: Session, actor: RemoteActor, *, urls: Urls, now: datetime, who: str = "node"
) -> Following:
    """Ask to follow an actor, or ask again; what it publishes is taken in from now on.

    A neighbour that had accepted stays accepted while it is asked again. Raises RefusedError for
    our own actors and for blocked ones.
    """
    if urls.is_ours(actor.id):
        raise RefusedError("A group cannot follow itself.")
    if any_of(session, targets(actor.id)):
        raise RefusedError(
            Sentence("%(handle)s is blocked here: unblock it first.", handle=actor.handle)
        )
    follow_id = urls.activity(new_id(now))
    before = following_store.find(session, actor.id)
    if before is not None and before.state is following_store.FollowState.ACCEPTED:
        following_store.renew(session, actor.id, actor.inbox, follow_id, now)
    else:
        following_store.put(
            session,
            actor_id=actor.id,
            handle=actor.handle,
            inbox=actor.inbox,
            follow_id=follow_id,
            now=now,
        )
    detail = {"follow_id": follow_id, "inbox": actor.inbox}
    outbox.enqueue(session, OutboxKind.FOLLOW, actor.id, now, detail)
    audit.note(session, who, "follow", actor.id, now)
    return _found(session, actor.id)


def stop(session: Session, actor_id: str, *, now: datetime, who: str = "node") -> None:
    """Stop following: its posts leave our pages at once, but for those that another neighbour passes on.

    What it holds together with us ends, too: we would not hear of its changes. Raises NotFoundError
    where we do not follow.
    """
    neighbour = _found(session, actor_id)
    passed_on.hand_on(session, actor_id)
    passed_on.forget(session, actor_id)
    cohosting.part(session, actor_id, now=now, who=who)
    _unfollow(session, neighbour, now, who)
    boosts.lapse(session, now)


def _unfollow(session: Session, neighbour: Following, now: datetime, who: str) -> None:
    actor_id = neighbour.actor_id
    following_store.remove(session, actor_id)
    detail = {"follow_id": neighbour.follow_id, "inbox": neighbour.inbox}
    outbox.enqueue(session, OutboxKind.UNDO_FOLLOW, actor_id, now, detail)
    audit.note(session, who, "unfollow", actor_id, now)


def move(
    session: Session,
    old: str,
    target: RemoteActor,
    *,
    urls: Urls,
    now: datetime,
    who: str = "node",
) -> None:
    """A neighbour lives elsewhere now, as both its addresses say: follow it there, not here.

    What came from it stays, under the new address. Raises NotFoundError where we do not follow the old one.
    """
    before = _found(session, old)
    if following_store.find(session, target.id) is None:
        request(session, target, urls=urls, now=now, who=who)
    neighbours.hand_over(session, old, target.id)
    passed_on.move(session, old, target.id)
    _unfollow(session, before, now, who)
    audit.note(session, who, "move", target.id, now, reason=f"moved from {old}")


def following(session: Session) -> list[Following]:
    """Whom we follow, by handle."""
    return following_store.every(session)


def followers(session: Session) -> list[Follower]:
    """Who follows us, oldest first: for stewards and the command line only."""
    return follower_store.every(session)


def follow_id_of(session: Session, actor_id: str) -> str | None:
    """The id of the Follow by which somebody follows us or asked to; None where they do neither."""
    found = follower_store.find(session, actor_id) or follow_requests.find(session, actor_id)
    return found.follow_id if found else None


def leave(session: Session, actor_id: str) -> bool:
    """Somebody follows us no more, or waits no more to; whether they did."""
    followed = follower_store.remove(session, actor_id)
    return follow_requests.remove(session, actor_id) or followed


def waiting(session: Session) -> list[FollowRequest]:
    """Who asked to follow and waits for a steward, the longest first."""
    return follow_requests.every(session)


def let_in(session: Session, actor_id: str, *, now: datetime, who: str) -> None:
    """Accept somebody who asked to follow. Raises NotFoundError where nobody of that id asked."""
    asked = _asked(session, actor_id)
    follow_requests.remove(session, actor_id)
    follower_store.put(
        session,
        actor_id=asked.actor_id,
        inbox=asked.inbox,
        shared_inbox=asked.shared_inbox,
        host=asked.host,
        follow_id=asked.follow_id,
        follow=asked.follow,
        now=now,
    )
    detail = {"follow": asked.follow, "inbox": asked.inbox}
    outbox.enqueue(session, OutboxKind.ACCEPT_FOLLOW, actor_id, now, detail)
    audit.note(session, who, "accept follower", actor_id, now)


def turn_away(session: Session, actor_id: str, *, now: datetime, who: str) -> None:
    """Decline somebody who asked to follow, or send a follower away; they may ask again.

    Raises NotFoundError where they neither asked nor follow.
    """
    asked = follow_requests.find(session, actor_id)
    if asked is not None:
        follow_requests.remove(session, actor_id)
        detail = {"follow": asked.follow, "inbox": asked.inbox}
    else:
        follower = follower_store.find(session, actor_id)
        if follower is None:
            raise NotFoundError("Nobody of that name follows the group or asked to.")
        detail = {"follow": follower_store.follow_of(session, actor_id), "inbox": follower.inbox}
        follower_store.remove(session, actor_id)
    outbox.enqueue(session, OutboxKind.REJECT_FOLLOW, actor_id, now, detail)
    audit.note(session, who, "decline follower", actor_id, now)


def _asked(session: Session, actor_id: str) -> FollowRequest:
    asked = follow_requests.find(session, actor_id)
    if asked is None:
        raise NotFoundError("Nobody of that name waits to follow the group.")
    return asked


def _found(session: Session, actor_id: str) -> Following:
    neighbour = following_store.find(session, actor_id)
    if neighbour is None:
        raise NotFoundError("The group does not follow this actor.")
    return neighbour
