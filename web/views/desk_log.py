"""The log of decisions at the desk: who did what to what, when and why; latest first."""

from typing import Any

from aiohttp import web

from node.store import audit
from node.store.audit import Decision
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page
from web.labels import N_
from web.site import Asked

_A_PAGE = 50
_LONGEST_NUMBER = 15
# Where a decision can be looked at again, and mostly undone; and for whom: all who read the log, or full stewards.
_LEADS_TO = {
    "block": "/desk/blocks",
    "unblock": "/desk/blocks",
    "close concern": "/desk/concerns",
    "reopen concern": "/desk/concerns",
    "accept follower": "/desk/followers",
    "accepted reply": "/desk/conversation",
    "answered reply": "/desk/conversation",
    "given quote": "/desk/conversation",
}
_LEADS_STEWARDS_TO = {
    "invite steward": "/desk/stewards",
    "change role": "/desk/stewards",
    "change group": "/desk/group",
    "invite": "/desk/events/{about}/people",
}


async def log(request: web.Request, held: StewardSession) -> web.Response:
    """A page of the log, of one person or of one kind of decision where that is asked for."""
    query = request.query
    who, action, before = query.get("who", ""), query.get("action", ""), _number(query)

    def context(session: Session, _: Asked) -> dict[str, Any]:
        found = audit.find(session, who=who, action=action, before=before, limit=_A_PAGE + 1)
        people, actions = audit.choices(session)
        return {
            "tab": "desk",
            "decisions": [(one, _leads_to(one, held)) for one in found[:_A_PAGE]],
            "older": found[_A_PAGE - 1].seq if len(found) > _A_PAGE else 0,
            "people": people,
            "actions": actions,
            "who": who,
            "action": action,
        }

    return await desk_page(request, held, "log.html", N_("The log"), context)


def _leads_to(decision: Decision, held: StewardSession) -> str:
    places = _LEADS_TO | (_LEADS_STEWARDS_TO if held.is_full else {})
    return places.get(decision.action, "").replace("{about}", decision.about)


def _number(query: Any) -> int | None:
    text = query.get("before", "")
    good = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if good else None
