"""A language that nobody has heard of: one catalogue file, no code, and not a word of English left.

The catalogue is made here: every message in letters of its own (fullwidth forms), so that a word in plain
letters on a page is either what the group wrote, or text that no translator was ever shown.
"""

import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from zoneinfo import available_timezones

import aiohttp
import pytest
from bs4 import BeautifulSoup, Comment, Doctype

from node import sample
from tests.running_node import ENVIRONMENT, running_node
from tests.web.test_i18n import NAMES
from web import messages
from web.labels import LANGUAGES

ROOT = Path(__file__).parents[2]
TAG = "fi"  # a language the node does not speak yet
MOST_PAGES = 150
MOST_ALIKE = 4  # pages that differ by their query only
PASSWORD = "river and fire and moss"
HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=n!=1;\\n"'
KEPT = re.compile(r"%\([a-z_]+\)[sd]|%%|<[^>]*>|&[a-z]+;|\{[^}]*\}")
WIDE = {ord("a") + i: 0xFF41 + i for i in range(26)} | {ord("A") + i: 0xFF21 + i for i in range(26)}
SPOKEN = ("aria-label", "title", "placeholder", "alt")


def wide(message: str) -> str:
    """A message in the letters of the made-up language; placeholders and tags stay."""
    parts = re.split(f"({KEPT.pattern})", message)
    return "".join(
        part if number % 2 else part.translate(WIDE) for number, part in enumerate(parts)
    )


def catalogue() -> str:
    """The `.po` file of the made-up language."""
    blocks = [HEADER]
    for singular, plural in messages.collect().items():
        lines = [f"msgid {json.dumps(singular, ensure_ascii=False)}"]
        if plural:
            lines += [f"msgid_plural {json.dumps(plural, ensure_ascii=False)}"]
            forms = (wide(singular), wide(plural))
            lines += [
                f"msgstr[{n}] {json.dumps(f, ensure_ascii=False)}" for n, f in enumerate(forms)
            ]
        else:
            lines += [f"msgstr {json.dumps(wide(singular), ensure_ascii=False)}"]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


@dataclass
class Visit:
    """Whoever walks through the pages of a node, in the made-up language."""

    url: str
    http: aiohttp.ClientSession
    own: frozenset[str]
    harmful = ("/sign-out",)
    seen: set[str] = field(default_factory=set)

    async def get(self, path: str) -> BeautifulSoup | None:
        """A page, or None where something else than a page is there."""
        async with self.http.get(urljoin(self.url, path), headers=self.headers) as answer:
            if answer.content_type != "text/html":
                return None
            return BeautifulSoup(await answer.text(), "html.parser")

    async def post(self, path: str, fields: dict[str, str]) -> BeautifulSoup:
        headers = self.headers | {"Sec-Fetch-Site": "same-origin"}
        async with self.http.post(
            urljoin(self.url, path), data=fields, headers=headers, allow_redirects=True
        ) as answer:
            return BeautifulSoup(await answer.text(), "html.parser")

    @property
    def headers(self) -> dict[str, str]:
        return {"Accept": "text/html", "Accept-Language": TAG}

    async def walk(self, start: str) -> AsyncIterator[tuple[str, BeautifulSoup]]:
        """Every page that links lead to from `start`."""
        waiting = [start]
        while waiting and len(self.seen) < MOST_PAGES:
            path = waiting.pop(0)
            alike = sum(one.partition("?")[0] == path.partition("?")[0] for one in self.seen)
            if path in self.seen or alike >= MOST_ALIKE:
                continue
            self.seen.add(path)
            page = await self.get(path)
            if page is None:
                continue
            yield path, page
            for link in page.find_all("a", href=True):
                target = urldefrag(urljoin(urljoin(self.url, path), str(link["href"]))).url
                # The text-only view is made of the same words.
                if target.startswith(self.url) and not re.search("/static/|view=text", target):
                    parts = urlsplit(target)
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))

    async def refused(self, path: str) -> AsyncIterator[BeautifulSoup]:
        """What the forms of a page answer to somebody who filled in nothing, or nonsense."""
        page = await self.get(path)
        for form in page.find_all("form", method="post") if page else ():
            action = str(form.get("action", path))
            if action.startswith(self.harmful):
                continue
            token = form.find("input", attrs={"name": "csrf"})
            kept = {"csrf": str(token["value"])} if token else {}
            typed = form.find_all(["input", "textarea"], attrs={"name": True})
            names = {str(tag["name"]) for tag in typed} - {"csrf"}
            for value in ("", "%%%"):
                yield await self.post(action, kept | dict.fromkeys(names, value))

    def foreign(self, page: BeautifulSoup) -> list[str]:
        """Words of a page that are neither the group's own nor out of the catalogue."""
        assert page.html is not None
        assert page.html["lang"] == TAG
        found: list[str] = []
        for text in texts(page):
            if text.startswith(
                (self.url, "<iframe ", "<roughweather-", "<script ")
            ):  # to be copied
                continue
            words = re.findall(r"[^\W\d_ａ-ｚＡ-Ｚ][^\W\d_ａ-ｚＡ-Ｚ]+", text)
            if text not in NAMES and any(word.casefold() not in self.own for word in words):
                found.append(text)
        return found


def texts(page: BeautifulSoup) -> Iterator[str]:
    """What a reader sees or hears of a page, piece by piece."""
    for hidden in page.find_all(["script", "style", "svg", "code", "textarea"]):
        hidden.decompose()
    for node in page.find_all(string=True):
        if not isinstance(node, (Comment, Doctype)) and node.strip():
            yield " ".join(node.split())
    for attribute in SPOKEN:
        for tag in page.find_all(attrs={attribute: True}):
            yield str(tag[attribute])
    for tag in page.find_all("input", type=["submit", "button"]):
        yield str(tag.get("value", ""))


def strings(value: Any) -> Iterator[str]:
    """Every text in a document, keys included: languages are keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(
            strings(part) for pair in value.items() for part in pair
        )
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(strings(part) for part in value)


def own_words(document: Any) -> frozenset[str]:
    """Words that stand on pages as they are: the group's, names of zones, languages and formats."""
    known = [*strings(document), *available_timezones(), *NAMES, *LANGUAGES.values()]
    return frozenset(
        word.casefold()
        for text in known
        for word in re.findall(r"[^\W\d_ａ-ｚＡ-Ｚ][^\W\d_ａ-ｚＡ-Ｚ]+", text)
    )


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    """A node whose program was given one more catalogue, with the sample content and a steward signed in."""
    program = tmp_path / "program"
    for name in ("node", "federation", "web"):
        shutil.copytree(ROOT / name, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "schema.sql", program)
    folder = program / "web" / "locales" / TAG / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "roughweather.po").write_text(catalogue(), encoding="utf-8")
    environment = ENVIRONMENT | {"PYTHONPATH": str(program), "PYTHONSAFEPATH": "1"}
    document = sample.load()
    async with running_node(tmp_path, "norcal", environment=environment) as node:
        await node.command("import", "-", "--group", "norcal", stdin=document)
        link = (await node.command("steward", "add", "Ana")).split()[-1]
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            visit = Visit(node.url, http, own_words(document) | {"ana", "norcal", "steward"})
            await visit.post(link, {"password": PASSWORD, "again": PASSWORD})
            yield visit


async def test_a_new_language_is_a_catalogue_and_no_code(visit: Visit) -> None:
    left: dict[str, list[str]] = {}
    for start in ("/", "/desk", "/nowhere"):
        async for path, page in visit.walk(start):
            if words := visit.foreign(page):
                left[path] = words
    for path in list(visit.seen):
        for form, page in [(path, one) async for one in visit.refused(path)]:
            if words := visit.foreign(page):
                left[f"POST {form}"] = words
    assert left == {}
    assert len(visit.seen) > 40
