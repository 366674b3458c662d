"""Gatherings inside another website: an element with a script of ours, in a real browser, from another origin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.conftest import TurnableClock
from tests.web.served import Keys, Served, serve
from tests.web.test_neighbours import follow
from tests.web.test_shared_calendar import CALL, WALK
from web.assets import file_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "<img src=x onerror=document.title='got_in'>"


@asynccontextmanager
async def another_website(body: str, policy: str = "") -> AsyncIterator[str]:
    """A page somewhere else, with a policy of its own."""

    async def page(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": policy} if policy else {}
        text = (
            f"<!doctype html><html lang=en-GB><title>Newsletter</title><body>{body}</body></html>"
        )
        return web.Response(text=text, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with serve(tmp_path_factory.mktemp("embed"), node_keys, TurnableClock()) as running:
        await follow(running, replace(WALK, title=HOSTILE), CALL)
        yield running


def lines(node: Served, query: str, *, limit: int = 10) -> str:
    return (
        f'<roughweather-calendar limit="{limit}"><a href="{node.url}/calendar?{query}">All gatherings</a>'
        f'</roughweather-calendar><script type="module" src="{node.url}/embed.js"></script>'
    )


async def shown(page: Page) -> list[tuple[str, str, str]]:
    """Title, time and place of each row, as text."""
    await page.locator("roughweather-calendar li").first.wait_for()
    found = []
    for row in await page.locator("roughweather-calendar li").all():
        parts = [await row.locator(name).all_inner_texts() for name in ("a", "time", "span")]
        found.append(tuple(" ".join(part) for part in parts))
    return found  # type: ignore[return-value]


async def test_the_element_is_small() -> None:
    assert len(file_bytes("embed.js")) <= 4096


async def test_gatherings_stand_in_another_website_by_time_as_text_alone(
    node: Served, chromium: Browser
) -> None:
    policy = f"default-src 'none'; script-src {node.url}; connect-src {node.url}; require-trusted-types-for 'script'"
    async with another_website(lines(node, "group=all", limit=40), policy) as elsewhere:
        where = await chromium.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
        page = await where.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text))
        await page.goto(elsewhere)
        rows = await shown(page)
        titles = [title for title, _, _ in rows]
        assert (
            titles.index("Spring Spiral: a day of practice")
            < titles.index(HOSTILE)
            < titles.index("Online sitzen")
        )
        spring = rows[titles.index("Spring Spiral: a day of practice")]
        assert "17 April 2027" in spring[1]
        assert "10:00" in spring[1]
        assert "18 April 2027" in spring[1], "the reader's own clocks show the next day"
        assert "River Circle" in spring[2]
        assert await page.title() == "Newsletter"
        assert await page.locator("roughweather-calendar img").count() == 0
        assert await page.locator("roughweather-calendar > a").inner_text() == "All gatherings"
        assert {
            url.removeprefix(node.url).partition("?")[0] for url in asked if node.url in url
        } == {
            "/embed.js",
            "/calendar.json",
        }
        assert all(url.startswith((node.url, elsewhere)) for url in asked)
        assert await where.cookies() == []
        assert [one for one in errors if "favicon" not in one and "Content Security" in one] == []
        await where.close()


async def test_a_filter_and_a_limit_hold(node: Served, chromium: Browser) -> None:
    async with another_website(lines(node, "near=freiburg")) as elsewhere:
        page = await chromium.new_page()
        await page.goto(elsewhere)
        assert [title for title, _, _ in await shown(page)] == [HOSTILE]
        await page.close()
    async with another_website(lines(node, "group=all", limit=2)) as elsewhere:
        page = await chromium.new_page()
        await page.goto(elsewhere)
        assert len(await shown(page)) == 2
        await page.close()


async def test_without_script_and_where_nothing_can_be_read_the_link_stays(
    node: Served, chromium: Browser
) -> None:
    async with another_website(lines(node, "group=all")) as elsewhere:
        where = await chromium.new_context(java_script_enabled=False)
        page = await where.new_page()
        await page.goto(elsewhere)
        assert await page.get_by_text("All gatherings").is_visible()
        await where.close()
    async with another_website(lines(node, "from=nonsense")) as elsewhere:
        page = await chromium.new_page()
        async with page.expect_event(
            "requestfailed", lambda request: "/calendar.json" in request.url
        ):
            await page.goto(elsewhere)
        assert await page.get_by_text("All gatherings").is_visible()
        assert await page.locator("roughweather-calendar li").count() == 0
        await page.close()
