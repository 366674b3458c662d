"""Who may use what: every route, every method, every role, asked of a running node.

The route table of the application is held against the two tables here. Who adds a route adds its line, and
so says whom it is for. The tests of headers and of forged forms walk over them, too.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from node.app import create_app
from node.domain.role import Role
from node.services import stewards
from tests.conftest import TurnableClock
from tests.web.served import PASSWORD, Answer, Browser, Keys, Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Whoever signs in; those who publish; those who care; full stewards.
ALL, HOSTS, CARERS, FULL = "steward organiser care", "steward organiser", "steward care", "steward"
DESK = {
    "/desk": {"GET": ALL},
    "/desk/account": {"GET": ALL},
    "/desk/account/sessions": {"POST": ALL},
    "/desk/account/password": {"POST": ALL},
    "/desk/account/leave": {"POST": ALL},
    "/desk/reflections": {"GET": ALL},
    "/desk/reflections/{slug}": {"POST": ALL},
    "/desk/new-reflection": {"GET": ALL, "POST": ALL},
    "/desk/reflections/{slug}/change": {"GET": ALL, "POST": ALL},
    "/desk/drafts": {"GET": ALL},
    "/desk/drafts/{id}": {"GET": ALL},
    "/desk/drafts/{id}/preview": {"GET": ALL},
    "/desk/drafts/{id}/page": {"GET": ALL},
    "/desk/drafts/{id}/poster": {"GET": ALL},
    "/desk/drafts/{id}/zine": {"GET": ALL},
    "/desk/drafts/{id}/publish": {"POST": ALL},
    "/desk/drafts/{id}/discard": {"POST": ALL},
    "/desk/neighbours": {"GET": HOSTS},
    "/desk/calendars": {"GET": HOSTS, "POST": HOSTS},
    "/desk/calendars/{number}": {"GET": HOSTS, "POST": HOSTS},
    "/desk/groups": {"GET": HOSTS},
    "/desk/groups/follow": {"POST": HOSTS},
    "/desk/groups/hide": {"POST": HOSTS},
    "/desk/groups/show": {"POST": HOSTS},
    "/desk/groups/list": {"GET": HOSTS, "POST": HOSTS},
    "/desk/groups/list/follow": {"POST": HOSTS},
    "/desk/groups/tell": {"POST": FULL},
    "/desk/neighbours/follow": {"POST": HOSTS},
    "/desk/neighbours/unfollow": {"POST": HOSTS},
    "/desk/neighbours/try-again": {"POST": HOSTS},
    "/desk/try-again": {"POST": HOSTS},
    "/desk/neighbours/boost": {"POST": HOSTS},
    "/desk/cohosting": {"POST": HOSTS},
    "/desk/events": {"GET": HOSTS},
    "/desk/new-event": {"GET": HOSTS, "POST": HOSTS},
    "/desk/events/{slug}": {"GET": HOSTS, "POST": HOSTS},
    "/desk/events/{slug}/people": {"GET": HOSTS, "POST": HOSTS},
    "/desk/events/{slug}/invite": {"POST": HOSTS},
    "/desk/events/{slug}/list": {"GET": HOSTS},
    "/desk/events/{slug}/deliveries": {"GET": HOSTS, "POST": HOSTS},
    "/desk/reflections/{slug}/deliveries": {"GET": ALL, "POST": ALL},
    "/desk/events/{slug}/cancel": {"GET": HOSTS, "POST": HOSTS},
    "/desk/events/{slug}/following": {"GET": HOSTS, "POST": HOSTS},
    "/desk/events/{slug}/skip": {"POST": HOSTS},
    "/desk/events/{slug}/dates": {"POST": HOSTS},
    "/desk/replies": {"GET": CARERS, "POST": CARERS},
    "/desk/quotes": {"POST": CARERS},
    "/desk/conversation": {"GET": CARERS, "POST": CARERS},
    "/desk/concerns": {"GET": CARERS, "POST": CARERS},
    "/desk/blocks": {"GET": CARERS, "POST": CARERS},
    "/desk/log": {"GET": CARERS},
    "/desk/followers": {"GET": CARERS, "POST": CARERS},
    "/desk/stewards": {"GET": FULL, "POST": FULL},
    "/desk/stewards/change": {"POST": FULL},
    "/desk/group": {"GET": FULL, "POST": FULL},
}
# What visitors and other servers use, signed in or not.
OPEN = {
    "/events/{slug}/poster": "GET",
    "/events/{slug}/poster.pdf": "GET",
    "/zine/{month}": "GET",
    "/zine/{month}.pdf": "GET",
    "/": "GET",
    "/group": "GET",
    "/events/{slug}": "GET",
    "/reflections/{slug}": "GET",
    "/archive": "GET",
    "/archive/{period}": "GET",
    "/about": "GET",
    "/events": "GET",
    "/events/{slug}.ics": "GET",
    "/events/{slug}/come": "POST",
    "/events/{slug}/thanks": "GET",
    "/rsvp": "GET POST",
    "/rsvp/{token}": "GET POST",
    "/rsvp/{token}/not-me": "GET",
    "/rsvp/{token}/data": "GET",
    "/rsvp/{token}/data.json": "GET",
    "/reflections": "GET",
    "/practices": "GET",
    "/practices/{slug}": "GET",
    "/group/practices": "GET",
    "/neighbours": "GET",
    "/groups": "GET",
    "/calendar": "GET",
    "/calendar/embed": "GET",
    "/calendar.atom": "GET",
    "/calendar.json": "GET",
    "/embed.js": "GET",
    "/concern": "GET POST",
    "/groups.json": "GET",
    "/search": "GET",
    "/from-your-server": "GET POST",
    "/calendar.ics": "GET",
    "/feed.atom": "GET",
    "/feed.json": "GET",
    "/media/{name}": "GET",
    "/robots.txt": "GET",
    "/sitemap.xml": "GET",
    "/.well-known/security.txt": "GET",
    "/favicon.svg": "GET",
    "/static/accent/{colour}.css": "GET",
    "/static/{name}": "GET",
    "/sign-in": "GET POST",
    "/sign-in/{token}": "GET POST",
    "/sign-out": "POST",
    "/healthz": "GET",
    "/metrics": "GET",
    "/instance": "GET",
    "/activities/{id}": "GET",
    "/events/{slug}/note": "GET",
    "/notices/{id}": "GET",
    "/notices/{id}/note": "GET",
    "/comments/{id}": "GET",
    "/messages/{id}": "GET",
    "/stamps/{id}": "GET",
    "/events/{name}/replies": "GET",
    "/events/{name}/likes": "GET",
    "/events/{name}/shares": "GET",
    "/events/{name}/context": "GET",
    "/reflections/{name}/replies": "GET",
    "/reflections/{name}/likes": "GET",
    "/reflections/{name}/shares": "GET",
    "/reflections/{name}/context": "GET",
    "/notices/{name}/replies": "GET",
    "/notices/{name}/likes": "GET",
    "/notices/{name}/shares": "GET",
    "/notices/{name}/context": "GET",
    "/comments/{name}/replies": "GET",
    "/comments/{name}/likes": "GET",
    "/comments/{name}/shares": "GET",
    "/comments/{name}/context": "GET",
    "/group/outbox": "GET",
    "/group/followers": "GET",
    "/group/following": "GET",
    "/group/featured": "GET",
    "/group/upcoming": "GET",
    "/group/stands-with": "GET",
    "/events/{slug}/attendees": "GET",
    "/instance/outbox": "GET",
    "/.well-known/webfinger": "GET",
    "/.well-known/host-meta": "GET",
    "/.well-known/host-meta.json": "GET",
    "/.well-known/nodeinfo": "GET",
    "/nodeinfo/2.0": "GET",
    "/nodeinfo/2.1": "GET",
    "/api/v1/instance": "GET",
    "/inbox": "POST",
    "/group/inbox": "POST",
    "/instance/inbox": "POST",
    "/webmention": "POST",
}


def of_the_desk() -> Iterator[tuple[str, str, str]]:
    """Each route of the desk: method, path, who may."""
    for path, methods in DESK.items():
        for method, who in methods.items():
            yield method, path, who


def filled(path: str) -> str:
    """A path with something where its placeholders are; a PDF that is not there, for making one takes seconds."""
    return re.sub(r"\{\w+\}", "never-was" if path.endswith(".pdf") else "spring-day", path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    tmp_path_factory: pytest.TempPathFactory, node_keys: Keys
) -> AsyncIterator[Served]:
    """A node whose clock stands still."""
    data = tmp_path_factory.mktemp("roles")
    async with serve(data, node_keys, TurnableClock()) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers(running: Served) -> AsyncIterator[Mapping[str, Browser]]:
    """A browser for a visitor and for each role, signed in."""
    found = {}
    try:
        for name in ("visitor", *Role):
            jar = aiohttp.CookieJar(unsafe=True)
            found[str(name)] = Browser(running.url, aiohttp.ClientSession(cookie_jar=jar))
        for role in Role:
            token = await running.node.database.write(
                lambda session, role=role: stewards.invite(
                    session, f"One of {role}", role=role, now=running.clock.now()
                )
            )
            fields = {"password": PASSWORD, "again": PASSWORD}
            answer = await found[role].post(f"/sign-in/{token}", fields)
            assert answer.status == 303
            await found[role].refresh()
        yield found
    finally:
        for browser in found.values():
            await browser.http.close()


def everything(served: Served) -> str:
    """What the database holds, save when somebody was last seen."""
    connection = sqlite3.connect(served.node.database.path)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


async def test_every_route_says_whom_it_is_for(running: Served) -> None:
    app = create_app(running.node)
    have = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if isinstance(route.resource, web.Resource) and route.method != "HEAD"
    }
    said = {(method, path) for method, path, _ in of_the_desk()}
    said |= {(method, path) for path, methods in OPEN.items() for method in methods.split()}
    assert have - said == set(), "say in tests/web/test_roles.py whom these are for"
    assert said - have == set(), "these are gone"
    assert all(path.startswith("/desk") for path in DESK)
    assert not any(path.startswith("/desk") for path in OPEN)


async def test_each_role_may_what_the_table_says_and_nothing_else(
    running: Served, browsers: Mapping[str, Browser]
) -> None:
    before = everything(running)
    for method, path, who in of_the_desk():
        for role in set(Role) - set(who.split()):
            answer = await ask(browsers[role], method, filled(path))
            assert answer.status == 403, (method, path, role)
            assert "not part of what you do" in answer.text, (method, path, role)
        answer = await ask(browsers["visitor"], method, filled(path))
        assert answer.status == (303 if method == "GET" else 401), (method, path)
        assert method == "POST" or answer.headers["Location"].startswith("/sign-in?next=")
    assert everything(running) == before, "what is refused changes nothing"
    for method, path, who in of_the_desk():
        for role in who.split():
            answer = await ask(browsers[role], method, filled(path))
            assert answer.status not in (401, 403), (method, path, role)
            assert answer.status < 500, (method, path, role)
            assert "/sign-in" not in answer.headers.get("Location", ""), (method, path, role)


async def ask(browser: Browser, method: str, path: str) -> Answer:
    """The page, or a form with nothing but its token."""
    return await (browser.get(path) if method == "GET" else browser.post(path))


async def test_pages_lead_each_role_only_where_it_may_go(
    running: Served, browsers: Mapping[str, Browser]
) -> None:
    """Every link and every form of the desk's first page and of what it links to."""
    allowed = {
        (method, re.compile(re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?")): who
        for method, path, who in of_the_desk()
    }
    for role in Role:
        seen, ahead = set(), ["/desk"]
        while ahead and len(seen) < 30:
            path = ahead.pop()
            seen.add(path)
            page = await browsers[role].get(path)
            assert page.status == 200, (role, path)
            for kind, link in re.findall(r'(href|action)="(/desk[^"#]*)', page.text):
                used = "GET" if kind == "href" else "POST"
                assert any(
                    role in who.split()
                    for (method, known), who in allowed.items()
                    if method == used and known.fullmatch(link)
                ), (role, path, kind, link)
            ahead += [
                link
                for link in re.findall(r'href="(/desk[^"#]*)', page.text)
                if link not in seen and link not in ahead
            ]


async def test_an_open_page_is_for_everyone(
    running: Served, browsers: Mapping[str, Browser]
) -> None:
    for path, methods in OPEN.items():
        if "GET" not in methods.split():
            continue
        answer = await browsers["visitor"].get(filled(path))
        assert answer.status not in (401, 403), path
        assert answer.status < 500, path
        assert not answer.headers.get("Location", "").startswith("/sign-in"), path


async def test_nobody_gives_themselves_a_role(
    running: Served, browsers: Mapping[str, Browser]
) -> None:
    for role in (Role.ORGANISER, Role.CARE):
        more = {"role": "steward", "name": "One of care", "decision": "role"}
        answer = await browsers[role].post("/desk/stewards", more)
        assert answer.status == 403
    found = await running.node.database.read(stewards.stewards)
    assert {one.name: one.role for one in found}["One of care"] is Role.CARE
