"""Holding gatherings together with other groups, at the desk: ask, agree, decline, end."""

from aiohttp import web

from node.errors import ConflictError, GoneError, NotFoundError, RefusedError, TryLaterError
from node.keys import CLOCK, DATABASE, FINDER, URLS
from node.services import cohosting
from node.store.sessions import StewardSession
from web.desk import go
from web.posting import Values
from web.views import desk_neighbours


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """`offer` one of ours to a group, `agree` to one of theirs, or `end` either; twice does no harm."""
    event, target = values["event"], values["target"]
    now, urls, who = request.app[CLOCK].now(), request.app[URLS], held.steward_name
    database = request.app[DATABASE]
    try:
        if values["decision"] == "offer":
            actor = await request.app[FINDER].find(target)
            await database.write(
                lambda session: cohosting.offer(session, event, actor, urls=urls, now=now, who=who)
            )
            return go("/desk/neighbours", "asked")
        if values["decision"] == "agree":
            await database.write(lambda session: cohosting.agree(session, event, now=now, who=who))
            return go("/desk/neighbours", "together")
        await database.write(
            lambda session: cohosting.end(session, event, target or None, now=now, who=who)
        )
    except ConflictError:
        return go("/desk/neighbours", "same")
    except (NotFoundError, GoneError, RefusedError, TryLaterError) as error:
        return await desk_neighbours.page(request, held, together_problem=error.sentence)
    return go("/desk/neighbours", "apart")
