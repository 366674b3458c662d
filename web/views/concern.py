"""Raising a concern on our own pages: no account, no name asked for, read by those who care and nobody else."""

from datetime import timedelta

from aiohttp import web

from node.errors import RefusedError
from node.keys import CLOCK, DATABASE, URLS
from node.services import concerns as service
from node.store.database import Session
from web.attempts import Attempts, asker
from web.desk import go
from web.labels import N_
from web.posting import Values, posted
from web.site import Asked, Page, site_of
from web.words import words_of

_HERE = "/concern"
_RAISED = "raised"
_RAISING = web.AppKey("RAISING", Attempts)


def prepare(app: web.Application) -> None:
    """Give an application what raising concerns needs; once, before it starts."""
    app[_RAISING] = Attempts(5, timedelta(hours=1))


async def concern_form(request: web.Request) -> web.Response:
    """The form, about what `?about=` names; or, after it did its work, thanks."""
    return await _page(request, Values.of({"about": request.query.get("about", "")}))


async def raise_concern(request: web.Request) -> web.Response:
    """Keep a concern. Raises TooManyRequestsError."""
    values = await posted(request)
    now, urls = request.app[CLOCK].now(), request.app[URLS]
    request.app[_RAISING].spend(asker(request), now)

    def work(session: Session) -> None:
        about = service.read_about(session, values["about"], urls)
        service.raise_concern(
            session, values["words"], about=about, contact=values["contact"], now=now
        )

    if not values["website"]:  # only programs fill it in; they hear the same
        try:
            await request.app[DATABASE].write(work)
        except RefusedError as error:
            return await _page(request, values, problem=error.sentence)
    return go(_HERE, _RAISED)


async def _page(request: web.Request, values: Values, *, problem: str = "") -> web.Response:
    def gather(session: Session, asked: Asked) -> Page:
        words = words_of(asked.reader.locale)
        return Page(
            template="concern.html",
            unindexed=True,
            context={
                "section": "concern",
                "title": words.say(N_("Raise a concern")),
                "values": values,
                "about": service.read_about(session, values["about"], asked.urls),
                "problem": words.say(problem),
                "raised": request.query.get("done") == _RAISED,
                "longest": service.LONGEST,
            },
        )

    return await site_of(request).fresh(request, gather, status=422 if problem else 200)
