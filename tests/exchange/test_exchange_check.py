"""What the checks of one event, reflection, practice or group say, and where."""

from typing import Any

import pytest

from node.domain.event import Event, EventKind
from node.domain.reflection import Reflection
from node.exchange.check import check_event, check_group, check_practice, check_reflection
from node.exchange.schema import definition
from tests.exchange.documents import a_group, a_practice, a_reflection, an_event


def said(problems: list[Any]) -> list[str]:
    return [str(problem) for problem in problems]


def test_small_valid_documents_pass():
    assert check_event(an_event(), ("en",)) == []
    assert check_reflection(a_reflection()) == []
    assert check_practice(a_practice()) == []
    assert check_group(a_group()) == []


def test_an_event_or_reflection_alone_needs_no_id():
    event, reflection = an_event(), a_reflection()
    del event["id"], reflection["id"]
    assert check_event(event, ("en",)) == []
    assert check_reflection(reflection) == []


EVENT_REFUSALS = {
    "not an object": (["x"], "must be an object of fields, { … }"),
    "no title": (an_event(title=None), "title: is missing"),
    "empty title": (an_event(title="\u200b \n"), "title: must not be empty"),
    "empty in all languages": (an_event(title={"en": " "}), "title: must not be empty"),
    "title that is a number": (
        an_event(title=5),
        "title: must be text, or a map from language to text",
    ),
    "title in no language": (
        an_event(title={"english!": "x"}),
        "title.english!: must be a language tag such as en or pt-BR",
    ),
    "long title": (an_event(title={"de": "x" * 501}), "title.de: is longer than 500 characters"),
    "long description": (
        an_event(description="x" * 50_001),
        "description: is longer than 50000 characters",
    ),
    "unknown kind": (an_event(kind="worshop"), "did you mean “workshop”?"),
    "price model": (
        an_event(price={"model": "sliding-scale"}),
        "price.model: must be one of free, gift, dana, suggested_donation, sliding_scale,"
        " tiered_solidarity, cost_plus_gift, fixed; did you mean “sliding_scale”?",
    ),
    "price without model": (an_event(price={"min": 1}), "price.model: is missing"),
    "price out of order": (
        an_event(price={"model": "free", "min": 9, "max": 5}),
        "price.min: must not be more than the highest price",
    ),
    "suggested above max": (
        an_event(price={"model": "free", "min": 1, "suggested": 6, "max": 5}),
        "price.suggested: must not be more than the highest price",
    ),
    "price not finite": (
        an_event(price={"model": "free", "min": float("nan")}),
        "price.min: must be a finite number",
    ),
    "half a coordinate": (
        an_event(location={"lat": 5}),
        "location.lon: is missing beside lat",
    ),
    "coordinate out of range": (
        an_event(location={"private": {"lat": 91, "lon": 0}}),
        "location.private.lat: must be at most 90",
    ),
    "a link that is no address": (
        an_event(online={"url": "javascript:alert(1)"}),
        "online.url: must be a web address that begins with https:// or http://",
    ),
    "a link without host": (an_event(image={"url": "https://", "alt": "x"}), "image.url: must be"),
    "picture without words": (
        an_event(image={"url": "https://a.example/x.jpg"}),
        "image.alt: is missing: say in words what the picture shows",
    ),
    "federate null": (an_event(federate=None), "federate: must be true or false"),
    "capacity of 24.0": (
        an_event(registration={"capacity": 24.0}),
        "registration.capacity: must be a whole number",
    ),
    "capacity of nobody": (
        an_event(registration={"capacity": 0}),
        "registration.capacity: must be at least 1",
    ),
    "tags that are no list": (an_event(tags="grief"), "tags: must be a list, [ … ]"),
    "a tag that is no text": (an_event(tags=["a", None]), "tags[1]: must be text"),
    "no languages left": (an_event(languages=[]), "languages: must not be an empty list"),
    "country in words": (
        an_event(location={"country": "Germany"}),
        "location.country: must be a country of two capital letters, such as DE",
    ),
    "nameless facilitator": (
        an_event(facilitators=[{"pronouns": "they"}]),
        "facilitators[0].display: is missing",
    ),
    "prerequisites in one text": (
        an_event(audience={"prerequisites": "twelve hours"}),
        "audience.prerequisites: must be an object of fields, { … }",
    ),
    "name of a fact": (
        an_event(access={"Hearing loop": "yes"}),
        "access.Hearing loop: is not a name of lower-case letters and underscores",
    ),
    "id with a line feed": (an_event(id="low-tide\n"), "id: must be a short name"),
    "id with capitals": (an_event(id="LowTide"), "id: must be a short name"),
    "lone surrogate": (an_event(summary="a\ud800b"), "summary: has half a character in it"),
    "an endless number": (an_event(anything=2**63), "anything: is too large a number"),
    "not JSON": (an_event(anything={1}), "anything: is not JSON, but set"),
    "wrong type": (an_event(type="Note"), "type: must be “Event”"),
}


@pytest.mark.parametrize("name", EVENT_REFUSALS)
def test_an_event_is_refused_with_a_plain_sentence(name):
    document, sentence = EVENT_REFUSALS[name]
    found = said(check_event(document, ("en",)))
    assert any(sentence in one for one in found), found
    assert len(found) == 1


def test_too_deep_a_document_is_refused_at_once():
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert said(check_event(an_event(more=deep), ("en",))) == ["is nested more than 32 levels deep"]


def test_all_problems_are_named_with_paths_under_the_given_one():
    document = an_event(kind="x", price={"model": "y"}, timezone="Mars/Olympus", url="ftp://x")
    paths = [problem.path for problem in check_event(document, ("en",), "events[3]")]
    assert paths == [
        "events[3].kind",
        "events[3].price.model",
        "events[3].url",
        "events[3].timezone",
    ]


def test_hostile_text_is_accepted_as_text():
    hostile = "<script>alert(1)</script> & \u202eesrever\u202c \x00 \u2066isolated\u2069"
    document = an_event(title=hostile, summary={"en": hostile}, tags=[hostile])
    assert check_event(document, ("en",)) == []
    assert Event.from_document(document, ("en",)).title.text.startswith("<script>")


def test_hostile_values_do_not_stand_in_the_sentence():
    [problem] = check_event(an_event(timezone="\x1b[31m\u202e" + "x" * 500), ("en",))[:1]
    assert "\x1b" not in problem.message
    [unknown] = check_event(an_event(timezone="\x1b[31mBerlin"), ("en",))
    assert "\x1b" not in unknown.message


def test_an_access_fact_is_a_value_or_a_note_of_ones_own():
    access = {"masks": "welcome", "step_free_entrance": "partial", "own_fact": "two dogs"}
    assert check_event(an_event(access=access), ("en",)) == []


REFLECTION_REFUSALS = {
    "no body": (a_reflection(body=None), "body: is missing"),
    "empty body": (a_reflection(body=" "), "body: must not be empty"),
    "status": (a_reflection(status="publish"), "did you mean “published”?"),
    "naive moment": (a_reflection(published="2027-02-11T18:00:00"), "published: must be a moment"),
    "no such moment": (a_reflection(published="2027-02-30T18:00:00Z"), "published: is not a day"),
    "no such day": (a_reflection(consent={"on": "2027-02-30"}), "consent.on: is not a day"),
    "picture without words": (a_reflection(media=[{"type": "image"}]), "media[0].alt: is missing"),
    "name of somebody anonymous": (
        a_reflection(attribution={"mode": "anonymous", "display": "Rosa"}),
        "attribution.display: must be left out: an anonymous reflection keeps no name",
    ),
    "name without a mode": (
        a_reflection(attribution={"display": "Rosa"}),
        "attribution.mode: is missing: how does “Rosa” wish to be named?",
    ),
    "translation": (
        a_reflection(translations={"en": {"title": 5}}),
        "translations.en.title: must be text",
    ),
}


@pytest.mark.parametrize("name", REFLECTION_REFUSALS)
def test_a_reflection_is_refused_with_a_plain_sentence(name):
    document, sentence = REFLECTION_REFUSALS[name]
    [problem] = check_reflection(document)
    assert sentence in str(problem)


@pytest.mark.parametrize("status", ["withdrawn", "draft"])
def test_a_withdrawn_or_unfinished_reflection_needs_no_words(status):
    document = a_reflection(status=status, body=None, title=None)
    assert check_reflection(document) == []
    assert Reflection.from_document(document, "en").body.text == ""


def test_practices_and_groups_are_refused_likewise():
    assert said(check_practice({"id": "a"})) == ["title: is missing", "body: is missing"]
    assert said(check_group({"name": "x", "slug": "-"})) == [
        "slug: must be a short name of lower-case letters, digits and inner hyphens, at most 80"
    ]
    [problem] = check_group(a_group(timezone="Europe/Berlyn"))
    assert str(problem) == (
        "timezone: “Europe/Berlyn” is not a known time zone; did you mean “Europe/Berlin”?"
    )


def test_the_schema_knows_the_kinds_of_the_domain():
    kinds = definition("event")["properties"]["kind"]["enum"]
    assert [kind for kind in kinds if kind] == [kind.value for kind in EventKind]
