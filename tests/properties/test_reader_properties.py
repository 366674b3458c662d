"""Whatever a document says, every reader answers with a value or says in one sentence that it cannot be read."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.acquaintance import software_of
from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Context
from federation.parse import embedded, language_of, mentions, page_of, read_activity
from federation.proofs import read_proof
from federation.read_actor import advertises_rfc9421, key_ids, read_actor, read_keys
from federation.read_event import read_status, read_when, read_where
from federation.read_gathering_actor import gathering_of
from federation.read_participation import read_categories, read_join_url, read_organizers
from federation.read_post import read_post
from federation.read_reply import may_be_passed_on, quoted_in
from federation.webfinger import read_jrd
from node.errors import MalformedError, RoughweatherError
from node.urls import Urls
from tests.bending import NAMES, bent, values
from tests.interop.gatherings import SHAPES

NOW = datetime(2027, 3, 14, 16, tzinfo=UTC)
NEIGHBOUR = "https://hills.example/users/fern"
CONTEXT = Context(urls=Urls("https://ours.example"), now=NOW, neighbours=frozenset({NEIGHBOUR}))


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


def activity(document: Mapping[str, Any]) -> object:
    """Everything that is done with an activity before any transaction."""
    read = read_activity(document)
    handler = HANDLERS.get(read.type)
    if handler is not None:
        handler.wants(read, CONTEXT)
    return embedded(read), read.to, read.cc, read.target


READERS: dict[str, Callable[[Any], object]] = {
    "activity": activity,
    "actor": read_actor,
    "keys": lambda document: (read_keys(document), key_ids(document)),
    "signatures": advertises_rfc9421,
    "post": lambda document: read_post(document, via=NEIGHBOUR, now=NOW, activity=document),
    "event": lambda document: (read_when(document), read_where(document), read_status(document)),
    "gathering actor": gathering_of,
    "participation": lambda document: (
        read_organizers(document),
        read_categories(document),
        read_join_url(document),
    ),
    "reply": lambda document: (
        quoted_in(document),
        may_be_passed_on(document, document, NEIGHBOUR),
    ),
    "small things": lambda document: (
        language_of(document),
        page_of(document),
        list(mentions(document)),
    ),
    "proof": read_proof,
    "webfinger": read_jrd,
    "nodeinfo": software_of,
}


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
