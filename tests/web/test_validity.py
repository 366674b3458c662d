"""Every page is valid HTML: html-validate reads what a visitor, a steward and somebody who errs are shown."""

from collections.abc import AsyncIterator, Iterable

import pytest
import pytest_asyncio
from bs4 import BeautifulSoup, Tag

from tests.conftest import TurnableClock
from tests.judges.asking import judge
from tests.web import voices
from tests.web.served import Answer, Browser, Keys, Served, serve
from tests.web.test_neighbours import POST, follow
from tests.web.test_pages import PUBLIC
from tests.web.test_roles import DESK, OPEN, filled

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_TRIED = ("/sign-out", "/desk/account/leave")
FILTERED = (
    *(
        "/calendar?month=2027-04",
        "/calendar?near=%2C&km=x",
        "/calendar?language=de",
        "/calendar?kind=retreat",
    ),
    *(
        "/calendar/embed?group=all",
        "/search?q=river",
        "/search?q=circle&kind=event",
        "/groups?near=x",
    ),
    *(
        "/zine/2027-02",
        "/zine/2027-02?size=booklet",
        "/events/halqat-istima/poster?size=a5",
        "/sign-in?next=/desk",
    ),
    *(
        "/from-your-server?do=share&about=x",
        "/concern?about=x",
        "/archive/2027",
        "/archive/2027-02",
    ),
    *("/?view=text", "/events/spring-day?view=text&zone=Asia/Tokyo", "/events?zone=nowhere"),
)
IN_ARABIC = (
    "/",
    "/events",
    "/events/halqat-istima",
    "/events/spring-day",
    "/reflections/moss",
    "/calendar",
)
MORE_OF_THE_DESK = (
    *("/desk/events/hidden-circle", "/desk/events/wednesdays", "/desk/events/wednesdays/following"),
    *(
        "/desk/events/halqat-istima",
        "/desk/events/called-off/people",
        "/desk/reflections/moss/deliveries",
    ),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    """A node with everything, neighbours and conversations too."""
    async with serve(tmp_path_factory.mktemp("valid"), node_keys, TurnableClock()) as running:
        await running.node.database.write(lambda session: voices.fill(session, running.url))
        await follow(running, POST)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    """A node whose group has nothing yet."""
    data = tmp_path_factory.mktemp("bare")
    async with serve(data, node_keys, TurnableClock(), empty=True) as running:
        yield running


def is_page(answer: Answer) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


async def pages_of(browser: Browser, paths: Iterable[str], **headers: str) -> dict[str, str]:
    """Those of these addresses where a page is, by address."""
    answers = {path: await browser.get(path, **headers) for path in paths if ".pdf" not in path}
    return {path: answer.text for path, answer in answers.items() if is_page(answer)}


async def refused(browser: Browser, pages: dict[str, str]) -> dict[str, str]:
    """What each form of these pages answers to somebody who filled in nothing, or nonsense."""
    forms: dict[str, Tag] = {}
    for path, page in pages.items():
        for form in BeautifulSoup(page, "html.parser").find_all("form", method="post"):
            forms.setdefault(str(form.get("action", path)), form)
    found = {}
    for action, form in forms.items():
        names = {
            str(tag["name"]) for tag in form.find_all(["input", "textarea"], attrs={"name": True})
        }
        for typed in ("", '%%%"<&'):
            if action.startswith(NOT_TRIED):
                continue
            answer = await browser.post(action, dict.fromkeys(names - {"csrf"}, typed))
            if is_page(answer):
                found[f"POST {action} {typed}"] = answer.text
    return found


def faults(pages: dict[str, str]) -> list[list[object]]:
    """What is wrong with them, each kind of fault once: the page, the rule, the line, the words."""
    once = {
        (rule, message): [name, rule, line, message]
        for name, rule, line, message in judge("html", pages)
    }
    return list(once.values())


async def test_what_everybody_sees_is_valid(site: Served) -> None:
    pages = await pages_of(site.browser, (*PUBLIC, *map(filled, OPEN), *FILTERED))
    in_arabic = await pages_of(site.browser, IN_ARABIC, Accept_Language="ar")
    pages |= {f"ar {path}": page for path, page in in_arabic.items()}
    pages |= await refused(site.browser, pages)
    assert len(pages) > 90
    assert faults(pages) == []


async def test_what_the_desk_shows_is_valid(site: Served) -> None:
    steward = await site.browser.sign_in(site.node)
    pages = await pages_of(steward, (*map(filled, DESK), *MORE_OF_THE_DESK))
    pages |= await refused(steward, pages)
    assert len(pages) > 60
    assert faults(pages) == []


async def test_where_there_is_nothing_yet_is_valid(bare: Served) -> None:
    steward = await bare.browser.sign_in(bare.node)
    lists = (
        *map(filled, DESK),
        "/",
        "/events",
        "/reflections",
        "/practices",
        "/calendar",
        "/groups",
        "/zine/2027-03",
    )
    assert faults(await pages_of(steward, lists)) == []
