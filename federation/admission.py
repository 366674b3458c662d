"""Who may read what over a fetch: everyone, whoever says who they are, or followers.

By default everyone reads what is for everyone. With `federation.authorized_fetch` only servers that sign
their requests do, so that a closed door holds against reading, too: then unsigned requests are 401 and
blocked ones 403, whatever they ask for and whether it is there or not. Open in any case: how we are found
(WebFinger, NodeInfo), the node's own actor, and the key and inbox of the group, or two servers that are
both strict could never meet.
"""

from collections.abc import Mapping
from typing import Final

from aiohttp import hdrs, web

from federation.addresses import origin
from federation.proving import as_it_came, fetcher
from federation.signatures import read_signature
from node.errors import ForbiddenError, RoughweatherError, UnauthenticatedError
from node.keys import CONFIG, DATABASE
from node.services.moderation import is_closed
from node.store import actors, followers
from node.store.database import Session

# What depends on who asks is kept by nobody on the way.
PERSONAL: Final[Mapping[str, str]] = {
    hdrs.CACHE_CONTROL: "private, no-store",
    hdrs.VARY: "Accept, Signature",
}


def is_strict(request: web.Request) -> bool:
    """Whether servers must say who they are to read anything."""
    return bool(request.app[CONFIG]["federation.authorized_fetch"])


async def admit(request: web.Request) -> None:
    """Let a fetch of something the group published pass.

    Raises ForbiddenError for a server or actor whose door is closed, and UnauthenticatedError where it
    must be proved who asks, and is not.
    """
    turn_away(request)
    if not is_strict(request):
        return
    asker = await fetcher(request)
    if asker is None:
        raise UnauthenticatedError("Fetches must be signed here.")
    _check_door(request, asker)


def turn_away(request: web.Request) -> None:
    """Raise ForbiddenError where a request names a key whose door is closed; that need not be proved."""
    if "Signature" not in request.headers:
        return
    try:
        named = read_signature(as_it_came(request)).key_id
    except RoughweatherError:
        return
    _check_door(request, named)


async def is_proved(request: web.Request) -> bool:
    """Whether a request is signed by anybody whose door is open."""
    asker = await fetcher(request)
    if asker is None:
        return False
    _check_door(request, asker)
    return True


async def asks_for_a_follower(request: web.Request) -> bool:
    """Whether a fetch is signed by a follower, or by the node actor of a server where one lives.

    Nearly every server signs fetches with an actor of its own, for everyone who lives there. It holds
    what is for followers anyway, as it got it with the rest of their post.
    """
    asker = await fetcher(request)
    if asker is None:
        return False
    _check_door(request, asker)
    return request.app[DATABASE].peek(lambda session: _is_follower(session, asker))


def _is_follower(session: Session, asker: str) -> bool:
    if followers.find(session, asker) is not None:
        return True
    known = actors.find(session, asker)
    if known is None or known.actor.type != "Application":
        return False
    return followers.lives_at(session, origin(asker).netloc)


def _check_door(request: web.Request, url: str) -> None:
    if is_closed(request.app[DATABASE], url):
        raise ForbiddenError("The door is closed.")
