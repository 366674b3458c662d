"""The private link to one's own answer, and the short code that can be typed instead.

Whoever holds a link can see and change that one answer. It is made anew where it got into other hands.
"""

from datetime import datetime

from node.errors import NotFoundError
from node.ids import new_token
from node.store import rsvp_links
from node.store.database import Session
from node.store.rsvp_links import Holder


def give(session: Session, slug: str, who: str, via: str, *, now: datetime) -> str:
    """Make a link for somebody; its token, which is kept nowhere."""
    token = new_token()
    rsvp_links.add(session, token, Holder(slug, who, via), now)
    return token


def holder(session: Session, token: str) -> Holder:
    """Whose link this is. Raises NotFoundError where it leads nowhere (any more)."""
    return _known(rsvp_links.by_token(session, token))


def redeem(session: Session, code: str, *, now: datetime) -> str:
    """A new link for whoever knows a short code. Raises NotFoundError."""
    found = _known(rsvp_links.by_code(session, code))
    return give(session, found.event_slug, found.who, found.via, now=now)


def renew(session: Session, token: str, *, now: datetime) -> str:
    """Make all links of its holder worthless, and give them a new one. Raises NotFoundError."""
    found = holder(session, token)
    rsvp_links.remove_all(session, found.event_slug, found.who)
    return give(session, found.event_slug, found.who, found.via, now=now)


def _known(found: Holder | None) -> Holder:
    if found is None:
        raise NotFoundError("Nothing is kept under this link or code.")
    return found
