"""Posters and the zine: who gets which, and the same as PDF. How they look printed: test_paper_printed.py."""

import asyncio
import io
import re
import sys
from typing import Any

import pypdfium2
import pytest

from tests.web import printing as sheets
from tests.web.printing import POINTS, read_codes
from tests.web.served import Browser, Served
from web.pdf import PdfMaker


@pytest.fixture
async def printing(served: Served) -> Served:
    await served.node.database.write(sheets.fill)
    return served


async def test_whoever_may_not_see_the_page_gets_no_poster(
    printing: Served, steward: Browser
) -> None:
    async def statuses() -> list[int]:
        paths = ("only-here", "nothing-here")
        return [
            (await steward.get(f"/events/{one}/poster{end}")).status
            for one in paths
            for end in ("", ".pdf")
        ]

    assert (await statuses())[:2] == [200, 200]
    await steward.post("/sign-out")
    assert await statuses() == [404, 404, 404, 404]


async def test_an_odd_wish_is_as_if_nothing_had_been_asked(
    printing: Served, steward: Browser
) -> None:
    page = (await steward.get("/events/lang/poster?size=%3Cb%3E&colour=x&strips=7")).text
    assert 'class="poster-page bw letter"' in page  # the group lives where letter paper is


async def test_a_month_without_anything_to_print_says_how_something_comes_in(
    printing: Served, steward: Browser
) -> None:
    answer = await steward.get("/zine/2027-02")
    assert answer.status == 200
    assert "ticks that it may be printed" in answer.text
    assert (await steward.get("/zine/2027-02.pdf")).status == 404
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    for nonsense in ("2027-13", "1999-01", "march", "2027-3"):
        assert (await steward.get(f"/zine/{nonsense}")).status == 404


async def test_what_is_withdrawn_is_in_no_zine(printing: Served, steward: Browser) -> None:
    assert "Words of printable." in (await steward.get("/zine/2027-03")).text
    await steward.post("/desk/reflections/printable", {"decision": "withdraw"})
    assert "printable" not in (await steward.get("/zine/2027-03")).text


@pytest.mark.parametrize("path", ["/events/arabic/poster.pdf?size=a5", "/zine/2027-03.pdf"])
async def test_the_same_as_pdf(printing: Served, path: str) -> None:
    async with printing.browser.http.get(
        printing.url + path, headers={"Accept-Language": "ar"}
    ) as got:
        body = await got.read()
        assert got.status == 200, body
        assert got.content_type == "application/pdf"
    document = pypdfium2.PdfDocument(io.BytesIO(body))
    codes = [code for number in range(len(document)) for code in read_codes(document, number)]
    assert codes == [f"{printing.url}/events/arabic" if "events" in path else f"{printing.url}/"]
    assert document[0].get_size() == pytest.approx(POINTS["a5"], abs=1.5)
    if "events" in path:
        assert len(document) == 1


async def test_the_maker_of_pdf_fetches_nothing(tmp_path: Any) -> None:
    """A page of ours can name no file: the maker refuses every address, `file:` included."""
    secret = tmp_path / "secret.css"
    secret.write_text("@page { size: 100px 100px }")
    html = f'<link rel="stylesheet" href="{secret.as_uri()}"><style>@page {{ size: A5 }}</style><p>Hello'
    document = pypdfium2.PdfDocument(await PdfMaker().make(html))
    assert document[0].get_size() == pytest.approx(POINTS["a5"], abs=1.5)


async def test_one_pdf_is_made_at_a_time_and_once(printing: Served) -> None:
    maker = PdfMaker()
    first, second = await asyncio.gather(maker.make("<p>One"), maker.make("<p>One"))
    assert first is second
    assert "weasyprint" not in sys.modules


async def test_a_hidden_place_is_in_no_version(printing: Served, steward: Browser) -> None:
    for path in ("/events/secret/poster", "/events/secret/poster.pdf"):
        answer = await steward.get(path)
        assert answer.status == 200
        assert "PRIVATE" not in answer.text


async def test_the_months_of_the_zine_have_a_first_and_a_last_one(
    printing: Served, steward: Browser
) -> None:
    """Whoever follows the links, a program too, comes to an end."""
    page, seen = "/zine/2027-03", set[str]()
    while page and page not in seen:
        seen.add(page)
        found = re.search(r'href="(/zine/[0-9-]+)" rel="prev"', (await steward.get(page)).text)
        page = found[1] if found else ""
    assert len(seen) < 24
    assert 'rel="next"' not in (await steward.get("/zine/2027-03")).text
