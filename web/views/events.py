"""Gatherings: the list, one page each."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from aiohttp import web

from node.domain.event import Event, EventStatus, RegistrationMode, Visibility
from node.keys import CONFIG
from node.store import comments, events, pictures, published, replies, rsvps
from node.store.database import Session
from web import pages
from web.add_to_calendar import calendar_links
from web.around import around, written_after
from web.form_problems import FormProblems
from web.json_ld import event_json_ld
from web.labels import N_
from web.prose import first_lines
from web.sessions import signed_in
from web.site import Asked, Page, site_of
from web.when import when
from web.words import words_of

Say = Callable[[str], str]

_NOTHING_TYPED = {"name": "", "reach": "", "email": "", "guests": "0"}

_LOCAL = N_("Only stewards can see this page.")
_BY_LINK = N_("This page stands in no list. Pass the link on only to people it is meant for.")


_LAST_PAST = 10  # the others are in the archive


async def event_list(request: web.Request) -> web.Response:
    """All listed gatherings that are to come, on as many pages as they need, and the last that are over."""
    number = pages.number(request)
    return await site_of(request).page(
        request, ("events", number), lambda session, asked: _gather_list(session, asked, number)
    )


async def page_event(request: web.Request) -> web.Response:
    """One gathering. Raises NotFoundError, GoneError; local ones are shown to stewards only."""
    slug = request.match_info["slug"]
    site, mail = site_of(request), request.app[CONFIG].sends_mail
    if signed_in(request) is not None:
        return await site.fresh(
            request, lambda session, asked: gather_event(session, asked, slug, mail, all_of_it=True)
        )
    return await site.page(
        request, ("event", slug), lambda session, asked: gather_event(session, asked, slug, mail)
    )


async def again(
    request: web.Request, slug: str, values: Mapping[str, str], problems: FormProblems
) -> web.Response:
    """The page of a gathering with an answer that cannot be taken, as it was typed. Raises NotFoundError, GoneError."""
    mail = request.app[CONFIG].sends_mail

    def gather(session: Session, asked: Asked) -> Page:
        page = gather_event(session, asked, slug, mail)
        return replace(page, context={**page.context, "values": values, "problems": problems})

    return await site_of(request).fresh(request, gather, status=422)


def _gather_list(session: Session, asked: Asked, number: int) -> Page:
    words = words_of(asked.reader.locale)
    coming = pages.part(events.upcoming(session, asked.now, pages.MOST), number)
    return Page(
        template="events.html",
        query=coming.query,
        context={
            "section": "events",
            "title": words.say(N_("Gatherings")),
            "coming": coming,
            "past": events.past(session, asked.now, _LAST_PAST),
        },
    )


def gather_event(
    session: Session, asked: Asked, slug: str, mail: bool, *, all_of_it: bool = False
) -> Page:
    """The page of one gathering; with `all_of_it` of whatever there is. Raises NotFoundError, GoneError."""
    stored = events.get(session, slug) if all_of_it else published.event(session, slug)
    event = stored.event
    words = words_of(asked.reader.locale)
    ends = event.ends
    over = not event.recurs and ends is not None and ends.utc < asked.now
    return Page(
        template="event.html",
        alternate=asked.urls.event(slug),
        webmention=asked.urls.webmention,
        private=not event.listed,
        context={
            "section": "events",
            "title": event.title.best(asked.reader.wanted)[1],
            "description": describe(event, asked),
            "stored": stored,
            "event": event,
            "noindex": not event.listed,
            "over": over,
            "can_answer": _can_answer(event, asked),
            "by_mail": mail,
            "values": _NOTHING_TYPED,
            "problems": FormProblems(),
            "coming": rsvps.seats_taken(session, slug) if event.attendee_count_public else None,
            "weights": pictures.weights(session, [event.image.own])
            if event.image and event.image.own
            else {},
            "own_image": event.image is not None and asked.urls.is_ours(event.image.url),
            "reflections": written_after(session, stored),
            "replies": replies.shown(session, [asked.urls.event(slug)]),
            "comments": comments.under(session, [asked.urls.event(slug)]),
            "audience_note": audience_note(event.visibility, words.say),
            "add": None if over else calendar_links(event, asked.urls),
            "json_ld": event_json_ld(
                stored, asked.group, asked.urls, asked.reader, full=_known_full(session, event)
            ),
            **around(session, stored, asked),
        },
    )


def describe(event: Event, asked: Asked) -> str:
    """An event in two lines of plain text: status, when, where, and what it is."""
    words = words_of(asked.reader.locale)
    time = when(event, words.catalogue)
    parts = [words.status(event.status)] if event.status is not EventStatus.SCHEDULED else []
    if time:
        parts.append(
            f"{time.date}, {time.times} {time.zone}" if time.times else f"{time.date} {time.zone}"
        )
    place = words.place_line(event, asked.reader.wanted)
    line = " · ".join([*parts, *([place] if place else [])])
    summary = event.summary or event.description
    text = summary.best(asked.reader.wanted)[1] if summary else ""
    return first_lines(f"{line}. {text}" if text else line, 300)


def audience_note(visibility: Visibility, say: Say) -> str:
    """A word to readers of what does not stand in any list."""
    match visibility:
        case Visibility.PUBLIC:
            return ""
        case Visibility.LOCAL_ONLY:
            return say(_LOCAL)
        case _:
            return say(_BY_LINK)


def _can_answer(event: Event, asked: Asked) -> bool:
    """Whether the page has a form to say that one is coming."""
    deadline = event.registration.deadline
    ends = event.ends
    return (
        event.registration.mode in (RegistrationMode.OPEN, RegistrationMode.APPROVAL)
        and not (event.recurs or event.registration.with_first_session)
        and event.status not in (EventStatus.CANCELLED, EventStatus.POSTPONED)
        and (deadline is None or deadline.utc > asked.now)
        and (ends is None or ends.utc > asked.now)
    )


def _known_full(session: Session, event: Event) -> bool:
    """Whether no place is left, where the hosts show everyone how many come."""
    capacity = event.registration.capacity
    return (
        event.attendee_count_public
        and capacity is not None
        and rsvps.seats_taken(session, event.slug) >= capacity
    )
