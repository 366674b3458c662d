"""Closed doors at the desk: to a person of another server, or to a whole one; each can be opened again."""

from typing import Any

from aiohttp import web

from node.domain.doors import host_targets
from node.errors import (
    ConflictError,
    InvalidDocumentError,
    MalformedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
)
from node.keys import CLOCK, DATABASE, FINDER, URLS
from node.services import moderation
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_HERE = "/desk/blocks"
_LONGEST_TARGET = 2048
_LONGEST_REASON = 500
_WHOM = N_("To whom? A server is example.org, a person @name@example.org.")
_OURS = N_("That is our own server.")


async def block_list(request: web.Request, held: StewardSession) -> web.Response:
    """What is closed, and a form; `?target=` fills it in, for links from what somebody wrote."""
    return await _page(request, held, target=request.query.get("target", "")[:_LONGEST_TARGET])


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Close a door or open it again. Raises NotFoundError."""
    target, reason = values["target"], values["reason"][:_LONGEST_REASON]
    now, who, database = request.app[CLOCK].now(), held.steward_name, request.app[DATABASE]
    if values["decision"] == "unblock":
        await database.write(lambda session: moderation.unblock(session, target, who=who, now=now))
        return go(_HERE, "unblocked")
    try:
        name = await _meant(request, target)
        await database.write(
            lambda session: moderation.block(session, name, reason or None, who=who, now=now)
        )
    except InvalidDocumentError:
        return await _page(request, held, problem=_WHOM, target=target, reason=reason)
    except (NotFoundError, ConflictError, RefusedError, MalformedError, TryLaterError) as error:
        problem = error.sentence
        return await _page(request, held, problem=problem, target=target, reason=reason)
    return go(_HERE, "blocked")


async def _meant(request: web.Request, target: str) -> str:
    """The host or actor id that is meant. Raises RefusedError for nobody and for ourselves."""
    if not target or len(target) > _LONGEST_TARGET:
        raise RefusedError(_WHOM)
    if "@" in target and "://" not in target:
        return (await request.app[FINDER].find(target)).id
    kind, name = moderation.read_target(target)
    urls = request.app[URLS]
    if urls.is_ours(name) or (kind == "host" and name in host_targets(urls.host)):
        raise RefusedError(_OURS)
    return name


async def _page(
    request: web.Request,
    held: StewardSession,
    *,
    problem: str = "",
    target: str = "",
    reason: str = "",
) -> web.Response:
    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {
            "tab": "desk",
            "blocks": moderation.blocks(session),
            "problem": problem,
            "target": target,
            "reason": reason,
        }

    status = 422 if problem else 200
    return await desk_page(request, held, "blocks.html", N_("Closed doors"), context, status=status)
