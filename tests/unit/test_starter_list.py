"""Lists of groups: what is written is read again, and whatever else comes is bounded or refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain import starter_list
from node.domain.group import Group
from node.domain.known_group import GroupProfile, Spot
from node.domain.starter_list import Entry
from node.errors import MalformedError
from node.urls import Urls
from tests.federation import samples

URLS = Urls("https://hills.example")
BERLIN = GroupProfile(
    id="https://berlin.example/group",
    name="Hinterhofkreis",
    url="https://berlin.example/",
    languages=("de",),
    place="Berlin",
    spot=Spot(52.5, 13.4),
    stands_with="https://berlin.example/group/stands-with",
    listed=True,
)


def hills(**more: Any) -> Group:
    return Group.from_document("hills", samples.GROUP | more)


def test_what_is_written_is_read_again() -> None:
    document = starter_list.written(hills(), URLS, [BERLIN], "Hills and friends")
    found = starter_list.read(json.loads(json.dumps(document)))
    assert found.name == "Hills and friends"
    assert found.entries == (
        Entry("https://hills.example/group", "Circle in the Hills"),
        Entry("https://berlin.example/group", "Hinterhofkreis"),
    )
    assert document["groups"][0]["latitude"] == 38.4
    assert "stands_with" not in json.dumps(document)


def test_who_does_not_want_to_be_found_does_not_say_where_it_is() -> None:
    document = starter_list.written(hills(discoverable=False), URLS, [], "Hills")
    assert "latitude" not in document["groups"][0]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "groups",
        {},
        {"format": "groups"},
        {"format": "groups", "version": 2, "groups": ["@a@b.example"]},
        {"format": "groups", "version": 1, "groups": {}},
        {"format": "groups", "version": 1, "groups": []},
        {"format": "groups", "version": 1, "groups": [7, None, {"id": []}, "javascript:alert(1)"]},
        {"format": "groups", "version": 1, "groups": ["@a@b.example"] * 201},
    ],
    ids=str,
)
def test_what_is_no_list_is_refused(value: Any) -> None:
    with pytest.raises(MalformedError):
        starter_list.read(value)


def test_each_group_counts_once_and_strange_names_are_calmed() -> None:
    name = "Evil\u202e\n  circle" + "x" * 500
    given = [{"id": "@a@b.example", "name": name}, "@a@b.example", "https://c.example/ x"]
    found = starter_list.read({"format": "groups", "version": 1, "groups": given})
    [entry] = found.entries
    assert entry.name.startswith("Evil circlex")
    assert len(entry.name) == 120


def test_addresses_on_lines_are_a_list_too() -> None:
    found = starter_list.read_lines("@a@b.example\n\n  https://c.example/group \nnonsense")
    assert [one.address for one in found.entries] == ["@a@b.example", "https://c.example/group"]
    with pytest.raises(MalformedError):
        starter_list.read_lines("nothing here")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(
    st.lists(VALUES | st.fixed_dictionaries({"id": VALUES, "name": VALUES}), max_size=20), VALUES
)
def test_whatever_comes_is_read_or_refused(groups: list[Any], name: Any) -> None:
    document = {"format": "groups", "version": 1, "groups": groups, "name": name}
    try:
        found = starter_list.read(document)
    except MalformedError:
        return
    assert len(found.entries) <= starter_list.MOST
    assert all(" " not in one.address and "\n" not in one.name for one in found.entries)
