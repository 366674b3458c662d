"""What other servers may speak of: things of ours they were, or could have been, told of."""

from node.store import published
from node.store.database import Session
from node.urls import Urls


def is_known_outside(session: Session, url: str, urls: Urls) -> bool:
    """Whether `url` is an event, reflection or notice of ours that is sent to other servers."""
    named = urls.identify(url)
    return named is not None and published.is_federated(session, *named)


def event_slug(url: str | None, urls: Urls) -> str | None:
    """The slug in the address of one of our events; None for any other address."""
    named = urls.identify(url) if url is not None else None
    return named[1] if named is not None and named[0] == "event" else None
