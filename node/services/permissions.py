"""What others may do with the things of ours that they know of, and who may know of them."""

from node.domain.event import Visibility
from node.domain.permission import Permissions, of_event, of_reflection, of_the_group
from node.errors import GoneError, NotFoundError
from node.store import comments, events, groups, notices, reflections
from node.store.database import Session
from node.urls import Kind, Urls


def of_address(session: Session, address: str, urls: Urls) -> Permissions | None:
    """What others may do with the event, reflection, notice or comment at an address of ours.

    None where there is nothing of the kind that other servers know of.
    """
    found = _look_up(session, address, urls)
    return found[1] if found is not None else None


def visibility_of(session: Session, address: str, urls: Urls) -> Visibility | None:
    """For whom that thing is; None as above."""
    found = _look_up(session, address, urls)
    return found[0] if found is not None else None


def _look_up(session: Session, address: str, urls: Urls) -> tuple[Visibility, Permissions] | None:
    named = urls.identify(urls.original(address))
    if named is None:
        return None
    try:
        return _of(session, *named, urls)
    except (NotFoundError, GoneError):
        return None


def _of(
    session: Session, kind: Kind, name: str, urls: Urls
) -> tuple[Visibility, Permissions] | None:
    group = groups.get(session)
    if kind == "event":
        event = events.get(session, name).event
        return (event.visibility, of_event(event, group)) if event.federated else None
    if kind == "reflection":
        told = reflections.get(session, name).reflection
        return (told.visibility, of_reflection(told, group)) if told.federated else None
    if kind == "notice":
        return _of(session, "event", notices.get(session, name).event_slug, urls)
    if kind == "comment":
        root = comments.get(session, name).root
        if root is not None:
            return _look_up(session, root, urls)
        return Visibility.PUBLIC, of_the_group(group)
    return None
