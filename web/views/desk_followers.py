"""Who waits to follow, and who follows, decided at the desk; nobody else ever sees these names."""

from typing import Any

from aiohttp import web

from node.errors import NotFoundError
from node.keys import CLOCK, DATABASE
from node.services import follows
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked


async def follower_list(request: web.Request, held: StewardSession) -> web.Response:
    """Who waits, the longest first, and who follows."""

    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {
            "tab": "neighbours",
            "waiting": follows.waiting(session),
            "followers": follows.followers(session),
        }

    return await desk_page(request, held, "followers.html", N_("Followers"), context)


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Let somebody in, or send them away; doing it twice does no harm."""
    now, who = request.app[CLOCK].now(), held.steward_name
    accept = values["decision"] == "accept"
    act = follows.let_in if accept else follows.turn_away
    try:
        await request.app[DATABASE].write(
            lambda session: act(session, values["id"], now=now, who=who)
        )
    except NotFoundError:
        return go("/desk/followers", "same")
    return go("/desk/followers", "let-in" if accept else "sent-away")
