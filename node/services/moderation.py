"""Closing and opening doors, and clearing away what came through them."""

import ipaddress
from datetime import datetime
from urllib.parse import urlsplit

import idna

from node.domain.doors import host_targets, targets
from node.errors import InvalidDocumentError, NotFoundError, Problem
from node.services import boosts, cohosting, sharing
from node.services.rsvps import erase_everywhere
from node.store import (
    audit,
    follow_requests,
    followers,
    following,
    known_groups,
    neighbours,
    passed_on,
    witnesses,
)
from node.store import blocks as block_store
from node.store.blocks import Block, Kind
from node.store.database import Database, Session

_LONGEST_TARGET = 2048


class Doors:
    """Which doors are closed, in memory; read anew after a commit that closed or opened one.

    One per process may wait for that signal: the inbox, which asks several times a request.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = database.wake_event(block_store.CHANGED)
        self._closed: frozenset[str] | None = None

    def is_closed(self, url: str) -> bool:
        """Whether this actor or key, its host or a domain above it is blocked."""
        if self._closed is None or self._changed.is_set():
            self._changed.clear()
            found = self._database.peek(block_store.every)
            self._closed = frozenset(one.target for one in found)
        return bool(self._closed) and not self._closed.isdisjoint(targets(url))


def is_closed(database: Database, url: str) -> bool:
    """Whether this actor or key, its host or a domain above it is blocked, now."""
    closed = database.peek_kept(block_store.closed)
    return bool(closed) and not closed.isdisjoint(targets(url.partition("#")[0]))


def host_is_closed(database: Database, host: str) -> bool:
    """Whether a host (`example.org`, `example.org:8443`) or a domain above it is blocked, now."""
    closed = database.peek_kept(block_store.closed)
    return bool(closed) and not closed.isdisjoint(host_targets(host))


def block(
    session: Session, target: str, reason: str | None = None, *, who: str, now: datetime
) -> Block:
    """Close the door to a server (with its subdomains) or an actor, and clear away what came from it.

    Followers, neighbours, posts, replies and answers go, and what waits to be delivered there.
    Blocking again changes the reason only. Raises InvalidDocumentError where `target` is neither a
    host name nor an actor id.
    """
    kind, name = read_target(target)
    block_store.put(session, name, kind, reason, now)
    audit.note(session, who, "block", name, now, reason=reason)
    gone = [actor for actor in block_store.actors_at_hand(session) if name in targets(actor)]
    for actor_id in gone:
        forget_actor(session, actor_id, now=now)
    if kind == "host":
        inboxes = [url for url in block_store.waiting_inboxes(session) if name in targets(url)]
        block_store.drop_deliveries(session, inboxes)
    return next(one for one in block_store.every(session) if one.target == name)


def unblock(session: Session, target: str, *, who: str, now: datetime) -> None:
    """Open a door again; nobody comes back by it alone. Raises NotFoundError where it was open."""
    _, name = read_target(target)
    if not block_store.remove(session, name):
        raise NotFoundError(f"{name} is not blocked.")
    audit.note(session, who, "unblock", name, now)


def blocks(session: Session) -> list[Block]:
    """All closed doors."""
    return block_store.every(session)


def is_blocked(session: Session, host: str, actor_id: str | None = None) -> bool:
    """Whether a host (`example.org`, `example.org:8443`) or an actor is blocked; point reads only."""
    wanted = [*host_targets(host), *([actor_id] if actor_id else [])]
    return block_store.any_of(session, wanted)


def forget_actor(session: Session, actor_id: str, *, now: datetime) -> bool:
    """Delete everything that ties an actor to us: it was blocked or it is gone; whether there was any."""
    found = [
        followers.remove(session, actor_id),
        follow_requests.remove(session, actor_id),
        following.remove(session, actor_id),
        _forget_posts(session, actor_id, now),
        known_groups.remove(session, actor_id),
        cohosting.forget_actor(session, actor_id, now) > 0,
        sharing.forget_actor(session, actor_id, now) > 0,
        witnesses.remove_of_actor(session, actor_id) > 0,
        erase_everywhere(session, actor_id, now=now) > 0,
    ]
    return any(found)


def _forget_posts(session: Session, actor_id: str, now: datetime) -> bool:
    """Whatever it wrote or passed on, but for what another neighbour passes on, too."""
    passed_on.hand_on(session, actor_id)
    passed_on.forget(session, actor_id)
    found = neighbours.remove_of_actor(session, actor_id) > 0
    boosts.lapse(session, now)
    return found


def read_target(target: str) -> tuple[Kind, str]:
    """What a steward means by `target`: a host, however it is written, or an actor id.

    Raises InvalidDocumentError.
    """
    text = target.strip()
    if text.lower().startswith(("https://", "http://")) and len(text) <= _LONGEST_TARGET:
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise _no_target(text) from error
        if parts.path.strip("/") or parts.query:
            return ("actor", parts._replace(netloc=_host_name(parts.netloc)).geturl())
        text = parts.netloc
    return ("host", _host_name(text))


def _host_name(text: str) -> str:
    whole = text.lower().strip("/")
    name, colon, port = whole.rpartition(":")
    if _is_address(whole) or not (colon and port.isdigit()):
        name, colon, port = whole, "", ""
    name = name.rstrip(".")
    try:
        ascii_name = name if _is_address(name) else idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise _no_target(text) from error
    return ascii_name + colon + port


def _no_target(text: str) -> InvalidDocumentError:
    return InvalidDocumentError(
        [Problem("", f"“{text}” is neither a host name nor the id of an actor")]
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
