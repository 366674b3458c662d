"""From our pages to the reader's own server: follow us, join a gathering, pass something on from there.

Nobody needs an account here. Whoever types `@name@host` is led to the page of that server where the deed
is done; where it tells no such page, everything to do it by hand stands here. No script, no cookie, and
what was typed is kept nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import hdrs, web

from node.domain.text import Localised
from node.errors import NotFoundError, RefusedError, TryLaterError
from node.keys import CLOCK, DATABASE, URLS, WAYS
from node.ports import Deed, Way
from node.store import following, groups, published
from node.store.database import Session
from node.store.following import FollowState
from node.urls import Urls
from web.attempts import Attempts, asker
from web.labels import N_
from web.posting import posted
from web.site import Asked, Page, missing, site_of
from web.words import words_of

ASKING: Final = web.AppKey("ASKING", Attempts)
ASKING_AT_ALL: Final = web.AppKey("ASKING_AT_ALL", Attempts)
_ONE_ASKER: Final = 60
_ALL_ASKERS: Final = 600
_WINDOW: Final = timedelta(minutes=10)
_LONGEST_ADDRESS: Final = 300
_LONGEST_THING: Final = 2048

_TITLES: Final[Mapping[Deed, str]] = {
    Deed.FOLLOW: N_("Follow from your own server"),
    Deed.JOIN: N_("Answer from your own server"),
    Deed.SHARE: N_("Pass it on from your own server"),
}
_UNKNOWN: Final = N_("That does not look like an address. It is like @name@example.org.")
_SILENT: Final = N_("That server does not answer at the moment. You can go on by hand.")
_NO_WAY: Final = N_("That server does not tell us where to go on. It is quickly done by hand.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What it is about: its id, its name, and the words to search for on another server.

    `ours` is the name in all its languages, where it is something of our own.
    """

    id: str
    name: str
    search: str
    ours: Localised | None = None


def prepare(app: web.Application) -> None:
    """Give an application what asking needs; once, before it starts."""
    app[ASKING] = Attempts(_ONE_ASKER, _WINDOW)
    app[ASKING_AT_ALL] = Attempts(_ALL_ASKERS, _WINDOW)


async def ask(request: web.Request) -> web.Response:
    """The form. Raises NotFoundError for what is not ours to follow, join or pass on."""
    deed, about = _wanted(request.query)

    def gather(session: Session, asked: Asked) -> Page:
        return _page(_matter(session, asked.urls, deed, about), deed, about, asked)

    return await site_of(request).page(request, ("from your server", deed, about), gather)


async def lead(request: web.Request) -> web.Response:
    """To the reader's own server, or to how it is done by hand. Raises TooManyRequestsError."""
    values = await posted(request)
    deed, about = _wanted({"do": values["do"], "about": values["about"]})
    urls, home = request.app[URLS], values["address"][:_LONGEST_ADDRESS]
    matter = await request.app[DATABASE].read(lambda session: _matter(session, urls, deed, about))
    now = request.app[CLOCK].now()
    request.app[ASKING].spend(asker(request), now)
    request.app[ASKING_AT_ALL].spend("", now)
    problem = _NO_WAY
    try:
        way = await request.app[WAYS].way(home, deed, matter.id, matter.name)
    except RefusedError:
        way, problem = Way(host=""), _UNKNOWN
    except TryLaterError:
        way, problem = Way(host=""), _SILENT
    if way.url is not None:
        headers = {hdrs.LOCATION: way.url, hdrs.CACHE_CONTROL: "no-store"}
        return web.Response(status=303, headers=headers)

    def gather(_: Session, asked: Asked) -> Page:
        return _page(matter, deed, about, asked, home=home, problem=problem)

    status = 422 if problem is _UNKNOWN else 200
    return await site_of(request).fresh(request, gather, status=status)


def _wanted(given: Mapping[str, str]) -> tuple[Deed, str]:
    try:
        return Deed(given.get("do", Deed.FOLLOW.value)), given.get("about", "")[:_LONGEST_THING]
    except ValueError as error:
        raise missing("page") from error


def _matter(session: Session, urls: Urls, deed: Deed, about: str) -> Matter:
    """What may be asked for: our group, a neighbour's, and what everyone may see of ours."""
    if deed is Deed.FOLLOW:
        return _somebody(session, urls, about)
    kind, slug = urls.identify(about) or ("", "")
    if kind == "event":
        event = published.event(session, slug).event
        if event.federated and event.listed:
            return Matter(id=about, name=event.title.text, search=about, ours=event.title)
    elif kind == "reflection" and deed is Deed.SHARE:
        told = published.reflection(session, slug).reflection
        if told.federated and told.listed:
            return Matter(
                id=about, name=told.title.text if told.title else "", search=about, ours=told.title
            )
    raise missing("page")


def _somebody(session: Session, urls: Urls, about: str) -> Matter:
    if about in ("", urls.group):
        group = groups.get(session)
        handle = f"@{group.handle}@{urls.host}"
        return Matter(id=urls.group, name=group.name.text, search=handle, ours=group.name)
    neighbour = following.find(session, about)
    if neighbour is None or neighbour.state is not FollowState.ACCEPTED:
        raise NotFoundError("There is no such page.")
    handle = f"@{neighbour.handle.removeprefix('@')}"
    return Matter(id=about, name=neighbour.name or handle, search=handle)


def _page(
    matter: Matter, deed: Deed, about: str, asked: Asked, *, home: str = "", problem: str = ""
) -> Page:
    words = words_of(asked.reader.locale)
    context: dict[str, Any] = {
        "section": "",
        "title": words.say(_TITLES[deed]),
        "matter": matter,
        "deed": deed.value,
        "about": about,
        "home": home,
        "problem": words.say(problem) if problem else "",
        "unreadable": problem is _UNKNOWN,
    }
    return Page(template="from_your_server.html", context=context, unindexed=True, leads_out=True)
