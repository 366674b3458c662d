"""Every page of the route table, and every form that refuses: axe, small and large, light and dark, both directions."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page

from tests.web.every_page import DESK, FORMS, PUBLIC, WIDE, examine
from tests.web.served import Served
from tests.web.test_browser import context, signed_in, site, turned_clock
from web.routes import routes

__all__ = ["site", "turned_clock"]  # fixtures of the browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOCALES = {"en": "dark", "ar": "light"}  # and the scheme of the wide look
PARTS = [paths[at : at + 12] for paths in (PUBLIC, DESK) for at in range(0, len(paths), 12)]
# What is no page: files, feeds, documents. Those of an answer are met by whoever answers, below; those of a draft
# and of a calendar taken over are there only once somebody wrote one.
FILES = re.compile(
    r"\.(ics|pdf|json|atom|svg|css|txt|xml|js)$|^/(static|media|rsvp)/|^/desk/(drafts|calendars)/"
)
BARE = re.compile(r"/poster|^/zine/|/embed|/list$")


def page_routes() -> Iterator[str]:
    """The address of each page: `/events/{slug}/thanks`."""
    for route in routes():
        if route.method == "GET" and not FILES.search(route.path):
            yield route.path


async def test_every_page_of_the_route_table_is_looked_at() -> None:
    looked_at = [path.partition("?")[0] for path in (*PUBLIC, *DESK)]
    for route in page_routes():
        pattern = re.sub(r"\{\w+(:[^}]*)?\}", "[^/]+", route)
        assert any(re.fullmatch(pattern, path) for path in looked_at), (
            f"add an address of {route} to tests/web/every_page.py"
        )


@asynccontextmanager
async def watched(
    site: Served, chromium: Browser, locale: str, name: str = ""
) -> AsyncIterator[Page]:
    """A page that must ask nobody else for anything, and must not complain: its policy holds."""
    where = await context(chromium, ("light", 320, locale))
    page = await signed_in(site, where, name) if name else await where.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda asked: elsewhere.append(asked.url))
    page.on("console", lambda said: elsewhere.append(said.text) if said.type == "error" else None)
    yield page
    unknown = "Failed to load resource: the server responded with a status of 4"
    assert [one for one in elsewhere if not one.startswith((site.url + "/", unknown))] == []
    await where.close()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("paths", PARTS, ids=lambda paths: f"{len(paths)} from {paths[0]}")
async def test_nothing_is_wrong_with_any_page(
    site: Served, chromium: Browser, locale: str, paths: tuple[str, ...]
) -> None:
    wrong = {}
    name = f"Looker {locale} {paths[0]}" if paths[0] in DESK else ""
    async with watched(site, chromium, locale, name) as page:
        for path in paths:
            await page.goto(site.url + path)
            if found := await examine(
                page, LOCALES[locale], bare=bool(BARE.search(path.partition("?")[0]))
            ):
                wrong[path] = found
    assert wrong == {}


@pytest.mark.parametrize("locale", LOCALES)
async def test_nothing_is_wrong_with_the_pages_of_an_answer(
    site: Served, chromium: Browser, locale: str
) -> None:
    async with watched(site, chromium, locale) as page:
        await page.goto(site.url + "/events/hidden-circle")
        await page.fill("#name", f"Sedge {locale}")
        await page.locator("section.come button").click()
        answer = page.url.partition("?")[0]
        for address in (
            answer,
            answer + "?done=saved",
            answer + "/data",
            answer + "/not-me",
            site.url + "/rsvp/never-was",
        ):
            await page.goto(address)
            assert await examine(page, LOCALES[locale]) == [], address


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("side", ["public", "desk"])
async def test_nothing_is_wrong_with_a_form_that_refuses(
    site: Served, chromium: Browser, locale: str, side: str
) -> None:
    """Each says what is missing beside the field and at the top; what is said has the same care as the page."""
    wrong = {}
    name = f"Empty {locale}" if side == "desk" else ""
    async with watched(site, chromium, locale, name) as page:
        for path, action in FORMS.items():
            if path.startswith("/desk") != (side == "desk"):
                continue
            await page.goto(site.url + path)
            async with page.expect_navigation():
                await page.evaluate(
                    """action => {
                        const form = [...document.forms].find(one => one.method === 'post'
                            && (one.getAttribute('action') || location.pathname).split('?')[0] === action);
                        form.noValidate = true;
                        for (const one of form.querySelectorAll('input, textarea'))
                            if (!['hidden', 'checkbox', 'radio', 'submit', 'file'].includes(one.type)) one.value = '';
                        form.requestSubmit(form.querySelector('button'));
                    }""",
                    action,
                )
            refused = await page.locator("[role=alert]").count()
            if found := [
                *([] if refused else ["nothing is refused"]),
                *await examine(page, LOCALES[locale]),
            ]:
                wrong[path] = found
    assert wrong == {}


async def test_the_longest_words_break(site: Served, chromium: Browser) -> None:
    """German, on the narrowest screen."""
    async with watched(site, chromium, "de", "Langwort") as page:
        wide = {}
        for path in (*PUBLIC, *DESK):
            await page.goto(site.url + path)
            if found := await page.evaluate(WIDE):
                wide[path] = found
        assert wide == {}
