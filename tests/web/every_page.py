"""Every page a person can meet, and how it is looked at: axe, and rulers laid on it in the browser."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

PUBLIC = (
    "/",
    "/events",
    "/events/spring-day",
    "/events/hidden-circle",
    "/events/called-off",
    "/events/moved-walk",
    "/events/some-day",
    "/events/halqat-istima",
    "/events/long-title",
    "/events/spring-day/poster",
    "/events/halqat-istima/poster?colour=colour",
    "/events/hidden-circle/thanks",
    "/zine/2027-03",
    "/reflections",
    "/reflections?stage=honoring_pain",
    "/reflections/moss",
    "/reflections/what-does-not-rain",
    "/practices",
    "/practices/three-breaths",
    "/neighbours",
    "/groups",
    "/calendar",
    "/calendar?month=2027-04&language=ar",
    "/calendar?language=ar&near=nowhere&access=quiet_room",
    "/calendar?near=999,999",
    "/calendar/embed",
    "/search",
    "/search?q=circle",
    "/search?q=zzz&kind=event",
    "/from-your-server",
    "/about",
    "/archive",
    "/archive/2026",
    "/concern",
    "/sign-in",
    "/sign-in/never-was",
    "/rsvp",
    "/nope",
)
DESK = (
    "/desk",
    "/desk/drafts",
    "/desk/calendars",
    "/desk/events",
    "/desk/new-event",
    "/desk/events/hidden-circle",
    "/desk/events/spring-day/people",
    "/desk/events/spring-day/list",
    "/desk/events/spring-day/deliveries",
    "/desk/events/spring-day/cancel",
    "/desk/events/wednesdays-2027-03-24/following",
    "/desk/reflections",
    "/desk/reflections/moss/deliveries",
    "/desk/reflections/moss/change",
    "/desk/new-reflection",
    "/desk/followers",
    "/desk/neighbours",
    "/desk/groups",
    "/desk/groups/list",
    "/desk/group",
    "/desk/stewards",
    "/desk/account",
    "/desk/blocks",
    "/desk/log",
    "/desk/replies",
    "/desk/conversation",
    "/desk/concerns",
)
# Forms that refuse what is empty: the page, and the address it is sent to where that is another.
FORMS = {
    "/events/spring-day": "/events/spring-day/come",
    "/concern": "/concern",
    "/sign-in": "/sign-in",
    "/rsvp": "/rsvp",
    "/from-your-server": "/from-your-server",
    "/desk/new-event": "/desk/new-event",
    "/desk/new-reflection": "/desk/new-reflection",
    "/desk/stewards": "/desk/stewards",
    "/desk/account": "/desk/account/password",
    "/desk/neighbours": "/desk/neighbours/follow",
    "/desk/blocks": "/desk/blocks",
    "/desk/groups/list": "/desk/groups/list",
}

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What may change with the colours or the width alone; the other rules read the document.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
_RUN = """async options => (await axe.run(options)).violations.map(
    one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))])"""

WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')]
        .filter(one => { const box = one.getBoundingClientRect();
                         return box.width && (box.right > innerWidth + 1 || box.left < -1); })
        .map(one => 'wide: ' + one.outerHTML.slice(0, 90))"""

# WCAG 2.5.8: 24 by 24 at least; what stands in a line of text is left to axe, which knows the exceptions.
SMALL = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(one => one.checkVisibility() && !one.closest('.trap, .skip, svg')
                   && one.type !== 'hidden' && getComputedStyle(one).display !== 'inline')
    .map(one => [one, (one.closest('label') || one).getBoundingClientRect()])
    .filter(([, box]) => box.height < 24 || box.width < 24)
    .map(([one, box]) => `small ${box.width}x${box.height}: ` + one.outerHTML.slice(0, 90))"""

# WCAG 2.4.7 and 2.4.11: a ring of two pixels on whatever has the focus, and nothing that floats above it.
UNSEEN = """() => {
    const ring = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const floating = [...document.querySelectorAll('body *')]
        .filter(one => ['fixed', 'sticky'].includes(getComputedStyle(one).position));
    const bare = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
        .filter(one => one.checkVisibility() && !one.closest('.trap, svg') && one.type !== 'hidden')
        .filter(one => { one.focus({focusVisible: true, preventScroll: true});
                         return document.activeElement !== one || !(ring(getComputedStyle(one))
                                || ring(getComputedStyle(one, '::after'))); });
    return [...floating, ...bare].map(one => 'focus: ' + one.outerHTML.slice(0, 90));
}"""

FIRST_LINK = """() => { const first = document.querySelector('a[href], button, input, select, textarea');
    return first.getAttribute('href') === '#main' && document.getElementById('main') ? []
           : ['no skip link: ' + first.outerHTML.slice(0, 90)]; }"""

OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
LARGER = "document.documentElement.style.fontSize = '225%'"  # twice of the 112.5 % of style.css
AS_IT_WAS = "document.documentElement.style.fontSize = ''"


async def axe(page: Page, rules: list[str] | None = None) -> list[Any]:
    """What axe finds on the page as it stands: its rules, or these alone."""
    chosen = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    options: dict[str, Any] = {"runOnly": chosen, "resultTypes": ["violations"]}
    if not rules:
        options["rules"] = {"target-size": {"enabled": True}}
    found: list[Any] = await page.evaluate(_RUN, options)
    return found


async def examine(page: Page, wide: str = "dark", *, bare: bool = False) -> list[Any]:
    """Whatever is wrong with the page that stands in the browser, loaded once and looked at in three ways.

    Light and narrow, dark and narrow, and wide in the scheme `wide`: the languages share those two out
    between them. In between twice the size of the letters. `bare` is for pages without the head of the site:
    what is printed, what is put into other pages.
    """
    await page.evaluate(_AXE)
    await page.evaluate(OPEN_ALL)
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 320, "height": 800})
    wrong = await axe(page)
    for ruler in (WIDE, SMALL, UNSEEN, *([] if bare else [FIRST_LINK])):
        wrong += await page.evaluate(ruler)
    await page.emulate_media(color_scheme="dark")
    wrong += await axe(page, SEEN)
    await page.set_viewport_size({"width": 640, "height": 800})
    await page.evaluate(LARGER)
    wrong += await page.evaluate(WIDE)
    await page.evaluate(AS_IT_WAS)
    await page.set_viewport_size({"width": 1200, "height": 800})
    await page.emulate_media(color_scheme=wide)  # type: ignore[arg-type]
    wrong += await axe(page, SEEN)
    wrong += await page.evaluate(WIDE)
    return wrong
