"""Telling ActivityPub documents by their media type, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.media_types import is_activity_json

AS2 = "https://www.w3.org/ns/activitystreams"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/activity+json",
        "Application/Activity+JSON; charset=utf-8",
        'application/activity+json;charset="utf-8";',
        f'application/ld+json; profile="{AS2}"',
        f"application/ld+json;profile={AS2}",
        f'application/ld+json; charset=utf-8; profile="https://w3id.org/security {AS2}"',
        f'application/ld+json ; Profile="{AS2}"',
    ],
)
def test_the_two_types_are_known(content_type: str) -> None:
    assert is_activity_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "application/activity+json-evil",
        "application/activity+jsonx",
        "text/html; application/activity+json",
        "application/activity+json, text/html",
        "application/ld+json",
        f'application/ld+json; profile="{AS2}-evil"',
        f'application/ld+json; profile="{AS2}#x"',
        f'application/ld+json; profile="x"; profile="{AS2}"',
        f'application/ld+json; note="; profile={AS2}"',
        f'application/ld+json; profile="\\"{AS2}"',
    ],
)
def test_nothing_else_is(content_type: str) -> None:
    assert not is_activity_json(content_type)


@given(st.text(alphabet='application/activity+json; profile="=,\\x', max_size=80))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_activity_json(text) in (True, False)
