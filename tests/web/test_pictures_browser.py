"""A picture given with a telephone, without JavaScript: chosen, described, seen, described anew, taken away."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.pictures import photo
from tests.web.served import Served
from tests.web.test_browser import RULES, context, signed_in, site, turned_clock

__all__ = ["site", "turned_clock"]  # fixtures of the browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = ("light", 320, "en")


async def test_a_picture_from_a_telephone(site: Served, chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "IMG_2041.JPG").write_bytes(photo((3000, 4000)))
    where = await context(chromium, PHONE, java_script_enabled=False)
    page = await signed_in(site, where, "Otter")
    await page.goto(site.url + "/desk/new-event")
    await page.fill("#title", "Walk to the weir")
    await page.fill("#start_date", "2027-06-05")
    await page.fill("#start_time", "10:00")
    await page.get_by_label("Choose a picture").set_input_files(tmp_path / "IMG_2041.JPG")
    await page.get_by_role("button", name="Publish").click()

    assert "Say in words what the picture shows" in await page.inner_text(".banner")
    assert await page.input_value("#title") == "Walk to the weir"
    assert await page.locator("#s-picture ~ p img").count() == 1
    await page.get_by_label("What does it show?").fill("Water falls over a low weir.")
    await page.get_by_label("Top", exact=True).focus()  # keyboard alone
    await page.keyboard.press("ArrowDown")
    assert await page.get_by_label("Top right").is_checked()
    await page.get_by_role("button", name="Publish").click()

    await page.goto(site.url + "/events")
    await page.get_by_role("link", name="Walk to the weir").click()
    image = page.get_by_role("img", name="Water falls over a low weir.")
    box = await image.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    await where.close()

    look = await context(chromium, PHONE)
    open_page = await look.new_page()
    for path in ("/events/walk-to-the-weir", "/events"):
        await open_page.goto(site.url + path)
        loaded = await open_page.evaluate(
            "async () => { const one = document.querySelector('.u-photo, .shot'); one.scrollIntoView();"
            " await one.decode(); return one.naturalWidth }"
        )
        assert loaded > 0
        found = (await Axe().run(open_page, options=RULES)).response["violations"]
        assert [one["id"] for one in found] == [], path
        assert await open_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heading = await open_page.locator(".gathering:has(.shot) h3").first.bounding_box()
    assert heading is not None
    assert heading["width"] >= 100, "the picture leaves room for the name"
    await open_page.screenshot(path=tmp_path / "card.png")
    await look.close()
