"""What we published, as other servers see it now: one document per kind of object, or what is left of it.

What is for followers only is shown to a signed request for one of them; to everybody else it is 404 like
anything that is not here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from federation import threads
from federation.addressing import is_public
from federation.render import activity as render_activity
from federation.render import event as render_event
from federation.render import notice as render_notice
from federation.render import practice as render_practice
from federation.render import reflection as render_reflection
from federation.render import series as render_series
from federation.render.companion import companion
from federation.render.conversation import counted
from federation.render.encode import Document
from federation.render.participation import attended
from federation.serving import NOTHING, Moment
from federation.vocab import AS2
from node.domain.slug import is_slug
from node.errors import GoneError, NotFoundError
from node.store import (
    comments,
    events,
    groups,
    notices,
    practices,
    published,
    reflections,
    rsvps,
    series,
    witnesses,
)
from node.store.database import Session
from node.store.events import StoredEvent
from node.store.published import Removal
from node.urls import Kind, Urls


def object_document(moment: Moment, kind: Kind, name: str) -> Document:
    """An object of ours as everyone may see it now.

    Raises GoneError where other servers had it, and NotFoundError for everything else, always in the
    same words: what is hidden looks as if it had never been.
    """
    face = _FACES.get(kind)
    document = None
    if face is not None:
        try:
            document = face.shown(moment, name)
        except NotFoundError:
            document = None
        except GoneError:
            removal = face.removal(moment.session, name)
            if removal is not None and removal.was_federated:
                raise
    if document is None:
        raise NotFoundError(NOTHING)
    return document


def tombstone(moment: Moment, kind: Kind, name: str) -> Document | None:
    """What is left of an object that is gone, with its `@context`; None where it was never here."""
    face = _FACES[kind]
    removal = face.removal(moment.session, name)
    if removal is None:
        return None
    address = face.address(moment.urls, name)
    return {"@context": AS2} | render_activity.tombstone(address, removal.at, face.type)


def _event(moment: Moment, slug: str, *, as_note: bool = False) -> Document | None:
    if not is_slug(slug):
        return None
    session, urls = moment.session, moment.urls
    stored = events.get(session, slug)
    if not (stored.event.federated and (stored.event.listed or moment.for_followers)):
        return None
    if stored.event.recurs:
        return None if as_note else _series(session, stored, urls)
    group = groups.get(session)
    if as_note:
        document = companion(stored, group, urls)
    else:
        document = render_event.event(stored, group, urls, moment.now)
        if stored.event.attendee_count_public and "attendees" in document:
            document = attended(document, stored.event, rsvps.seats_taken(session, slug))
    return _counted(session, document, urls.event(slug), stored.event.witness_count_public)


def _series(session: Session, stored: StoredEvent, urls: Urls) -> Document:
    sessions = [one.event.slug for one in series.listed(session, stored.event.slug)]
    whole = stored.event.series
    former = whole.continues if whole else None
    shown = former and published.is_listed_event(session, former)
    return render_series.series(stored, sessions, urls, former if shown else None)


def _practice(moment: Moment, slug: str) -> Document | None:
    if not is_slug(slug):
        return None
    session = moment.session
    one = practices.get(session, slug, groups.get(session).language)
    return render_practice.practice(one, practices.updated(session, slug), moment.urls)


def _never_removed(session: Session, slug: str) -> Removal | None:
    del session, slug
    return None


def _reflection(moment: Moment, slug: str) -> Document | None:
    if not is_slug(slug):
        return None
    session, urls = moment.session, moment.urls
    stored = reflections.get(session, slug)
    told = stored.reflection
    if not (told.federated and (told.listed or moment.for_followers)):
        return None
    thread = threads.of_reflection(session, told, urls)
    document = render_reflection.reflection(stored, groups.get(session), urls, thread)
    return _counted(session, document, document["id"], told.witness_count_public)


def _notice(moment: Moment, name: str, *, as_note: bool = False) -> Document | None:
    session, urls = moment.session, moment.urls
    one = notices.get(session, name)
    about = events.get(session, one.event_slug).event
    if not (about.federated and (about.listed or moment.for_followers)):
        return None
    group = groups.get(session)
    document = render_notice.notice(one, about, group, urls, to_companion=as_note)
    return _counted(session, document, urls.notice(name), about.witness_count_public)


def _comment(moment: Moment, name: str) -> Document | None:
    session = moment.session
    document = threads.comment_note(session, comments.get(session, name), moment.urls)
    if document is None or not (is_public(document) or moment.for_followers):
        return None
    return _counted(session, document, document["id"], None)


def _counted(session: Session, document: Document, about: str, shown: bool | None) -> Document:
    """With the numbers of likes and shares of `about`, where the hosts chose to show them."""
    if not (groups.get(session).witness_count_public if shown is None else shown):
        return document
    return counted(
        document,
        likes=witnesses.count(session, about, "like"),
        shares=witnesses.count(session, about, "announce"),
    )


def _notice_removal(session: Session, name: str) -> Removal | None:
    return published.event_removal(session, notices.get(session, name).event_slug)


@dataclass(frozen=True, slots=True)
class _Face:
    """How one kind of object is shown, what it is called, and where it is."""

    type: str
    shown: Callable[[Moment, str], Document | None]
    removal: Callable[[Session, str], Removal | None]
    address: Callable[[Urls, str], str]


_FACES: Final[Mapping[Kind, _Face]] = {
    "event": _Face("Event", _event, published.event_removal, Urls.event),
    "event_note": _Face(
        "Note",
        partial(_event, as_note=True),
        published.event_removal,
        lambda urls, slug: urls.companion(urls.event(slug)),
    ),
    "practice": _Face("Article", _practice, _never_removed, Urls.practice),
    "reflection": _Face("Note", _reflection, published.reflection_removal, Urls.reflection),
    "notice": _Face("Note", _notice, _notice_removal, Urls.notice),
    "notice_note": _Face(
        "Note",
        partial(_notice, as_note=True),
        _notice_removal,
        lambda urls, name: urls.companion(urls.notice(name)),
    ),
    "comment": _Face("Note", _comment, published.comment_removal, Urls.comment),
}
