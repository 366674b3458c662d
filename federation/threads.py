"""Conversations as other servers may read them (FEP-7888, FEP-f228): what belongs together, in time.

A gathering gathers what is said of it: notices of change, the reflections that came out of it, the
replies to all of these that stewards accepted, and what the group answered. A reflection that came
out of no public gathering begins a conversation of its own.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from federation.render.audience import audience
from federation.render.comment import comment as render_comment
from federation.render.conversation import thread_of
from federation.render.encode import Document
from node.domain.reflection import Reflection
from node.errors import GoneError, NotFoundError
from node.services.permissions import of_address, visibility_of
from node.store import comments, notices, published, reflections, replies
from node.store.comments import Comment
from node.store.database import Session
from node.store.reflections import StoredReflection
from node.urls import Kind, Urls


def of_reflection(session: Session, reflection: Reflection, urls: Urls) -> str | None:
    """The conversation of the gathering a public reflection came out of, where that is public, too."""
    if reflection.event is None or not reflection.listed:
        return None
    if not published.is_open(session, reflection.event):
        return None
    return thread_of(urls.event(reflection.event))


def of_root(session: Session, root: str, urls: Urls) -> str:
    """The conversation that what stands under `root`, an event or reflection of ours, belongs to."""
    named = urls.identify(root)
    if named is not None and named[0] == "reflection":
        with contextlib.suppress(NotFoundError, GoneError):
            reflection = reflections.get(session, named[1]).reflection
            return of_reflection(session, reflection, urls) or thread_of(root)
    return thread_of(root)


def comment_note(session: Session, one: Comment, urls: Urls) -> Document | None:
    """A comment for whoever may see what it stands under; None where other servers know of it no more."""
    address = urls.comment(one.id)
    root = one.root or address
    visibility = visibility_of(session, root, urls)
    permissions = of_address(session, root, urls)
    if visibility is None or permissions is None:
        return None
    to, cc = audience(visibility, urls)
    return render_comment(
        one,
        urls,
        to=to,
        cc=cc,
        page=one.root or urls.group,
        thread=of_root(session, root, urls),
        permissions=permissions,
    )


def from_object(session: Session, kind: Kind, about: str, urls: Urls) -> Sequence[str]:
    """The ids of all that belongs to the conversation which begins with `about`, that one first."""
    dated: list[tuple[datetime, str]] = []
    roots = [about]
    if kind == "event":
        slug = about.rpartition("/")[2]
        offered = [one for one in reflections.of_event(session, slug) if one.reflection.federated]
        roots += [urls.reflection(one.reflection.slug) for one in offered]
        dated += [(_published(one), urls.reflection(one.reflection.slug)) for one in offered]
        dated += [(one.created, urls.notice(one.id)) for one in notices.of_event(session, slug)]
    dated += [(one.published, one.id) for one in replies.shown(session, roots)]
    dated += [(one.created, urls.comment(one.id)) for one in comments.under(session, roots)]
    return [about, *(address for _, address in sorted(dated))]


def _published(stored: StoredReflection) -> datetime:
    return stored.reflection.published or stored.created
