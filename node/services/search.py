"""Search: reading what is public into the index, and what a visitor finds.

while await database.write(search.read_due): pass
found = await database.read(lambda session: search.find(session, question, now, limit=20))
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from node.domain.event import Event
from node.domain.neighbour import NeighbourPost, PostKind
from node.domain.practice import Practice
from node.domain.reflection import Reflection
from node.domain.search import Findable, Kind, Question
from node.domain.text import Localised
from node.errors import GoneError, NotFoundError
from node.sanitize import plain_text
from node.store import events, groups, neighbours, practices, reflections, search
from node.store.database import Session
from node.store.events import StoredEvent
from node.store.search import Item, Source

_logger = logging.getLogger(__name__)
_PORTION = 25  # things read in one transaction

Thing = StoredEvent | Reflection | Practice | NeighbourPost


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found, and the texts of it to show an excerpt from."""

    thing: Thing
    findable: Findable


def read_due(session: Session) -> bool:
    """Take some of what changed into the index; whether there is more."""
    search.drop_stale(session)
    items = search.due(session, _PORTION)
    for item in items:
        search.put(session, item, _read(session, item))
    return len(items) == _PORTION


def _read(session: Session, item: Item) -> Findable | None:
    try:
        thing = _public(session, item)
        return _findable(thing) if thing is not None else None
    except Exception:  # one thing that cannot be read must not keep all others from being found
        _logger.exception("the search cannot read the %s %s", item.source, item.name)
        return None


def find(
    session: Session, question: Question, now: datetime, *, limit: int, offset: int = 0
) -> list[Found]:
    """What holds every word of a question; each is looked up again, so nothing hidden comes along."""
    items = search.find(session, question, now, limit=limit, offset=offset)
    things = [thing for item in items if (thing := _public(session, item)) is not None]
    return [Found(thing, _findable(thing)) for thing in things]


def _public(session: Session, item: Item) -> Thing | None:
    """A thing that everyone may find in our lists; None for every other."""
    try:
        return _LOOK_UP[item.source](session, item.name)
    except (NotFoundError, GoneError):
        return None


def _event(session: Session, slug: str) -> StoredEvent | None:
    stored = events.get(session, slug)
    waits = stored.event.occurrence is not None and stored.announced is None
    return stored if stored.event.listed and not stored.event.recurs and not waits else None


def _reflection(session: Session, slug: str) -> Reflection | None:
    reflection = reflections.get(session, slug).reflection
    return reflection if reflection.listed else None


def _practice(session: Session, slug: str) -> Practice:
    return practices.get(session, slug, groups.get(session).language)


def _post(session: Session, post_id: str) -> NeighbourPost | None:
    post = neighbours.find(session, post_id)
    return post if post is not None and post.listed else None


_LOOK_UP = {
    Source.EVENT: _event,
    Source.REFLECTION: _reflection,
    Source.PRACTICE: _practice,
    Source.NEIGHBOUR_POST: _post,
}


def _findable(thing: Thing) -> Findable:
    match thing:
        case StoredEvent():
            return of_event(thing.event)
        case Reflection():
            return of_reflection(thing)
        case Practice():
            return of_practice(thing)
        case _:
            return of_post(thing)


def of_event(event: Event) -> Findable:
    """A gathering: of its place what everyone may know, of its people nobody."""
    place = event.place
    where: tuple[str | None, ...] = ()
    if place is not None:
        area = tuple(text for _, text in place.area or ())
        where = (*area, place.name, place.address, place.locality, place.region)
    starts = event.start.utc if event.start else None
    return Findable(
        kind=Kind.EVENT,
        title=event.title,
        place=tuple(one for one in where if one),
        texts=_versions(event.summary, event.description),
        tags=event.tags,
        languages=_tags(event.languages, event.title),
        starts=starts,
        ends=event.ends.utc if event.ends else starts,
    )


def of_reflection(reflection: Reflection) -> Findable:
    """A reflection; not by the name of who gave it."""
    return Findable(
        kind=Kind.REFLECTION,
        title=reflection.title,
        texts=_versions(reflection.body),
        languages=_tags((), reflection.title, reflection.body),
        notes=reflection.content_notes,
        starts=reflection.published,
        ends=reflection.published,
    )


def of_practice(practice: Practice) -> Findable:
    """A practice of the library."""
    return Findable(
        kind=Kind.PRACTICE,
        title=practice.title,
        texts=_versions(practice.body),
        languages=_tags((), practice.title, practice.body),
    )


_KINDS = {
    PostKind.EVENT: Kind.EVENT,
    PostKind.NOTE: Kind.REFLECTION,
    PostKind.PRACTICE: Kind.PRACTICE,
}


def of_post(post: NeighbourPost) -> Findable:
    """What a neighbour published; the summary of what one reads is its content note."""
    language = post.language or "und"
    is_event = post.kind is PostKind.EVENT
    summary = Localised.of(post.summary, language) if is_event and post.summary else None
    content = plain_text(post.content)
    return Findable(
        kind=_KINDS[post.kind],
        title=Localised.of(post.title, language) if post.title else None,
        place=(post.place,) if post.place else (),
        texts=_versions(summary, Localised.of(content, language) if content else None),
        languages=_tags((*((post.language,) if post.language else ()), *post.facts.languages)),
        notes=(post.summary,) if post.summary and not is_event else (),
        starts=post.start if is_event else post.published,
        ends=(post.end or post.start) if is_event else post.published,
    )


def _versions(*texts: Localised | None) -> tuple[tuple[str, str], ...]:
    """All texts, those of one language together."""
    together: dict[str, list[str]] = {}
    for text in texts:
        for language, words in text or ():
            together.setdefault(language, []).append(words)
    return tuple((language, "\n".join(words)) for language, words in together.items())


def _tags(spoken: tuple[str, ...], *texts: Localised | None) -> tuple[str, ...]:
    """The languages of a thing, without region or script: `pt` of `pt-BR`."""
    told = [language for text in texts for language, _ in text or ()]
    found = (tag.partition("-")[0].lower() for tag in (*spoken, *told))
    return tuple(dict.fromkeys(tag for tag in found if tag != "und"))
