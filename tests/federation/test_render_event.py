"""Every event we send is one that every peer accepts, and holds nothing that is not for everyone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.render.encode import encode
from federation.render.event import event
from node.domain.event import EventKind, EventStatus, PriceModel, RegistrationMode
from node.domain.walltime import AmbiguousTimeError, ImpossibleTimeError, resolve
from node.errors import RefusedError
from tests.federation import samples, universal_event
from tests.federation.samples import NOW, URLS

SECRETS = (
    samples.SECRET_LINK,
    samples.SECRET_PLACE,
    samples.SECRET_ADDRESS,
    str(samples.SECRET_LATITUDE),
    "5.00012",
    "5.49988",
)
ZONES = (
    "America/Los_Angeles",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "UTC",
    "Africa/Nairobi",
)
LANGUAGES = ("en", "es", "pt-BR", "ar", "ja", "de", "fr", "sw")


def rendered(document: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    return event(samples.a_stored_event(document), samples.a_group(), URLS, now)


@pytest.mark.parametrize("name", samples.EVENTS)
def test_samples_keep_the_profile(name: str) -> None:
    universal_event.check(rendered(samples.EVENTS[name]))


@pytest.mark.parametrize("name", samples.EVENTS)
def test_nothing_hidden_is_told(name: str) -> None:
    sent = encode(rendered(samples.EVENTS[name])).decode()
    for secret in SECRETS:
        assert secret not in sent


def test_hidden_place_tells_area_country_and_coarse_coordinates() -> None:
    place = rendered(samples.HIDDEN_PLACE)["location"]
    assert place["name"] == "Ardennes, à 30 minutes d'une gare"
    assert place["address"] == {"type": "PostalAddress", "addressCountry": "BE"}
    assert (place["latitude"], place["longitude"]) == (50.0, 5.5)


def test_local_only_event_cannot_be_rendered() -> None:
    for visibility in ("local_only", "link_only"):
        with pytest.raises(RefusedError):
            rendered(samples.IN_PERSON | {"visibility": visibility})


def test_mastodon_shows_date_zone_place_and_price() -> None:
    seen = universal_event.as_mastodon(rendered(samples.IN_PERSON))
    for words in (
        "Spring day",
        "Sat 19 Apr 2031",
        "10:00–16:30 PDT",
        "Grange hall, Hilltown",
        "0–120 USD",
    ):
        assert words in seen


def test_misskey_finds_title_when_and_where_in_the_text() -> None:
    _, text = universal_event.as_misskey(rendered(samples.IN_PERSON))
    assert text.index("Spring day") < text.index("10:00–16:30 PDT") < text.index("Grange hall")


def test_mobilizon_reads_the_call_of_a_hybrid_event() -> None:
    read = universal_event.as_mobilizon(rendered(samples.HYBRID))
    assert read["online"] == "https://meet.example/lesekreis"
    assert read["place"] == "Bibliothek, Freiburg"


def test_event_moved_online_leads_nobody_to_the_hall() -> None:
    document = rendered(samples.MOVED_ONLINE)
    assert document["location"]["type"] == "VirtualLocation"
    assert "Bibliothek" not in document["summary"] + document["content"]


def test_time_and_status_stand_in_the_summary_so_that_an_edit_is_seen() -> None:
    assert rendered(samples.CANCELLED)["summary"].startswith("Cancelled · Sun 9 Mar 2031")
    assert "was" in rendered(samples.POSTPONED)["summary"]
    assert rendered(samples.POSTPONED)["startTime"] == "2031-03-09T09:00:00-07:00"
    assert rendered(samples.RESCHEDULED)["previousStartTime"] == "2031-03-20T18:30:00+01:00"


def test_postponed_without_another_date_says_which_date_it_was() -> None:
    document = rendered(samples.ONLINE_HIDDEN | {"status": "postponed"})
    assert document["startTime"] == document["previousStartTime"] == "2031-03-09T09:00:00-07:00"
    undated = {"previous_start_local": None}
    assert "previousStartTime" not in rendered(samples.POSTPONED | undated)


def test_open_end_is_assumed_and_not_shown() -> None:
    document = rendered(samples.HYBRID)
    start, end = (datetime.fromisoformat(document[key]) for key in ("startTime", "endTime"))
    assert end - start == timedelta(hours=2)
    assert document["displayEndTime"] is False
    assert "18:30 CET" in document["summary"]


def test_after_the_deadline_no_join_is_invited() -> None:
    late = rendered(samples.IN_PERSON, datetime(2031, 4, 18, 12, tzinfo=UTC))
    assert (late["joinMode"], late["externalParticipationUrl"]) == ("external", late["id"])
    assert rendered(samples.IN_PERSON)["joinMode"] == "free"


def test_registration_elsewhere_is_linked() -> None:
    document = rendered(samples.ARABIC)
    assert document["externalParticipationUrl"] == "https://forms.example/halqa"
    assert document["attachment"][0]["href"] == "https://forms.example/halqa"


def test_addresses_that_are_no_web_addresses_are_left_out() -> None:
    document = rendered(
        samples.ARABIC
        | {
            "registration": {"mode": "external", "url": "javascript:alert(1)"},
            "image": {"url": "data:image/png;base64,AA", "alt": "x"},
        }
    )
    assert document["externalParticipationUrl"] == document["id"]
    assert document["attachment"] == []


def test_one_letter_title_is_made_long_enough() -> None:
    assert rendered(samples.IN_PERSON | {"title": "鴨"})["name"] == "鴨 · Circle in the Hills"


def test_markup_in_any_text_is_text() -> None:
    evil = "<script>alert(1)</script> \"quoted\" & 'so'"
    document = rendered(
        samples.IN_PERSON
        | {"title": evil, "description": evil, "content_notes": [evil], "tags": [evil]}
    )
    universal_event.check(document)
    assert "<script" not in document["content"]


@pytest.mark.parametrize("letter", ["a", "水", "&", "\n\n", "ع "])
def test_long_texts_are_cut_below_60_kib(letter: str) -> None:
    texts = dict.fromkeys(LANGUAGES, letter * 40000)
    document = rendered(
        samples.IN_PERSON | {"title": {"en": letter * 500}, "summary": texts, "description": texts}
    )
    universal_event.check(document)


def test_forty_languages_are_cut_below_60_kib() -> None:
    texts = {f"x{number:02}": "水" * 9000 for number in range(40)}
    universal_event.check(rendered(samples.IN_PERSON | {"title": texts, "description": texts}))


WORDS = st.text(max_size=60)
TEXTS = st.one_of(WORDS, st.dictionaries(st.sampled_from(LANGUAGES), WORDS, max_size=4))
TITLES = st.one_of(
    st.text(min_size=1, max_size=300),
    st.dictionaries(
        st.sampled_from(LANGUAGES), st.text(min_size=1, max_size=80), min_size=1, max_size=4
    ),
)
WALL = st.datetimes(min_value=datetime(1975, 1, 1), max_value=datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
PLACES = st.fixed_dictionaries(
    {"visibility": st.sampled_from(["public", "area_only", "on_registration"])},
    optional={
        "name": WORDS,
        "address": WORDS,
        "public_area": TEXTS,
        "locality": WORDS,
        "country": st.sampled_from(["US", "JP"]),
        "lat": st.one_of(st.integers(-90, 90), st.floats(-90, 90)),
        "lon": st.one_of(st.integers(-180, 180), st.floats(-180, 180)),
        "directions": TEXTS,
    },
)
PRICES = st.fixed_dictionaries(
    {"model": st.sampled_from([model.value for model in PriceModel])},
    optional={
        "currency": st.sampled_from(["EUR", "JPY"]),
        "min": st.floats(0, 1000),
        "suggested": st.integers(0, 1000),
        "max": st.floats(0, 1000),
        "fixed_cost": st.integers(0, 1000),
        "tiers": st.lists(
            st.fixed_dictionaries({"label": WORDS, "amount": st.integers(0, 99)}), max_size=3
        ),
        "note": TEXTS,
    },
)
EVENTS = st.fixed_dictionaries(
    {
        "id": st.just("generated"),
        "title": TITLES,
        "timezone": st.sampled_from(ZONES),
        "languages": st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True),
        "kind": st.sampled_from([kind.value for kind in EventKind]),
        "format": st.sampled_from(["in_person", "online", "hybrid"]),
        "status": st.sampled_from([status.value for status in EventStatus]),
        "visibility": st.sampled_from(["public", "followers_and_link"]),
        "registration": st.fixed_dictionaries(
            {"mode": st.sampled_from([mode.value for mode in RegistrationMode])},
            optional={
                "capacity": st.integers(1, 500),
                "url": st.one_of(WORDS, st.just("https://a.example/")),
            },
        ),
    },
    optional={
        "start_local": WALL,
        "end_local": WALL,
        "previous_start_local": WALL,
        "summary": TEXTS,
        "description": TEXTS,
        "location": PLACES,
        "online": st.fixed_dictionaries(
            {"url_visibility": st.sampled_from(["public", "on_registration"])},
            optional={"url": st.one_of(WORDS, st.just("https://call.example/room"))},
        ),
        "price": PRICES,
        "reason": TEXTS,
        "tags": st.lists(WORDS, max_size=30),
        "categories_fep8a8e": st.lists(
            st.sampled_from(["LEARNING", "FESTIVALS", "ODD_ONE"]), max_size=3
        ),
        "content_notes": st.lists(WORDS, max_size=3),
        "image": st.fixed_dictionaries(
            {"url": st.one_of(WORDS, st.just("/media/a.png")), "alt": WORDS}
        ),
    },
)


def _possible(document: dict[str, Any]) -> dict[str, Any]:
    """Wall times as text; those that the clocks skip or show twice are left to the form to refuse."""
    made = dict(document)
    for key in ("start_local", "end_local", "previous_start_local"):
        wall = made.pop(key, None)
        try:
            if wall is not None:
                resolve(wall, document["timezone"])
                made[key] = wall.isoformat()
        except (ImpossibleTimeError, AmbiguousTimeError):
            continue
    return made


@settings(max_examples=150, deadline=None)
@given(document=EVENTS.map(_possible))
def test_any_event_keeps_the_profile(document: dict[str, Any]) -> None:
    universal_event.check(rendered(document))
