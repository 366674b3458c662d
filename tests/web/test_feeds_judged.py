"""Atom by feedparser, JSON Feed by the rules of its specification: both say the same. Grief stays out of indexes."""

import json
from collections.abc import AsyncIterator
from typing import Any

import feedparser
import jsonschema
import pytest
import pytest_asyncio

from node.services.events import add_event, edit_event
from node.services.reflections import add_reflection, withdraw_reflection
from node.store import events
from tests.conftest import NOW
from tests.web.content import GRIEF
from tests.web.judged import DRUMS, open_site, text_of
from tests.web.served import Keys, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, node_keys: Keys) -> AsyncIterator[Served]:
    async with open_site(tmp_path_factory.mktemp("judged"), node_keys) as running:
        yield running


FEEDS = (
    "/feed.atom",
    "/feed.atom?stage=gratitude",
    "/calendar.atom?group=all",
    "/calendar.atom?tag=drums",
    "/calendar.atom?tag=nothing",
)
# https://www.jsonfeed.org/version/1.1/: what is required, and of which kind the rest is.
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": "^https?://"}
MOMENT = {"type": "string", "format": "date-time"}
AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {"name": TEXT, "url": ADDRESS},
        "additionalProperties": False,
        "minProperties": 1,
    },
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "home_page_url": ADDRESS,
        "feed_url": ADDRESS,
        "description": TEXT,
        "icon": ADDRESS,
        "language": TEXT,
        "authors": AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_html"],
                "properties": {
                    "id": TEXT,
                    "url": ADDRESS,
                    "title": TEXT,
                    "content_html": TEXT,
                    "summary": TEXT,
                    "image": ADDRESS,
                    "date_published": MOMENT,
                    "date_modified": MOMENT,
                    "authors": AUTHORS,
                    "tags": {"type": "array", "items": TEXT},
                    "language": TEXT,
                    "_gathering": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


async def test_a_reader_of_feeds_finds_in_atom_what_is_in_json(site: Served) -> None:
    for path in FEEDS:
        parsed = feedparser.parse(await text_of(site, path))
        assert not parsed.bozo, path
        document = json.loads(await text_of(site, path.replace(".atom", ".json")))
        jsonschema.validate(document, JSON_FEED, format_checker=jsonschema.FormatChecker())
        assert parsed.version == "atom10"
        assert parsed.feed.title == document["title"]
        assert parsed.feed.id == site.url + path
        items = {one["id"]: one for one in document["items"]}
        assert {entry.id for entry in parsed.entries} == set(items)
        assert len(parsed.entries) == len(items)
        for entry in parsed.entries:
            item = items[entry.id]
            assert (entry.title, entry.link) == (item["title"], item["url"]), path
            assert (
                entry.updated == item["date_modified"] >= entry.published == item["date_published"]
            )
            assert entry.author == item["authors"][0]["name"]


async def test_feeds_by_stage_hold_that_stage_and_no_feed_is_for_indexes(site: Served) -> None:
    items = json.loads(await text_of(site, "/feed.json?stage=new_ancient_eyes"))["items"]
    assert [one["url"] for one in items] == [f"{site.url}/reflections/moss"]
    everything = await site.browser.get("/feed.atom")
    assert "noindex" in everything.headers["X-Robots-Tag"]
    assert "noai" in everything.headers["X-Robots-Tag"]
    assert await text_of(site, "/feed.json?stage=nonsense") == await text_of(site, "/feed.json")


async def test_a_feed_moves_only_when_its_content_does(site: Served) -> None:
    async def tags() -> list[str]:
        site.clock.advance(seconds=120)
        return [(await site.browser.get(path)).headers["ETag"] for path in FEEDS]

    before = await tags()
    assert await tags() == before
    await site.browser.post("/events/overnight/come", {"name": "Fern"})
    assert await tags() == before
    await site.node.database.write(
        lambda session: edit_event(
            session, "drums", {"summary": {"en": "Bring boots."}}, now=site.clock.now()
        )
    )
    after = await tags()
    assert [one != other for one, other in zip(before, after, strict=True)] == [
        True,
        False,
        True,
        True,
        False,
    ]


async def test_what_is_taken_back_is_gone_from_every_feed_and_calendar(site: Served) -> None:
    event = DRUMS | {"id": "gone-soon", "title": {"en": "Wavering gathering"}}
    words = GRIEF | {"id": "gone-words", "content_notes": None, "body": "Wavering words."}
    paths = (
        *FEEDS,
        "/feed.json",
        "/feed.atom?stage=honoring_pain",
        "/calendar.ics",
        "/calendar.ics?tag=drums",
    )

    async def holding() -> int:
        return sum(["Wavering" in await text_of(site, path) for path in paths])

    await site.node.database.write(lambda session: add_event(session, event, now=NOW))
    await site.node.database.write(lambda session: add_reflection(session, words, now=NOW))
    assert await holding() == 7
    now = site.clock.now()
    await site.node.database.write(lambda session: events.remove(session, "gone-soon", now))
    await site.node.database.write(
        lambda session: withdraw_reflection(session, "gone-words", now=now)
    )
    assert await holding() == 0


async def test_grief_is_in_no_indexed_page_unless_its_author_says_so(site: Served) -> None:
    def add(session: Any, slug: str, **more: Any) -> None:
        given = GRIEF | {"id": slug, "content_notes": None, "body": f"Weeping {slug}."} | more
        add_reflection(session, given, now=NOW)

    await site.node.database.write(lambda session: add(session, "kept-back"))
    await site.node.database.write(lambda session: add(session, "let-out", search_engines=True))
    await site.node.database.write(
        lambda session: add(session, "thanks-back", spiral_stage="gratitude", search_engines=False)
    )
    sitemap = await text_of(site, "/sitemap.xml")
    for slug, indexed in (("kept-back", False), ("let-out", True), ("thanks-back", False)):
        page = await site.browser.get(f"/reflections/{slug}")
        assert ("X-Robots-Tag" not in page.headers) is indexed
        assert ('name="robots"' not in page.text) is indexed
        assert (f"/reflections/{slug}<" in sitemap) is indexed
        for path in ("/", "/reflections", "/events/last-winter"):
            answer = await site.browser.get(path)
            assert "X-Robots-Tag" not in answer.headers
            assert indexed or f"Weeping {slug}" not in answer.text, path
    assert "Weeping kept-back" in await text_of(site, "/reflections?stage=honoring_pain")
