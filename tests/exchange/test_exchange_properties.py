"""Whatever is thrown at the checks: they never fall over, and what they pass can be read."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.clock import to_ms
from node.domain.event import Event
from node.domain.group import Group
from node.domain.practice import Practice
from node.domain.reflection import Reflection
from node.errors import MalformedError
from node.exchange.check import (
    check_document,
    check_event,
    check_group,
    check_practice,
    check_reflection,
)
from node.exchange.public import public_event
from node.exchange.reading import read_json
from node.exchange.unknown import warnings
from node.sample import load

SAMPLE = load()
TEXTS = [
    "", " ", "x", "yes", "published", "postponed", "cancelled", "2027-03-14T02:30:00",
    "2027-10-31T02:30", "2199-12-31T23:59:59", "1900-01-01T00:00", "2027-03-14T02:30:00Z",
    "2027-03-14T09:30:00+14:00", "2027-02-30", "Asia/Tokyo", "Etc/GMT+12", "FREQ=WEEKLY",
    "FREQ=DAILY;COUNT=3", "https://a.example/", "https://[", "en", "pt-BR", "\ud800", "\x00",
]  # fmt: skip
NUMBERS = [0, -1, 1, 91, 1.5, 24.0, 1e308, float("nan"), float("inf"), 2**62, 2**70]
LEAVES = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from(TEXTS)
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*TEXTS, "id", "title", "url", "lat", "mode"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a document."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [place for key, child in items for place in [(value, key), *places(child)]]


SEEN: dict[Any, list[Any]] = {}
for holder, name in places(SAMPLE):
    SEEN.setdefault(name if isinstance(holder, dict) else None, []).append(holder[name])


@st.composite
def mutated(draw: st.DrawFn, originals: list[Any]) -> Any:
    """A valid document with up to three places replaced, removed or renamed."""
    document = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 3))):
        found = places(document)
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        if draw(st.integers(0, 3)) == 0 and isinstance(container, dict):
            del container[key]
        elif draw(st.booleans()):
            container[key] = copy.deepcopy(draw(st.sampled_from(SEEN.get(key, [None, "x"]))))
        else:
            container[key] = draw(VALUES)
    return document


def named(document: Any) -> Any:
    """With an id, as the services add one before they read a document."""
    return document if document.get("id") else document | {"id": "made"}


@settings(max_examples=400, deadline=None)
@given(mutated(SAMPLE["events"]))
def test_an_event_that_passes_can_be_read(document):
    if check_event(document, ("en",)):
        return
    event = Event.from_document(named(document), ("en",))
    assert event.ends is None or to_ms(event.ends.utc)
    assert event.title.text
    assert event.start is None or event.start.iso()
    assert not check_event(public_event(document), ("en",))
    assert json.loads(json.dumps(document)) == document


@settings(max_examples=200, deadline=None)
@given(mutated(SAMPLE["reflections"]))
def test_a_reflection_that_passes_can_be_read(document):
    if check_reflection(document):
        return
    reflection = Reflection.from_document(named(document), "en")
    assert reflection.published is None or to_ms(reflection.published)
    assert json.loads(json.dumps(document)) == document


@settings(max_examples=100, deadline=None)
@given(mutated(SAMPLE["practices"]))
def test_a_practice_that_passes_can_be_read(document):
    if not check_practice(document):
        assert Practice.from_document(document, "en").title.text


@settings(max_examples=100, deadline=None)
@given(mutated(SAMPLE["groups"]))
def test_a_group_that_passes_can_be_read(document):
    if not check_group(document):
        group = Group.from_document("handle", document)
        assert group.name.text
        assert group.language


@settings(max_examples=60, deadline=None)
@given(mutated([SAMPLE]) | VALUES)
def test_whole_documents_are_judged_without_falling_over(document):
    check_document(document)
    warnings(document)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60) | st.text(alphabet='{}[]",:0e1.-NaI\\u \n', max_size=40).map(str.encode)
)
def test_bytes_are_read_or_refused_with_a_place(data):
    said = "line"
    try:
        read_json(data)
    except MalformedError as error:
        said = str(error)
    assert "line" in said or "empty" in said


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63) + 1, 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_what_json_writes_is_read_back(value):
    assert read_json(json.dumps(value).encode()) == value
