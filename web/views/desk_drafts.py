"""Drafts at the desk: the list, going on with one, publishing it, throwing it away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from node.domain.role import HOSTS
from node.errors import ForbiddenError, NotFoundError
from node.keys import CLOCK, DATABASE
from node.services import drafts
from node.store import drafts as store
from node.store.database import Session
from node.store.drafts import Draft
from node.store.sessions import StewardSession
from web.desk import desk_page, go
from web.form_problems import FormProblems
from web.labels import N_
from web.posting import NOT_YOURS, Values
from web.prose import first_lines
from web.site import Asked
from web.views.desk_events import EventWriting
from web.views.desk_reflections import ReflectionWriting
from web.views.desk_series import FollowingWriting
from web.writing import Writing, publish, values_of

_LIST = "/desk/drafts"
_KINDS: dict[str, type[Writing]] = {
    "event": EventWriting,
    "following": FollowingWriting,
    "reflection": ReflectionWriting,
}
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A draft in the list: `name` is what was typed first, and may be empty."""

    id: str
    form: str
    about: str
    name: str
    saved: datetime
    forgotten: datetime


def listed(session: Session, held: StewardSession) -> list[Listed]:
    """What a steward is writing, the latest first."""
    return [
        Listed(
            id=draft.id,
            form=draft.form,
            about=draft.about,
            name=_name(values_of(draft)),
            saved=draft.saved,
            forgotten=drafts.forgotten_at(draft),
        )
        for draft in store.of(session, held.steward_id)
    ]


async def draft_list(request: web.Request, held: StewardSession) -> web.Response:
    """A steward's own drafts; nobody else's."""

    def context(session: Session, _: Asked) -> dict[str, Any]:
        return {"tab": "drafts", "drafts": listed(session, held)}

    return await desk_page(request, held, "drafts.html", N_("Drafts"), context)


async def go_on(request: web.Request, held: StewardSession) -> web.Response:
    """The form as it was left; once published, what it became. Raises NotFoundError, ForbiddenError."""
    draft = await own_draft(request, held)
    writing = writing_of(draft, held)
    if draft.became:
        return go(writing.page_of(draft.became))
    return await writing.page(request, held, values_of(draft), FormProblems(writing.order))


async def publish_draft(request: web.Request, held: StewardSession, _: Values) -> web.Response:
    """Publish a draft as it is; where something is wrong the form comes, and says what.

    Raises NotFoundError, ForbiddenError.
    """
    draft = await own_draft(request, held)
    writing, values = writing_of(draft, held), values_of(draft)
    problems = FormProblems(writing.order)
    done = await publish(request, held, values, writing, problems)
    if done is None:
        return await writing.page(request, held, values, problems, status=422)
    return go(writing.page_of(done.slug), done.word)


async def discard(request: web.Request, held: StewardSession, _: Values) -> web.Response:
    """Throw a draft away; twice does no harm."""
    draft_id = request.match_info["id"]
    await request.app[DATABASE].write(
        lambda session: store.remove(session, draft_id, held.steward_id)
    )
    return go(_LIST, "discarded")


async def own_draft(request: web.Request, held: StewardSession) -> Draft:
    """The draft of the address, if it is the steward's own. Raises NotFoundError."""
    draft_id, now = request.match_info["id"], request.app[CLOCK].now()
    draft = await request.app[DATABASE].read(
        lambda session: store.find(session, draft_id, held.steward_id)
    )
    if draft is None or drafts.forgotten_at(draft) <= now:
        raise NotFoundError("There is no such draft.")
    return draft


def writing_of(draft: Draft, held: StewardSession) -> Writing:
    """The form that a draft is of. Raises ForbiddenError for one that is no part of their work any more."""
    if draft.form != "reflection" and held.role not in HOSTS:
        raise ForbiddenError(NOT_YOURS)
    return _KINDS[draft.form](about=draft.about)


def _name(values: Values) -> str:
    words = (values[name] for name in ("title", "title_2", "summary", "body"))
    return first_lines(next((one for one in words if one), ""), _LONGEST_NAME)
