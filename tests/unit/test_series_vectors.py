"""The test vectors of the proposal for series (docs/proposals): what others are to do, we do."""

import json
import re
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from federation.read_series import read_series
from federation.vocab import EVENT_CONTEXT, SERIES_CONTEXT
from node.domain.series import recurrences, sitting
from node.exchange.check import check_event

PROPOSALS = Path(__file__).parents[2] / "docs" / "proposals"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (PROPOSALS / "series-vectors.json").read_text(encoding="utf-8")
)


def named(kind: str) -> Any:
    return pytest.mark.parametrize("case", VECTORS[kind], ids=lambda case: case["name"])


def document(series: dict[str, Any]) -> dict[str, Any]:
    """A series of the wire as a document of ours."""
    told = {
        "rrule": series.get("recurrenceRule"),
        "excluded_local": series.get("excludedTimes", []),
        "added_local": series.get("addedTimes", []),
    }
    return {
        "id": "series",
        "title": "A series",
        "start_local": series["startTime"][:19],
        "end_local": series["endTime"][:19],
        "timezone": series["timezone"],
        "series": told,
    }


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@named("expansion")
def test_a_rule_gives_these_sessions(case: dict[str, Any]) -> None:
    series = document(case["series"])
    assert check_event(series, ("en",)) == []
    found = [
        sitting(series, wall).document for wall in islice(recurrences(series), case.get("limit"))
    ]
    assert [(at(one["start_utc"]), at(one["end_utc"])) for one in found] == [
        (at(one["startTime"]), at(one["endTime"])) for one in case["sessions"]
    ]


@named("links")
def test_links_are_read(case: dict[str, Any]) -> None:
    read = read_series(case["event"])
    assert (read.series, list(read.siblings)) == (case["series"], case["siblings"])


@named("merge")
def test_what_is_known_of_a_session_stands_in_place_of_the_rule(case: dict[str, Any]) -> None:
    series = document(case["series"])
    shown = {}
    for wall in recurrences(series):
        start = sitting(series, wall).document["start_utc"]
        shown[at(start)] = {"startTime": start, "eventStatus": "EventScheduled"}
    for event in case["events"]:
        shown[at(event["originalStartTime"])] = event
    assert sorted((at(one["startTime"]), one["eventStatus"]) for one in shown.values()) == [
        (at(one["startTime"]), one["eventStatus"]) for one in case["shown"]
    ]


def test_the_terms_of_the_proposal_are_those_of_our_contexts() -> None:
    text = (PROPOSALS / "series.md").read_text(encoding="utf-8")
    base = re.search(r"urn:uuid:[0-9a-f-]{36}#", text)
    assert base
    terms: dict[str, Any] = {}
    for part in (*EVENT_CONTEXT, *SERIES_CONTEXT):
        terms |= part if isinstance(part, dict) else {}
    for row in re.findall(r"^\| (`\w+`(?:, `\w+`)?) \|", text, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", row):
            iri = terms[name]["@id"] if isinstance(terms[name], dict) else terms[name]
            expected = "https://schema.org/superEvent" if name == "series" else base[0] + name
            assert iri == expected, name
    for example in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        json.loads(example)
