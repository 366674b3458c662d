"""What is hidden stays hidden: in pages, feeds, calendars and errors alike."""

import re

import pytest

from node.services.events import edit_event
from node.services.reflections import withdraw_reflection
from node.store import events
from tests.web.content import SECRETS, UNLISTED
from tests.web.served import Browser, Served

EVERYWHERE = (
    "/",
    "/events",
    "/reflections",
    "/reflections?stage=gratitude",
    "/practices",
    "/neighbours",
    "/about",
    "/group",
    "/calendar.ics",
    "/feed.atom",
    "/feed.json",
    "/robots.txt",
    "/sitemap.xml",
    "/.well-known/security.txt",
)


async def crawl(browser: Browser, *more: str) -> dict[str, str]:
    """Every page that a visitor can reach by following links, as text, calendars unfolded."""
    found: dict[str, str] = {}
    waiting = [*EVERYWHERE, *more]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = await browser.get(path)
        found[path] = answer.text.replace("\r\n ", "")
        links = re.findall(r'href="(/[^"#]*)', answer.text)
        waiting += [
            link
            for link in links
            if not (link.startswith(("/desk", "/sign-in", "/static")) or ".pdf" in link)
        ]
    return found


async def test_no_list_knows_what_is_unlisted(served: Served) -> None:
    pages = await crawl(served.browser)
    assert len(pages) > 30
    for path, text in pages.items():
        for word in UNLISTED:
            assert word not in text, (path, word)


async def test_hidden_place_and_link_leak_nowhere(served: Served) -> None:
    extra = (
        "/events/by-link",
        "/events/for-followers",
        "/reflections/by-link",
        "/events/by-link.ics",
    )
    pages = await crawl(served.browser, *extra)
    assert "Near the station" in pages["/events/hidden-circle"]
    assert "Near the station" in pages["/events/hidden-circle.ics"]
    for path, text in pages.items():
        for secret in SECRETS:
            assert secret not in text, (path, secret)
        assert "Hiddentown" not in text, path


@pytest.mark.parametrize(
    "path",
    ["/events/by-link", "/events/for-followers", "/reflections/by-link", "/events/by-link.ics"],
)
async def test_unlisted_things_are_reached_by_their_link_only(served: Served, path: str) -> None:
    answer = await served.browser.get(path)
    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("private")
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "ld+json" not in answer.text


@pytest.mark.parametrize(
    ("hidden", "absent"),
    [
        ("/events/only-here", "/events/never-was"),
        ("/events/only-here.ics", "/events/never-was.ics"),
        ("/reflections/only-here", "/reflections/never-was"),
        ("/reflections/waits", "/reflections/never-was"),
        ("/reflections/draft", "/reflections/never-was"),
    ],
)
async def test_what_is_not_for_visitors_looks_as_if_it_were_not_there(
    served: Served, hidden: str, absent: str
) -> None:
    for accept in ("text/html", "application/xml"):
        one = await served.browser.get(hidden, Accept=accept)
        other = await served.browser.get(absent, Accept=accept)
        assert (one.status, one.text) == (404, other.text)
        assert {k: v for k, v in one.headers.items() if k != "Date"} == {
            k: v for k, v in other.headers.items() if k != "Date"
        }


async def test_stewards_see_it_and_nobody_keeps_the_page(served: Served, steward: Browser) -> None:
    for path in ("/events/only-here", "/reflections/only-here", "/reflections/waits"):
        answer = await steward.get(path)
        assert answer.status == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Only stewards can see this page." in answer.text


async def test_what_was_taken_back_is_gone(served: Served) -> None:
    now = served.clock.now()
    await served.node.database.write(lambda session: events.remove(session, "moved-walk", now))
    await served.node.database.write(lambda session: withdraw_reflection(session, "moss", now=now))
    for path in ("/events/moved-walk", "/reflections/moss", "/events/moved-walk.ics"):
        answer = await served.browser.get(path)
        assert answer.status == 410
        assert "This was taken back" in answer.text
        assert "mousse" not in answer.text
    assert "mousse" not in (await served.browser.get("/reflections")).text


async def test_a_page_seen_before_is_hidden_at_once_when_its_event_is(served: Served) -> None:
    assert (await served.browser.get("/events/moved-walk")).status == 200
    await served.node.database.write(
        lambda session: edit_event(
            session, "moved-walk", {"visibility": "local_only"}, now=served.clock.now()
        )
    )
    assert (await served.browser.get("/events/moved-walk")).status == 404
    assert "Creek walk" not in (await served.browser.get("/calendar.ics")).text
