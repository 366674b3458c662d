"""How pages look where the browser is told to: dark, more contrast, colours of its own, no motion, no style."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route

from tests.web.served import Served
from tests.web.test_browser import context, site, turned_clock
from web.accent import contrast

__all__ = ["site", "turned_clock"]  # fixtures of the browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/events/spring-day"
STYLE = """selector => { const one = document.querySelector(selector), style = getComputedStyle(one);
    let under = one; while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement;
    return {ink: style.color, paper: getComputedStyle(under).backgroundColor, line: style.borderTopColor,
            kind: style.borderTopStyle, width: parseFloat(style.borderTopWidth), moves: style.transitionDuration,
            scroll: getComputedStyle(document.documentElement).scrollBehavior}; }"""


async def opened(site: Served, chromium: Browser, **more: Any) -> Page:
    given = {"viewport": {"width": 1200, "height": 800}, "locale": "en"} | more
    page = await (await chromium.new_context(**given)).new_page()
    await page.goto(site.url + PATH)
    return page


async def refuse(route: Route) -> None:
    await route.abort()


def hexed(colour: str) -> str:
    """`rgb(34, 48, 31)` as `#22301f`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_more_contrast_is_given_where_it_is_asked_for(
    site: Served, chromium: Browser, scheme: str
) -> None:
    """Everything in ink, 7 to 1 and more; the hairlines of cards become lines that are seen, 3 to 1."""
    page = await opened(site, chromium, color_scheme=scheme, contrast="more")
    for selector in (".kicker", ".facts dt", ".hint", ".zone", "main p", ".chip"):
        seen = await page.evaluate(STYLE, selector)
        assert contrast(hexed(seen["ink"]), hexed(seen["paper"])) >= 7, selector
    card = await page.evaluate(STYLE, ".card.come")
    assert contrast(hexed(card["line"]), hexed(card["paper"])) >= 3
    await page.context.close()


async def test_the_dark_is_dark(site: Served, chromium: Browser) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        page = await opened(site, chromium, color_scheme=scheme)
        seen = await page.evaluate(STYLE, "body")
        assert (contrast(hexed(seen["paper"]), "#000000") < 2) is dark
        assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == (
            "light dark"
        )
        await page.context.close()


async def test_what_colour_alone_showed_has_a_border_in_forced_colours(
    site: Served, chromium: Browser
) -> None:
    page = await opened(site, chromium, forced_colors="active")
    for selector in (".card", ".tile", ".chip", ".note", ".copy bdi", ".button"):
        seen = await page.evaluate(STYLE, selector)
        assert seen["kind"] == "solid", selector
        assert seen["width"] >= 1, selector
    current, others = await page.evaluate(
        """() => [...document.querySelectorAll('header.site nav a')].map(one =>
            [one.hasAttribute('aria-current'), parseFloat(getComputedStyle(one).borderBottomWidth)])
            .reduce((sum, [here, width]) => { sum[here ? 0 : 1] += width; return sum; }, [0, 0])"""
    )
    assert (current >= 2, others) == (True, 0)  # only where one is has a line under it
    await page.context.close()


async def test_nothing_moves_where_that_is_not_wished(site: Served, chromium: Browser) -> None:
    for wish, still in (("reduce", True), ("no-preference", False)):
        page = await opened(site, chromium, reduced_motion=wish)
        seen = await page.evaluate(STYLE, ".button")
        assert (seen["moves"] == "0s") is still
        assert (seen["scroll"] == "auto") is still
        await page.context.close()


async def test_a_page_without_style_sheets_is_read_from_top_to_bottom(
    site: Served, chromium: Browser
) -> None:
    """Facts before the text, the form after it; no drawing takes the page."""
    where = await context(chromium, ("light", 360, "en"), java_script_enabled=True)
    await where.route("**/*.css", refuse)
    page = await where.new_page()
    for path in ("/", PATH, "/reflections/moss", "/nope"):
        await page.goto(site.url + path)
        drawn = (
            "[...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect().height)"
        )
        assert max(await page.evaluate(drawn)) <= 60, path
    await page.goto(site.url + PATH)
    text = await page.inner_text("body")
    order = [
        "Skip to the content",
        "Gatherings",
        "Spring Spiral",
        "When",
        "Where",
        "One full journey",
    ]
    order += ["Access", "Say that you are coming", "Pass it on", "For stewards"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    await where.close()


async def test_a_zone_is_not_torn_apart(site: Served, chromium: Browser) -> None:
    """`(PDT, UTC-07:00)` stays on one line and reads from left to right, on Arabic pages, too."""
    for locale in ("en", "ar"):
        where = await context(chromium, ("light", 320, locale))
        page = await where.new_page()
        for path in ("/", "/events", PATH):
            await page.goto(site.url + path)
            rows = await page.evaluate(
                """() => [...document.querySelectorAll('.zone bdi')].map(one => {
                    const range = document.createRange(); range.selectNodeContents(one);
                    return [range.getClientRects().length, getComputedStyle(one).direction]; })"""
            )
            assert rows, path
            assert all(row == [1, "ltr"] for row in rows), path
        await where.close()
