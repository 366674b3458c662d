"""Concerns at the desk: what is open, what was dealt with, and what can be done about it from here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from node.errors import NotFoundError
from node.keys import CLOCK, DATABASE
from node.services import concerns as service
from node.store import concerns, replies
from node.store.concerns import Concern
from node.store.database import Session
from node.store.replies import Reply
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_HERE = "/desk/concerns"
_RECENT = timedelta(days=90)
_LONGEST_NUMBER = 15
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A concern with the replies it is about, as far as they are here."""

    concern: Concern
    replies: tuple[Reply, ...]


async def concern_list(request: web.Request, held: StewardSession) -> web.Response:
    """Concerns that are still open, and those closed of late."""

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        return {
            "tab": "desk",
            "concerns": [_told(session, one) for one in concerns.still_open(session)],
            "closed": concerns.closed_since(session, asked.now - _RECENT),
            "visitor": service.VISITOR,
        }

    return await desk_page(request, held, "concerns.html", N_("Concerns"), context)


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Close a concern, or take it up again. Raises NotFoundError."""
    text, now, who = values["id"], request.app[CLOCK].now(), held.steward_name
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0

    def work(session: Session) -> str:
        if values["decision"] == "reopen":
            service.reopen(session, number, who=who, now=now)
            return "reopened"
        service.close(session, number, values["reason"][:_LONGEST_REASON], who=who, now=now)
        return "closed"

    if values["decision"] not in ("", "close", "reopen"):
        raise NotFoundError("There is no such decision.")
    return go(_HERE, await request.app[DATABASE].write(work))


def _told(session: Session, concern: Concern) -> _Told:
    found = [replies.find(session, one) for one in concern.about[:5]]
    return _Told(concern=concern, replies=tuple(one for one in found if one))
