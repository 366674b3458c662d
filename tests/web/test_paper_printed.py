"""Posters and the zine on the paper that comes out of a real browser, without JavaScript."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pypdfium2
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.conftest import TurnableClock
from tests.web import printing as sheets
from tests.web.printing import POINTS, read_codes, words_on
from tests.web.served import Keys, Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

Sheet = Callable[[str], Awaitable[pypdfium2.PdfDocument]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def printing(
    tmp_path_factory: pytest.TempPathFactory, node_keys: Keys
) -> AsyncIterator[Served]:
    async with serve(tmp_path_factory.mktemp("paper"), node_keys, TurnableClock()) as running:
        await running.node.database.write(sheets.fill)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sheet(printing: Served, chromium: Browser) -> AsyncIterator[Sheet]:
    """Prints a page of the node; the PDF it makes."""
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()

    async def printed(path: str) -> pypdfium2.PdfDocument:
        answer = await page.goto(printing.url + path)
        assert answer is not None
        assert answer.status == 200, path
        return pypdfium2.PdfDocument(
            await page.pdf(prefer_css_page_size=True, print_background=False)
        )

    yield printed
    await context.close()


@pytest.mark.parametrize("size", POINTS)
@pytest.mark.parametrize("slug", ["lang", "arabic", "spring-day", "called-off", "secret"])
async def test_a_poster_is_one_sheet_whose_code_leads_to_the_page(
    printing: Served, sheet: Sheet, slug: str, size: str
) -> None:
    document = await sheet(f"/events/{slug}/poster?size={size}")
    assert len(document) == 1
    width, height = document[0].get_size()
    assert (width, height) == pytest.approx(POINTS[size], abs=1.5)
    assert read_codes(document) == [f"{printing.url}/events/{slug}"]


async def test_a_poster_says_when_and_where_and_has_strips(printing: Served, sheet: Sheet) -> None:
    words = words_on(await sheet("/events/lang/poster"))
    for said in ("Gemeindehaus, Berlin", "1 May 2027", "10:00–16:30", "Berlin time"):
        assert said in words
    address = f"{printing.url.partition('://')[2]}/events/lang"
    assert words.count(address) == 9  # under the code, and on each of eight strips
    bare = words_on(await sheet("/events/lang/poster?strips=no"))
    assert bare.count(address) == 1


async def test_a_hidden_place_is_on_no_poster(printing: Served, sheet: Sheet) -> None:
    words = words_on(await sheet("/events/secret/poster"))
    assert "North side" in words
    assert "The exact place is told to people who have registered." in words
    assert "PRIVATE" not in words


async def test_a_cancelled_gathering_says_so_on_paper(printing: Served, sheet: Sheet) -> None:
    words = words_on(await sheet("/events/called-off/poster"))
    assert "Cancelled" in words
    assert "This gathering will not take place." in words


async def test_the_zine_holds_what_may_be_printed_and_nothing_else(
    printing: Served, sheet: Sheet
) -> None:
    document = await sheet("/zine/2027-03")
    words = " ".join(words_on(document, number) for number in range(len(document)))
    assert "Words of printable." in words
    assert "Kaia" in words
    for left_out in ("not-asked", "declined", "of-april", "only-by-link"):
        assert left_out not in words
    assert document[0].get_size() == pytest.approx(POINTS["a5"], abs=1.5)
    assert read_codes(document, len(document) - 1) == [f"{printing.url}/"]


async def test_the_page_of_a_gathering_begins_on_its_first_sheet(sheet: Sheet) -> None:
    document = await sheet("/events/spring-day")
    first = " ".join(document[0].get_textpage().get_text_range().split())
    assert "Saturday 17 April 2027" in first
    for number in range(len(document)):
        assert document[number].get_textpage().get_text_range().strip(), "an empty sheet"
