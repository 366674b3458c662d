"""A gathering published from a telephone, without JavaScript: by keys alone, and over a connection that breaks."""

import pytest
from playwright.async_api import Browser, Page

from node.store import events
from tests.web.served import Served
from tests.web.test_browser import context, examine, signed_in, site, turned_clock

__all__ = ["site", "turned_clock"]  # fixtures of the browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = ("light", 360, "en-US")
_MOST_TABS = 150


class Keyboard:
    """Somebody who has nothing but keys; counts how many they press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    async def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            await self.page.keyboard.press(key)
        self.pressed += len(keys)

    async def say(self, words: str) -> None:
        """Type into what has the focus."""
        await self.page.keyboard.type(words)
        self.pressed += len(words)

    async def go_to(self, selector: str) -> None:
        """Tab until it has the focus; where that never comes, the journey ends here."""
        wanted = self.page.locator(selector)
        for _ in range(_MOST_TABS):
            if await wanted.evaluate_all(
                "some => some.some(one => one === document.activeElement)"
            ):
                box = await self.page.locator(":focus").bounding_box()
                assert box is not None
                assert box["y"] >= 0, f"{selector} has the focus and is out of sight"
                return
            await self.press("Tab")
        raise AssertionError(f"no key leads to {selector}")

    async def fill(self, selector: str, words: str) -> None:
        """Go there and type."""
        await self.go_to(selector)
        await self.say(words)


async def shown_fields(page: Page) -> int:
    """How many fields a form shows before anything is unfolded; a group of choices is one."""
    names: set[str] = set()
    for one in await page.locator("main form:has(#title) [name]").all():
        kind = await one.get_attribute("type")
        if kind == "hidden" or await one.evaluate("one => one.tagName === 'BUTTON'"):
            continue
        if await one.is_visible():
            names.add(await one.get_attribute("name") or "")
    return len(names)


async def test_keys_alone_publish_a_complete_gathering(site: Served, chromium: Browser) -> None:
    where = await context(chromium, PHONE, java_script_enabled=False)
    page = await signed_in(site, where, "Keys")
    hand = Keyboard(page)
    await hand.go_to("a.button[href='/desk/new-event']")
    await hand.press("Enter")
    await page.wait_for_url("**/desk/new-event")
    assert await shown_fields(page) <= 26

    await hand.fill("#title", "Spring workshop")
    await hand.fill("#summary", "We sit by the creek and listen.")
    await hand.go_to("details:has(#title_2) > summary")
    await hand.press("Enter")
    await hand.fill("#language_2", "Esp")
    await hand.fill("#title_2", "Taller de primavera")
    await hand.fill("#kind", "Work")
    await hand.fill("#start_date", "04172027")
    await hand.fill("#start_time", "1000AM")
    await hand.fill("#end_time", "0430PM")
    await hand.fill("#place_name", "Old mill")
    await hand.fill("#price_model", "Sliding")
    await hand.fill("#price_min", "0")
    await hand.fill("#price_max", "40")
    await hand.fill("#price_currency", "USD")
    await hand.go_to("#no_one_turned_away")
    await hand.press("Space")
    await hand.fill("#registration_mode", "Just")
    await hand.go_to("details:has(#access_step_free_entrance) > summary")
    await hand.press("Enter")
    await hand.fill("#access_step_free_entrance", "y")
    await hand.go_to("button[value=preview]")
    await hand.press("Enter")

    await page.wait_for_url("**/preview")
    shown = await page.inner_text("main")
    assert "could still be said" in shown
    for words in ("As a web page", "As a post on Mastodon", "As a letter by e-mail", "On paper"):
        assert words in shown
    post = await page.inner_text("article.post")
    assert "Sat 17 Apr 2027, 10:00–16:30 PDT" in post
    await hand.go_to(".advice a[href$='#facilitator_name_0']")
    await hand.press("Enter")
    await page.wait_for_url("**#facilitator_name_0")
    assert await page.locator("#facilitator_name_0").is_visible()  # though its part was folded away
    await page.go_back()
    await hand.go_to("form[action$='/publish'] button")
    await hand.press("Enter")
    await page.wait_for_url("**/people?done=published")
    assert hand.pressed < 500

    document = await site.node.database.read(
        lambda session: events.get_document(session, "spring-workshop")
    )
    assert document["title"] == {"en": "Spring workshop", "es": "Taller de primavera"}
    assert document["kind"] == "workshop"
    assert document["start_local"] == "2027-04-17T10:00:00"
    assert document["end_local"] == "2027-04-17T16:30:00"
    assert document["price"]["model"] == "sliding_scale"
    assert document["price"]["no_one_turned_away"] is True
    assert document["access"] == {"step_free_entrance": "yes"}
    await where.close()


async def test_what_is_wrong_is_led_to_by_keys(site: Served, chromium: Browser) -> None:
    where = await context(chromium, PHONE, java_script_enabled=False)
    page = await signed_in(site, where, "Links")
    await page.goto(site.url + "/desk/new-event")
    await page.fill("#title", "Ends before it begins")
    await page.fill("#start_date", "2027-06-05")
    await page.fill("#start_time", "10:00")
    await page.fill("#end_time", "09:00")
    # Something wrong that is folded away must be unfolded when the form comes back.
    await page.locator("details:has(#capacity) > summary").click()
    await page.fill("#registration_url", "not an address")
    await page.get_by_role("button", name="Publish").click()
    hand = Keyboard(page)
    await hand.go_to(".banner a[href='#registration_url']")
    await hand.press("Enter")
    assert await page.locator("#registration_url").is_visible()
    await hand.press("Tab", "Shift+Tab")
    assert await page.locator("#registration_url:focus").count() == 1
    described = await page.get_attribute("#registration_url", "aria-describedby") or ""
    assert "wrong-registration_url" in described
    assert await page.input_value("#title") == "Ends before it begins"
    await where.close()


async def test_a_broken_connection_loses_nothing(site: Served, chromium: Browser) -> None:
    where = await context(chromium, PHONE, java_script_enabled=False)
    page = await signed_in(site, where, "Offline")
    await page.goto(site.url + "/desk/new-event")
    await page.fill("#title", "Typed in a tunnel")
    await page.fill("#summary", "And not sent.")
    await where.set_offline(True)
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Save as a draft").click(no_wait_after=True)
    await where.set_offline(False)
    await page.go_back()
    assert await page.input_value("#title") == "Typed in a tunnel"
    assert await page.input_value("#summary") == "And not sent."
    await page.get_by_role("button", name="Save as a draft").click()
    assert "nothing is published" in await page.inner_text(".st-done")

    # On another device, later.
    await page.get_by_role("link", name="Drafts").click()
    await page.get_by_role("link", name="Typed in a tunnel").click()
    assert await page.input_value("#summary") == "And not sent."
    await where.close()


async def test_two_taps_on_publish_make_one(site: Served, chromium: Browser) -> None:
    where = await context(chromium, PHONE, java_script_enabled=False)
    page = await signed_in(site, where, "Twice")
    await page.goto(site.url + "/desk/new-event")
    await page.fill("#title", "Tapped twice")
    await page.fill("#start_date", "2027-06-05")
    await page.fill("#start_time", "10:00")
    await page.get_by_role("button", name="Preview").dblclick()
    await page.wait_for_url("**/preview")
    await page.goto(site.url + "/desk/drafts")
    assert await page.get_by_role("link", name="Tapped twice").count() == 1
    await page.go_back()
    for look in (("light", 320, "de"), ("dark", 320, "ar")):
        other = await context(chromium, look, storage_state=await where.storage_state())
        await examine(await other.new_page(), page.url)
        await other.close()
    await page.get_by_role("button", name="Publish").dblclick()
    await page.wait_for_url("**/people?done=published")
    found = await site.node.database.read(events.gatherings)
    assert [one.event.slug for one in found if "tapped" in one.event.slug] == ["tapped-twice"]
    await where.close()
