"""Bringing a calendar at the desk, on a telephone, without scripts; and its pages before axe."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.calendars.shapes import GOOGLE, calendar, entry, file
from tests.conftest import TurnableClock
from tests.federation.peer import Peer
from tests.web.served import Keys, Served, serve
from tests.web.test_browser import context, examine, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    data = tmp_path_factory.mktemp("calendars")
    async with serve(data, node_keys, TurnableClock(), empty=True) as running:
        yield running


async def test_a_file_is_looked_at_and_taken_without_scripts(
    site: Served, chromium: Browser, tmp_path: Path
) -> None:
    (tmp_path / "basic.ics").write_bytes(file(GOOGLE))
    (tmp_path / "photo.ics").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3000))
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await signed_in(site, where, "By file")
    await page.goto(site.url + "/desk/events")
    await page.get_by_role("link", name="Bring a calendar").click()
    await page.get_by_role("button", name="Look at it first").click()
    assert "Give the address of a calendar" in await page.get_by_role("alert").inner_text()
    await page.get_by_label("Or choose its file").set_input_files(tmp_path / "photo.ics")
    await page.get_by_role("button", name="Look at it first").click()
    assert "This is no calendar file" in await page.get_by_role("alert").inner_text()
    await page.get_by_label("Or choose its file").set_input_files(tmp_path / "basic.ics")
    await page.get_by_role("button", name="Look at it first").click()
    said = await page.inner_text("main")
    assert "Nothing is published yet" in said
    assert "New (2)" in said
    assert "Two days outside 2 April 2027" in said  # on the clocks of its own zone
    assert "It is marked as private there." in said
    assert "Dentist" not in said
    await page.goto(site.url + "/events")
    assert "Practice circle" not in await page.inner_text("main")
    await page.go_back()
    await page.get_by_role("button", name="Take it in once").click()
    assert "done=calendar-taken" in page.url
    await page.get_by_role("link", name="Practice circle").click()
    assert page.url.endswith("/desk/events/practice-circle")
    await page.goto(site.url + "/desk/events/practice-circle/people")
    assert "River circle" in await page.inner_text("main header")
    await page.goto(site.url + "/events/practice-circle")
    shown = await page.content()
    assert "Garden house" not in shown
    assert "zoom.us" not in shown
    await where.close()


async def test_an_address_is_kept_in_step_and_its_pages_are_accessible(
    site: Served, chromium: Browser
) -> None:
    async with Peer.start() as peer:
        first = entry("a", "20270401T190000", "Kept circle")
        address = peer.serve("/circle.ics", calendar(first, name="Kreis"))
        where = await context(chromium, ("dark", 320, "ar"))
        page = await signed_in(site, where, "By address")
        await page.goto(site.url + "/desk/calendars")
        await page.fill("#address", address)
        await page.locator("main form.fields button").click()
        await page.wait_for_url("**/desk/calendars/*")
        here = page.url
        await examine(page, here)
        await page.locator("button[value=keep]").click()
        await page.wait_for_url("**done=calendar-kept")
        peer.serve("/circle.ics", status=500)
        await page.locator("button[value=read]").click()
        await page.locator("button[value=stop]").click()
        await page.wait_for_url("**done=calendar-stopped")
        await page.locator("button[value=go-on]").click()
        await page.wait_for_url("**done=calendar-kept")
        await examine(page, here)
        await examine(page, site.url + "/desk/calendars")
        await where.close()
        where = await context(chromium, ("light", 320, "de"))
        page = await signed_in(site, where, "In German")
        await examine(page, site.url + "/desk/calendars")
        await examine(page, here)
        await page.locator("button[value=forget]").click()
        await page.wait_for_url("**done=calendar-forgotten")
        await where.close()
