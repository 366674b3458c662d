"""The bundled sample network: it shows everything, and can be moved to any day."""

from datetime import UTC, datetime, timedelta

import pytest

from node.domain.event import (
    Event,
    EventFormat,
    EventStatus,
    PlaceVisibility,
    PriceModel,
    RegistrationMode,
    Visibility,
)
from node.domain.reflection import ReflectionStatus
from node.exchange.check import check_document
from node.sample import load, moved_to
from tests.exchange.documents import an_event

REFERENCE = datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_the_sample_shows_every_sort_of_event():
    events = [Event.from_document(one, ("en",)) for one in load()["events"]]
    assert {one.format for one in events} == set(EventFormat)
    assert {one.status for one in events} == set(EventStatus)
    assert {one.visibility for one in events} == set(Visibility)
    assert {one.place.visibility for one in events if one.place} == set(PlaceVisibility)
    assert {one.price.model for one in events if one.price} == set(PriceModel)
    assert {one.registration.mode for one in events} == set(RegistrationMode)
    assert {one["status"] for one in load()["reflections"]} == set(ReflectionStatus)


def test_the_sample_is_about_invented_groups_that_follow_each_other():
    document = load()
    slugs = {group["slug"] for group in document["groups"]}
    assert {"norcal", "berlin", "bogota", "urdunn", "nairobi"} <= slugs
    assert all(group["domain"] == f"{group['slug']}.example" for group in document["groups"])
    assert {one for pair in document["_meta"]["follows"] for one in pair} == slugs
    assert document["_meta"]["reference_now"] == "2027-03-01T12:00:00Z"


def test_moving_to_its_own_moment_changes_nothing():
    assert moved_to(load(), REFERENCE) == load()


@pytest.mark.parametrize("weeks", range(-40, 420, 9))
def test_the_sample_can_be_moved_to_any_week_of_many_years(weeks):
    now = REFERENCE + timedelta(weeks=weeks, hours=50)
    moved = moved_to(load(), now)
    assert check_document(moved) == []
    lies = datetime.fromisoformat(moved["_meta"]["reference_now"])
    assert abs(lies - now) <= timedelta(days=3.5)


def test_days_of_the_week_and_hours_stay():
    moved = moved_to(load(), REFERENCE + timedelta(weeks=30))
    for old, new in zip(load()["events"], moved["events"], strict=True):
        if old["start_local"]:
            was = datetime.fromisoformat(old["start_local"])
            now = datetime.fromisoformat(new["start_local"])
            assert now - was == timedelta(weeks=30)


@pytest.mark.parametrize(
    ("start", "moved"),
    [
        ("2027-03-07T02:30:00", "2027-03-14T03:30:00"),  # the clocks skip it
        ("2027-10-31T01:30:00", "2027-11-07T01:30:00"),  # it comes twice
    ],
)
def test_times_that_the_clocks_touch_stay_valid(start, moved):
    event = an_event(start_local=start, end_local=None, timezone="America/New_York", group="a")
    meta = {"reference_now": "2027-03-01T12:00:00Z"}
    document = {"_meta": meta, "groups": [{"slug": "a", "name": "A"}], "events": [event]}
    later = moved_to(document, REFERENCE + timedelta(weeks=1))
    assert later["events"][0]["start_local"] == moved
    assert check_document(later) == []
