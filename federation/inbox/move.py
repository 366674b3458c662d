"""Move: a neighbour lives elsewhere now. Believed only where the new address names the old one."""

from datetime import timedelta
from typing import Final

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
from federation.parse import Activity
from node.errors import RefusedError
from node.services import follows
from node.store import audit, following
from node.store.database import Session

_COOL_DOWN: Final = timedelta(days=30)  # one hop, then rest: moves to and fro would never end


def wants(activity: Activity, context: Context) -> Wanted:
    """The actor at the new address, as it is now."""
    target = activity.target
    if target is None or activity.object_id != activity.actor:
        return NOTHING
    if activity.actor not in context.neighbours or context.urls.is_ours(target):
        return NOTHING
    return Wanted(fresh_actors=(target,))


def apply(session: Session, activity: Activity, documents: Documents, context: Context) -> Outcome:
    """Follow the neighbour at its new address instead."""
    target = activity.target
    if target is None or activity.object_id != activity.actor:
        return refused("actors move only themselves")
    if not following.is_listened_to(session, activity.actor):
        return ignored("we do not follow whoever moves")
    actor = documents.actors.get(target)
    if actor is None:
        return (
            later("the new address cannot be reached")
            if target in documents.unreachable
            else refused("the new address is no actor's")
        )
    if activity.actor not in actor.also_known_as:
        return refused("the new address does not know the old one")
    if actor.moved_to is not None and actor.moved_to != actor.id:
        return refused("whoever lives at the new address has moved on")
    if audit.was_noted(session, "move", activity.actor, context.now - _COOL_DOWN):
        return refused("it moved less than 30 days ago")
    try:
        follows.move(session, activity.actor, actor, urls=context.urls, now=context.now)
    except RefusedError as error:
        return refused(str(error))
    return applied(f"moved to {actor.id}")
