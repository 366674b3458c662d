"""Public pages: they are there, they say what they must, and they keep to their budget."""

import gzip
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from node.services.events import edit_event
from tests.web.content import EVENTS, REFLECTIONS
from tests.web.served import Served

LISTS = ("/", "/events", "/reflections", "/practices", "/neighbours", "/about", "/group")
EVENT_PAGES = tuple(f"/events/{event['id']}" for event in EVENTS if event["id"] != "only-here")
REFLECTION_PAGES = tuple(
    f"/reflections/{one['id']}"
    for one in REFLECTIONS
    if one["id"] in ("moss", "what-does-not-rain", "thanks-creek", "echo", "hostile", "by-link")
)
STAGES = tuple(
    f"/reflections?stage={code}"
    for code in ("gratitude", "honoring_pain", "new_ancient_eyes", "going_forth")
)
PUBLIC = (*LISTS, *STAGES, *EVENT_PAGES, *REFLECTION_PAGES, "/practices/three-breaths", "/sign-in")

DESK = (
    "/desk",
    "/desk/new-event",
    "/desk/events/hidden-circle",
    "/desk/events/spring-day/people",
    "/desk/events/spring-day/cancel",
    "/desk/reflections",
    "/desk/new-reflection",
    "/desk/neighbours",
    "/desk/group",
    "/desk/stewards",
)
VOID = {"br", "data", "img", "input", "link", "meta", "path", "use"}
BLOCKS = {"article", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "ol", "p", "section", "ul"}


class Nesting(HTMLParser):
    """Finds tags that do not close as they open, blocks within paragraphs, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.mistakes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and "p" in self.open:
            self.mistakes.append(f"<{tag}> within <p> at {self.getpos()}")
        name = dict(attrs).get("id")
        if name is not None and name in self.ids:
            self.mistakes.append(f"id {name} twice at {self.getpos()}")
        self.ids.add(name or "")
        if tag not in VOID or tag == "data":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> out of place at {self.getpos()}")


def mistakes(page: str) -> list[str]:
    """What is wrong with the markup of a page."""
    reader = Nesting()
    reader.feed(page)
    reader.close()
    return reader.mistakes


async def test_every_public_page_renders_within_its_budget(served: Served) -> None:
    style = (await served.browser.get("/")).text
    css = await served.browser.get(re.search(r'href="(/static/style[^"]+)"', style)[1])  # type: ignore[index]
    for path in PUBLIC:
        page = await served.browser.get(path)
        assert page.status == 200, path
        soup = BeautifulSoup(page.text, "html.parser")
        assert len(soup.find_all("h1")) == 1, path
        assert soup.html
        assert soup.html["lang"] == "en"
        assert soup.html["dir"] == "ltr"
        assert soup.main
        assert soup.find("a", class_="skip")
        assert len(page.text.encode()) <= 50_000, path
        assert (
            len(gzip.compress(page.text.encode())) + len(gzip.compress(css.text.encode())) <= 15_000
        ), path


async def test_markup_is_well_formed(served: Served) -> None:
    steward = await served.browser.sign_in(served.node)
    for path in (*PUBLIC[:-1], *DESK, "/nope"):
        assert mistakes((await steward.get(path)).text) == [], path


async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(served: Served) -> None:
    for path in PUBLIC:
        soup = BeautifulSoup((await served.browser.get(path)).text, "html.parser")
        assert not soup.find_all(style=True), path
        assert not soup.find_all("style"), path
        for script in soup.find_all("script"):
            assert script["type"] == "application/ld+json", path
        for tag in soup.find_all(True):
            assert not any(name.startswith("on") for name in tag.attrs), path
        loaded = [tag["src"] for tag in soup.find_all(src=True)]
        loaded += [link["href"] for link in soup.find_all("link", rel="stylesheet")]
        assert all(address.startswith("/") for address in loaded), path


async def test_event_page_tells_everything_in_words(served: Served) -> None:
    page = (await served.browser.get("/events/spring-day")).text
    for words in (
        "Spring Spiral: a day of practice",
        "Espiral de primavera",
        "Saturday 17 April 2027",
        "10:00–16:30",
        'Los Angeles time (<bdi class="whole" dir="ltr">PDT, UTC-07:00</bdi>)',
        "Community hall, Point Reyes Station",
        "Sliding scale: you choose · 0–\u2060120\u00a0USD",
        "No one is turned away for lack of funds.",
        "Room for 2 people.",
        "Until Thursday 15 April 2027, 20:00.",
        "they/them",
        "Coming from Gratitude",
        "ecological grief",
        "sign language (ase) on request",
        "Nothing is recorded.",
        "Written with the custodians of this place.",
        'href="mailto:access@rivercircle.example"',
        'href="https://rivercircle.example/spring?a=1&amp;b=2"',
    ):
        assert words in page, words


@pytest.mark.parametrize("slug", ["called-off", "last-winter"])
async def test_nobody_is_told_how_to_come_to_what_does_not_take_place(
    served: Served, slug: str
) -> None:
    assert "How to come" in (await served.browser.get("/events/spring-day")).text
    assert "How to come" not in (await served.browser.get(f"/events/{slug}")).text


async def test_what_hosts_do_not_say_about_access_is_not_known_never_no(served: Served) -> None:
    soup = BeautifulSoup((await served.browser.get("/events/spring-day")).text, "html.parser")
    facts = {fact.dt.text: fact.dd.text for fact in soup.select("dl.access > div")}
    assert facts["Entrance without steps"] == "yes"
    assert facts["Live captions"] == "no"
    assert facts["Quiet room"] == facts["Sign language"] == "not known yet"


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("called-off", ("Cancelled.", "The host is ill.", "will not take place")),
        ("moved-walk", ("New date.", "<s>Saturday 27 March 2027, 10:00</s>")),
        ("some-day", ("Postponed.", "A new date is not known yet.", "The date is not known yet.")),
        ("overnight", ("The clocks change in between: it lasts 24 hours.",)),
        ("wednesdays", ("Kein Treffen am 24. März.", 'lang="de"')),
        ("last-winter", ("This gathering is over.", "What came of it", "Lo que no llueve")),
        ("halqat-istima", ('dir="rtl"', "told to people who have registered")),
    ],
)
async def test_event_page_says_what_changed(
    served: Served, slug: str, words: tuple[str, ...]
) -> None:
    page = (await served.browser.get(f"/events/{slug}")).text
    for word in words:
        assert word in page, word


async def test_event_page_is_linked_for_programs(served: Served) -> None:
    answer = await served.browser.get("/events/spring-day")
    soup = BeautifulSoup(answer.text, "html.parser")
    here = f"{served.url}/events/spring-day"
    by_type = {link.get("type"): link["href"] for link in soup.find_all("link", rel="alternate")}
    assert by_type["application/activity+json"] == here
    assert by_type["application/atom+xml"] == "/feed.atom"
    assert "text/calendar" in by_type
    assert soup.find("link", rel="canonical")["href"] == here  # type: ignore[index]
    og = {meta["property"]: meta["content"] for meta in soup.find_all("meta", property=True)}
    assert og["og:title"] == "Spring Spiral: a day of practice"
    assert "Saturday 17 April 2027" in og["og:description"]
    assert og["og:type"] == "article"
    assert og["og:site_name"] == "River Circle"
    assert soup.find("meta", attrs={"name": "fediverse:creator"})["content"].startswith(
        "@rivercircle@"
    )  # type: ignore[index]
    assert not soup.find_all("link", type=re.compile("oembed"))


async def test_schema_org_block_is_json_that_cannot_end_its_script(served: Served) -> None:
    page = (await served.browser.get("/events/spring-day")).text
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert not set("<>&") & set(block)
    event = json.loads(block)
    assert event["startDate"] == "2027-04-17T10:00:00-07:00"
    assert event["location"][0]["address"]["addressLocality"] == "Point Reyes Station"
    assert event["eventStatus"] == "https://schema.org/EventScheduled"


async def test_hostile_text_is_only_text(served: Served) -> None:
    for path in ("/reflections/hostile", "/reflections", "/"):
        page = (await served.browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_poem_keeps_its_lines_beside_its_translation(served: Served) -> None:
    soup = BeautifulSoup((await served.browser.get("/reflections/moss")).text, "html.parser")
    french, dutch = soup.select(".version")
    assert (french["lang"], dutch["lang"]) == ("fr", "nl")
    assert len(french.find_all("p")) == 2
    assert len(french.find_all("br")) == 1
    assert dutch.h2
    assert dutch.h2.text == "De ogen van het mos"
    assert "Ruisseau" in soup.text


async def test_grief_is_folded_and_kept_out_of_indexes(served: Served) -> None:
    answer = await served.browser.get("/reflections/what-does-not-rain")
    soup = BeautifulSoup(answer.text, "html.parser")
    assert soup.details
    assert "loss of a family member" in soup.details.summary.text
    assert not soup.details.has_attr("open")
    assert "noai" in answer.headers["X-Robots-Tag"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "not therapy" in answer.text
    lists = (await served.browser.get("/reflections")).text
    assert "tinajas" not in lists


async def test_no_counters_anywhere(served: Served) -> None:
    for path in ("/", "/reflections/moss", "/events/spring-day", "/about"):
        text = BeautifulSoup((await served.browser.get(path)).text, "html.parser").text.lower()
        for word in ("likes", "shares", "followers:", "boosts", "views"):
            assert word not in text


async def test_empty_pages_teach_the_next_step(empty: Served) -> None:
    assert "We do not follow anybody yet." in (await empty.browser.get("/neighbours")).text
    assert "Nothing is planned at the moment" in (await empty.browser.get("/")).text
    assert "Nothing has been offered here yet" in (await empty.browser.get("/reflections")).text
    assert "The library is still empty" in (await empty.browser.get("/practices")).text


async def test_reader_gets_their_language_of_the_content(served: Served) -> None:
    page = (await served.browser.get("/about", Accept_Language="es-MX,es;q=0.9")).text
    assert "Círculo del Río" in page
    assert (await served.browser.get("/about", Accept_Language="xx,;;q=9")).status == 200


async def test_an_edit_is_on_the_very_next_page(served: Served) -> None:
    assert "Creek walk" in (await served.browser.get("/events")).text
    await served.node.database.write(
        lambda session: edit_event(
            session, "moved-walk", {"title": {"en": "River walk"}}, now=served.clock.now()
        )
    )
    assert "River walk" in (await served.browser.get("/events")).text


async def test_what_is_over_moves_to_the_archive_by_itself(served: Served) -> None:
    before = BeautifulSoup((await served.browser.get("/events")).text, "html.parser")
    assert "Listening circle" not in before.find(class_="archive").text  # type: ignore[union-attr]
    served.clock.advance(days=30)
    after = BeautifulSoup((await served.browser.get("/events")).text, "html.parser")
    assert "Listening circle" in after.find(class_="archive").text  # type: ignore[union-attr]


async def test_a_gathering_names_its_siblings_but_none_that_is_hidden(served: Served) -> None:
    changes = {"siblings": ["spring-day", "by-link", "only-here", "never-was"]}
    await served.node.database.write(
        lambda session: edit_event(session, "moved-walk", changes, now=served.clock.now())
    )
    text = (await served.browser.get("/events/moved-walk")).text
    assert "/events/spring-day" in text
    assert not any(slug in text for slug in ("by-link", "only-here", "never-was"))


async def test_how_many_come_is_told_only_where_the_hosts_chose_it(served: Served) -> None:
    assert "coming." not in (await served.browser.get("/events/moved-walk")).text
    changes = {"attendee_count_public": True}
    await served.node.database.write(
        lambda session: edit_event(session, "moved-walk", changes, now=served.clock.now())
    )
    assert "0 people are coming." in (await served.browser.get("/events/moved-walk")).text


# What begins a line of its own without a style sheet.
LINES = {
    "article",
    "aside",
    "br",
    "button",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
}
LINES |= {
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "input",
    "label",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
}
LINES |= {"section", "select", "summary", "table", "td", "textarea", "th", "tr", "ul"}


def without_style(page: str) -> list[str]:
    """The words of a page in the order in which they stand there, as far as the markup alone parts them."""
    soup = BeautifulSoup(page, "html.parser")
    assert soup.body is not None
    for tag in soup.body.find_all(["svg", "script"]) + soup.body.find_all(class_="tile"):
        tag.decompose()
    for tag in soup.body.find_all(list(LINES)):
        tag.insert_before("\n")
        tag.insert_after("\n")
    return re.findall(r"\w+", soup.body.get_text())


async def test_pages_read_in_order_without_a_style_sheet(served: Served) -> None:
    for path in (*PUBLIC, "/calendar", "/search?q=spring", "/archive", "/archive/2027", "/nope"):
        page = (await served.browser.get(path)).text
        soup = BeautifulSoup(page, "html.parser")
        assert soup.body is not None
        first = soup.body.find("a")
        assert first is not None
        assert first["href"] == "#main", path  # type: ignore[index]
        assert soup.find(id="main"), path
        levels = [int(tag.name[1]) for tag in soup.main.find_all(re.compile("^h[1-6]$"))]  # type: ignore[union-attr]
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)
        for tag in soup.body.find_all(["svg", "script"]) + soup.body.find_all(class_="tile"):
            tag.decompose()
        apart = re.findall(r"\w+", soup.body.get_text(" "))
        glued = [word for word in without_style(page) if word not in apart]
        assert glued == [], path
