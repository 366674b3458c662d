"""Publishing, reviewing and taking back reflections at the desk."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from node.errors import GoneError, InvalidDocumentError, RefusedError
from node.keys import CLOCK, DATABASE
from node.services.reflections import add_reflection, edit_reflection, withdraw_reflection
from node.store import audit, events, reflections
from node.store.database import Session
from node.store.sessions import StewardSession
from web import picture_form
from web.desk import desk_page, go
from web.form_problems import FormProblems, place
from web.i18n import locales
from web.labels import N_
from web.posting import Values
from web.reflection_form import ORDER, blank, field_of, to_document
from web.site import Asked, site_of

_LIST = "/desk/reflections"
_WAITING = "pending_review"


async def reflection_list(request: web.Request, held: StewardSession) -> web.Response:
    """Every reflection: what waits first, then the others."""

    def context(session: Session, _: Asked) -> dict[str, Any]:
        found = reflections.every(session)
        return {
            "tab": "reflections",
            "waiting": [one for one in found if one.reflection.status == _WAITING],
            "others": [one for one in found if one.reflection.status != _WAITING],
        }

    return await desk_page(request, held, "reflections.html", N_("Reflections"), context)


async def new_reflection(request: web.Request, held: StewardSession) -> web.Response:
    """An empty form."""
    return await _form(request, held, blank(site_of(request).group()), FormProblems(ORDER))


async def create_reflection(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Publish a reflection, or keep it for review. A second tap finds what the first one made."""
    problems, now = FormProblems(ORDER), request.app[CLOCK].now()
    values, status = await picture_form.take(request, values, problems, "reflection", "")
    document = _plain(to_document(values, problems, now.date()))

    def work(session: Session) -> str:
        return (
            _twin(session, document) or add_reflection(session, document, now=now).reflection.slug
        )

    if not problems:
        try:
            await request.app[DATABASE].write(work)
            return go(_LIST, "waiting" if document["status"] == _WAITING else "published")
        except InvalidDocumentError as error:
            place(error.problems, problems, field_of)
    return await _form(request, held, values, problems, status=status)


async def decide(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Accept or decline what waits, or take back what was published. Raises NotFoundError."""
    slug, decision = request.match_info["slug"], values["decision"]
    now = request.app[CLOCK].now()

    def work(session: Session) -> str:
        try:
            waits = reflections.get(session, slug).reflection.status == _WAITING
        except GoneError:
            return "withdrawn"
        if decision == "accept":
            if waits:
                edit_reflection(session, slug, {"status": "published"}, now=now)
            done = "accepted"
        else:
            withdraw_reflection(session, slug, now=now)
            done = "declined" if waits else "withdrawn"
        audit.note(session, held.steward_name, f"{done} reflection", slug, now)
        return done

    if decision not in ("accept", "decline", "withdraw"):
        raise RefusedError("A reflection can be accepted, declined or withdrawn.")
    return go(_LIST, await request.app[DATABASE].write(work))


async def _form(
    request: web.Request,
    held: StewardSession,
    values: Values,
    problems: FormProblems,
    *,
    status: int = 422,
) -> web.Response:
    def context(session: Session, asked: Asked) -> dict[str, Any]:
        given = (*asked.group.languages, values["language"], values["language_2"])
        found = (*given, *locales())
        return {
            "tab": "new-reflection",
            "values": values,
            "problems": problems,
            "languages": [tag for tag in dict.fromkeys(found) if tag],
            "events": [one.event for one in reversed(events.gatherings(session))][:30],
            **picture_form.context(values),
        }

    shown = status if problems else 200
    return await desk_page(
        request, held, "reflection_form.html", N_("New reflection"), context, status=shown
    )


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [], "")}


def _twin(session: Session, document: Mapping[str, Any]) -> str | None:
    """The slug of a reflection that says exactly the same: the first of two taps made it."""
    wanted = picture_form.apart_from_picture(document)
    for other in reflections.all_documents(session):
        if all(other.get(key) == value for key, value in wanted.items()):
            return str(other["id"])
    return None
