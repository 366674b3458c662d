"""What is told to people who come, or are asked to: answers to a Join, invitations,
and messages to one person alone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from federation.addressing import ToActor, pair
from federation.render import activity as render
from federation.render import event as render_event
from federation.render import message as render_message
from federation.render.collection import bare
from federation.render.encode import Document
from federation.telling import Outgoing, new_id
from node.domain.outbox import OutboxEntry
from node.errors import GoneError
from node.store import actors, direct_messages, events, groups
from node.store.database import Session
from node.urls import Urls

_ANSWERS: Final = {"Accept": render.accept, "Reject": render.reject, "Ignore": render.ignore}
# Where the private link in a message leads, by the kind of message.
_PAGES: Final[Mapping[str, Callable[[Urls, str], str]]] = {"rsvp": Urls.rsvp}


def answer_join(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Accept, Reject or Ignore, to whoever sent the Join."""
    del session
    # Who moved up from the waiting list is answered long after their Join: only its id was kept.
    join: Mapping[str, Any] = {"object": urls.event(entry.subject)} | entry.detail["join"]
    document = _ANSWERS[entry.detail["answer"]](new_id(urls, now), urls.group, join)
    actor, inbox = entry.detail["actor"], entry.detail["inbox"]
    joined = join.get("id")
    about = joined if isinstance(joined, str) else actor
    order_key = pair(urls.event(entry.subject), actor)
    return (Outgoing(document, about, order_key, ToActor(actor, inbox)),)


def invite(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The Invite, with the event itself where its address shows it to nobody."""
    try:
        stored = events.get(session, entry.detail["event"])
    except GoneError:
        return ()
    event: object = urls.event(stored.event.slug)
    context = None
    if not stored.event.listed:
        document = render_event.event(stored, groups.get(session), urls, now)
        event, context = bare(document), document["@context"]
    made = _invite(entry, event, urls)
    return (_to_invited(made if context is None else made | {"@context": context}, entry, urls),)


def undo_invite(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Undo of the Invite."""
    del session
    done = _invite(entry, urls.event(entry.detail["event"]), urls)
    return (_to_invited(render.undo(new_id(urls, now), done), entry, urls),)


def _invite(entry: OutboxEntry, event: object, urls: Urls) -> Document:
    return render.invite(entry.detail["invite_id"], urls.group, event, entry.subject)


def _to_invited(document: Document, entry: OutboxEntry, urls: Urls) -> Outgoing:
    route = ToActor(entry.subject, entry.detail["inbox"])
    return Outgoing(document, document["id"], pair(urls.group, entry.subject), route)


def direct_message(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """A message or a question to one person; nothing where it was forgotten meanwhile."""
    message = direct_messages.find(session, entry.subject)
    if message is None:
        return ()
    known = actors.find(session, message.actor_id)
    handle = known.actor.handle if known is not None else message.actor_id
    token = entry.detail["token"]
    page = _PAGES[message.kind](urls, token) if token is not None else None
    note = render_message.message(message, handle, page, urls)
    create = render.create(new_id(urls, now), note)
    route = ToActor(message.actor_id, entry.detail["inbox"])
    return (Outgoing(create, message.id, pair(urls.group, message.actor_id), route),)
