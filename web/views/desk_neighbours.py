"""Following and unfollowing other groups at the desk. Who follows us is only ever a number."""

from typing import Any

from aiohttp import web

from node.domain.sentence import Sentence
from node.errors import (
    ConflictError,
    GoneError,
    MalformedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
)
from node.keys import CLOCK, DATABASE, FINDER, URLS
from node.services import boosts, follows, neighbour_health
from node.store import boosts as boost_store
from node.store import cohosting, events, followers, following, neighbours
from node.store.cohosting import Cohosting
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.labels import N_
from web.posting import Values
from web.site import Asked

_LONGEST_TARGET = 2048
_COMING = 40
_EMPTY = N_("Which group? Its address looks like @circle@example.org.")


async def neighbour_list(request: web.Request, held: StewardSession) -> web.Response:
    """Whom we follow, and how many follow us; `target` is what another site sent a steward to follow."""
    return await page(request, held, target=request.query.get("target", "")[:_LONGEST_TARGET])


async def follow(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Look a group up and ask to follow it; `instead_of` where it lived before, if it names that address itself."""
    target = values["target"]
    if not target or len(target) > _LONGEST_TARGET:
        return await page(request, held, problem=_EMPTY, target=target[:_LONGEST_TARGET])
    try:
        actor = await request.app[FINDER].find(target)
        now, urls = request.app[CLOCK].now(), request.app[URLS]
        old, who = values["instead_of"], held.steward_name

        def ask(session: Session) -> None:
            if old in actor.also_known_as and following.find(session, old) is not None:
                follows.move(session, old, actor, urls=urls, now=now, who=who)
            else:
                follows.request(session, actor, urls=urls, now=now, who=who)

        await request.app[DATABASE].write(ask)
    except (NotFoundError, RefusedError, MalformedError, TryLaterError) as error:
        return await page(request, held, problem=error.sentence, target=target)
    return go("/desk/neighbours", "asked")


async def unfollow(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Stop following; doing it twice does no harm."""
    now = request.app[CLOCK].now()
    try:
        await request.app[DATABASE].write(
            lambda session: follows.stop(session, values["id"], now=now, who=held.steward_name)
        )
    except NotFoundError:
        return go("/desk/neighbours", "same")
    return go("/desk/neighbours", "unfollowed")


async def try_again(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Try everything that waits for a neighbour now. Raises NotFoundError where we do not follow it."""
    now = request.app[CLOCK].now()
    number = await request.app[DATABASE].write(
        lambda session: neighbour_health.try_again(
            session, values["id"], now=now, who=held.steward_name
        )
    )
    return go("/desk/neighbours", "trying" if number else "nothing-waits")


async def boost(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Pass a neighbour's gathering on to our followers, or take that back; twice does no harm."""
    now, takes_back = request.app[CLOCK].now(), values["decision"] == "back"
    do = boosts.unboost if takes_back else boosts.boost
    try:
        await request.app[DATABASE].write(
            lambda session: do(session, values["id"], who=held.steward_name, now=now)
        )
    except ConflictError:
        return go("/desk/neighbours", "same")
    except (NotFoundError, RefusedError) as error:
        return await page(request, held, boost_problem=error.sentence)
    return go("/desk/neighbours", "not-passed-on" if takes_back else "passed-on")


async def page(
    request: web.Request,
    held: StewardSession,
    *,
    problem: str = "",
    target: str = "",
    boost_problem: str | Sentence = "",
    together_problem: str | Sentence = "",
) -> web.Response:
    """The page, with what was refused beside its form."""

    def context(session: Session, asked: Asked) -> dict[str, Any]:
        coming = neighbours.upcoming_events(session, asked.now, _COMING)
        passed_on = boost_store.every(session, _COMING)
        shown = {post.id for post in coming}
        return {
            "tab": "neighbours",
            "neighbours": neighbour_health.conditions(session, asked.now),
            "followers": followers.count(session),
            "problem": problem,
            "target": target,
            "boost_problem": boost_problem,
            "together_problem": together_problem,
            "together": [
                (one, _title(session, one, asked)) for one in cohosting.every(session, _COMING)
            ],
            "can_offer": [
                one.event
                for one in events.upcoming(session, asked.now, _COMING)
                if one.told_outside
            ],
            "events": coming,
            "homes": neighbours.homes(session, coming),
            "boosted": {one.object_id for one in passed_on},
            "boosts_elsewhere": [one for one in passed_on if one.object_id not in shown],
        }

    status = 422 if problem or boost_problem or together_problem else 200
    return await desk_page(
        request, held, "neighbours.html", N_("Neighbours"), context, status=status
    )


def _title(session: Session, one: Cohosting, asked: Asked) -> str:
    """What a gathering that is held together is called; its slug or id while we cannot know."""
    if not one.ours:
        post = neighbours.find(session, one.event)
        return post.title if post and post.title else one.event
    try:
        return events.get(session, one.event).event.title.best(asked.reader.wanted)[1]
    except (GoneError, NotFoundError):
        return one.event
