"""Holding a gathering together at two desks, on a telephone without scripts: asked, agreed, ended, declined."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.interop.test_two_nodes import GATHERING, accepted
from tests.running_node import RunningNode, eventually, running_node
from tests.web.served import PASSWORD
from tests.web.test_browser import context

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    async with running_node(tmp_path, "alder") as alder, running_node(tmp_path, "birch") as birch:
        yield alder, birch


async def desk(chromium: Browser, node: RunningNode) -> Page:
    """A steward's telephone, at the list of neighbours."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await where.new_page()
    invited = json.loads(await node.command("steward", "add", "Ana", "--json"))
    await page.goto(invited["link"])
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("main button")
    await page.wait_for_url("**/desk")
    await page.goto(f"{node.url}/desk/neighbours")
    return page


async def together(page: Page, words: str) -> None:
    """The section about what is held together comes to say this."""

    async def says() -> bool:
        await page.reload()
        return words in await page.locator("section:has(#h-together)").inner_text()

    await eventually(says)


async def press(page: Page, name: str) -> None:
    section = page.locator("section:has(#h-together)")
    await section.get_by_role("button", name=re.compile(f"^{name}")).click()


async def test_two_desks_agree_and_part(
    nodes: tuple[RunningNode, RunningNode], chromium: Browser
) -> None:
    alder, birch = nodes
    await accepted(alder, birch)
    await accepted(birch, alder)
    await birch.command("event", "add", "-", stdin=GATHERING)
    home, other = await desk(chromium, birch), await desk(chromium, alder)

    await home.select_option("#event", label="Slow walk by the river")
    await press(home, "Ask them")
    await together(other, "they ask you")
    await press(other, "Hold it together")
    await together(home, "held together")
    await home.goto(f"{birch.url}/events/river-walk")
    named = home.get_by_role("link", name="Circle alder")
    assert await named.get_attribute("href") == f"{alder.url}/group"
    width = await home.evaluate("document.documentElement.scrollWidth")
    assert width <= 360

    await home.goto(f"{birch.url}/desk/neighbours")
    await press(home, "End this")
    await home.goto(f"{birch.url}/events/river-walk")
    assert await named.count() == 0

    await home.goto(f"{birch.url}/desk/neighbours")
    await press(home, "Ask them")
    await together(other, "they ask you")
    await press(other, "Decline")
    await together(home, "declined")
    for page in (home, other):
        await page.context.close()
