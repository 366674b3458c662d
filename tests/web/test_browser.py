"""A real browser: the desk without JavaScript, axe on every page, keyboard, small screens."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page

from node.services import stewards
from tests.conftest import TurnableClock
from tests.federation.peer import Peer
from tests.web import voices
from tests.web.served import PASSWORD, Keys, Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOKS = (
    ("light", 320, "en"),
    ("light", 320, "de"),  # the longest words
    ("dark", 1200, "en"),
    ("dark", 320, "ar"),
    ("light", 1200, "ar"),
)


@pytest.fixture(scope="module")
def turned_clock() -> TurnableClock:
    return TurnableClock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, node_keys: Keys, turned_clock: TurnableClock
) -> AsyncIterator[Served]:
    async with serve(tmp_path_factory.mktemp("browser"), node_keys, turned_clock) as running:
        await running.node.database.write(lambda session: voices.fill(session, running.url))
        yield running


async def context(chromium: Browser, look: tuple[str, int, str], **more: Any) -> BrowserContext:
    scheme, width, locale = look
    return await chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
        reduced_motion="reduce",
        **more,
    )


async def signed_in(site: Served, where: BrowserContext, name: str) -> Page:
    site.clock.advance(seconds=61)  # so that many stewards of one address are not too many tries
    token = await site.node.database.write(
        lambda session: stewards.invite(session, name, now=site.clock.now())
    )
    page = await where.new_page()
    await page.goto(f"{site.url}/sign-in/{token}")
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("main button")
    await page.wait_for_url("**/desk")
    return page


async def examine(page: Page, address: str) -> None:
    """axe finds nothing, and nothing is wider than the screen."""
    await page.goto(address)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = (await Axe().run(page, options=RULES)).response["violations"]
    told = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
    assert told == [], address
    wide = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll('main *')]
                .filter(one => { const box = one.getBoundingClientRect();
                                 return box.right > innerWidth || box.left < 0; })
                .map(one => one.outerHTML.slice(0, 90))"""
    )
    assert wide == [], f"{address} scrolls sideways"


async def test_publish_without_javascript(site: Served, chromium: Browser) -> None:
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await signed_in(site, where, "Without scripts")
    await page.goto(site.url + "/desk/new-event")
    await page.fill("#title", "Bread and stars")
    await page.fill("#summary", "We bake, then look up.")
    await page.fill("#start_date", "2027-06-05")
    await page.fill("#start_time", "02:30")
    await page.fill("#timezone", "Nowhere/Land")
    await page.get_by_role("button", name="Publish").click()
    assert await page.get_by_role("alert").is_visible()
    assert await page.input_value("#title") == "Bread and stars"
    await page.fill("#timezone", "Europe/Berlin")
    await page.get_by_role("button", name="Publish").click()
    assert "done=published" in page.url
    await page.goto(site.url + "/events")
    await page.get_by_role("link", name="Bread and stars").click()
    assert await page.locator("h1").inner_text() == "Bread and stars"
    assert "Saturday 5 June 2027" in await page.inner_text("main")
    await where.close()


async def test_coming_without_javascript_or_an_account(site: Served, chromium: Browser) -> None:
    """Come, keep the code, change, come back by the code, erase."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await where.new_page()
    await page.goto(site.url + "/events/spring-day")
    await page.fill("#name", "Reed")
    await page.get_by_role("button", name="I am coming").click()
    assert "You have a place." in await page.inner_text("main")
    code = await page.locator("section:has(#h-keep) strong").inner_text()
    await page.get_by_label("Maybe").check()
    await page.get_by_role("button", name="Save").click()
    assert "You said that you may come." in await page.inner_text("main")
    await page.goto(site.url + "/rsvp")
    await page.fill("#code", code.upper())
    await page.get_by_role("button", name="Show my answer").click()
    await page.get_by_role("link", name="What is kept about you").click()
    assert "Reed" in await page.inner_text("main")
    await page.get_by_role("button", name="Erase all of it").click()
    assert "Nothing is kept about you" in await page.inner_text("main")
    await where.close()


async def test_following_from_ones_own_server_without_javascript(
    site: Served, chromium: Browser
) -> None:
    """The browser really goes there: its policy is held against the redirect, too."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    async with Peer.start() as home:
        template = {
            "rel": "https://w3id.org/fep/3b86/Follow",
            "template": home.url("/intents/follow?object={object}"),
        }
        home.jrd[f"acct:ana@{home.host}"] = {"links": [template]}
        home.serve("/intents/follow", "<!doctype html><h1>Home</h1>", content_type="text/html")
        page = await where.new_page()
        await page.goto(site.url + "/")
        await page.get_by_role("link", name="Follow from your own server").click()
        await page.fill("#address", f"@ana@{home.host}")
        await page.get_by_role("button", name="Take me there").click()
        assert page.url.startswith(home.url("/intents/follow?object=http"))
        [went] = home.asked("/intents/follow")
        assert went.header("Referer") is None
    await where.close()


async def test_errors_take_the_focus_and_lead_to_their_fields(
    site: Served, chromium: Browser
) -> None:
    where = await context(chromium, ("light", 1200, "en"))
    page = await signed_in(site, where, "Hasty")
    await page.goto(site.url + "/desk/new-event")
    await page.get_by_role("button", name="Publish").click()
    alert = page.get_by_role("alert")
    assert await alert.evaluate("one => one === document.activeElement")
    await alert.get_by_role("link").first.click()
    assert page.url.endswith("#title")
    found = (await Axe().run(page, options=RULES)).response["violations"]
    assert found == []
    await where.close()


async def test_keyboard_focus_is_seen_everywhere(site: Served, chromium: Browser) -> None:
    where = await context(chromium, ("light", 1200, "en"))
    page = await where.new_page()
    for path in ("/", "/events/spring-day", "/sign-in"):
        await page.goto(site.url + path)
        seen = 0
        for _ in range(60):
            await page.keyboard.press("Tab")
            style = await page.evaluate(
                """() => {
                    const one = document.activeElement;
                    if (one === document.body) return null;
                    const [own, after] = [getComputedStyle(one), getComputedStyle(one, '::after')];
                    const ring = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                    const box = one.getBoundingClientRect();
                    return {ring: ring(own) || ring(after), html: one.outerHTML.slice(0, 90),
                            inside: box.bottom > 0 && box.top < innerHeight};
                }"""
            )
            if style is None:
                break
            seen += 1
            assert style["ring"], style["html"]
            assert style["inside"], style["html"]
        assert seen > 5
    await where.close()


async def test_the_skip_link_leads_to_the_content(site: Served, chromium: Browser) -> None:
    where = await context(chromium, ("light", 1200, "en"))
    page = await where.new_page()
    await page.goto(site.url + "/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await where.close()


async def test_targets_are_large_enough_for_a_thumb(site: Served, chromium: Browser) -> None:
    where = await context(chromium, ("light", 360, "en"))
    page = await signed_in(site, where, "Thumb")
    for path in ("/", "/events/spring-day", "/desk/new-event"):
        await page.goto(site.url + path)
        small = await page.evaluate(
            """() => [...document.querySelectorAll('nav a, button, .button, input:not([type=hidden]), select, summary')]
                .filter(one => one.checkVisibility() && !one.closest('.trap'))
                .map(one => [one.closest('label.choice') || one, one])
                .filter(([area]) => area.getBoundingClientRect().height < 44)
                .map(([_, one]) => one.outerHTML.slice(0, 80))"""
        )
        assert small == [], path
    await where.close()


async def test_injected_script_does_not_run(site: Served, chromium: Browser) -> None:
    where = await context(chromium, ("light", 1200, "en"))
    page = await where.new_page()
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    for path in ("/reflections/hostile", "/reflections", "/"):
        await page.goto(site.url + path)
    refused = await page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener('securitypolicyviolation', event => resolve(event.violatedDirective));
            const script = document.createElement('script');
            script.textContent = 'window.broken = true';
            document.body.append(script);
            setTimeout(() => resolve('nothing'), 1000);
        })"""
    )
    assert refused.startswith("script-src")
    assert alarms == []
    await where.close()


async def test_a_steward_answers_without_javascript(site: Served, chromium: Browser) -> None:
    """What waits is shown, answered and hidden again; the page says each time what was done."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=False)
    page = await signed_in(site, where, "Quiet steward")
    await page.goto(site.url + "/desk/replies")
    waiting = page.locator("article", has_text="Les yeux de la mousse").first
    await waiting.get_by_role("button", name="Let it be shown").click()
    assert "may be shown now" in await page.inner_text("[role=status]")
    await page.goto(site.url + "/desk/conversation")
    shown = page.locator("article", has_text="Les yeux de la mousse").first
    await shown.locator("summary").click()
    await shown.get_by_label("In the name of the group").fill("We are glad of it.")
    await shown.get_by_role("button", name="Send the answer").click()
    assert "Answered." in await page.inner_text("[role=status]")
    await page.goto(site.url + "/reflections/moss")
    assert "We are glad of it." in await page.inner_text("main")
    await page.goto(site.url + "/desk/conversation")
    shown = page.locator("article", has_text="We are glad of it.").first
    await shown.get_by_role("button", name="Hide it again").click()
    await page.goto(site.url + "/reflections/moss")
    assert "We are glad of it." not in await page.inner_text("main")
    await where.close()


async def test_the_calendar_is_narrowed_on_a_telephone_in_arabic_without_scripts(
    site: Served, chromium: Browser
) -> None:
    where = await context(chromium, ("light", 360, "ar"), java_script_enabled=False)
    page = await where.new_page()
    await page.goto(site.url + "/calendar")
    every = await page.locator("article.gathering").count()
    await page.locator("form[action='/calendar'] summary").click()
    await page.check("[name=online]")
    await page.locator("form[action='/calendar'] button").click()
    assert "online=" in page.url
    assert 0 < await page.locator("article.gathering").count() < every
    await page.goto(site.url + "/search")
    await page.fill("main [name=q]", "circle")
    await page.locator("main form button").first.click()
    assert "q=circle" in page.url
    await where.close()
