"""What a page may weigh on dear data, and the list of pages for search engines."""

import gzip
import re
from xml.etree import ElementTree as ET

import pytest

from tests.web.served import Browser, Served

WHOLE, PACKED = 50_000, 15_000


async def parts(browser: Browser, path: str) -> list[bytes]:
    """A page and everything it asks for to be shown: style sheets and scripts; nothing leads further."""
    page = (await browser.get(path)).text
    asked = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    asked += re.findall(r'<script[^>]* src="([^"]+)"', page)
    found = [page.encode()]
    for address in asked:
        assert address.startswith("/"), "nothing comes from elsewhere"
        sheet = (await browser.get(address)).text
        assert "@import" not in sheet
        assert "url(" not in sheet.replace("url(data:", "")
        found.append(sheet.encode())
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/events",
        "/events/spring-day",
        "/events/hidden-circle",
        "/events/halqat-istima",
        "/events/long-title",
        "/reflections",
        "/reflections/moss",
        "/about",
        "/search",
    ],
)
async def test_a_page_is_light(served: Served, path: str) -> None:
    found = await parts(served.browser, path)
    assert sum(len(part) for part in found) <= WHOLE
    assert sum(len(gzip.compress(part, 6)) for part in found) <= PACKED


async def test_the_list_of_pages_leads_to_pages_that_may_be_indexed(served: Served) -> None:
    answer = await served.browser.get("/sitemap.xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    listed = [loc.text or "" for loc in ET.fromstring(answer.text).findall("s:url/s:loc", space)]
    origin = served.node.urls.origin
    assert len(listed) == len(set(listed)) > 12
    assert f"{origin}/events/spring-day" in listed
    assert f"{origin}/practices/three-breaths" in listed
    for address in listed:
        page = await served.browser.get(address.removeprefix(origin))
        assert page.status == 200, address
        assert "X-Robots-Tag" not in page.headers, address
    for private in ("by-link", "for-followers", "only-here", "what-does-not-rain"):
        assert f"/{private}<" not in answer.text
