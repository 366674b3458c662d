"""An activity about to go out, and what most of them are made from: what is so now, and what was told.

What is told of an object follows from its state now and from what was told before, not from the
kind of entry alone: a Create of what is gone already is nothing, an Update of what nobody was told is
a Create, and one of what is no longer for other servers is a Delete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from federation.addressing import Route, ToActor, ToFollowers, pair, tombstone_audience
from federation.render import activity as render
from federation.render.encode import Document
from node.domain.outbox import Form
from node.ids import new_id as unique
from node.store import activities, stamps
from node.store.activities import Told
from node.store.database import Session
from node.store.stamps import Stamp
from node.urls import Urls


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An activity to send: what it says, what it is about, whom it goes to, what it must not overtake.

    `listed`: a public Create stands in the outbox collection. `key_name`: the replaced key that signs it.
    """

    document: Document
    object_id: str
    order_key: str
    route: Route
    signer: Literal["group", "instance"] = "group"
    listed: bool = True
    key_name: str | None = None


def as_it_stands(
    session: Session,
    object_id: str,
    document: Document | None,
    *,
    former: str,
    urls: Urls,
    now: datetime,
    form: Form | None = None,
    listed: bool = True,
    and_actor: str | None = None,
) -> Sequence[Outgoing]:
    """Create, Update, Delete or nothing: whatever brings other servers to what is so now.

    An event goes to those who take it in this `form`, and to the servers of who comes, which hold it
    since; the Delete of it also to whoever else may hold it. `and_actor` is somebody it speaks to, who
    may not follow. Leave to quote it ends with it.
    """
    before = activities.told(session, object_id)
    if document is not None:
        activity = (
            render.create(new_id(urls, now), document)
            if before is None
            else render.update(new_id(urls, now), document, now)
        )
        attendees = form.slug if form is not None and not form.as_note else None
        route = ToFollowers(form=form, and_attendees_of=attendees, and_actor=and_actor)
        return (Outgoing(activity, object_id, object_id, route, listed=listed),)
    if before is None:
        return ()
    to, cc = tombstone_audience(urls, public=before is Told.PUBLIC)
    gone = render.delete(
        new_id(urls, now), urls.group, object_id, to=to, cc=cc, now=now, former_type=former
    )
    route = ToFollowers(and_holders_of=object_id, form=form)
    ended = (stamp_ended(stamp, urls, now) for stamp in stamps.given_for(session, object_id))
    return (Outgoing(gone, object_id, object_id, route), *ended)


def stamp_ended(stamp: Stamp, urls: Urls, now: datetime) -> Outgoing:
    """Delete of a stamp, to its holder."""
    address = urls.stamp(stamp.id)
    document = render.revoke(new_id(urls, now), urls.group, address, to=[stamp.actor_id], now=now)
    order_key = pair(stamp.target, stamp.actor_id)
    return Outgoing(document, address, order_key, ToActor(stamp.actor_id, stamp.inbox))


def new_id(urls: Urls, now: datetime) -> str:
    """The address of an activity that is about to be made."""
    return urls.activity(unique(now))


def signer_of(actor: str, urls: Urls) -> Literal["group", "instance"]:
    """Which key signs what this actor of ours does."""
    return "instance" if actor == urls.instance else "group"
