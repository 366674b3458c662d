"""The groups in a real browser: without scripts, on a telephone, by keyboard, by day and night, both ways round."""

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from playwright.async_api import Browser

from tests.conftest import TurnableClock
from tests.web.served import Keys, Served, serve
from tests.web.test_browser import LOOKS, context, examine, signed_in
from tests.web.test_groups import FOREST, prepare

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with serve(tmp_path_factory.mktemp("groups"), node_keys, TurnableClock()) as running:
        await prepare(running, stands_publicly=True)
        yield running


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_the_pages_of_groups_are_accessible(
    site: Served, chromium: Browser, look: Any
) -> None:
    where = await context(chromium, look)
    page = await signed_in(site, where, f"Steward {look}")
    for path in ("/groups", "/groups?km=50", "/desk/groups", "/desk/groups/list", "/desk/group"):
        await examine(page, site.url + path)
    await where.close()


async def test_the_map_works_on_a_telephone_by_keyboard_and_asks_nobody(
    site: Served, chromium: Browser
) -> None:
    where = await context(chromium, ("dark", 320, "en"), java_script_enabled=False)
    page = await where.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(site.url + "/groups")
    assert all(url.startswith(site.url) for url in asked)
    dot = page.locator(".map a").first
    box = await dot.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24  # WCAG 2.5.8
    await dot.focus()
    await page.keyboard.press("Enter")
    assert page.url.endswith("#g1")
    await where.close()


async def test_a_telephone_reads_the_address_of_the_list(site: Served, chromium: Browser) -> None:
    for scheme in ("light", "dark"):
        where = await context(chromium, (scheme, 360, "en"), java_script_enabled=False)
        page = await where.new_page()
        await page.goto(site.url + "/groups")
        picture = Image.open(io.BytesIO(await page.locator("svg.qr").screenshot()))
        [found] = zxingcpp.read_barcodes(picture)
        assert found.text == site.url + "/groups.json"
        await where.close()


async def test_a_group_is_followed_or_hidden_with_one_press_and_no_script(
    site: Served, chromium: Browser
) -> None:
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await signed_in(site, where, "One press")
    await page.goto(site.url + "/desk/groups")
    await page.get_by_role("button", name=re.compile(r"^Not for us\b")).click()
    assert "done=hidden" in page.url
    await page.locator("summary").click()
    await page.get_by_role("button", name=re.compile(r"^Suggest it again\b")).click()
    assert "Forest circle" in await page.locator("section:has(#h-list)").inner_text()
    await page.get_by_role("link", name="Follow a list of groups").click()
    await page.fill("#list", f"@a@b.example\n{FOREST.id}")
    await page.get_by_role("button", name="Look at it first").click()
    assert await page.get_by_label("@a@b.example").is_checked()
    await where.close()
