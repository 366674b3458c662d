"""What other servers may speak of: things of ours they were, or could have been, told of."""

import re

from node.domain.slug import is_slug
from node.store import comments, notices, published
from node.store.database import Session
from node.urls import Urls


def is_known_outside(session: Session, url: str, urls: Urls) -> bool:
    """Whether `url` is an event, reflection, notice or comment of ours that is sent to other servers."""
    named = urls.identify(url)
    return named is not None and published.is_federated(session, *named)


def root_of(session: Session, url: str, urls: Urls) -> str | None:
    """The event or reflection that something of ours at `url` stands under; itself if it is one."""
    original = urls.original(url)
    named = urls.identify(original)
    if named is None:
        return None
    kind, name = named
    if kind == "notice":
        return urls.event(notices.get(session, name).event_slug)
    return comments.get(session, name).root if kind == "comment" else original


def event_slug(url: str | None, urls: Urls) -> str | None:
    """The slug in the address of one of our events; None for any other address."""
    named = urls.identify(url) if url is not None else None
    return named[1] if named is not None and named[0] == "event" else None


def linked_event(content: str, urls: Urls) -> str | None:
    """The slug of the first event of ours that is linked or written out in some HTML."""
    found = re.search(re.escape(f"{urls.origin}/events/") + r"([a-z0-9-]+)", content)
    return found[1] if found is not None and is_slug(found[1]) else None
