"""Checks that a schema cannot express: what values mean, alone and together."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from node.domain.picture import MEDIA_TYPE, named
from node.domain.sentence import Sentence
from node.domain.text import clean
from node.errors import Problem
from node.exchange.times import instant
from node.exchange.wording import at, shown

_NO_SUCH_TIME = Sentence("is not a day and time that exists")


def event_problems(event: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Title, places, price, links, pictures and people of an event."""
    yield from _blank(event, "title", path)
    location, where = part(event, "location"), at(path, "location")
    yield from coordinate_problems(location, where)
    yield from coordinate_problems(part(location, "private"), at(where, "private"))
    yield from _price_problems(part(event, "price"), at(path, "price"))
    for name in ("online", "registration", "image"):
        yield from link_problems(part(event, name), at(path, name))
    yield from link_problems(event, path)
    yield from _picture_problems(part(event, "image"), at(path, "image"))
    for i, person in _each(event, "facilitators"):
        yield from _blank(person, "display", at(at(path, "facilitators"), i))
    questions = part(event, "registration").get("questions")
    for i, question in enumerate(questions if isinstance(questions, list) else ()):
        if not _says_something(question):
            yield Problem(
                at(at(at(path, "registration"), "questions"), i), Sentence("must not be empty")
            )


def reflection_problems(reflection: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Words, name, dates and media of a reflection."""
    if reflection.get("status") not in ("withdrawn", "draft"):
        yield from _blank(reflection, "body", path)
    yield from _name_problems(part(reflection, "attribution"), at(path, "attribution"))
    for name in ("published", "withdrawn"):
        if isinstance(reflection.get(name), str) and instant(reflection[name]) is None:
            yield Problem(at(path, name), _NO_SUCH_TIME)
    given_on = part(reflection, "consent").get("on")
    if isinstance(given_on, str) and not _is_day(given_on):
        yield Problem(at(at(path, "consent"), "on"), Sentence("is not a day that exists"))
    yield from link_problems(reflection, path)
    for i, medium in _each(reflection, "media"):
        where = at(at(path, "media"), i)
        yield from link_problems(medium, where)
        if medium.get("type") == "image":
            yield from _picture_problems(medium, where, always=True)


def practice_problems(practice: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Name and words of a practice."""
    yield from _blank(practice, "title", path)
    yield from _blank(practice, "body", path)


def group_problems(group: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Name, place and link of a group."""
    yield from _blank(group, "name", path)
    yield from coordinate_problems(group, path)
    yield from link_problems(group, path)
    yield from link_problems(part(group, "image"), at(path, "image"))
    yield from _picture_problems(part(group, "image"), at(path, "image"))


def coordinate_problems(place: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Half a pair of coordinates says nothing."""
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if place.get(one) is not None and place.get(other) is None:
            yield Problem(at(path, other), Sentence("is missing beside %(other)s", other=one))


def link_problems(holder: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """The field `url` of `holder`, where it has one, must be an address on the web."""
    url = holder.get("url")
    if isinstance(url, str) and not is_web_address(url):
        yield Problem(
            at(path, "url"), Sentence("must be a web address that begins with https:// or http://")
        )


def part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside a document; an empty one where it is absent or something else."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _each(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    values = document.get(name)
    for i, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, Mapping):
            yield i, value


def _blank(document: Mapping[str, Any], name: str, path: str) -> Iterator[Problem]:
    value = document.get(name)
    if isinstance(value, str | Mapping) and not _says_something(value):
        yield Problem(at(path, name), Sentence("must not be empty"))


def _says_something(value: Any) -> bool:
    if isinstance(value, str):
        return bool(clean(value).strip())
    if isinstance(value, Mapping):
        return any(isinstance(text, str) and clean(text).strip() for text in value.values())
    return True  # not text at all: the schema says so


_NOT_ABOVE = {
    "suggested": Sentence("must not be more than what is suggested"),
    "max": Sentence("must not be more than the highest price"),
}


def _price_problems(price: Mapping[str, Any], path: str) -> Iterator[Problem]:
    given = [
        (name, price[name]) for name in ("min", "suggested", "max") if _is_number(price.get(name))
    ]
    for (lower, less), (upper, more) in pairwise(given):
        if less > more:
            yield Problem(at(path, lower), _NOT_ABOVE[upper])
    for i, tier in _each(price, "tiers"):
        yield from _blank(tier, "label", at(at(path, "tiers"), i))


def _picture_problems(
    picture: Mapping[str, Any], path: str, *, always: bool = False
) -> Iterator[Problem]:
    alt, file = picture.get("alt"), picture.get("file")
    needed = always or bool(picture.get("url") or file)
    if needed and not (isinstance(alt, str) and clean(alt).strip()):
        yield Problem(at(path, "alt"), Sentence("is missing: say in words what the picture shows"))
    if not file:
        return
    kept = named(file)
    if kept is None:
        yield Problem(at(path, "file"), Sentence("is not the name of a picture kept here"))
        return
    if picture.get("url"):
        yield Problem(at(path, "url"), Sentence("must be left out beside %(other)s", other="file"))
    true = {"media_type": MEDIA_TYPE, "width": kept.width, "height": kept.height}
    for name, value in true.items():
        if picture.get(name) not in (None, value):
            yield Problem(at(path, name), Sentence("is not what the picture has"))


def _name_problems(attribution: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Anonymous means that the node does not keep the name either."""
    display = attribution.get("display")
    if isinstance(display, str) and display.strip():
        mode = attribution.get("mode")
        if mode is None:
            yield Problem(
                at(path, "mode"),
                Sentence("is missing: how does “%(name)s” wish to be named?", name=shown(display)),
            )
        elif mode == "anonymous":
            yield Problem(
                at(path, "display"),
                Sentence("must be left out: an anonymous reflection keeps no name"),
            )


def is_web_address(url: str) -> bool:
    """Whether a text is an address on the web that can be followed."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and clean(url) == url


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
