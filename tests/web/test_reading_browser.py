"""A real browser reads: no script, a narrow telephone, text only, other clocks, and paper."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from node.services.events import add_event
from node.store.database import Session
from tests.conftest import NOW, TurnableClock
from tests.web.content import SPRING
from tests.web.served import Keys, Served, serve
from tests.web.test_browser import context, examine

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = (
    *("/archive", "/archive/2027", "/events?page=2", "/events/spring-day?zone=Asia/Tokyo"),
    *(
        "/search?q=spring&near=%2C",
        "/reflections/moss?view=text",
        "/events/spring-day?view=text&zone=x",
    ),
)


def _more(session: Session) -> None:
    for number in range(30):
        add_event(session, SPRING | {"id": f"more-{number}"}, now=NOW)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with serve(tmp_path_factory.mktemp("reading"), node_keys, TurnableClock()) as running:
        await running.node.database.write(_more)
        yield running


@pytest.mark.parametrize("look", [("light", 320, "en"), ("dark", 320, "ar")], ids=str)
async def test_what_readers_choose_is_accessible(
    site: Served, chromium: Browser, look: tuple[str, int, str]
) -> None:
    where = await context(chromium, look)
    page = await where.new_page()
    for path in PAGES if look[2] == "en" else PAGES[-4:]:
        await examine(page, site.url + path)
    await where.close()


async def test_other_clocks_and_text_only_without_javascript(
    site: Served, chromium: Browser
) -> None:
    """Choose Tokyo's clocks, then text only; click on; both hold, nothing is fetched but text; and back."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await where.new_page()
    await page.goto(site.url + "/events")
    await page.get_by_text("Show times on my clocks, too").click()
    await page.get_by_label("The largest city of your time zone").fill("tokyo")
    await page.locator("details.zones button").click()
    assert "Tokyo time (JST, UTC+09:00)" in await page.locator("main").inner_text()
    await page.get_by_role("link", name="Text only").click()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.resource_type))
    await page.get_by_role("link", name="Spring Spiral").first.click()
    assert "the next day" in await page.locator("main").inner_text()
    await page.fill("#name", "Reed")
    await page.get_by_role("button", name="I am coming").click()
    assert "You have a place." in await page.locator("main").inner_text()
    assert set(fetched) <= {"document", "stylesheet"}
    await page.get_by_role("link", name="With pictures and colours").click()
    assert await page.locator("header svg").count() > 0
    assert "zone=Asia%2FTokyo" in str(await page.locator("nav a").first.get_attribute("href"))
    assert await where.cookies() == []
    await where.close()


async def test_every_page_can_be_printed(site: Served, chromium: Browser) -> None:
    """On paper: the words, no buttons and no way to click on, nothing beside the sheet."""
    where = await context(chromium, ("light", 718, "en"))  # A4 within its margins
    page = await where.new_page()
    await page.emulate_media(media="print")
    for path in (
        "/",
        "/events",
        "/events/spring-day",
        "/reflections",
        "/reflections/moss",
        *PAGES[:3],
    ):
        await page.goto(site.url + path)
        assert await page.locator("h1").is_visible(), path
        for off in ("nav", ".skip", ".zones", "button", "footer.site form"):
            shown = [one for one in await page.locator(off).all() if await one.is_visible()]
            assert not shown, (path, off)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await where.close()
