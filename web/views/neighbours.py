"""Other groups we follow: their gatherings and what they write, each with a link to its own place."""

from aiohttp import web

from node.sanitize import plain_text
from node.store import following, neighbours
from node.store.database import Session
from node.store.following import FollowState
from web.around import siblings_of
from web.labels import N_
from web.site import Asked, Page, site_of
from web.words import words_of

_NOTES = 12
_EXCERPT = 280


async def neighbour_list(request: web.Request) -> web.Response:
    """The neighbours' next gatherings, their latest notes, and who they are."""
    return await site_of(request).page(request, "neighbours", _gather)


def _gather(session: Session, asked: Asked) -> Page:
    notes = neighbours.recent_notes(session, _NOTES)
    coming = neighbours.upcoming_events(session, asked.now)
    found = following.every(session)
    return Page(
        template="neighbours.html",
        context={
            "section": "neighbours",
            "title": words_of(asked.reader.locale).say(N_("Neighbours")),
            "events": coming,
            "siblings_of": siblings_of(session, coming, asked),
            "notes": notes,
            "excerpts": {post.id: plain_text(post.content, _EXCERPT) for post in notes},
            "names": neighbours.names(session),
            "neighbours": [one for one in found if one.state is FollowState.ACCEPTED],
        },
    )
