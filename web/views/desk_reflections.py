"""Publishing, reviewing and taking back reflections at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from node.errors import GoneError, RefusedError
from node.keys import CLOCK, DATABASE
from node.services.reflections import add_reflection, edit_reflection, withdraw_reflection
from node.store import audit, events, reflections
from node.store.database import Session
from node.store.sessions import StewardSession
from web import picture_form
from web.desk import desk_page, go
from web.event_changes import essence
from web.form_problems import FormProblems
from web.i18n import locales
from web.labels import N_
from web.posting import Values
from web.reflection_form import ORDER, blank, field_of, from_document, to_document
from web.site import Asked, site_of
from web.versions import OTHERS, SLOTS
from web.writing import Published, Writing, receive

_LIST = "/desk/reflections"
_WAITING = "pending_review"
_NEW = N_("New reflection")
_CHANGE = N_("Change the reflection")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionWriting(Writing):
    """A new reflection, or with `about` the change of one."""

    form = "reflection"
    source = "reflection"
    order = ORDER

    def field_of(self, path: str) -> str | None:
        """Which field a path of a reflection's document belongs to."""
        return field_of(path)

    def page_of(self, slug: str) -> str:
        """The list it stands in."""
        del slug
        return _LIST

    def publish(
        self,
        session: Session,
        values: Values,
        problems: FormProblems,
        held: StewardSession,
        now: datetime,
    ) -> Published | None:
        """Publish it, or keep it for review, or change it."""
        before = reflections.get_document(session, self.about) if self.about else None
        document = to_document(values, problems, now.date(), before)
        if problems:
            return None
        if before is not None:
            return self._change(session, before, document, held, now)
        new = _plain(document)
        slug = _twin(session, new) or add_reflection(session, new, now=now).reflection.slug
        word = "waiting" if document["status"] == _WAITING else "published"
        return Published(slug=slug, word=word)

    def _change(
        self,
        session: Session,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        held: StewardSession,
        now: datetime,
    ) -> Published:
        found = {
            key: value
            for key, value in after.items()
            if key != "status" and essence(key, value) != essence(key, before.get(key))
        }
        if not found:
            return Published(slug=self.about, word="same")
        edit_reflection(session, self.about, found, now=now)
        audit.note(session, held.steward_name, "changed reflection", self.about, now)
        return Published(slug=self.about, word="changed")

    async def page(
        self,
        request: web.Request,
        held: StewardSession,
        values: Values,
        problems: FormProblems,
        *,
        status: int = 200,
    ) -> web.Response:
        """Its form."""

        def context(session: Session, asked: Asked) -> dict[str, Any]:
            given = (values[f"language{slot}"] for slot in SLOTS)
            found = (*asked.group.languages, *given, *locales())
            return {
                "tab": "reflections" if self.about else "new-reflection",
                "slug": self.about,
                "action": f"{_LIST}/{self.about}/change" if self.about else "/desk/new-reflection",
                "values": values,
                "problems": problems,
                "languages": [tag for tag in dict.fromkeys(found) if tag],
                "others": OTHERS,
                "events": [one.event for one in reversed(events.gatherings(session))][:30],
                **picture_form.context(values),
            }

        title = _CHANGE if self.about else _NEW
        return await desk_page(request, held, "reflection_form.html", title, context, status=status)


async def new_reflection(request: web.Request, held: StewardSession) -> web.Response:
    """An empty form."""
    values = blank(site_of(request).group())
    return await ReflectionWriting().page(request, held, values, FormProblems(ORDER))


async def create_reflection(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Publish a reflection, keep it for review, or as a draft."""
    return await receive(request, held, values, ReflectionWriting())


async def change_reflection(request: web.Request, held: StewardSession) -> web.Response:
    """The form with what a reflection says now. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    document = await request.app[DATABASE].read(
        lambda session: reflections.get_document(session, slug)
    )
    values = from_document(document, site_of(request).group())
    return await ReflectionWriting(about=slug).page(request, held, values, FormProblems(ORDER))


async def save_reflection(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Change a reflection, or keep the change as a draft. Raises NotFoundError, GoneError."""
    return await receive(request, held, values, ReflectionWriting(about=request.match_info["slug"]))


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


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [], "")}


def _twin(session: Session, document: Mapping[str, Any]) -> str | None:
    """The slug of a reflection that says exactly the same: the first of two taps made it."""
    wanted = picture_form.apart_from_picture(document)
    for other in reflections.all_documents(session):
        if all(other.get(key) == value for key, value in wanted.items()):
            return str(other["id"])
    return None
