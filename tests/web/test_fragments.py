"""Whatever the group wrote says in which language it is and in which direction it runs, on every page."""

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from node.domain.text import direction
from tests.web import voices
from tests.web.content import EVENTS, GROUP, PRACTICES, REFLECTIONS
from tests.web.every_page import DESK, PUBLIC
from tests.web.served import Served
from web.labels import LANGUAGES

# Words that are the same in several languages, or that the pages say themselves.
SHORTEST = 4


def written(value: Any) -> Iterator[tuple[str, str]]:
    """Every paragraph in a document with its language: `("Círculo del Río", "es")`."""
    if isinstance(value, list):
        for one in value:
            yield from written(one)
    elif (
        isinstance(value, dict)
        and value
        and all(
            tag.partition("-")[0] in LANGUAGES and isinstance(text, str)
            for tag, text in value.items()
        )
    ):
        for tag, text in value.items():
            yield from ((part.strip(), tag) for part in text.splitlines() if len(part) > SHORTEST)
    elif isinstance(value, dict):
        for one in value.values():
            yield from written(one)


def nearest(tag: Tag | None, attribute: str) -> str:
    """The attribute of the nearest element that has it: what a screen reader goes by."""
    while tag is not None and not tag.has_attr(attribute):
        tag = tag.parent
    return str(tag[attribute]) if tag is not None else ""


def misnamed(page: BeautifulSoup, languages: dict[str, set[str]]) -> Iterator[str]:
    """Texts of the group that stand under another language, or run the wrong way."""
    for hidden in page.find_all(["script", "style", "title", "option", "textarea"]):
        hidden.decompose()
    for text in page.find_all(string=True):
        known = languages.get(text.strip())
        if known is None:
            continue
        said, runs = nearest(text.parent, "lang"), nearest(text.parent, "dir")
        if said not in known:
            yield f"{text.strip()!r} is {sorted(known)}, said to be {said!r}"
        elif runs not in ("auto", direction(said)):
            yield f"{text.strip()!r} runs {runs}"


async def test_every_text_of_the_group_names_its_language(served: Served) -> None:
    await served.node.database.write(lambda session: voices.fill(session, served.url))
    languages: dict[str, set[str]] = {}
    for text, tag in written([GROUP, EVENTS, REFLECTIONS, PRACTICES]):
        languages.setdefault(text, set()).add(tag)
    steward = await served.browser.sign_in(served.node)
    wrong: dict[str, list[str]] = {}
    met = 0
    for locale in ("en", "ar", "es"):
        for path in (*PUBLIC, *DESK):
            page = BeautifulSoup(
                (await steward.get(path, Accept_Language=locale)).text, "html.parser"
            )
            met += sum(text.strip() in languages for text in page.find_all(string=True))
            if found := list(misnamed(page, languages)):
                wrong[f"{path} ({locale})"] = found
    assert wrong == {}
    assert met > 300


async def test_a_gathering_in_two_languages_comes_in_the_readers(served: Served) -> None:
    for asked, title, other in (
        ("es-MX, en;q=0.5", "Espiral de primavera", "Spring Spiral: a day of practice"),
        ("de, en;q=0.3", "Spring Spiral: a day of practice", "Espiral de primavera"),
        ("fr, es;q=0.8, en;q=0.2", "Espiral de primavera", "Spring Spiral: a day of practice"),
    ):
        answer = await served.browser.get("/events/spring-day", Accept_Language=asked)
        page = BeautifulSoup(answer.text, "html.parser")
        assert page.select_one("h1").get_text() == title, asked  # type: ignore[union-attr]
        assert page.select_one(".other-title").get_text() == other, asked  # type: ignore[union-attr]
        assert "Accept-Language" in answer.headers["Vary"]
