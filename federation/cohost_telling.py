"""Telling another group of a gathering to be held together: an Offer of it, its Undo, and the answer to one."""

from collections.abc import Sequence
from datetime import datetime

from federation.addressing import ToActor, pair
from federation.render import activity as render
from federation.render.encode import Document
from federation.telling import Outgoing, new_id
from node.domain.outbox import OutboxEntry
from node.store.database import Session
from node.urls import Urls


def offer(session: Session, entry: OutboxEntry, urls: Urls, now: datetime) -> Sequence[Outgoing]:
    """The Offer, to that group alone."""
    del session, now
    return (_to_group(_offer(entry, urls), entry, urls),)


def undo_offer(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Undo of the Offer."""
    del session
    return (_to_group(render.undo(new_id(urls, now), _offer(entry, urls)), entry, urls),)


def answer_offer(
    session: Session, entry: OutboxEntry, urls: Urls, now: datetime
) -> Sequence[Outgoing]:
    """Accept or Reject of the Offer, by its id."""
    del session
    document = render.answer_offer(
        entry.detail["answer"],
        new_id(urls, now),
        urls.group,
        entry.detail["offer_id"],
        entry.subject,
    )
    return (_to_group(document, entry, urls),)


def _offer(entry: OutboxEntry, urls: Urls) -> Document:
    event = urls.event(entry.detail["event"])
    return render.offer(entry.detail["offer_id"], urls.group, event, entry.subject)


def _to_group(document: Document, entry: OutboxEntry, urls: Urls) -> Outgoing:
    route = ToActor(entry.subject, entry.detail["inbox"])
    return Outgoing(document, document["id"], pair(urls.group, entry.subject), route)
