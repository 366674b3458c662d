"""What is written at the desk: one way for every form from what was typed to a draft, a preview, or the page.

A form says with `then` what shall become of it: nothing is published by `draft`, `preview` and `form`. Each
kind of form is a `Writing`; what it does when published runs in one transaction, which a preview rehearses.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aiohttp import web

from node.domain.reflection import AttributionMode
from node.errors import InvalidDocumentError, RefusedError
from node.keys import CLOCK, DATABASE
from node.services import drafts
from node.store import drafts as store
from node.store.database import Session
from node.store.drafts import Draft
from node.store.sessions import StewardSession
from web import picture_form
from web.desk import go
from web.form_problems import FormProblems, place
from web.posting import Values, read_kept

# Fields that are about the sending of a form, and no part of what is written.
_OF_THE_SENDING = ("then", "draft", "picture_lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came of it: its slug, and the word to say about it."""

    slug: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(ABC):
    """One form of the desk: for something new, or with `about`, a slug, for the change of what there is.

    `form` names it among drafts; `source` says what its picture belongs to; `order` are its fields.
    """

    about: str = ""

    form: ClassVar[str]
    source: ClassVar[str]
    order: ClassVar[Sequence[str]]

    @abstractmethod
    def field_of(self, path: str) -> str | None:
        """Which field a path of the document belongs to."""

    @abstractmethod
    def page_of(self, slug: str) -> str:
        """Where one goes on to once it is published."""

    @abstractmethod
    def publish(
        self,
        session: Session,
        values: Values,
        problems: FormProblems,
        held: StewardSession,
        now: datetime,
    ) -> Published | None:
        """Keep it and have it told; None, with nothing changed, where the fields have `problems`.

        Twice the same does it once. Raises InvalidDocumentError, RefusedError.
        """

    @abstractmethod
    async def page(
        self,
        request: web.Request,
        held: StewardSession,
        values: Values,
        problems: FormProblems,
        *,
        status: int = 200,
    ) -> web.Response:
        """The form with these fields in it, and with what is wrong beside them."""


async def receive(
    request: web.Request, held: StewardSession, values: Values, writing: Writing
) -> web.Response:
    """Do with a form what its sender pressed. Nothing that was typed is lost on any way."""
    problems = FormProblems(writing.order)
    values, status = await picture_form.take(
        request, values, problems, writing.source, writing.about
    )
    then = values["then"]
    if then == "form":
        return await writing.page(request, held, values, FormProblems(writing.order))
    if then in ("draft", "preview"):
        try:
            draft_id = await save(request, held, values, writing)
        except RefusedError as error:
            problems.add("", error.sentence)
            return await writing.page(request, held, values, problems, status=422)
        values = values.also({"draft": draft_id})
        if then == "draft" and not problems.of("picture"):
            return go(f"/desk/drafts/{draft_id}", "draft")
        if then == "preview" and await rehearsed(request, held, values, writing, problems):
            return go(f"/desk/drafts/{draft_id}/preview")
        return await writing.page(request, held, values, problems, status=status)
    done = await publish(request, held, values, writing, problems)
    if done is None:
        return await writing.page(request, held, values, problems, status=status)
    return go(writing.page_of(done.slug), done.word)


async def publish(
    request: web.Request,
    held: StewardSession,
    values: Values,
    writing: Writing,
    problems: FormProblems,
) -> Published | None:
    """Publish it, and close its draft with that; a second tap on the button finds what the first one did.

    None where there are `problems`, or have become some.
    """
    now = request.app[CLOCK].now()

    def work(session: Session) -> Published | None:
        draft = store.find(session, values["draft"], held.steward_id)
        if draft is None or (draft.form, draft.about) != (writing.form, writing.about):
            return writing.publish(session, values, problems, held, now)
        if draft.became:
            return Published(slug=draft.became, word="changed" if draft.about else "published")
        done = writing.publish(session, values, problems, held, now)
        if done is not None:
            store.close(session, draft.id, done.slug)
        return done

    try:
        return await request.app[DATABASE].write(work)
    except RefusedError as error:
        refused(error, problems, writing)
        return None


async def rehearsed(
    request: web.Request,
    held: StewardSession,
    values: Values,
    writing: Writing,
    problems: FormProblems,
) -> bool:
    """Whether it could be published as it is; what stands in the way is added to `problems`."""
    now = request.app[CLOCK].now()
    try:
        await request.app[DATABASE].rehearse(
            lambda session: writing.publish(session, values, problems, held, now)
        )
    except RefusedError as error:
        refused(error, problems, writing)
    return not problems


def refused(error: RefusedError, problems: FormProblems, writing: Writing) -> None:
    """Put what a service refused beside the fields, or at the top where it is about none of them."""
    if isinstance(error, InvalidDocumentError):
        place(error.problems, problems, writing.field_of)
    else:
        problems.add("", error.sentence)


async def save(request: web.Request, held: StewardSession, values: Values, writing: Writing) -> str:
    """Keep the form as a draft; its id. Raises RefusedError."""
    kept = _worth_keeping(values)
    now = request.app[CLOCK].now()
    return await request.app[DATABASE].write(
        lambda session: drafts.save(
            session,
            held.steward_id,
            values["draft"],
            form=writing.form,
            about=writing.about,
            fields=kept.kept(),
            picture=kept["picture_file"],
            now=now,
        )
    )


def values_of(draft: Draft) -> Values:
    """The fields of a draft, and which one they are of."""
    return (read_kept(draft.fields) or Values()).also({"draft": draft.id})


def _worth_keeping(values: Values) -> Values:
    """What a draft keeps: never the name of somebody who wishes to be anonymous."""
    kept = values.without(*_OF_THE_SENDING)
    if kept["attribution"] == AttributionMode.ANONYMOUS:
        kept = kept.without("author")
    return kept
