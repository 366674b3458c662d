"""Webmentions (W3C): somebody's own website says that a page of it answers a gathering.

`POST /webmention` notes the page and is done; the worker looks at it later, through the one guarded
client. Only an answer (`p-rsvp`) has an effect; a plain mention has none.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from federation.addresses import InvalidUrl, canonical, fetchable, host_of, origin, same_origin
from federation.client import Client
from federation.inbox.limits import Limiter
from federation.read_h_entry import Entry, entries
from node.asker import asker
from node.body import read_body
from node.clock import Clock
from node.domain.rsvp import Answer
from node.errors import (
    GoneError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RoughweatherError,
    TryLaterError,
)
from node.keys import CLOCK, CONFIG, DATABASE, URLS
from node.services import web_answers
from node.store import webmentions
from node.store.database import Database, Session
from node.store.webmentions import Webmention
from node.urls import Urls

log = logging.getLogger(__name__)

ASKERS: Final = web.AppKey("WEBMENTION_ASKERS", Limiter)
SOURCES: Final = web.AppKey("WEBMENTION_SOURCES", Limiter)
_SECONDS: Final = 10.0
_LONGEST_BODY: Final = 8192
_LONGEST_URL: Final = 2048
_PAGES: Final = ("text/html", "application/xhtml+xml")
_PAUSES: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
_ANSWERS: Final = {
    "yes": Answer.GOING,
    "no": Answer.NOT_GOING,
    "maybe": Answer.MAYBE,
    "interested": Answer.MAYBE,
}


def prepare(app: web.Application) -> None:
    """Give the application the limits: per asker, and per website that we would be sent to."""
    app[ASKERS] = Limiter(per_minute=6, burst=10)
    app[SOURCES] = Limiter(per_minute=6, burst=10)


async def receive(request: web.Request) -> web.Response:
    """Note that a page answers an event: 202, or 400 with the reason.

    Raises MalformedError, TooManyRequestsError, TryLaterError, TooLargeError.
    """
    now, urls = request.app[CLOCK].now(), request.app[URLS]
    request.app[ASKERS].take(asker(request), now)
    body = await read_body(request)
    source, slug = _read(body, urls, private=request.app[CONFIG].allow_private_networks)
    request.app[SOURCES].take(host_of(source), now)
    try:
        await request.app[DATABASE].write(
            partial(web_answers.announce, source=source, slug=slug, now=now)
        )
    except (NotFoundError, GoneError) as error:
        raise MalformedError("The target is no gathering of ours.") from error
    return web.Response(status=202, text="We will look at it.\n")


def _read(body: bytes, urls: Urls, *, private: bool) -> tuple[str, str]:
    """The canonical source and the event's slug. Raises MalformedError."""
    try:
        fields = dict(
            parse_qsl(body[:_LONGEST_BODY].decode("ascii"), max_num_fields=20, errors="strict")
        )
    except ValueError as error:
        raise MalformedError("The form could not be read.") from error
    source, target = fields.get("source", ""), fields.get("target", "")
    slug = event_at(target, urls)
    if slug is None:
        raise MalformedError("The target is no gathering of ours.")
    if len(source) > _LONGEST_URL:
        raise MalformedError("The source is too long.")
    try:
        source = fetchable(source, private=private)
    except (InvalidUrl, RefusedError, ValueError) as error:
        raise MalformedError("The source is no web address that we can look at.") from error
    if same_origin(source, urls.home):
        raise MalformedError("The source is our own.")
    return source, slug


def event_at(address: str, urls: Urls) -> str | None:
    """The slug of the event at an address, or None."""
    try:
        found = urls.identify(canonical(address.partition("#")[0]))
    except (InvalidUrl, ValueError):
        return None
    return found[1] if found is not None and found[0] == "event" else None


class WebmentionWorker:
    """Looks at one page after the other."""

    name = webmentions.WORKER

    def __init__(self, database: Database, client: Client, clock: Clock, urls: Urls) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._urls = urls

    async def step(self) -> bool:
        """Look at one page; False when none is due. What cannot be read now leaves all as it was."""
        now = self._clock.now()
        mention = await self._database.read(partial(webmentions.next_due, now=now))
        if mention is None:
            return False
        try:
            who, said = await self._look(mention)
        except (NotFoundError, GoneError):
            work = partial(web_answers.heard, mention=mention, who=None, said=None, now=now)
        except RoughweatherError as error:
            log.info("a page at %s was not read: %s", host_of(mention.source), error)
            passing = isinstance(error, TryLaterError)
            work = partial(_later, mention=mention, passing=passing, now=now)
        else:
            work = partial(web_answers.heard, mention=mention, who=who, said=said, now=now)
        await self._database.write(work)
        return True

    async def idle_seconds(self) -> float:
        """Until the next page is due, in seconds."""
        due = self._database.peek(webmentions.next_at)
        if due is None:
            return 3600.0
        return max(0.0, (due - self._clock.now()).total_seconds())

    async def _look(self, mention: Webmention) -> tuple[str | None, Answer | None]:
        """Who answers what on the page, None where nobody does. Raises as `Client.get`."""
        fetched = await self._client.get(
            mention.source, accept="text/html", signed=False, timeout=_SECONDS
        )
        if fetched.content_type.partition(";")[0].strip().lower() not in _PAGES:
            raise RefusedError("It is no page.")
        if not same_origin(fetched.url, mention.source):
            raise RefusedError("It leads to another website.")
        found = await asyncio.to_thread(entries, fetched.body, fetched.url)
        for entry in found:
            said = _ANSWERS.get(entry.rsvp.strip().lower())
            slugs = [event_at(one, self._urls) for one in entry.answers]
            if said is not None and mention.event_slug in slugs:
                return author(entry, mention.source), said
        return None, None


def author(entry: Entry, source: str) -> str:
    """The page of whoever wrote it, which must be on the same website; else the website."""
    for address in entry.authors:
        try:
            there = canonical(address)
        except (InvalidUrl, ValueError):
            continue
        if same_origin(there, source) and len(there) <= _LONGEST_URL:
            return there
    here = origin(source)
    return f"{here.scheme}://{here.netloc}/"


def _later(session: Session, *, mention: Webmention, passing: bool, now: datetime) -> None:
    if passing and mention.attempts < len(_PAUSES):
        webmentions.put_off(session, mention, now + _PAUSES[mention.attempts])
    else:
        webmentions.looked_at(session, mention, mention.who, again=now + web_answers.BETWEEN_LOOKS)
