"""The groups we stand with, for everyone to see, where the group says so."""

import json

from aiohttp import web

from node.domain import starter_list
from node.domain.known_group import Spot
from node.http import READABLE, Prebuilt
from node.services import known_groups
from node.store.database import Session
from web import found_groups, world_map
from web.labels import N_
from web.posting import Values
from web.site import Asked, Page, site_of
from web.views.paper import qr
from web.words import words_of

_TITLE = N_("Groups we stand with")
_JSON = "application/json; charset=utf-8"


async def group_list(request: web.Request) -> web.Response:
    """The groups, chosen by language and distance. Raises NotFoundError where the group does not tell."""
    values = Values((name, request.query.get(name, "")[:20]) for name in found_groups.FIELDS)
    key = ("groups", *(values[name] for name in found_groups.FIELDS))
    return await site_of(request).page(
        request, key, lambda session, asked: _gather(session, asked, values)
    )


async def groups_json(request: web.Request) -> web.Response:
    """Our group and those it stands with, as a list to follow in one step. Raises NotFoundError likewise."""
    return await site_of(request).prebuilt(request, "groups.json", _list, per_reader=False)


def _list(session: Session, asked: Asked) -> Prebuilt:
    others = [one.profile for one in known_groups.standing_with(session, asked.now)]
    words = words_of(asked.reader.locale)
    name = f"{asked.group.name.text}: {words.say(_TITLE)}"
    document = starter_list.written(asked.group, asked.urls, others, name)
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return Prebuilt(body, _JSON, vary="", compress=True, headers=READABLE)


def _gather(session: Session, asked: Asked, values: Values) -> Page:
    every = found_groups.shown(known_groups.standing_with(session, asked.now), asked.group)
    chosen = found_groups.chosen(every, values)
    return Page(
        template="groups.html",
        context={
            "section": "neighbours",
            "title": words_of(asked.reader.locale).say(_TITLE),
            "code": qr(f"{asked.urls.origin}/groups.json"),
            "groups": chosen,
            "map": world_map.drawn(chosen, Spot.of(asked.group.latitude, asked.group.longitude)),
            **found_groups.choice(every, values, asked),
        },
    )
