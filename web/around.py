"""What stands around a gathering: its series, the other sessions of that, and sittings at other hours."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from node.domain.event import Event
from node.domain.neighbour import NeighbourPost
from node.errors import GoneError, NotFoundError
from node.store import events, neighbours, published, reflections
from node.store import series as store
from node.store.database import Session
from node.store.events import StoredEvent
from node.store.reflections import StoredReflection
from web.site import Asked
from web.when import When
from web.words import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """The same offered at another hour: its page, its name, when it is as far as we know."""

    url: str
    title: str
    when: str
    elsewhere: bool


def around(session: Session, stored: StoredEvent, asked: Asked) -> dict[str, Any]:
    """For the page of a gathering or a series: siblings, series, sessions ahead and earlier."""
    event = stored.event
    continues = event.series.continues if event.series else None
    goes_on = store.continuation(session, event.slug) if event.recurs else None
    sessions = store.sessions(session, event.slug) if event.recurs else ()
    dated = sorted((one.event for one in sessions if one.event.start), key=_start)
    ahead = [one for one in dated if one.ends is None or one.ends.utc > asked.now]
    return {
        "siblings": _siblings(session, stored.siblings, asked),
        "series": _event(session, event.occurrence.series) if event.occurrence else None,
        "continued": _if_listed(_event(session, continues) if continues else None),
        "goes_on": _if_listed(goes_on),
        "ahead": ahead,
        "earlier": [one for one in reversed(dated) if one not in ahead],
    }


def siblings_of(
    session: Session, posts: Sequence[NeighbourPost], asked: Asked
) -> dict[str, Sibling]:
    """What neighbours' gatherings name as the same at another hour, by address."""
    return {one: _elsewhere(session, one, asked) for post in posts for one in post.siblings}


def written_after(session: Session, stored: StoredEvent) -> list[StoredReflection]:
    """The reflections that came out of a gathering, of a series those of all its sessions."""
    slugs = [stored.event.slug]
    if stored.event.recurs:
        slugs += [one.slug for one in store.kept(session, stored.event.slug)]
    return [one for slug in slugs for one in reflections.of_event(session, slug)]


def _siblings(session: Session, names: Sequence[str], asked: Asked) -> list[Sibling]:
    return [
        _elsewhere(session, one, asked) if "://" in one else _ours(session, one, asked)
        for one in names
    ]


def _ours(session: Session, slug: str, asked: Asked) -> Sibling:
    event = published.event(session, slug).event
    words = words_of(asked.reader.locale)
    return Sibling(
        url=asked.urls.event(slug),
        title=event.title.best(asked.reader.wanted)[1],
        when=words.repeats(event) if event.recurs else _said(words.when(event)),
        elsewhere=False,
    )


def _elsewhere(session: Session, address: str, asked: Asked) -> Sibling:
    """A sitting of another group: by its own words where a neighbour told us of it, else by its host."""
    named = asked.urls.identify(address)
    if named is not None and named[0] == "event":
        with contextlib.suppress(NotFoundError, GoneError):
            if published.event(session, named[1]).event.listed:
                return _ours(session, named[1], asked)
    post: NeighbourPost | None = None
    with contextlib.suppress(NotFoundError):
        post = neighbours.post(session, address)
    if post is None:
        return Sibling(url=address, title=urlsplit(address).netloc, when="", elsewhere=True)
    time = words_of(asked.reader.locale).neighbour_when(post)
    title = post.title or urlsplit(address).netloc
    return Sibling(url=post.url, title=title, when=_said(time), elsewhere=True)


def _said(time: When | None) -> str:
    return " ".join(part for part in (time.date, time.times, time.zone) if part) if time else ""


def _event(session: Session, slug: str) -> Event | None:
    try:
        return events.get(session, slug).event
    except (NotFoundError, GoneError):
        return None


def _if_listed(event: Event | None) -> Event | None:
    return event if event is not None and event.listed else None


def _start(event: Event) -> Any:
    assert event.start is not None
    return event.start.utc
