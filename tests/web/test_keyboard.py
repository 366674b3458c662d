"""Nothing but keys: coming to a gathering, changing the answer, and writing a reflection."""

import pytest
from playwright.async_api import Browser, Page

from tests.web.served import Served
from tests.web.test_browser import context, signed_in, site, turned_clock

__all__ = ["site", "turned_clock"]  # fixtures of the browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST_STEPS = 150
NAME = """() => { const one = document.activeElement;
    const label = one.closest('label') || (one.labels && one.labels[0]);
    return one.id === 'main' || one === document.body ? '' : one.id || (label || one).innerText.trim(); }"""

CHECKED = (
    "(one => one.id || one.closest('label').innerText.trim())(document.querySelector(':checked'))"
)


async def walk_to(page: Page, wanted: str) -> None:
    """Tab forward until whatever has this id, label or text has the focus."""
    passed = []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        name = await page.evaluate(NAME)
        if name == wanted:
            return
        passed.append(name)
    raise AssertionError(f"{wanted!r} is not reached by Tab; passed {passed}")


async def press_on(page: Page, wanted: str, key: str = "Enter") -> None:
    """Go to a link or button by Tab and press it; the next page stands when this returns."""
    await walk_to(page, wanted)
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def write_in(page: Page, wanted: str, text: str) -> None:
    await walk_to(page, wanted)
    await page.keyboard.type(text)


async def test_coming_by_keyboard_alone(site: Served, chromium: Browser) -> None:
    """J6: from the front page to a place, an error on the way, a change, and out again."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=True)
    page = await where.new_page()
    await page.goto(site.url + "/")
    await press_on(page, "Gatherings")
    await press_on(page, "Spring Spiral: a day of practice")
    await walk_to(page, "Answer here")
    await page.keyboard.press("Enter")
    await write_in(page, "name", "https://reed")
    await write_in(page, "reach", "I come by wheelchair.")
    await press_on(page, "I am coming", "Space")

    assert await page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    await walk_to(page, "A name has 1 to 80 letters.")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")  # an address within the page is where the next Tab begins
    if await page.evaluate(NAME) != "name":
        await page.keyboard.press("Shift+Tab")
    assert await page.evaluate(NAME) == "name"
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("Reed by keys")
    assert await page.input_value("#reach") == "I come by wheelchair."
    await press_on(page, "I am coming", "Space")

    assert "You have a place." in await page.inner_text("main")
    own_page = page.url
    await walk_to(page, await page.evaluate(CHECKED))
    await page.keyboard.press("ArrowDown")
    await press_on(page, "Save")
    assert "You said that you may come." in await page.inner_text("main")
    await page.goto(own_page)
    await press_on(page, "What is kept about you")
    await press_on(page, "Erase all of it")
    assert "Nothing is kept about you" in await page.inner_text("main")
    await where.close()


async def test_a_reflection_by_keyboard_alone(site: Served, chromium: Browser) -> None:
    """J12 at the desk: write, be refused, mend, publish; then read it and take it back."""
    where = await context(chromium, ("light", 360, "en"))
    page = await signed_in(site, where, "Keys")
    await page.goto(site.url + "/desk")
    await press_on(page, "New reflection")
    await walk_to(page, "kind")
    await page.keyboard.type("Poem")
    await write_in(page, "title", "Written with keys")
    await press_on(page, "Publish")
    assert await page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert await page.input_value("#title") == "Written with keys"
    assert await page.input_value("#kind") == "poem"

    await write_in(page, "body", "One key after the other,")
    await page.keyboard.press("Enter")
    await page.keyboard.type("rain on a roof.")
    assert not await page.is_checked("#consent_publish")
    for consent in ("consent_publish", "consent_others"):
        await walk_to(page, consent)
        await page.keyboard.press("Space")
    await press_on(page, "Publish")
    assert "done=" in page.url
    await press_on(page, "Written with keys")
    assert "rain on a roof." in await page.inner_text("main")

    await page.goto(site.url + "/desk/reflections")
    await walk_to(page, "Written with keys")
    await walk_to(page, "Take back")
    await page.keyboard.press("Enter")
    await press_on(page, "Take it back")
    await page.goto(site.url + "/reflections")
    assert "Written with keys" not in await page.inner_text("main")
    await where.close()
