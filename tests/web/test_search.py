"""The search page: what it finds, what it never finds, and what it does with anything that is typed."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from node.domain.facts import Point
from node.services.events import edit_event
from node.services.moderation import block
from node.services.reflections import withdraw_reflection
from node.store import neighbours
from tests.web.content import SECRETS, UNLISTED
from tests.web.served import Served
from tests.web.test_neighbours import BERLIN, NOTE, POST, follow


async def look(served: Served, question: str, more: str = "", **headers: str) -> BeautifulSoup:
    answer = await served.browser.get(f"/search?q={quote(question)}{more}", **headers)
    assert answer.status == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def links(page: BeautifulSoup) -> list[str]:
    return [str(link["href"]) for link in page.select("article.hit h3 a")]


async def test_the_empty_page_teaches_and_is_kept_by_nobody(served: Served) -> None:
    answer = await served.browser.get("/search")
    assert answer.status == 200
    assert "no other server is asked" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


async def test_every_page_has_the_box(served: Served) -> None:
    page = BeautifulSoup((await served.browser.get("/about")).text, "html.parser")
    form = page.select_one("footer form[role=search]")
    assert form is not None
    assert (form["action"], form.get("method")) == ("/search", None)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("creek", ["/reflections/thanks-creek", "/events/moved-walk"]),
        ("WALK creek eleven", ["/reflections/thanks-creek"]),
        ("primavera", ["/events/spring-day"]),
        ("mousse pierre", ["/reflections/moss"]),
        ("haast", ["/reflections/moss"]),
        ("reyes", ["/events/spring-day"]),
        ("breath", ["/practices/three-breaths"]),
        ("نهر", ["/events/halqat-istima"]),
        ("station", ["/events/spring-day", "/events/hidden-circle"]),
        ("ubungsabend", ["/events/long-title"]),
    ],
)
async def test_what_is_found(served: Served, question: str, found: list[str]) -> None:
    assert sorted(links(await look(served, question))) == sorted(found)


async def test_no_question_finds_what_is_hidden(served: Served) -> None:
    secret = ["Secretgarden", "Hidden Lane", "secret", "37", "Hiddentown"]
    for question in [*UNLISTED, *SECRETS, *secret, "Ruisseau", "Facilitator One"]:
        page = await look(served, question)
        assert not links(page), question


async def test_the_words_are_marked_and_everything_is_escaped(served: Served) -> None:
    page = await look(served, "script friends")
    assert links(page) == ["/reflections/hostile"]
    assert [mark.text for mark in page.select("h3 mark")] == ["script", "script", "friends"]
    assert not page.select("article script, article img")
    assert "<img src=x onerror=alert(1)>" in page.select_one(".about-it").text  # type: ignore[union-attr]


async def test_of_what_has_a_content_note_no_line_is_shown(served: Served) -> None:
    page = await look(served, "abuela")
    assert links(page) == ["/reflections/what-does-not-rain"]
    assert "loss of a family member" in page.select_one("article.hit").text  # type: ignore[union-attr]
    assert "abuela" not in page.select_one("article.hit").text  # type: ignore[union-attr]


async def test_filters(served: Served) -> None:
    assert links(await look(served, "creek", "&kind=event")) == ["/events/moved-walk"]
    assert links(await look(served, "creek", "&kind=practice")) == []
    assert links(await look(served, "listen", "&language=ar")) == ["/events/halqat-istima"]
    assert links(await look(served, "listen", "&language=de")) == []
    assert links(await look(served, "creek", "&from=2027-03-01")) == ["/events/moved-walk"]
    assert links(await look(served, "creek", "&until=2027-03-01")) == ["/reflections/thanks-creek"]
    page = await look(served, "creek", "&kind=practice")
    assert "Look for the same words everywhere" in page.text


async def test_only_gatherings_that_fit(served: Served) -> None:
    facts = replace(
        POST.facts, free=True, access=("quiet_room",), point=Point(latitude=52.5, longitude=13.3)
    )
    await follow(served, replace(POST, title="Spring im Wald", facts=facts))
    every = set(links(await look(served, "spring")))
    assert {POST.url, "/events/spring-day"} <= every
    assert links(await look(served, "spring", "&free=on")) == [POST.url]
    assert links(await look(served, "spring", "&access=quiet_room&access=childcare")) == []
    assert links(await look(served, "spring", "&access=quiet_room")) == [POST.url]
    assert links(await look(served, "spring", "&near=52.4,13.4")) == [POST.url]
    assert links(await look(served, "spring", "&near=Point Reyes")) == ["/events/spring-day"]
    assert links(await look(served, "winter", "&near=Nowhere")) == []
    assert "/events/halqat-istima" in links(
        await look(served, "listening", "&online=on&language=ar")
    )
    over = await look(served, "spring", "&near=Point Reyes&until=2027-01-01")
    assert links(over) == []


async def test_a_filter_that_cannot_be_read_is_said_and_kept(served: Served) -> None:
    answer = await served.browser.get("/search?q=spring&near=%2C%2C&km=far&access=wings")
    assert answer.status == 400
    for words in ("This place cannot be read", "This distance cannot be read", "no such fact"):
        assert words in answer.text
    assert 'value="far"' in answer.text
    assert not BeautifulSoup(answer.text, "html.parser").select("article.hit")


async def test_neighbours_are_found_with_their_source_until_they_or_we_leave(
    served: Served,
) -> None:
    await follow(served, POST, NOTE, replace(POST, id=BERLIN + "/secret", listed=False))
    spoken = replace(POST.facts, languages=("de", "ckb"))
    await served.node.database.write(
        lambda session: neighbours.put(session, replace(POST, facts=spoken))
    )
    assert links(await look(served, "grunewald wald", "&language=ckb")) == [POST.url]
    page = await look(served, "grunewald wald")
    assert links(page) == [POST.url]
    assert "kreis@berlin.example" in page.select_one("article.hit").text  # type: ignore[union-attr]
    assert links(await look(served, "danke")) == [NOTE.url]
    await served.node.database.write(lambda session: neighbours.remove(session, NOTE.id))
    assert links(await look(served, "danke")) == []
    now = served.clock.now()
    await served.node.database.write(
        lambda session: block(session, "berlin.example", who="Ana", now=now)
    )
    assert links(await look(served, "grunewald")) == []


async def test_what_changes_is_found_as_it_is_now(served: Served) -> None:
    assert links(await look(served, "creek", "&kind=event")) == ["/events/moved-walk"]
    now, database = served.clock.now() + timedelta(minutes=1), served.node.database
    await database.write(
        lambda session: edit_event(session, "moved-walk", {"title": {"en": "Brook walk"}}, now=now)
    )
    assert links(await look(served, "creek", "&kind=event")) == []
    assert links(await look(served, "brook")) == ["/events/moved-walk"]
    await database.write(
        lambda session: edit_event(session, "moved-walk", {"visibility": "link_only"}, now=now)
    )
    assert links(await look(served, "brook")) == []
    await database.write(lambda session: withdraw_reflection(session, "moss", now=now))
    assert links(await look(served, "mousse")) == []


async def test_nothing_found_says_what_else_to_try(served: Served) -> None:
    page = await look(served, "zzzzzz")
    assert "Nothing found" in page.text
    assert page.select_one(".empty a[href='/neighbours']") is not None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/search?q=" + "x" * 201, "A few words are enough."),
        ("/search?q=" + "x" * 7000, "A few words are enough."),
        ("/search?q=" + "+".join(f"word{number}" for number in range(21)), "too many words"),
        ("/search?q=%2A%22%27", "at least one word"),
        ("/search?q=walk&from=soon", "This date cannot be read."),
        ("/search?q=walk&until=9999-12-31", "This date cannot be read."),
    ],
)
async def test_what_cannot_be_read_is_said_in_a_sentence(
    served: Served, address: str, words: str
) -> None:
    answer = await served.browser.get(address)
    assert answer.status == 400
    page = BeautifulSoup(answer.text, "html.parser")
    wrong = page.select_one(".wrong")
    assert wrong is not None
    assert words in wrong.text
    assert page.select_one("[aria-invalid=true]") is not None


@pytest.mark.parametrize(
    "address", ["?q=walk&kind=secret", "?q=walk&order=rowid", "?q=" + "x" * 10_000]
)
async def test_what_the_form_does_not_offer_is_refused(served: Served, address: str) -> None:
    assert (await served.browser.get(f"/search{address}")).status == 400


@pytest.mark.parametrize(
    "question",
    [
        "creek OR walk",
        "creek*",
        '"creek',
        "creek NOT thanks",
        "NEAR(creek walk)",
        "title:creek",
        "%",
        "\x00a",
        "{creek}",
    ],
)
async def test_signs_mean_nothing(served: Served, question: str) -> None:
    answer = await served.browser.get(f"/search?q={quote(question)}")
    assert answer.status in (200, 400)
    page = BeautifulSoup(answer.text, "html.parser")
    plain = {"creek*", '"creek', "{creek}", "\x00a"}
    assert bool(links(page)) is (question in plain)


@pytest.mark.parametrize("page", ["0", "-1", "1e9", "99999999999999999999", "²", "x", "20"])
async def test_any_page_number_is_answered(served: Served, page: str) -> None:
    assert (await served.browser.get(f"/search?q=a&page={quote(page)}")).status == 200


async def test_more_is_on_the_next_page(served: Served) -> None:
    posts = [
        replace(POST, id=f"{BERLIN}/{number}", url=f"{BERLIN}/{number}", title="Wanderung")
        for number in range(45)
    ]
    await follow(served, *posts)
    seen: list[str] = []
    for number, (count, ways) in enumerate([(20, 1), (20, 2), (5, 1)], start=1):
        page = await look(served, "wanderung", f"&page={number}")
        assert len(links(page)) == count
        assert len(page.select("main p.actions a")) == ways
        seen += links(page)
    assert sorted(seen) == sorted(post.url for post in posts)


@pytest.mark.parametrize(
    ("tag", "words", "way"),
    [
        ("ar", "ما وجدناه", "rtl"),
        ("de", "Was wir gefunden haben", "ltr"),
        ("es", "Lo que encontramos", "ltr"),
    ],
)
async def test_it_speaks_the_readers_language(
    served: Served, tag: str, words: str, way: str
) -> None:
    page = await look(served, "spiral", Accept_Language=tag)
    assert page.html is not None
    assert (page.html["lang"], page.html["dir"]) == (tag, way)
    assert words in page.text
