"""Whatever a document says, every reader answers with a value or says in one sentence that it cannot be read."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.parse import read_activity
from node.errors import MalformedError, RoughweatherError
from tests.bending import NAMES, bent, values
from tests.interop.gatherings import SHAPES
from tests.readers import NEIGHBOUR, READERS


def _documents() -> list[dict[str, Any]]:
    """Honest documents: what other servers send in our tests, and their parts."""
    found: list[dict[str, Any]] = [shape.activity for shape in SHAPES.values()]
    for path in (Path(__file__).parents[1] / "interop" / "documents").glob("*.json"):
        server = json.loads(path.read_text("utf-8"))
        found += [one["sends"] for one in server["documents"].values()]
        found += [*server["actors"].values(), *server.get("serves", {}).values()]
    found += [one["object"] for one in found if isinstance(one.get("object"), dict)]
    text = (
        json.dumps(found).replace("{here}", "https://hills.example").replace("{actor}", NEIGHBOUR)
    )
    made: list[dict[str, Any]] = json.loads(text)
    made.append(
        {
            "id": "https://hills.example/groups/9",
            "type": "Group",
            "inbox": "https://hills.example/groups/9/inbox",
            "accessType": "open",
            "attachment": [{"type": "Event", "startTime": "2031-09-12T18:00:00Z"}],
        }
    )
    links = [{"rel": "self", "type": "application/activity+json", "href": NEIGHBOUR}]
    return [
        *made,
        {"subject": "acct:fern@hills.example", "links": links, "software": {"name": "x"}},
    ]


_DOCUMENTS = _documents()


def _everywhere() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every name with a document that has it, at any depth, at most two for each."""
    count: Counter[str] = Counter()
    for document in _DOCUMENTS:
        for name in NAMES:
            if count[name] < 2 and f'"{name}":' in json.dumps(document):
                count[name] += 1
                yield name, document


def _with(value: Any, name: str, other: Any) -> Any:
    """The value with `other` under every such name in it."""
    if isinstance(value, list):
        return [_with(one, name, other) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: other if key == name else _with(one, name, other) for key, one in value.items()}


@pytest.mark.parametrize(
    "other", [{}, [], [[]], {"id": {}}, [{}, None], 7, "", None, True], ids=str
)
def test_every_field_may_hold_anything(other: Any) -> None:
    for name, document in _everywhere():
        for read in READERS.values():
            with suppress(RoughweatherError):
                read(_with(document, name, other))


@settings(
    max_examples=100,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(data=st.data())
def test_every_reader_is_total(data: st.DataObject) -> None:
    document = bent(data.draw, data.draw(st.sampled_from(_DOCUMENTS)), values(NEIGHBOUR))
    for read in READERS.values():
        with suppress(RoughweatherError):
            read(document)


def test_there_is_something_to_bend() -> None:
    assert len(_DOCUMENTS) > 100
    with pytest.raises(MalformedError):
        read_activity({})
