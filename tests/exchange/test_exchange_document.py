"""Whole documents: groups and what belongs to them, unknown fields, the page that tells of it all."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from node.exchange.check import MOST_PROBLEMS, check_document, check_part
from node.exchange.schema import definition, schema
from node.exchange.unknown import known_only, warnings
from node.sample import load
from tests.exchange.documents import a_document, a_group, a_reflection, an_event

PAGE = Path(__file__).parents[2] / "docs" / "exchange-format.md"


def said(document):
    return [str(problem) for problem in check_document(document)]


def test_a_small_document_and_the_sample_pass():
    assert check_document(a_document()) == []
    assert check_document({"groups": [a_group()]}) == []
    assert check_document(load()) == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "must be an object of fields, { … }"),
        ({}, "groups: is missing"),
        ({"groups": []}, "groups: must not be an empty list: leave it out"),
        (a_document(events={}), "events: must be a list, [ … ]"),
        (a_document(events=[5]), "events[0]: must be an object of fields, { … }"),
        (a_document(groups=[a_group(slug=["x"])]), "groups[0].slug: must be text"),
    ],
)
def test_what_is_no_document_is_refused(document, sentence):
    assert sentence in said(document)


def test_paths_are_those_of_the_file():
    events = [an_event(), an_event(id="b", start_local="2027-04-17"), an_event(id="c", kind="x")]
    assert [problem.path for problem in check_document(a_document(events=events))] == [
        "events[1].start_local",
        "events[2].kind",
    ]


def test_ids_are_needed_and_stand_once_in_a_group():
    events = [an_event(), an_event(), an_event(id=None)]
    assert said(a_document(events=events)) == [
        "events[1].id: “low-tide” is already the id of events[0]",
        "events[2].id: is missing",
    ]
    groups = [a_group(), a_group(slug="berlin")]
    two = [an_event(group="norcal"), an_event(group="berlin")]
    assert check_document({"groups": groups, "events": two}) == []


def test_groups_that_are_not_there_are_named():
    assert said(a_document(events=[an_event(group="norcla")])) == [
        "events[0].group: there is no group “norcla” in the document; did you mean “norcal”?"
    ]
    groups = [a_group(), a_group(slug="berlin"), a_group()]
    assert said({"groups": groups, "events": [an_event()]}) == [
        "groups[2].slug: “norcal” is already the slug of groups[0]",
        "events[0].group: is missing: which of the groups is it, norcal, berlin?",
    ]


def test_a_part_is_checked_without_the_faults_of_others():
    groups = [a_group(), a_group(slug="berlin", timezone="x")]
    events = [an_event(group="berlin", kind="x"), an_event(group="norcal", kind="y")]
    document = {"groups": groups, "events": events}
    assert [problem.path for problem in check_part(document, "norcal")] == ["events[1].kind"]


def test_a_reflection_may_name_an_event_that_is_not_there():
    assert check_document(a_document(reflections=[a_reflection(event="long-ago")])) == []


def test_problems_are_collected_up_to_a_bound():
    events = [an_event(id=f"e{i}", kind="x") for i in range(MOST_PROBLEMS + 50)]
    assert len(check_document(a_document(events=events))) == MOST_PROBLEMS


def test_unknown_fields_are_pointed_out_and_kept():
    event = an_event(titel="x", location={"adress": "y"}, access={"step_fre_entrance": "yes"})
    document = a_document(events=[event], evnts=[], my_notes=1)
    assert check_document(document) == []
    kept = "is not a known field; it is kept as it is"
    assert [str(one) for one in warnings(document)] == [
        f"evnts: {kept}; did you mean “events”?",
        f"events[0].titel: {kept}; did you mean “title”?",
        f"events[0].location.adress: {kept}; did you mean “address”?",
        f"events[0].access.step_fre_entrance: {kept}; did you mean “step_free_entrance”?",
    ]


def test_known_only_leaves_out_what_nobody_knows():
    event = an_event(secret="x", location={"name": "Hall", "door_code": "1234"})
    copy = known_only(event, "event")
    assert copy == an_event(location={"name": "Hall"})


def test_the_sample_has_no_unknown_fields():
    assert warnings(load()) == []


def test_the_published_schema_is_one_and_accepts_the_sample():
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    assert list(validator.iter_errors(load())) == []
    assert list(validator.iter_errors(a_document(events=[an_event(kind="x")])))


def _tables():
    """The page's tables: schema pointer → rows of (field, is it needed, meaning)."""
    text = PAGE.read_text(encoding="utf-8")
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        heading, _, rest = section.partition("\n")
        pointer = re.search(r"`([^`]+)`", heading)
        table = rest.partition("\n### ")[0]
        rows = re.findall(r"^\| `(\w+)`( \*\*needed\*\*)? \|[^|]*\| (.*) \|$", table, re.MULTILINE)
        yield pointer.group(1), [(name, bool(needed), told) for name, needed, told in rows]


def _schema_at(pointer):
    first, *steps = pointer.split(".")
    part = definition(first)
    for step in steps:
        part = part["properties"][step]
        part = part.get("items", part)
        inner = part.get("additionalProperties")
        part = inner if isinstance(inner, dict) and "properties" not in part else part
    return part


def _objects(part, pointer):
    """Pointers of every object of the schema that has named fields."""
    part = part.get("items", part)
    inner = part.get("additionalProperties")
    part = inner if isinstance(inner, dict) and "properties" not in part else part
    if "properties" in part:
        yield pointer
        for name, child in part["properties"].items():
            yield from _objects(child, f"{pointer}.{name}")


def test_the_page_tells_every_field_of_the_schema():
    told = dict(_tables())
    things = ("document", "group", "event", "reflection", "practice")
    assert set(told) == {one for thing in things for one in _objects(definition(thing), thing)}
    for pointer, rows in told.items():
        part = _schema_at(pointer)
        needed = part.get("required", [])
        assert rows == [
            (name, name in needed, field["description"])
            for name, field in part["properties"].items()
        ], pointer
