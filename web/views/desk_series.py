"""A series at the desk: what follows a session, dates left out and taken in."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from node.domain.event import Event
from node.keys import CLOCK, DATABASE
from node.services.events import add_date, edit_following, skip_session
from node.services.series import rest_from
from node.store import events, groups, rsvps, series
from node.store.database import Session
from node.store.sessions import StewardSession
from web.desk import go
from web.event_changes import changes
from web.event_fields import from_document
from web.event_form import ORDER, to_document
from web.form_problems import FormProblems
from web.posting import Values
from web.site import Asked, site_of
from web.views.desk_events import EventWriting, event_form, told, word_of
from web.writing import Published, receive


def within(session: Session, event: Event, asked: Asked) -> dict[str, Any]:
    """For the page of a gathering at the desk: its sessions, or its series; and whether it is too full."""
    capacity = event.registration.capacity
    taken = rsvps.seats_taken(session, event.slug)
    found = series.sessions(session, event.slug) if event.recurs else []
    return {
        "sessions": [
            (one, rsvps.seats_taken(session, one.event.slug))
            for one in found
            if (ends := one.event.ends) is None or ends.utc > asked.now
        ],
        "whole": events.get(session, event.occurrence.series).event if event.occurrence else None,
        "crowded": taken if capacity is not None and taken > capacity else 0,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingWriting(EventWriting):
    """The change of a session and all that follow it, which are a series of their own from then on."""

    form = "following"

    def publish(
        self,
        session: Session,
        values: Values,
        problems: FormProblems,
        held: StewardSession,
        now: datetime,
    ) -> Published | None:
        """Change them; only what is different is changed."""
        del held
        before = rest_from(session, self.about)
        after = to_document(values, problems, before)
        found = changes(before, after, values, groups.get(session).languages)
        if problems:
            return None
        if not found:
            return Published(slug=self.about, word="same")
        changed = told(
            session, values, partial(edit_following, session, self.about, found, now=now)
        )
        return Published(slug=changed.event.slug, word=word_of("changed", values))

    async def page(
        self,
        request: web.Request,
        held: StewardSession,
        values: Values,
        problems: FormProblems,
        *,
        status: int = 200,
    ) -> web.Response:
        """Their form."""
        return await event_form(
            request, held, values, problems, slug=self.about, following=True, status=status
        )


async def change_following(request: web.Request, held: StewardSession) -> web.Response:
    """The form with what a session and all that follow it say. Raises NotFoundError, GoneError."""
    slug = request.match_info["slug"]
    document = await request.app[DATABASE].read(lambda session: rest_from(session, slug))
    values = from_document(document, site_of(request).group())
    return await FollowingWriting(about=slug).page(request, held, values, FormProblems(ORDER))


async def save_following(
    request: web.Request, held: StewardSession, values: Values
) -> web.Response:
    """Change a session and all that follow it, or keep the change as a draft."""
    writing = FollowingWriting(about=request.match_info["slug"])
    return await receive(request, held, values, writing)


async def skip(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Leave the date of a session out of its series. Raises NotFoundError, GoneError, RefusedError."""
    del held, values
    slug, now = request.match_info["slug"], request.app[CLOCK].now()

    def work(session: Session) -> str:
        occurrence = events.get(session, slug).event.occurrence
        skip_session(session, slug, now=now)
        return occurrence.series if occurrence else slug

    return go(f"/desk/events/{await request.app[DATABASE].write(work)}/people", "left-out")


async def take_in(request: web.Request, held: StewardSession, values: Values) -> web.Response:
    """Take a date into a series. Raises NotFoundError, GoneError, InvalidDocumentError."""
    del held
    slug, now = request.match_info["slug"], request.app[CLOCK].now()
    wall = f"{values['day']}T{values['time']}"
    await request.app[DATABASE].write(lambda session: add_date(session, slug, wall, now=now))
    return go(f"/desk/events/{slug}/people", "changed")
