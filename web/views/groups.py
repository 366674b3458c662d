"""The groups we stand with, for everyone to see, where the group says so."""

from aiohttp import web

from node.services import known_groups
from node.store.database import Session
from web import found_groups
from web.labels import N_
from web.posting import Values
from web.site import Asked, Page, site_of
from web.words import words_of


async def group_list(request: web.Request) -> web.Response:
    """The groups, chosen by language and distance. Raises NotFoundError where the group does not tell."""
    values = Values((name, request.query.get(name, "")[:20]) for name in found_groups.FIELDS)
    key = ("groups", *(values[name] for name in found_groups.FIELDS))
    return await site_of(request).page(
        request, key, lambda session, asked: _gather(session, asked, values)
    )


def _gather(session: Session, asked: Asked, values: Values) -> Page:
    every = found_groups.shown(known_groups.standing_with(session, asked.now), asked.group)
    return Page(
        template="groups.html",
        context={
            "section": "neighbours",
            "title": words_of(asked.reader.locale).say(N_("Groups we stand with")),
            "groups": found_groups.chosen(every, values),
            **found_groups.choice(every, values, asked),
        },
    )
