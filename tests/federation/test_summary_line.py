"""The one line that Mastodon shows of a gathering: all that is public of when, where, how and for what, and no more."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.render.companion import companion
from federation.render.encode import encode
from federation.render.event import event as render
from federation.render.event_text import summary_line
from node.domain.event import Event, EventFormat
from node.domain.phrase_table import PHRASES
from node.domain.phrases import format_words, held, phrase, price_words
from tests.federation import samples
from tests.federation.samples import NOW, URLS

SECRET = "Marguerite"
HALL = {
    "visibility": "public",
    "name": "Grange hall",
    "locality": "Hilltown",
    "lat": 38,
    "lon": -122,
}
HOUSE = {
    "visibility": "on_registration",
    "name": f"{SECRET}'s house",
    "address": f"12 {SECRET} Lane",
    "locality": f"{SECRET}ville",
    "region": SECRET,
    "directions": f"Ring at {SECRET}",
    "lat": 38.123456,
    "lon": -122.654321,
    "private": {"name": SECRET, "address": SECRET},
}
AREA = HOUSE | {
    "visibility": "area_only",
    "public_area": {"en": "East Bay", "es": "Este de la bahía"},
}
OPEN_ROOM = {"url_visibility": "public", "url": "https://meet.example/open"}
CLOSED_ROOM = {"url_visibility": "on_registration", "url": f"https://meet.example/{SECRET}"}
BASE: dict[str, Any] = {
    "id": "circle",
    "title": {"en": "Circle"},
    "start_local": "2031-04-19T10:00:00",
    "end_local": "2031-04-19T12:00:00",
    "timezone": "America/Los_Angeles",
    "languages": ["en"],
    "location": HALL,
    "price": {"model": "gift"},
}


def made(**changes: Any) -> Event:
    return Event.from_document(BASE | changes, ("en",))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"start_local": "2031-11-01T23:00:00", "end_local": "2031-11-02T06:00:00"},
            "Sat 1 Nov 2031, 23:00 PDT – Sun 2 Nov 2031, 06:00 PST · Grange hall, Hilltown · in person · a gift",
        ),
        ({}, "Sat 19 Apr 2031, 10:00–12:00 PDT · Grange hall, Hilltown · in person · a gift"),
        ({"end_local": None}, "Sat 19 Apr 2031, 10:00 PDT · Grange hall, Hilltown · in person · a gift"),
        (
            {"end_local": "2031-04-20T02:00:00"},
            "Sat 19 Apr 2031, 10:00 – Sun 20 Apr 2031, 02:00 PDT · Grange hall, Hilltown · in person · a gift",
        ),
        (
            {"end_local": "2031-04-21T16:00:00", "price": None},
            "Sat 19 Apr 2031, 10:00 – Mon 21 Apr 2031, 16:00 PDT · Grange hall, Hilltown · in person",
        ),
        (
            {"location": AREA},
            "Sat 19 Apr 2031, 10:00–12:00 PDT · East Bay (place told after registration) · in person · a gift",
        ),
        (
            {"location": HOUSE, "audience": {"scope": "affinity", "statement": "For us"}},
            "Sat 19 Apr 2031, 10:00–12:00 PDT · place told after registration · in person · a gift",
        ),
        (
            {"format": "online", "location": None, "online": CLOSED_ROOM},
            "Sat 19 Apr 2031, 10:00–12:00 PDT · online · a gift",
        ),
        (
            {"format": "hybrid", "online": OPEN_ROOM},
            "Sat 19 Apr 2031, 10:00–12:00 PDT · Grange hall, Hilltown · in person and online · a gift",
        ),
        (
            {"status": "moved_online", "location": AREA, "online": CLOSED_ROOM},
            "Moved online · Sat 19 Apr 2031, 10:00–12:00 PDT · online · a gift",
        ),
        (
            {
                "status": "postponed",
                "start_local": None,
                "end_local": None,
                "previous_start_local": "2031-04-19T10:00:00",
            },
            "Postponed · new date to come · was Sat 19 Apr 2031, 10:00 PDT · Grange hall, Hilltown"
            " · in person · a gift",
        ),
        (
            {"status": "postponed", "start_local": None, "end_local": None},
            "Postponed · new date to come · Grange hall, Hilltown · in person · a gift",
        ),
        (
            {"location": None, "price": {"model": "sliding_scale", "currency": "USD", "min": 0, "max": 50}},
            "Sat 19 Apr 2031, 10:00–12:00 PDT · in person · sliding scale 0–50 USD",
        ),
    ],
)  # fmt: skip
def test_the_line(changes: dict[str, Any], line: str) -> None:
    assert summary_line(made(**changes), "en") == line


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("es", "sáb 19 abr 2031, 10:00–12:00 PDT · Este de la bahía (lugar tras inscribirse) · presencial · un regalo"),
        ("ar", "السبت 19 أبريل 2031، 10:00 إلى 12:00 PDT"),
        ("ja", "2031-04-19 10:00–12:00 PDT"),
    ],
)  # fmt: skip
def test_the_line_in_other_languages(language: str, line: str) -> None:
    assert summary_line(made(location=AREA), language).startswith(line)


LANGUAGES = [*PHRASES, "ja", "pt-BR"]
EVENTS = st.fixed_dictionaries(
    {
        "location": st.sampled_from([None, HALL, HOUSE, AREA]),
        "online": st.sampled_from([None, OPEN_ROOM, CLOSED_ROOM]),
        "format": st.sampled_from([one.value for one in EventFormat]),
        "status": st.sampled_from(
            ["scheduled", "tentative", "rescheduled", "moved_online", "cancelled", "postponed"]
        ),
        "start_local": st.sampled_from(["2031-04-19T10:00:00", "2031-11-01T23:30:00"]),
        "end_local": st.sampled_from([None, "2031-11-03T08:00:00"]),
        "title": st.sampled_from(LANGUAGES).map(lambda language: {language: "Circle"}),
        "price": st.sampled_from(
            [None, {"model": "free"}, {"model": "fixed", "fixed_cost": 12.5, "currency": "EUR"}]
        ),
        "audience": st.sampled_from([None, {"scope": "affinity", "statement": "For us"}]),
        "visibility": st.sampled_from(["public", "followers_and_link"]),
        "registration": st.sampled_from([{"mode": "approval"}, {"mode": "none"}]),
    }
)


@given(changes=EVENTS)
def test_nothing_hidden_is_told_and_nothing_public_is_missing(changes: dict[str, Any]) -> None:
    language = next(iter(changes["title"]))
    document = BASE | changes | {"languages": [language]}
    stored = samples.a_stored_event(document)
    one = stored.event
    sent = render(stored, samples.a_group(), URLS, NOW)
    noted = companion(stored, samples.a_group(), URLS)
    for told in (sent, noted):
        assert SECRET not in encode(told).decode()
        assert "38.12" not in json.dumps(told)
    summary = sent["summary"]
    assert "\n" not in summary
    assert len(summary) <= 400
    assert one.start is not None
    assert f"{one.start.local:%H:%M}" in summary
    assert f"{one.start.local:%Y}" in summary
    assert "PDT" in summary or "PST" in summary
    assert format_words(held(one), language) in summary
    price = price_words(one.price, language)
    assert price is None or price in summary
    if one.place is not None and held(one) is not EventFormat.ONLINE:
        place = phrase("place_later", language) if one.place.hidden else "Grange hall, Hilltown"
        assert place in summary
    else:
        assert "Grange hall" not in summary
    # What is said in one line is said again in full, before everything else.
    assert sent["content"].startswith("<p><strong>Circle</strong>")
