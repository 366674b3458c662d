"""The text-only view: every public page has one, it is light, says the same, and holds while one clicks on."""

import re
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from node.services.events import add_event
from node.services.reflections import add_reflection
from node.store.database import Session
from tests.conftest import NOW, TurnableClock
from tests.web.content import REFLECTIONS, SPRING
from tests.web.served import Keys, Served, serve
from tests.web.test_pages import PUBLIC

MOST = 15_000
MORE = (
    *("/events?page=2", "/reflections?page=2", "/calendar", "/calendar?month=2027-04", "/search"),
    *(
        "/search?q=spring&kind=event",
        "/archive",
        "/archive/2026",
        "/archive/2026-03",
        "/archive/1999",
    ),
    *("/concern", "/rsvp", "/from-your-server?do=follow", "/nope"),
)


def fill(session: Session) -> None:
    """More than stands on one page of anything."""
    for number in range(60):
        day = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        past = {"start_local": f"{day}T19:00:00", "end_local": f"{day}T21:00:00"}
        add_event(session, SPRING | {"id": f"old-{number}"} | past, now=NOW)
        add_event(session, SPRING | {"id": f"new-{number}"}, now=NOW)
        add_reflection(session, REFLECTIONS[0] | {"id": f"leaf-{number}"}, now=NOW)


def with_view(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}view=text"


def said(page: str) -> set[str]:
    """The words of the main part of a page."""
    main = BeautifulSoup(page, "html.parser").main
    assert main is not None
    for tag in main.find_all(["svg", "style"]) + main.find_all(class_=["tile", "hills"]):
        tag.decompose()
    return set(re.findall(r"\w{3,}", main.get_text(" ")))


def ways(page: BeautifulSoup) -> list[Tag]:
    """The links and forms of a page that lead to pages of ours."""
    found = [tag for tag in page.find_all(["a", "form"]) if isinstance(tag, Tag)]
    to = [(tag, str(tag.get("href") or tag.get("action") or "")) for tag in found]
    return [
        tag
        for tag, path in to
        if path.startswith("/") and path != "/desk" and "." not in path.rpartition("/")[2]
    ]


async def test_every_page_says_the_same_and_is_light(served: Served) -> None:
    await served.node.database.write(fill)
    for path in (*PUBLIC, *MORE):
        whole = await served.browser.get(path)
        plain = await served.browser.get(with_view(path))
        assert plain.status == whole.status, path
        assert len(plain.text.encode()) <= MOST, (path, len(plain.text.encode()))
        soup = BeautifulSoup(plain.text, "html.parser")
        assert not soup.find_all(["img", "svg", "script", "style"]), path
        (sheet,) = soup.find_all("link", rel="stylesheet")
        assert len((await served.browser.get(str(sheet["href"]))).body) < 1000
        assert len(soup.find_all("h1")) == 1, path
        if not path.startswith("/calendar"):  # shorter pages, and no table of a month
            assert said(whole.text) <= said(plain.text), path
        canonical = BeautifulSoup(whole.text, "html.parser").find("link", rel="canonical")
        assert str(soup.find("link", rel="canonical")) == str(canonical), path


async def test_it_is_light_where_each_letter_takes_two_bytes(served: Served) -> None:
    await served.node.database.write(fill)
    for path in ("/", "/events", "/calendar", "/search?q=spring", "/archive/2026", "/reflections"):
        plain = await served.browser.get(with_view(path), **{"Accept-Language": "ar"})
        assert len(plain.body) <= MOST, (path, len(plain.body))


async def test_it_holds_while_one_clicks_on_and_ends_when_one_likes(served: Served) -> None:
    for path in (*PUBLIC, *MORE):
        page = BeautifulSoup((await served.browser.get(with_view(path))).text, "html.parser")
        for tag in ways(page):
            way = str(tag.get("href") or tag.get("action"))
            kept = tag.find("input", attrs={"name": "view", "value": "text"})
            assert "view=text" in way or kept, (path, way)
        back = page.find("a", string="With pictures and colours")
        assert isinstance(back, Tag)
        assert "view=text" not in str(back["href"])


async def test_whoever_did_not_choose_it_gets_nothing_of_it(served: Served) -> None:
    await served.browser.get("/events?view=text")
    page = (await served.browser.get("/events")).text
    assert len(re.findall("view=text", page)) == 1
    assert page == (await served.browser.get("/events?view=none")).text
    assert 'href="?view=text" rel="nofollow"' in page
    stage = (await served.browser.get("/reflections?stage=gratitude")).text
    assert 'href="?stage=gratitude&amp;view=text"' in stage


async def test_forms_keep_it_and_files_do_not_carry_it(served: Served) -> None:
    page = (await served.browser.get("/events/spring-day?view=text&zone=Europe/Berlin")).text
    assert 'href="/events/spring-day.ics"' in page
    assert 'action="/events/spring-day/come?view=text&amp;zone=Europe%2FBerlin"' in page
    path = "/events/spring-day/come?view=text&zone=Europe/Berlin"
    answer = await served.browser.post(path, {"name": "Rosa", "guests": "0"})
    assert answer.status == 303
    assert answer.headers["Location"].endswith("view=text&zone=Europe%2FBerlin")
    refused = await served.browser.post(path, {"name": "", "guests": "0"})
    assert refused.status == 422
    assert "<svg" not in refused.text
    assert "With pictures and colours" not in refused.text  # its address takes forms only


async def test_what_neighbours_wrote_keeps_its_signs(
    tmp_path: Path, node_keys: Keys, clock: TurnableClock
) -> None:
    """Text that looks like markup is text in this view, too."""
    async with serve(tmp_path, node_keys, clock) as served:
        words = 'a <b> & "c" <a href="/x"> class="tile" &lt;'

        def write(session: Session) -> None:
            add_event(
                session,
                SPRING | {"id": "signs", "title": {"en": words}, "description": {"en": words}},
                now=NOW,
            )

        await served.node.database.write(write)
        page = (await served.browser.get("/events/signs?view=text")).text
        soup = BeautifulSoup(page, "html.parser")
        assert soup.h1 is not None
        assert soup.h1.get_text() == words
        assert not soup.find_all("a", href=re.compile("^/x"))
